"""Where somebody has taken part: for acts that begin outside of any server."""

from __future__ import annotations

from data import guilds, members
from data.database import Transaction, reading

_MOST = 25  # Discord's limit of a select


@reading
async def servers_of(tx: Transaction, user_id: int) -> list[int]:
    """The servers in which a member has done something, and questions can be asked, the latest
    first; at most 25."""
    found = await members.acted_in(tx, user_id, _MOST)
    return [each for each in found if (await guilds.read_rules(tx, each)).channel_id is not None]
