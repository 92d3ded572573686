"""What is kept of one member of a server, for themselves: table by table, in portions.

Posts of others are told by their numbers alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, case, select

from bot.domain.posts import PostKind, post_number
from data.database import Transaction
from data.models import (
    AppealRow,
    Attachment,
    AuditRow,
    BlockRow,
    Bonus,
    Consent,
    Draft,
    DraftFile,
    DutyRow,
    Flag,
    Follow,
    Hint,
    LedgerEntry,
    Member,
    ModeratorRow,
    Name,
    Notice,
    Post,
    PostText,
    Preference,
    Presence,
    Receipt,
    RefusedVoteRow,
    Revision,
    Vote,
)

PORTION: Final = 500
_ROUNDED: Final = 2**53
Record = dict[str, Any]


def _whose(table: Any, guild_id: int, user_id: int, *names: str, owner: str = "user_id") -> Any:
    columns = [getattr(table, name) for name in names]
    mine = (table.guild_id == guild_id, getattr(table, owner) == user_id)
    return select(*columns).where(*mine)


def _of_post(table: Any, guild_id: int, user_id: int, *names: str, owner: str = "user_id") -> Any:
    """The same, with the number of the post that a row is about."""
    query = _whose(table, guild_id, user_id, *names, owner=owner)
    return query.add_columns(Post.number, Post.sub_number).outerjoin(Post, Post.id == table.post_id)


def queries(guild_id: int, user_id: int) -> Mapping[str, Select[*tuple[Any, ...]]]:
    """What is kept of a member besides their posts, by section, in an order that lasts."""
    # One list of all sections, longer than a function should be: what is missing is seen.
    who = (guild_id, user_id)
    return {
        "name": _whose(Name, *who, "name", "avatar"),
        "points": _whose(Member, *who, "points"),
        "earned": _of_post(LedgerEntry, *who, "reason", "points", "at").order_by(
            LedgerEntry.at, LedgerEntry.post_id, LedgerEntry.reason, LedgerEntry.actor_id
        ),
        "bonuses": _whose(Bonus, *who, "points", "reason", "at").order_by(Bonus.id),
        "votes": _of_post(Vote, *who, "value", "source", "at", owner="voter_id").order_by(
            Vote.post_id
        ),
        "reports": _of_post(Flag, *who, "why", "reason", "at", "decided_at").order_by(Flag.post_id),
        "appeals": _of_post(
            AppealRow, *who, "about", "words", "at", "decision", "decided_at", owner="author_id"
        ).order_by(AppealRow.id),
        "follows": _whose(Follow, *who, "kind", "key", "since").order_by(Follow.kind, Follow.key),
        "inbox": _of_post(Notice, *who, "kind", "why", "created_at", "read_at").order_by(Notice.id),
        "receipts": _whose(Receipt, *who, "act", "about", "created_at").order_by(Receipt.id),
        "refused votes": _whose(RefusedVoteRow, *who, "reason", "at"),
        "drafts": _whose(Draft, *who, "form", "values", "created_at").order_by(Draft.id),
        "files of drafts": _whose(
            DraftFile, *who, "filename", "content_type", "size", "created_at"
        ).order_by(DraftFile.id),
        "preferences": _whose(
            Preference,
            *who,
            "by_message",
            "locale",
            "timezone",
            "quiet_from",
            "quiet_to",
            "digest",
            "digest_hour",
            "in_round_up",
        ),
        "requests": _whose(Consent, *who, "said", "asked_at", owner="writer_id"),
        "hints": _whose(Hint, *who, "thread_id").order_by(Hint.thread_id),
        "block": _whose(BlockRow, *who, "until", "reason", "at"),
        "duty": _whose(DutyRow, *who, "since"),
        "moderator": _whose(ModeratorRow, *who, "since", "seen_at"),
        "presence": _whose(Presence, *who, "looked_at", "gone_at"),
        "acts as moderator": _of_post(
            AuditRow, *who, "kind", "reason", "at", owner="actor_id"
        ).order_by(AuditRow.id),
        "acts of moderators on you": _of_post(
            AuditRow, *who, "kind", "reason", "at", owner="subject_id"
        ).order_by(AuditRow.id),
    }


async def records(tx: Transaction, query: Select[*tuple[Any, ...]], offset: int) -> list[Record]:
    """A portion of what a query of `queries` finds."""
    return [_numbered(each) for each in await _read(tx, query.limit(PORTION).offset(offset))]


async def _read(tx: Transaction, query: Select[*tuple[Any, ...]]) -> list[Record]:
    names = query.selected_columns.keys()
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)}
        for row in await tx.rows(query)
    ]


def _numbered(found: Record) -> Record:
    number, sub_number = found.pop("number", None), found.pop("sub_number", None)
    if number is not None:
        found = {"post": post_number(number, sub_number), **found}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    # Readers of JSON round larger numbers, such as ids.
    return str(value) if isinstance(value, int) and abs(value) >= _ROUNDED else value


async def posts(tx: Transaction, guild_id: int, user_id: int, after: int, limit: int) -> Any:
    """The next posts of a member with their texts, versions and files, and the last one's row;
    None after the last."""
    found = await _read(
        tx,
        select(
            Post.id,
            Post.number,
            Post.sub_number,
            Post.kind,
            Post.status,
            Post.created_at,
            Post.edited_at,
            Post.up_votes,
            Post.down_votes,
            PostText.title,
            PostText.body,
            PostText.tags,
        )
        .join(PostText, PostText.post_id == Post.id)
        .where(Post.guild_id == guild_id, Post.author_id == user_id, Post.id > after)
        .order_by(Post.id)
        .limit(limit),
    )
    if not found:
        return None
    ids = [each.pop("id") for each in found]
    edits, files = await _of_posts(tx, ids)
    return [
        {**_numbered(each), "earlier versions": edits.get(at, []), "files": files.get(at, [])}
        for at, each in zip(ids, found, strict=True)
    ], ids[-1]


async def _of_posts(
    tx: Transaction, ids: list[int]
) -> tuple[dict[int, list[Record]], dict[int, list[str]]]:
    edits: dict[int, list[Record]] = {}
    files: dict[int, list[str]] = {}
    # An answer's has the title of its question, which is somebody else's.
    title = case((Post.kind == PostKind.QUESTION, Revision.title), else_="").label("title")
    columns = (Revision.post_id, title, Revision.body, Revision.tags, Revision.replaced_at)
    query = select(*columns).join(Post, Post.id == Revision.post_id)
    query = query.where(Revision.post_id.in_(ids)).order_by(Revision.number)
    for record in await _read(tx, query):
        edits.setdefault(record.pop("post_id"), []).append(record)
    names = select(Attachment.post_id, Attachment.filename).where(Attachment.post_id.in_(ids))
    for post_id, name in await tx.rows(names.order_by(Attachment.position)):
        files.setdefault(post_id, []).append(name)
    return edits, files
