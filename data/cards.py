"""Reading posts as cards and as lines of lists, the values that leave a transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    exists,
    func,
    select,
)
from sqlalchemy.orm import aliased

from bot.domain.blocks import Block
from bot.domain.cards import Author, BestAnswer, Closing, PostCard, QuestionLine
from bot.domain.cards import Place as PlaceCard
from bot.domain.posts import CloseReason, PostKind, PostStatus
from bot.domain.reputation import displayed
from bot.domain.rules import Rules
from data.database import Transaction
from data.models import (
    Attachment,
    BlockRow,
    Category,
    Continuation,
    Guild,
    Member,
    Name,
    Place,
    Post,
    PostText,
)
from data.names import called
from data.statements import known_by_place, of_server

_duplicate = aliased(Post)
_DUPLICATES = 5  # how many a card lists


@cache  # building it takes milliseconds, several times as long as running it
def _card_query(*, placed: bool = False, of_guild: bool = False) -> Select[*tuple[Any, ...]]:
    # With `of_guild`, one row of a server, be there such a post or not: SQLite would read all posts
    # for what is joined inside of an outer join.
    # One query, spelled out: it is longer than a function should be, but reads from top to bottom.
    question, question_text = aliased(Post), aliased(PostText)
    best, best_text, best_place = aliased(Post), aliased(PostText), aliased(Place)
    parent = aliased(Post)
    author_name, editor_name, poster_name = aliased(Name), aliased(Name), aliased(Name)
    columns = select(
        Post.id,
        Post.guild_id,
        Post.kind,
        Post.status,
        Post.question_id,
        Post.number,
        Post.sub_number,
        question_text.title,
        PostText.body,
        PostText.tags,
        Post.author_id,
        Member.points.label("author_points"),
        author_name.name.label("author_name"),
        author_name.avatar.label("author_avatar"),
        Post.score,
        Post.created_at,
        Post.edited_by,
        editor_name.name.label("editor_name"),
        poster_name.name.label("poster_name"),
        Post.edited_at,
        Post.version,
        Post.category_id,
        Category.name.label("category"),
        Category.emoji,
        Category.forum_tag_id,
        Post.answer_count,
        Post.parent_id,
        Post.comment_count,
        parent.kind.label("parent_kind"),
        parent.status.label("parent_status"),
        question.author_id.label("asker_id"),
        question.status.label("question_status"),
        question.best_answer_id,
        Post.posted_by,
        Post.notify,
        question.closed_at,
        question.closed_by,
        question.close_reason,
        question.close_note,
        question.duplicate_of,
        best.status.label("best_status"),
        best.sub_number.label("best_sub_number"),
        best_text.body.label("best_body"),
        best_place.channel_id.label("best_channel_id"),
        best_place.message_id.label("best_message_id"),
        Place.channel_id,
        Place.message_id,
        Place.thread_id,
        Place.pinned,
        Place.shown,
        Place.home_id,
    )
    if of_guild:
        there = (Post.id == bindparam("post")) & of_server(Post, Guild.id)
        columns = columns.select_from(Guild).outerjoin(Post, there)
    query = (
        columns.join(PostText, PostText.post_id == Post.id, isouter=of_guild)
        .join(question, question.id == Post.question_id, isouter=of_guild)
        .join(question_text, question_text.post_id == question.id, isouter=of_guild)
        .outerjoin(Category, Category.id == Post.category_id)
        .outerjoin(Member, (Member.guild_id == Post.guild_id) & (Member.user_id == Post.author_id))
        .outerjoin(author_name, called(Post.guild_id, Post.author_id, author_name))
        .outerjoin(editor_name, called(Post.guild_id, Post.edited_by, editor_name))
        .outerjoin(poster_name, called(Post.guild_id, Post.posted_by, poster_name))
        .outerjoin(Place, Place.post_id == Post.id)
        .outerjoin(parent, parent.id == Post.parent_id)
        .outerjoin(best, best.id == question.best_answer_id)
        .outerjoin(best_text, best_text.post_id == best.id)
        .outerjoin(best_place, best_place.post_id == best.id)
    )
    if not placed:
        return query
    home = aliased(Place)
    return query.outerjoin(home, home.post_id == question.id).add_columns(
        question.category_id.label("question_category_id"),
        home.message_id.label("question_message_id"),
        home.home_id.label("question_home_id"),
        home.thread_id.label("question_thread_id"),
    )


def _card(r: Row[*tuple[Any, ...]], rules: Rules) -> PostCard:
    # One line for each field, longer than a function should be: none has a name of its own.
    return PostCard(
        guild_id=r.guild_id,
        post_id=r.id,
        kind=PostKind(r.kind),
        status=PostStatus(r.status),
        question_id=r.question_id,
        number=r.number,
        sub_number=r.sub_number,
        title=r.title,
        body=r.body,
        tags=tuple(r.tags.split()),
        author=_author(r, rules),
        score=r.score,
        created_at=r.created_at,
        version=r.version,
        edited_by=r.edited_by,
        editor_name=r.editor_name or "",
        edited_at=r.edited_at,
        category_id=r.category_id,
        category=r.category or "",
        category_emoji=r.emoji or "",
        category_tag_id=r.forum_tag_id,
        answers=r.answer_count,
        is_best=r.best_answer_id == r.id,
        best=_best_answer(r),
        chosen_id=_chosen(r),
        asker_id=r.asker_id,
        closing=_closing(r),
        parent_id=r.parent_id,
        comments=r.comment_count,
        posted_by=r.posted_by,
        poster_name=r.poster_name or "",
        notify=bool(r.notify),
        # A hidden question's thread stays readable; a hidden answer leaves nothing.
        parent_hidden=r.parent_kind == PostKind.ANSWER and r.parent_status != PostStatus.VISIBLE,
        question_hidden=r.question_status != PostStatus.VISIBLE,
        place=PlaceCard(
            r.channel_id, r.message_id, r.thread_id, bool(r.pinned), r.shown or "", r.home_id
        ),
    )


def _author(r: Row[*tuple[Any, ...]], rules: Rules) -> Author:
    points = displayed(r.author_points or 0, rules)
    name, avatar = r.author_name or "", r.author_avatar or ""
    return Author(r.author_id, points, name, rules.title_of(points), avatar)


def _chosen(r: Row[*tuple[Any, ...]]) -> int | None:
    return r.best_answer_id if r.best_status == PostStatus.VISIBLE else None


def _best_answer(r: Row[*tuple[Any, ...]]) -> BestAnswer | None:
    chosen_id = _chosen(r)
    if r.kind != PostKind.QUESTION or chosen_id is None:
        return None
    where = (r.best_channel_id, r.best_message_id)
    return BestAnswer(chosen_id, r.best_sub_number, r.best_body, *where)


def _closing(r: Row[*tuple[Any, ...]]) -> Closing | None:
    if r.closed_at is None:
        return None
    return Closing(CloseReason(r.close_reason), r.closed_by, r.close_note or "", r.duplicate_of)


def _one_card() -> Select[*tuple[Any, ...]]:
    return _card_query().where(of_server(Post, bindparam("guild")), Post.id == bindparam("post"))


_card_known = known_by_place(_one_card)


async def load_card(tx: Transaction, guild_id: int, post_id: int, rules: Rules) -> PostCard | None:
    """A post of this server as its card shows it; None if there is none."""
    row = await tx.row(_card_known(), {"guild": guild_id, "post": post_id})
    return None if row is None else _card(row, rules)


def card_of_guild(*more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """The query of one row: the card of a post (`post`) where a server (`guild`) has it, then the
    server's settings, and `more`. To be built once."""
    query = _card_query(of_guild=True).where(Guild.id == bindparam("guild"))
    return query.add_columns(Guild.settings, *more)


