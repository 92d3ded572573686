"""Writing and finding posts. `data.cards` reads them for display."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Insert,
    Integer,
    bindparam,
    case,
    column,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased

from bot.domain.cards import PostCard
from bot.domain.posts import PostKind, PostStatus
from bot.domain.review import Cause, Wording
from data.database import Transaction
from data.models import Place, Post, PostTag, PostText, Revision
from data.repliers import one_more
from data.statements import of_server

# Created once: creating an alias takes longer than running some statements.
_answer = aliased(Post)


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post about to be written. `question_id` is None for a question; `parent_id` is the post
    that a comment is about, else the question. `flagged` tells why moderators are to look at
    it, although it is visible."""

    kind: PostKind
    number: int
    sub_number: int
    question_id: int | None
    author_id: int
    title: str
    body: str
    tags: tuple[str, ...]
    category_id: int | None
    notify: bool
    origin_id: int
    parent_id: int | None = None
    from_message: bool = False
    posted_by: int | None = None
    status: PostStatus = PostStatus.VISIBLE
    flagged: Cause | None = None

    @property
    def wording(self) -> Wording:
        """Its text."""
        return Wording(self.title, self.body, self.tags)


async def part_from_message(
    tx: Transaction, guild_id: int, message_id: int, author_id: int
) -> bool:
    """Let an answer stay when the message that it was made from is deleted. False if there is no
    such answer of this author."""
    changed = await tx.execute(
        update(Post)
        .where(
            of_server(Post, guild_id),
            Post.origin_id == message_id,
            Post.author_id == author_id,
            Post.status == PostStatus.VISIBLE,
        )
        .values(from_message=False)
    )
    return changed.rowcount > 0


async def insert_post(tx: Transaction, guild_id: int, post: NewPost, now: datetime) -> int:
    """Write a post with its text and return its row. A constraint keeps its origin unique."""
    values = {
        "guild_id": guild_id,
        "kind": post.kind,
        "status": post.status,
        "number": post.number,
        "sub_number": post.sub_number,
        "author_id": post.author_id,
        "category_id": post.category_id,
        "notify": post.notify,
        "origin_id": post.origin_id,
        "from_message": post.from_message,
        "posted_by": post.posted_by,
        "created_at": now,
        "active_at": now,
    }
    if post.question_id is None:
        statement = _question_of(values, tx.dialect)
    else:
        parent_id = post.parent_id or post.question_id
        statement = insert(Post).values(question_id=post.question_id, parent_id=parent_id, **values)
    post_id = int(await tx.scalar(statement.returning(Post.id)))
    await tx.execute(
        insert(PostText).values(
            post_id=post_id,
            guild_id=guild_id,
            title=post.title,
            body=post.body,
            tags=" ".join(post.tags),
        )
    )
    if post.status is PostStatus.VISIBLE:
        await list_tags(tx, guild_id, post_id, post.tags)
    return post_id


# The row a new post will have: what the databases would give it themselves.
_NEXT = {
    "sqlite": text(
        "SELECT max((SELECT coalesce(max(id), 0) FROM posts), (SELECT coalesce(max(seq), 0)"
        " FROM sqlite_sequence WHERE name = 'posts')) + 1 AS id"
    ),
    "postgresql": text("SELECT nextval(pg_get_serial_sequence('posts', 'id')) AS id"),
}


def _question_of(values: Mapping[str, Any], dialect: str) -> Insert:
    """Writes a question, whose row names itself as its question."""
    row = _NEXT[dialect].columns(column("id", BigInteger)).subquery("next")
    columns = Post.__table__.c
    given = [literal(value, columns[name].type) for name, value in values.items()]
    names = ["id", "question_id", *values]
    return insert(Post).from_select(names, select(row.c.id, row.c.id, *given))


async def list_tags(tx: Transaction, guild_id: int, post_id: int, tags: tuple[str, ...]) -> None:
    """Add a post to the lists by tag."""
    if tags:
        rows = [{"guild_id": guild_id, "tag": tag, "post_id": post_id} for tag in tags]
        await tx.execute(insert(PostTag), rows)


async def unlist_tags(tx: Transaction, post_id: int) -> None:
    """Remove a post from the lists by tag."""
    await tx.execute(delete(PostTag).where(PostTag.post_id == post_id))


