"""Reading the state of the database for the owner's `doctor`. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.rules import Rules
from data import failures, guilds, migrating, outbox, personas, posts
from data.database import Database, Transaction

_SHOWN_FAILURES = 20


@dataclass(frozen=True, slots=True)
class Home:
    """A channel in which questions are posted: those of a category, or (None) all others; or the
    one that `reports` come to."""

    channel_id: int
    category: str | None = None
    reports: bool = False


@dataclass(frozen=True, slots=True)
class Inspection:
    """The state of a database. `homes` has each server's channels for questions, the question
    channel first; none if it isn't set up. `rules` are the servers'. `posts` says whether there are
    any, `sealed` where who wrote anonymous posts is kept.

    If the schema isn't this version's, only `schema` and `newest` are known.
    """

    schema: str | None
    newest: str
    homes: dict[int, list[Home]]
    waiting: int
    failures: list[failures.Failure]
    rules: Mapping[int, Rules] = field(default_factory=dict[int, Rules])
    posts: bool = False
    sealed: frozenset[int] = frozenset()

    @property
    def unfinished(self) -> bool:
        """Whether a copy into the database was interrupted."""
        return (self.schema or "").startswith(migrating.UNFINISHED)

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
        known = await guilds.known_guilds(tx)
        rules = {guild_id: await guilds.read_rules(tx, guild_id) for guild_id in known}
        homes = {guild_id: await _homes(tx, guild_id, rules[guild_id]) for guild_id in known}
        return Inspection(
            schema,
            newest,
            homes,
            await outbox.waiting(tx),
            await failures.failures(tx, None, _SHOWN_FAILURES),
            rules,
            await posts.any_posts(tx),
            frozenset(await personas.servers(tx)),
        )


async def _homes(tx: Transaction, guild_id: int, rules: Rules) -> list[Home]:
    main, reports = rules.channel_id, rules.identity("moderators_channel")
    if main is None:
        return []
    found = {main: Home(main)}
    for category in await guilds.categories(tx, guild_id):
        if category.own_channel_id is not None:
            found.setdefault(category.own_channel_id, Home(category.own_channel_id, category.name))
    moderators = [] if reports is None else [Home(reports, reports=True)]
    return [*found.values(), *moderators]
