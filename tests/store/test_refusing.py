"""Refused votes by reaction, kept until their voters read why."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.errors import Denial, Denied
from bot.usecases.refusing import LASTS, RefusedVote, drop_refused, keep_refused, kept_refused
from tests.store.forum import Forum


def refused(forum: Forum, user_id: int, message_id: int, why: Denied) -> RefusedVote:
    return RefusedVote(forum.guild_id, user_id, 71, message_id, why)


async def test_the_last_one_of_each_member_is_kept_with_its_figures(forum: Forum) -> None:
    until = forum.now + timedelta(minutes=23)
    limit = Denied(Denial.HOURLY_LIMIT, action="votes", limit=300, until=until)
    await keep_refused(forum.db, refused(forum, 1, 81, Denied(Denial.OWN_POST)), forum.now)
    await keep_refused(forum.db, refused(forum, 2, 82, Denied(Denial.OWN_POST)), forum.now)
    await keep_refused(forum.db, refused(forum, 1, 83, limit), forum.now + timedelta(seconds=1))

    first, second = await kept_refused(forum.db, 10, forum.now)
    assert (first.user_id, first.message_id, first.why.data) == (2, 82, {})
    assert (second.user_id, second.message_id) == (1, 83)
    assert second.why.reason is Denial.HOURLY_LIMIT
    assert second.why.data == {"action": "votes", "limit": 300, "until": until}
    assert [vote.user_id for vote in await kept_refused(forum.db, 1, forum.now)] == [1]


async def test_it_is_forgotten_once_told_or_after_a_month(forum: Forum) -> None:
    await keep_refused(forum.db, refused(forum, 1, 81, Denied(Denial.OWN_POST)), forum.now)
    await drop_refused(forum.db, forum.guild_id, 1, 99)
    assert len(await kept_refused(forum.db, 10, forum.now)) == 1
    await drop_refused(forum.db, forum.guild_id, 1, 81)
    assert await kept_refused(forum.db, 10, forum.now) == []

    await keep_refused(forum.db, refused(forum, 1, 81, Denied(Denial.OWN_POST)), forum.now)
    later = forum.now + LASTS + timedelta(seconds=1)
    assert await kept_refused(forum.db, 10, later) == []