async def count_answer(
    tx: Transaction, question_id: int, author_id: int | None, now: datetime
) -> int:
    """Count a new answer on a question, and assign its number below it."""
    statement = (
        update(Post)
        .where(Post.id == question_id)
        .values(
            last_sub_number=Post.last_sub_number + 1,
            answer_count=Post.answer_count + 1,
            repliers=Post.repliers + one_more(question_id, author_id),
            last_answer_at=now,
            active_at=now,
        )
        .returning(Post.last_sub_number)
    )
    return int(await tx.scalar(statement))


async def change_post(tx: Transaction, post_id: int, **values: Any) -> None:
    """Change columns of a post."""
    await tx.execute(update(Post).where(Post.id == post_id).values(**values))


async def change_text(
    tx: Transaction, card: PostCard, title: str, body: str, tags: tuple[str, ...]
) -> None:
    """Replace a post's text, and update the lists by tag of a visible one."""
    post_id = card.post_id
    if tags != card.tags and card.status is PostStatus.VISIBLE:
        await unlist_tags(tx, post_id)
        await list_tags(tx, card.guild_id, post_id, tags)
    await tx.execute(
        update(PostText)
        .where(PostText.post_id == post_id)
        .values(title=title, body=body, tags=" ".join(tags))
    )


async def keep_revision(
    tx: Transaction, card: PostCard, version: int, editor_id: int, reason: str, now: datetime
) -> None:
    """Keep a post's text before an edit as version `version`."""
    await tx.execute(
        insert(Revision).values(
            post_id=card.post_id,
            number=version,
            guild_id=card.guild_id,
            title=card.title,
            body=card.body,
            tags=" ".join(card.tags),
            replaced_by=editor_id,
            reason=reason,
            replaced_at=now,
        )
    )


@cache
def repeats_question(*, anywhere: bool) -> ColumnElement[bool]:
    """Whether one of a server's newest visible questions has exactly this text (`guild`, `newest`,
    `title`, `body`). Unless `anywhere`, only those in some channels or by a reader count
    (`channels`, `user`)."""
    last = (
        select(PostText.title, PostText.body, Post.author_id, Place.home_id)
        .join(Post, Post.id == PostText.post_id)
        .outerjoin(Place, Place.post_id == Post.id)
        .where(
            Post.guild_id == bindparam("guild", type_=BigInteger),
            Post.kind == PostKind.QUESTION,
            Post.status == PostStatus.VISIBLE,
        )
        .order_by(Post.number.desc())
        .limit(bindparam("newest", type_=Integer))
        .subquery()
    )
    found = exists().where(last.c.title == bindparam("title"), last.c.body == bindparam("body"))
    if not anywhere:
        channels = bindparam("channels", type_=BigInteger, expanding=True)
        own = last.c.author_id == bindparam("user", type_=BigInteger)
        found = found.where(last.c.home_id.in_(channels) | own)
    return found


async def repeats_answer(tx: Transaction, question_id: int, body: str) -> bool:
    """Whether the question already has a visible answer with exactly this text."""
    query = (
        select(Post.id)
        .join(PostText, PostText.post_id == Post.id)
        .where(
            Post.question_id == question_id,
            Post.kind == PostKind.ANSWER,
            Post.status == PostStatus.VISIBLE,
            PostText.body == body,
        )
    )
    return await tx.scalar(query.limit(1)) is not None


async def any_posts(tx: Transaction) -> bool:
    """Whether there is a post in any server."""
    return bool(await tx.scalar(select(exists().select_from(Post))))


async def author_of(tx: Transaction, guild_id: int, post_id: int) -> int | None:
    """The author of a post of this server; None if unknown."""
    query = select(Post.author_id).where(of_server(Post, guild_id), Post.id == post_id)
    return await tx.scalar(query)


async def asker_of(tx: Transaction, guild_id: int, post_id: int) -> int | None:
    """The author of a post's question; None if unknown."""
    question = select(Post.question_id).where(of_server(Post, guild_id), Post.id == post_id)
    return await tx.scalar(select(Post.author_id).where(Post.id == question.scalar_subquery()))


async def is_vouched(tx: Transaction, post_id: int) -> bool:
    """Whether a moderator has restored a post, so that no number of reports hides it."""
    return await tx.scalar(select(Post.vouched_at).where(Post.id == post_id)) is not None


async def chosen_at(tx: Transaction, question_id: int) -> datetime | None:
    """When a question's best answer was chosen; None if there is none."""
    return await tx.scalar(select(Post.best_chosen_at).where(Post.id == question_id))


