"""What a week brought, and that it is told once: on both databases."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import Denied
from bot.domain.outbox import JobKind
from bot.domain.posts import CloseReason
from bot.domain.round_ups import RoundUp
from bot.domain.voting import UP
from bot.usecases import closing, following, publishing, rounding_up
from bot.usecases.closing import ClosingForm
from data.database import Database
from tests.store.forum import CHANNEL, Forum

CLOSED = CHANNEL + 1
DAY = 24


async def shown(forum: Forum, post: int, home: int = CHANNEL) -> None:
    """A question's card is in a channel."""
    place: dict[str, Any] = {"channel_id": home, "message_id": 9000 + post, "home_id": home}
    await publishing.record_shown(forum.db, forum.guild_id, post, **place)


async def asked(forum: Forum, person: Actor, home: int = CHANNEL) -> int:
    question = await forum.ask(person)
    await shown(forum, question, home)
    return question


async def week(forum: Forum, *channels: int) -> RoundUp:
    return await rounding_up.round_up_of(
        forum.db, forum.guild_id, channels or (CHANNEL,), forum.now
    )


def told(found: RoundUp) -> tuple[list[int], list[int], list[int | None]]:
    return (
        [each.question.post_id for each in found.chosen],
        [line.post_id for line in found.questions],
        [author.id for author in found.helpers],
    )


async def is_sent(forum: Forum) -> int:
    """How many jobs there are to send it."""
    kinds = [job.kind for job in await publishing.due_jobs(forum.db, forum.now, 100)]
    return kinds.count(JobKind.ROUND_UP)


async def test_what_a_week_brought(forum: Forum, alice: Actor, bob: Actor, carol: Actor) -> None:
    old = await asked(forum, alice)
    forum.later(days=8)
    solved, waits = await asked(forum, alice), await asked(forum, bob)
    answer = await forum.answer(bob, solved, "Dark curtains, no screens.")
    other = await forum.answer(carol, solved)
    await forum.vote(carol, answer, UP)
    await forum.choose(alice, answer)
    found = await week(forum)
    assert told(found) == ([solved], [old, waits], [2, 3])
    assert found.chosen[0].answer == "Dark curtains, no screens."
    assert found.chosen[0].author.name == "Member 2"
    assert found.waiting == 2

    # A week later all of it is old, but what waits still waits.
    forum.later(days=7, minutes=1)
    assert told(await week(forum)) == ([], [old, waits], [])

    # Nothing is told of what was hidden, deleted or closed meanwhile.
    forum.later(days=-7, minutes=-1)
    await forum.hide(other)
    await forum.delete(alice, old)
    form = ClosingForm(CloseReason.OTHER, note="Done")
    await closing.close_question(forum.db, forum.manager, waits, form, now=forum.now)
    assert told(await week(forum)) == ([solved], [], [2])
    await forum.delete(bob, answer)
    assert told(await week(forum)) == ([], [solved], [])


async def test_only_channels_that_all_its_readers_may_read(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor
) -> None:
    forum.later(days=8)
    for home in (CHANNEL, CLOSED):
        solved = await asked(forum, alice, home)
        await asked(forum, alice, home)
        answer = await forum.answer(bob if home == CLOSED else carol, solved)
        await forum.choose(alice, answer)
    assert [len(part) for part in told(await week(forum))] == [1, 1, 1]
    assert [len(part) for part in told(await week(forum, CHANNEL, CLOSED))] == [2, 2, 2]
    assert (await week(forum, 7)).is_empty
    assert told(await week(forum))[2] == [3]
    # Whom one meets in a closed channel is new to the others.
    forum.later(days=8)
    await forum.answer(bob, await asked(forum, alice))
    assert told(await week(forum))[2] == [2]
    assert told(await week(forum, CHANNEL, CLOSED))[2] == []


async def test_nobody_is_in_it_who_switched_it_off(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor
) -> None:
    forum.later(days=8)
    solved = await asked(forum, alice)
    await asked(forum, carol)
    await forum.choose(alice, await forum.answer(bob, solved))
    await rounding_up.leave_out(forum.db, bob, now=forum.now)
    assert told(await week(forum))[0] == []
    assert told(await week(forum))[2] == []
    back = {"in_round_up": True}
    await following.change_preferences(forum.db, bob, back, now=forum.now)
    assert told(await week(forum))[0] == [solved]
    await rounding_up.leave_out(forum.db, alice, now=forum.now)
    assert told(await week(forum))[0] == [], "the one who asked counts as well"
    await rounding_up.leave_out(forum.db, carol, now=forum.now)
    assert (await week(forum)).waiting == 0


