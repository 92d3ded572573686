"""What the owner's `doctor` wants to know about the database. Nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass

from data import guilds, migrating, outbox
from data.database import Database

_SHOWN_FAILURES = 20


@dataclass(frozen=True, slots=True)
class Inspection:
    """The state of a database. `channels` maps each server to its question channel, if it has one.

    Where the schema is not this version's, only `schema` and `newest` are known.
    """

    schema: str | None
    newest: str
    channels: dict[int, int | None]
    waiting: int
    failures: list[outbox.Failure]

    @property
    def current(self) -> bool:
        """Whether the schema is the one this version works with."""
        return self.schema == self.newest


async def inspect(db: Database) -> Inspection:
    """Read schema version, question channels and undelivered work; `db` is open."""
    schema, newest = await migrating.version(db), migrating.newest()
    if schema != newest:
        return Inspection(schema, newest, {}, 0, [])
    async with db.read() as tx:
        channels = {
            guild_id: (await guilds.read_rules(tx, guild_id)).channel_id
            for guild_id in await guilds.known_guilds(tx)
        }
        return Inspection(
            schema,
            newest,
            channels,
            await outbox.waiting(tx),
            await outbox.failures(tx, None, _SHOWN_FAILURES),
        )