def card_of_row(row: Row[*tuple[Any, ...]], rules: Rules) -> PostCard | None:
    """The card in such a row; None if there is no such post."""
    return None if row.id is None else _card(row, rules)


def placed_card() -> Select[*tuple[Any, ...]]:
    """The query of a post of a server (`post`, `guild`) with where its question is and the block of
    its `reader`."""
    blocked = (BlockRow.guild_id == Post.guild_id) & (BlockRow.user_id == bindparam("reader"))
    query = _card_query(placed=True).outerjoin(BlockRow, blocked)
    query = query.add_columns(BlockRow.until, BlockRow.reason.label("block_reason"))
    return query.where(of_server(Post, bindparam("guild")), Post.id == bindparam("post"))


_placed_known = known_by_place(placed_card)


@dataclass(frozen=True, slots=True)
class Placed:
    """A post and where its question is: `home_id` tells it where `is_shown`; `category_id` is the
    question's. For a comment, `visible` includes the post it is about. `block` is its reader's,
    also one that has ended."""

    card: PostCard
    visible: bool
    category_id: int | None
    is_shown: bool
    home_id: int | None
    thread_id: int | None
    block: Block | None = None


async def load_placed(
    tx: Transaction, guild_id: int, post_id: int, rules: Rules, reader_id: int
) -> Placed | None:
    """As `load_card`, with where the post's question is, and whether its reader (0: nobody) is
    blocked, in the same statement."""
    given = {"guild": guild_id, "post": post_id, "reader": reader_id}
    row = await tx.row(_placed_known(), given)
    return None if row is None else placed_of_row(row, rules)


