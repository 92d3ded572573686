"""The audit log: what moderators and managers did."""

from __future__ import annotations

import json

from sqlalchemy import insert

from bot.domain.audit import AuditEntry
from data.database import Transaction
from data.models import AuditRow


async def note(tx: Transaction, guild_id: int, entry: AuditEntry) -> None:
    """Keep an act, in the transaction that does it. The caller has locked the server."""
    await tx.execute(
        insert(AuditRow).values(
            guild_id=guild_id,
            at=entry.at,
            actor_id=entry.actor_id,
            kind=entry.kind,
            post_id=entry.post_id,
            subject_id=entry.subject_id,
            reason=entry.reason,
            before=json.dumps(dict(entry.before), sort_keys=True),
            after=json.dumps(dict(entry.after), sort_keys=True),
        )
    )
