"""Members who left: they lose nothing for thirty days, and then all that says who they are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import delete, func, select

from bot.domain.actors import Actor
from bot.domain.blocks import BlockSpan
from bot.domain.notices import FollowKind
from bot.domain.outbox import Cause
from bot.domain.voting import UP
from bot.usecases import blocking, drafts, following, forgetting, leaving, recounting
from bot.usecases.blocking import BlockForm
from bot.usecases.drafts import Draft
from bot.usecases.leaving import Answer, Found
from data.database import Database
from data.models import (
    Bonus,
    Follow,
    Member,
    Name,
    Notice,
    Preference,
    Presence,
    Refresh,
    Vote,
)
from data.models import Draft as DraftRow
from data.presences import Look
from tests.store.forum import Forum
from tests.store.test_forgetting import NAME, NOOR, WORDS, everything_of, told_of
from tests.support.kinds import on_sqlite


@pytest.fixture
def noor(forum: Forum) -> Actor:
    """Who leaves."""
    return forum.member(NOOR, name=NAME, avatar="a_0123", is_moderator=True)


async def looks(forum: Forum, limit: int = 30) -> Sequence[Look]:
    """Who is asked for next."""
    return await leaving.next_looks(forum.db, {forum.guild_id}, forum.now, limit)


async def says(forum: Forum, found: Found, *ids: int) -> list[int]:
    """Discord says this of some who are asked for, and of the others that they are there; what is
    kept of those whose time is up is forgotten. Returns them."""
    asked = await looks(forum)
    answers = [Answer(each, found if each.user_id in ids else Found.HERE) for each in asked]
    up = await leaving.note(forum.db, answers, forum.now)
    for each in up:
        await leaving.forget(forum.db, each.guild_id, each.user_id, now=forum.now)
    return [each.user_id for each in up]


async def days(forum: Forum, number: int, found: Found, *ids: int) -> list[int]:
    """So many days pass, with an answer on each. Returns who was forgotten."""
    forgotten: list[int] = []
    for _ in range(number):
        forum.later(days=1)
        forgotten += await says(forum, found, *ids)
    return forgotten


async def kept(forum: Forum, user_id: int = NOOR) -> set[str]:
    """What is kept of a member, by table."""
    tables = (Name, Follow, Preference, Notice, DraftRow, Presence, Bonus, Member)
    columns = [(table, table.user_id) for table in tables]
    found: set[str] = set()
    async with forum.db.read() as tx:
        for table, column in [*columns, (Vote, Vote.voter_id)]:
            if await tx.scalar(select(func.count()).where(column == user_id)):
                found.add(table.__tablename__)
    return found


async def looked_after(forum: Forum, noor: Actor, alice: Actor, bob: Actor) -> dict[str, int]:
    """Noor has done all that leaves something of her, and is looked after."""
    posts = await everything_of(forum, noor, alice, bob)
    await leaving.look_after(forum.db, forum.guild_id, forum.now)
    return posts


async def test_everybody_of_whom_something_is_kept_is_asked_for_once_a_day(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    question = await forum.ask(alice)
    await following.follow(forum.db, bob, FollowKind.QUESTION, str(question), now=forum.now)
    await following.change_preferences(forum.db, forum.member(7), {"digest_hour": 5}, now=forum.now)
    await forum.vote(forum.member(8), question, UP)
    wanted = {alice.user_id, bob.user_id, 7, forum.manager.user_id}
    assert await leaving.look_after(forum.db, forum.guild_id, forum.now) == len(wanted)
    assert await leaving.look_after(forum.db, forum.guild_id, forum.now) == 0
    assert not await looks(forum), "they have just been there"
    forum.later(days=1)
    assert {each.user_id for each in await looks(forum)} == wanted
    assert not await leaving.next_looks(forum.db, {5}, forum.now, 30), "of another server"
    await says(forum, Found.GONE, 7)
    assert not await looks(forum)


async def test_those_not_asked_for_longest_come_first(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    await forum.ask(alice)
    await leaving.look_after(forum.db, forum.guild_id, forum.now)
    forum.later(hours=1)
    await forum.ask(bob)
    await leaving.look_after(forum.db, forum.guild_id, forum.now)
    forum.later(days=2)
    [*_, last] = await looks(forum)
    assert last.user_id == bob.user_id
    first = await looks(forum, 1)
    assert first[0].user_id != bob.user_id


async def test_a_walk_takes_up_all_however_many(
    forum: Forum, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "_PERSONS", 2)
    for number in range(20, 27):
        await forum.ask(forum.member(number))
    await forum.ask(alice)
    assert await leaving.look_after(forum.db, forum.guild_id, forum.now) == 9


async def test_who_comes_back_within_thirty_days_loses_nothing(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await looked_after(forum, noor, alice, bob)
    before = await kept(forum) - {"drafts"}
    assert before >= {"names", "follows", "preferences", "notices"}
    assert await days(forum, 29, Found.GONE, NOOR) == []
    assert await days(forum, 1, Found.HERE) == []
    assert await days(forum, 29, Found.GONE, NOOR) == [], "it begins anew"
    assert await kept(forum) - {"drafts"} == before


async def test_after_thirty_days_what_says_who_it_was_is_gone(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    posts = await looked_after(forum, noor, alice, bob)
    await drafts.keep_draft(
        forum.db, forum.guild_id, NOOR, Draft("ask.form", {"title": WORDS}), now=forum.now
    )
    points = await forum.points(noor)
    assert await days(forum, 32, Found.GONE, NOOR) == [NOOR]
    assert await kept(forum) == {"votes", "bonuses", "members"}
    assert await told_of(forum, NAME) == ["consents.said"], "which goes by itself"
    assert await forum.points(noor) == points
    assert (await forum.card(posts["mine"])).author.id == NOOR
    async with forum.db.read() as tx:
        refreshed = await tx.scalar(select(func.count()).where(Refresh.cause == Cause.POSTS))
        waiting = await forum.jobs()
    assert refreshed or posts["mine"] in [job.key for job in waiting]
    assert await recounting.recount(forum.db, forum.guild_id, now=forum.now) == []
    await forum.assert_consistent()


async def test_posts_are_a_deleted_members_where_the_server_wishes(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await forum.set("unname_left", "on")
    posts = await looked_after(forum, noor, alice, bob)
    others = [await forum.points(each) for each in (alice, bob)]
    assert await days(forum, 32, Found.GONE, NOOR) == [NOOR]
    for name in ("mine", "answer"):
        assert (await forum.card(posts[name])).author.id is None
        assert WORDS in (await forum.card(posts[name])).body
    assert await kept(forum) == {"votes", "bonuses", "members"}
    assert await forum.points(noor) == 5, "the bonus"
    assert [await forum.points(each) for each in (alice, bob)] == others
    assert await recounting.recount(forum.db, forum.guild_id, now=forum.now) == []
    await forum.assert_consistent()


async def test_the_setting_is_also_about_those_who_left_before(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    posts = await looked_after(forum, noor, alice, bob)
    assert await days(forum, 32, Found.GONE, NOOR) == [NOOR]
    assert await leaving.look_after(forum.db, forum.guild_id, forum.now) == 0
    await forum.set("unname_left", "on")
    assert await leaving.look_after(forum.db, forum.guild_id, forum.now) == 1
    assert await days(forum, 32, Found.GONE, NOOR) == [NOOR]
    assert (await forum.card(posts["mine"])).author.id is None


async def test_a_block_goes_on(
    forum: Forum, moderator: Actor, bob: Actor, question: int, answer: int
) -> None:
    await blocking.block_member(
        forum.db, moderator, bob, BlockForm(BlockSpan.FOR_GOOD), now=forum.now
    )
    await leaving.look_after(forum.db, forum.guild_id, forum.now)
    await days(forum, 32, Found.GONE, bob.user_id)
    assert await blocking.block_of(forum.db, forum.guild_id, bob.user_id)


async def test_no_answer_is_no_absence(forum: Forum, noor: Actor, alice: Actor, bob: Actor) -> None:
    await looked_after(forum, noor, alice, bob)
    before = await kept(forum)
    assert await days(forum, 60, Found.UNKNOWN, NOOR) == []
    assert "names" in before & await kept(forum)
    await days(forum, 40, Found.GONE, alice.user_id)
    assert await days(forum, 40, Found.UNKNOWN, NOOR) == []


async def test_nobody_is_forgotten_without_being_asked_for_once_more(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    """The bot was off for a year. Whoever has come back meanwhile loses nothing; who is asked for
    without an answer comes again after an hour, before all others."""
    await looked_after(forum, noor, alice, bob)
    await days(forum, 1, Found.GONE, NOOR)
    forum.later(days=365)
    assert await says(forum, Found.UNKNOWN, NOOR) == []
    assert not await looks(forum)
    forum.later(hours=1)
    assert [each.user_id for each in await looks(forum)] == [NOOR]
    assert await says(forum, Found.HERE) == []
    assert "names" in await kept(forum)
    assert await days(forum, 3, Found.GONE, NOOR) == []


async def test_who_does_something_is_back(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await looked_after(forum, noor, alice, bob)
    await days(forum, 20, Found.GONE, NOOR)
    assert await leaving.gone(forum.db, {forum.guild_id}) == {(forum.guild_id, NOOR)}
    await leaving.is_back(forum.db, forum.guild_id, NOOR, forum.now)
    assert await leaving.gone(forum.db, {forum.guild_id}) == set()
    assert await days(forum, 29, Found.GONE, NOOR) == []


async def test_who_acts_while_they_are_forgotten_keeps_the_rest(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await looked_after(forum, noor, alice, bob)
    await days(forum, 30, Found.GONE, NOOR)
    await leaving.is_back(forum.db, forum.guild_id, NOOR, forum.later(days=9))
    await leaving.forget(forum.db, forum.guild_id, NOOR, now=forum.now)
    assert {"names", "follows", "preferences"} <= await kept(forum)


async def test_it_goes_on_after_it_was_cut_off_anywhere(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await forum.set("unname_left", "on")
    await looked_after(forum, noor, alice, bob)
    monkeypatch.setattr(leaving, "_ROWS", 1)
    monkeypatch.setattr(leaving, "_POSTS", 1)
    await days(forum, 30, Found.GONE, NOOR)
    portion, times = leaving._forget_some, 0
    forum.later(days=3)
    while await portion(forum.db, forum.guild_id, NOOR, now=forum.now):
        times += 1
        assert NOOR in [each.user_id for each in await looks(forum)], "it is found again"
    assert times > 6
    assert await kept(forum) == {"votes", "bonuses", "members"}
    await forum.assert_consistent()


async def test_who_erased_everything_is_looked_after_no_longer(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await looked_after(forum, noor, alice, bob)
    await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=False, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, NOOR, sealing=None, now=forum.now)
    assert "presences" not in await kept(forum)


async def test_of_whom_nothing_is_kept_any_more_nobody_asks(forum: Forum, alice: Actor) -> None:
    await following.follow(forum.db, alice, FollowKind.TAG, "sleep", now=forum.now)
    await leaving.look_after(forum.db, forum.guild_id, forum.now)
    await following.unfollow(forum.db, alice, FollowKind.TAG, "sleep", now=forum.now)
    async with forum.db.write() as tx:
        await tx.execute(delete(Name))
    forum.later(days=2)
    assert alice.user_id not in [each.user_id for each in await looks(forum)]
    assert "presences" not in await kept(forum, alice.user_id)


async def test_another_server_keeps_its_own(
    forum: Forum, elsewhere: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await looked_after(forum, noor, alice, bob)
    there = await elsewhere.ask(elsewhere.member(NOOR, name=NAME), "What is it like elsewhere?")
    assert await days(forum, 32, Found.GONE, NOOR) == [NOOR]
    assert (await elsewhere.card(there)).author.name == NAME
    await elsewhere.assert_consistent()


@on_sqlite
async def test_nothing_of_their_name_is_in_the_files(
    forum: Forum, noor: Actor, alice: Actor
) -> None:
    db = forum.db
    await forum.ask(noor, "What did it mean?")
    await forum.ask(alice)
    await following.follow(db, noor, FollowKind.TAG, WORDS.lower(), now=forum.now)
    await leaving.look_after(db, forum.guild_id, forum.now)
    assert await db.empty_log()
    assert in_files(db, NAME)
    assert in_files(db, WORDS.lower())
    assert await days(forum, 32, Found.GONE, NOOR) == [NOOR]
    assert await db.empty_log()
    assert not in_files(db, NAME)
    assert not in_files(db, WORDS.lower())


def in_files(db: Database, words: str) -> bool:
    """Whether words are in the files of a database, with their freed pages and its log."""
    assert db.path is not None
    files = db.path.parent.glob(f"{db.path.name}*")
    return words.encode() in b"".join(file.read_bytes() for file in files)
