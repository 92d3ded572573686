"""What only reads decides by rules that may be a second old; what writes never does."""

from __future__ import annotations

import pytest

from bot.domain.errors import Denied
from bot.usecases import browsing
from data import guilds
from data.database import Database
from data.known_rules import FRESH, KnownRules
from tests.store.faults import counted
from tests.store.forum import Forum

LIMIT = "limit.questions"


class Clock:
    """A clock that stands still until it is moved."""

    now = 100.0

    def monotonic(self) -> float:
        """Its time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that rules are kept by."""
    clock = Clock()
    monkeypatch.setattr("data.known_rules.time", clock)
    return clock


async def limit(db: Database, forum: Forum) -> int:
    return (await browsing.rules_of(db, forum.guild_id)).number(LIMIT)


@pytest.mark.usefixtures("clock")
async def test_within_a_second_they_cost_no_statement(forum: Forum) -> None:
    await limit(forum.db, forum)
    with counted(forum.db) as statements:
        await limit(forum.db, forum)
    assert statements == []


@pytest.mark.usefixtures("clock")
async def test_a_change_of_this_process_counts_at_once(forum: Forum) -> None:
    for number in (7, 9, 8):
        await forum.set(LIMIT, str(number))
        assert await limit(forum.db, forum) == number


async def test_a_change_of_another_process_counts_after_a_second(
    forum: Forum, clock: Clock
) -> None:
    other = Database(str(forum.db.url.render_as_string(hide_password=False)))
    await other.open()
    await forum.set(LIMIT, "7")
    assert await limit(other, forum) == 7
    await forum.set(LIMIT, "1")
    assert await limit(other, forum) == 7
    elsewhere = Forum(other, forum.guild_id)
    await elsewhere.ask(elsewhere.member(1))
    with pytest.raises(Denied):  # what writes has read them again
        await elsewhere.ask(elsewhere.member(1))
    clock.now += FRESH
    assert await limit(other, forum) == 1
    await other.close()


async def test_what_was_read_before_a_change_is_not_kept(forum: Forum) -> None:
    async with forum.db.read() as tx:
        before = await guilds.read_rules(tx, forum.guild_id)
        await forum.set(LIMIT, "3")
        known = KnownRules()
        known.keep(forum.guild_id, before, known.changes)
        noted = known.changes
        known.forget([forum.guild_id])
        known.keep(forum.guild_id, before, noted)
        assert known.find(forum.guild_id) is None
    assert await limit(forum.db, forum) == 3
