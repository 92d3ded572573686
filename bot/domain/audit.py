"""What moderators and managers did, as the audit log keeps it: states, never a title or a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


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