async def choose_again(
    tx: Transaction, question_id: int, answer_id: int, chosen_at: datetime
) -> None:
    """Make a restored answer its question's best one again, unless the question has another one by
    now."""
    await tx.execute(
        update(Post)
        .where(Post.id == question_id, Post.best_answer_id.is_(None))
        .values(best_answer_id=answer_id, best_chosen_at=chosen_at)
    )


def _last_answer_at(question_id: int, but: int = 0) -> ColumnElement[Any]:
    """When the last of a question's visible answers was written, `but` one."""
    last = select(func.max(_answer.created_at)).where(
        _answer.question_id == question_id,
        _answer.kind == PostKind.ANSWER,
        _answer.status == PostStatus.VISIBLE,
        _answer.id != but,
    )
    return last.scalar_subquery()


async def count_restored(tx: Transaction, card: PostCard) -> None:
    """Add a restored answer or comment to the counts of the posts above it."""
    question, is_answer = card.question_id, card.kind is PostKind.ANSWER
    above = question if is_answer else card.parent_id or question
    is_above, is_question = Post.id == above, Post.id == question
    replier = one_more(question, card.author.id, but=card.post_id)
    values: dict[str, Any] = {"repliers": Post.repliers + case((is_question, replier), else_=0)}
    if is_answer:
        values["answer_count"] = Post.answer_count + 1
        values["last_answer_at"] = _last_answer_at(question)
    else:
        values["comment_count"] = Post.comment_count + case((is_above, 1), else_=0)
    await tx.execute(update(Post).where(Post.id.in_({above, question})).values(values))


async def take_out(tx: Transaction, card: PostCard, status: PostStatus) -> None:
    """Make a visible post hidden or deleted, and take it off the count of the post above it, whose
    best answer it no longer is."""
    above, changes = card.post_id, dict[str, Any]()
    if card.kind is PostKind.ANSWER:
        above = card.question_id
        last = _last_answer_at(above, card.post_id)
        changes = {"answer_count": Post.answer_count - 1, "last_answer_at": last}
        if card.is_best:
            changes |= {"best_answer_id": null(), "best_chosen_at": null()}
    elif card.kind is PostKind.COMMENT:
        above = card.parent_id or card.question_id
        changes = {"comment_count": Post.comment_count - 1}
    values: dict[str, Any] = {
        name: case((Post.id == above, new), else_=getattr(Post, name))
        for name, new in changes.items()
    }
    values["status"] = case((Post.id == card.post_id, status), else_=Post.status)
    if card.kind is not PostKind.QUESTION:
        replier = one_more(card.question_id, card.author.id, but=card.post_id)
        is_question = Post.id == card.question_id
        values["repliers"] = Post.repliers - case((is_question, replier), else_=0)
    touched = {card.post_id, above, card.question_id}
    await tx.execute(update(Post).where(Post.id.in_(touched)).values(values))


async def original_of(tx: Transaction, guild_id: int, question_id: int) -> int | None:
    """The question that another one was closed as a duplicate of."""
    query = select(Post.duplicate_of).where(Post.guild_id == guild_id, Post.id == question_id)
    return await tx.scalar(query)


async def move_duplicates(
    tx: Transaction, guild_id: int, question_id: int, original_id: int, *, linked: bool
) -> list[int]:
    """Link a question's duplicates to another original; returns which. The new original's card
    names them if the old one's did and (`linked`) the person who moves them may link them."""
    statement = (
        update(Post)
        .where(Post.guild_id == guild_id, Post.duplicate_of == question_id)
        .values(
            duplicate_of=original_id,
            duplicate_linked=Post.duplicate_linked if linked else false(),
        )
        .returning(Post.id)
    )
    return [row[0] for row in await tx.rows(statement)]


async def stop_notices(tx: Transaction, guild_id: int, user_id: int, post_id: int | None) -> bool:
    """Stop messages to an author about a post, or (None) about all of theirs; False if nothing
    changed."""
    statement = update(Post).where(
        Post.guild_id == guild_id, Post.author_id == user_id, Post.notify.is_(True)
    )
    if post_id is not None:
        statement = statement.where(Post.id == post_id)
    result = await tx.execute(statement.values(notify=False))
    return result.rowcount > 0


async def categories_of(
    tx: Transaction, guild_id: int, post_ids: Collection[int]
) -> dict[int, int | None]:
    """The categories of some questions by their rows; None where they have none."""
    if not post_ids:
        return {}
    query = select(Post.id, Post.category_id)
    rows = await tx.rows(query.where(of_server(Post, guild_id), Post.id.in_(post_ids)))
    return {row[0]: row[1] for row in rows}
