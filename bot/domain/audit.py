"""What moderators and managers did, as the audit log keeps it: states, never a title or a text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.erasures import is_erased
from bot.domain.sealed import is_sealed
from bot.domain.spreadsheets import cell

KEPT: Final = timedelta(days=365)
"""How long the log is kept."""


class AuditKind(StrEnum):
    """The acts that are kept. Those of authors on their own posts aren't."""

    HIDE = "hide"
    SHOW = "show"
    DISMISS = "dismiss"
    CLOSE = "close"
    REOPEN = "reopen"
    BEST = "best"
    EDIT = "edit"
    DELETE = "delete"
    MOVE = "move"
    TAGS = "tags"
    LOCK = "lock"
    UNLOCK = "unlock"
    APPROVE = "approve"
    REJECT = "reject"
    HIDE_MEMBER = "hide_member"
    SHOW_MEMBER = "show_member"
    BLOCK = "block"
    UNBLOCK = "unblock"
    APPEAL = "appeal"
    DUTY = "duty"
    BONUS = "bonus"
    SETTING = "setting"
    CATEGORY = "category"
    RECOUNT = "recount"
    UNSEAL = "unseal"


REVIEWS: Final = (
    AuditKind.HIDE,
    AuditKind.SHOW,
    AuditKind.DISMISS,
    AuditKind.CLOSE,
    AuditKind.APPROVE,
    AuditKind.REJECT,
    AuditKind.APPEAL,
)
"""The acts that decide about a post, or about an appeal: moderators' load."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. `actor_id` is None if nobody in particular did it; `subject_id` is the member it was
    done to, if it was. `before` and `after` are states by name: status, category, tags, points."""

    kind: AuditKind
    actor_id: int | None
    at: datetime
    post_id: int | None = None
    subject_id: int | None = None
    reason: str = ""
    before: Mapping[str, str] = field(default_factory=dict[str, str])
    after: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which acts somebody wants to see; None is any."""

    actor_id: int | None = None
    kind: AuditKind | None = None
    post_id: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act as a reader sees it: with names as last seen (empty where none is known), and with
    the post's number, its home, and where its card is, if it is shown."""

    entry: AuditEntry
    actor: str = ""
    subject: str = ""
    number: str = ""
    home_id: int | None = None
    channel_id: int | None = None
    message_id: int | None = None


_HEADER: Final = (
    "time", "moderator_id", "moderator", "act", "post", "member_id", "member", "reason", "before",
    "after",
)  # fmt: skip


def csv_of(lines: Iterable[AuditLine]) -> bytes:
    """A table of the log, in UTF-8 with the mark by which spreadsheets know it."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(_HEADER)
    for line in lines:
        writer.writerow([cell(text) for text in _cells(line)])
    return table.getvalue().encode("utf-8-sig")


def _cells(line: AuditLine) -> tuple[str, ...]:
    entry = line.entry
    return (
        entry.at.astimezone(UTC).isoformat(timespec="seconds"),
        *_person(entry.actor_id, line.actor),
        entry.kind.value,
        line.number,
        *_person(entry.subject_id, line.subject),
        entry.reason,
        _states(entry.before),
        _states(entry.after),
    )


def _person(user_id: int | None, name: str) -> tuple[str, str]:
    """A person's id and name; an anonymous author's name alone."""
    if is_sealed(user_id):
        return "", name
    return ("", "deleted member") if is_erased(user_id) else (str(user_id or ""), name)


def _states(states: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in states.items())