def placed_of_row(row: Row[*tuple[Any, ...]], rules: Rules) -> Placed:
    """The post in a row of `placed_card`."""
    about = row.parent_status if row.kind == PostKind.COMMENT else None
    return Placed(
        _card(row, rules),
        row.status == PostStatus.VISIBLE and about in (None, PostStatus.VISIBLE),
        row.question_category_id,
        row.question_message_id is not None,
        row.question_home_id,
        row.question_thread_id,
        None if row.block_reason is None else Block(row.until, row.block_reason),
    )


@known_by_place
def _card_to_show() -> Select[*tuple[Any, ...]]:
    duplicates = exists().where(_duplicate.duplicate_of == Post.id)
    return _one_card().add_columns(
        exists().where(Attachment.post_id == Post.id).label("has_files"),
        exists().where(Continuation.post_id == Post.id).label("has_parts"),
        duplicates.label("has_duplicates"),
    )


@dataclass(frozen=True, slots=True)
class Whole:
    """A card, and what else there is to be read for showing it."""

    card: PostCard
    has_files: bool
    has_parts: bool
    has_links: bool
    """Whether it names its duplicates, or its original."""


async def load_whole(tx: Transaction, guild_id: int, post_id: int, rules: Rules) -> Whole | None:
    """As `load_card`, for delivery."""
    row = await tx.row(_card_to_show(), {"guild": guild_id, "post": post_id})
    if row is None:
        return None
    links = row.has_duplicates or row.duplicate_of is not None
    return Whole(_card(row, rules), bool(row.has_files), bool(row.has_parts), bool(links))


async def load_cards(
    tx: Transaction, guild_id: int, post_ids: Collection[int], rules: Rules
) -> dict[int, PostCard]:
    """Posts of this server by row; unknown ones are left out."""
    if not post_ids:
        return {}
    rows = await tx.rows(_card_query().where(of_server(Post, guild_id), Post.id.in_(post_ids)))
    return {row.id: _card(row, rules) for row in rows}


@cache
def _thread() -> Select[*tuple[Any, ...]]:
    return (
        _card_query()
        .where(Post.guild_id == bindparam("guild"), Post.question_id == bindparam("question"))
        .order_by(Post.sub_number)
    )


async def load_thread(
    tx: Transaction, guild_id: int, question_id: int, rules: Rules
) -> list[PostCard]:
    """A question and its answers, in the order they were written."""
    rows = await tx.rows(_thread(), {"guild": guild_id, "question": question_id})
    return [_card(row, rules) for row in rows]


def _line_query() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Post.id,
            Post.number,
            PostText.title,
            Post.score,
            Post.answer_count,
            Post.best_answer_id.is_not(None),
            Place.thread_id,
            Place.message_id,
            Place.home_id,
            func.coalesce(Category.name, ""),
            func.coalesce(Category.emoji, ""),
            Post.created_at,
        )
        .join(PostText, PostText.post_id == Post.id)
        .outerjoin(Place, Place.post_id == Post.id)
        .outerjoin(Category, Category.id == Post.category_id)
        .where(Post.kind == PostKind.QUESTION, Post.status == PostStatus.VISIBLE)
    )


def _line(r: Row[*tuple[Any, ...]]) -> QuestionLine:
    return QuestionLine(
        r[0], r[1], r[2], r[3], r[4], bool(r[5]), r[6], r[7], r[8], r[9], r[10], r[11]
    )


async def lines(tx: Transaction, guild_id: int, post_ids: Sequence[int]) -> list[QuestionLine]:
    """Visible questions as lines of a list, in the order given."""
    query = _line_query().where(of_server(Post, guild_id), Post.id.in_(post_ids))
    found = {line.post_id: line for line in map(_line, await tx.rows(query))}
    return [found[post_id] for post_id in post_ids if post_id in found]


async def with_closing(tx: Transaction, card: PostCard) -> PostCard:
    """A question's card with its original, and with its duplicates that a moderator or its own
    asker closed."""
    if card.kind is not PostKind.QUESTION:
        return card
    duplicates = await tx.rows(
        select(Post.id)
        .where(
            of_server(Post, card.guild_id),
            Post.duplicate_of == card.post_id,
            Post.duplicate_linked.is_(True),
            Post.status == PostStatus.VISIBLE,
        )
        .order_by(Post.id)
        .limit(_DUPLICATES)
    )
    linked = [row[0] for row in duplicates]
    closing = card.closing
    if closing is not None and closing.original_id is not None:
        linked.append(closing.original_id)
    if not linked:
        return card
    found = {line.post_id: line for line in await lines(tx, card.guild_id, linked)}
    if closing is not None and closing.original_id is not None:
        closing = replace(closing, original=found.pop(closing.original_id, None))
    return replace(card, closing=closing, duplicates=tuple(found.values()))