async def test_many_are_counted_not_listed(forum: Forum, alice: Actor) -> None:
    await forum.set("limit.questions", "100")
    for _ in range(7):
        await asked(forum, alice)
    found = await week(forum)
    assert (len(found.questions), found.waiting) == (5, 7)


async def test_it_is_due_once(forum: Forum) -> None:
    """2026-01-01, where the forum begins, is a Thursday."""
    begin = rounding_up.begin_round_up
    assert not await begin(forum.db, forum.guild_id, forum.now), "no channel is chosen"
    await forum.set("roundup_day", "friday")
    await forum.set("roundup_channel", str(CHANNEL))
    assert not await begin(forum.db, forum.guild_id, forum.now), "the latest was before"
    forum.later(hours=DAY + 18)
    other = Database(forum.db.url.render_as_string(hide_password=False))
    await other.open()
    done = await asyncio.gather(
        *(begin(db, forum.guild_id, forum.now) for db in (forum.db, other) for _ in range(4))
    )
    await other.close()
    assert done.count(True) == 1, "one of several processes"
    assert await is_sent(forum) == 1
    assert not await begin(forum.db, forum.guild_id, forum.later(days=6))
    assert await begin(forum.db, forum.guild_id, forum.later(days=1))


async def test_another_day_counts_from_then_on(forum: Forum) -> None:
    await forum.set("roundup_channel", str(CHANNEL))
    await forum.set("roundup_day", "friday")
    forum.later(hours=DAY + 18)
    assert await rounding_up.begin_round_up(forum.db, forum.guild_id, forum.now)
    forum.later(days=1)
    await forum.set("roundup_day", "thursday")
    assert not await rounding_up.begin_round_up(forum.db, forum.guild_id, forum.now)


async def test_one_that_is_days_late_is_left_out(forum: Forum) -> None:
    await forum.set("roundup_day", "friday")
    await forum.set("roundup_channel", str(CHANNEL))
    forum.later(days=4)
    assert await rounding_up.begin_round_up(forum.db, forum.guild_id, forum.now)
    assert await is_sent(forum) == 0
    assert await rounding_up.round_up_to_send(forum.db, forum.guild_id, forum.now) is None


async def test_where_it_may_be_is_known_before_it_is_sent(forum: Forum) -> None:
    await forum.set("roundup_day", "friday")
    await forum.set("roundup_channel", str(CHANNEL))
    slot = forum.later(hours=DAY + 18)
    await rounding_up.begin_round_up(forum.db, forum.guild_id, slot)
    tried = forum.later()
    await rounding_up.record_try(forum.db, forum.guild_id, CHANNEL, tried)
    wanted = await rounding_up.round_up_to_send(forum.db, forum.guild_id, forum.now)
    assert wanted is not None
    assert (wanted.latest.due_at, wanted.latest.channel_id) == (slot, CHANNEL)
    assert wanted.latest.tried_at == tried
    # Another channel is for the next one: this one is looked for where it was tried.
    await forum.set("roundup_channel", str(CLOSED))
    wanted = await rounding_up.round_up_to_send(forum.db, forum.guild_id, forum.now)
    assert wanted is not None
    assert wanted.latest.channel_id == CHANNEL


async def test_the_oldest_question_of_others_is_taken(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    own, hidden = await asked(forum, bob), await asked(forum, alice, CLOSED)
    first, second = await asked(forum, alice), await asked(forum, alice)

    async def taken(*but: int) -> int | None:
        card = await rounding_up.waiting_for(forum.db, bob, [CHANNEL], but)
        return card.post_id if card else None

    assert await taken() == first
    assert await taken(first) == second
    assert await taken(first, second) is None
    await forum.answer(alice, own)
    await forum.answer(bob, first)
    assert await taken() == second
    assert hidden not in (first, second)
    await forum.set("privilege.answer", "5000")
    with pytest.raises(Denied):
        await taken()
