"""Of ten members who write anonymously, a solver with copies of the database from around each act
names no more than chance does; and it finds them where the bot makes one of the known mistakes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.domain.notices import FollowKind
from bot.domain.policies import Action
from bot.domain.sealed import is_sealed
from data import following, members, slots, telling
from data.database import Database
from data.models import HourlyCount
from data.statements import upsert
from tests.support.delayed_story import DelayedStory
from tests.support.dumps import Dump, Members, Thief
from tests.support.solver import (
    ALL,
    COUNT,
    DIFFERENCE,
    EQUAL,
    ORDER,
    TIME,
    Moment,
    Solver,
    right_ones,
)
from tests.support.ten_members import Story, ten_members

POSTS, AT_MOST = 60, 13  # chance alone names more than 13 once in 500
FEWER = 15


async def test_no_more_authors_are_found_than_by_chance(db: Database) -> None:
    async with ten_members(db, seed=1) as story:
        solver = await (await story.tell(POSTS)).solver()
    assert len(story.authors) == POSTS
    assert len(set(story.authors.values())) == len(story.people)
    assert not story.never_done()
    assert right_ones(solver.name_all(story.authors), story.authors) <= AT_MOST
    await story.forum.assert_consistent()


async def test_nor_where_their_posts_appear_later(db: Database) -> None:
    async with ten_members(db, 3, DelayedStory) as story:
        solver = await (await story.tell(POSTS)).solver()
    assert isinstance(story, DelayedStory)
    assert len(story.authors) == POSTS
    assert story.most >= 5, "several wait at once"
    assert sum(moment.kind == "sends" for moment in story.moments) == POSTS
    assert not story.never_done()
    assert right_ones(solver.name_all(story.authors), story.authors) <= AT_MOST
    await story.forum.assert_consistent()


# What the bot must not do


Mutant = Callable[[pytest.MonkeyPatch, Story], None]


def exact_times(patch: pytest.MonkeyPatch, story: Story) -> None:
    """As it was before: the time of what a limit counts is that of the post."""
    take = slots.take

    async def with_the_time(
        tx: Any, guild_id: int, action: str, seal: Any, now: Any, before: Any = None
    ) -> None:
        await take(tx, guild_id, action, seal, now, before)
        row = upsert(tx.dialect, HourlyCount).values(
            guild_id=guild_id, user_id=story.acting, action=action, since=now, times=0
        )
        keys = [HourlyCount.guild_id, HourlyCount.user_id, HourlyCount.action]
        await tx.execute(row.on_conflict_do_update(index_elements=keys, set_={"since": now}))

    patch.setattr(Actor, "at", lambda _self, now: now)
    patch.setattr("data.acting.is_minute", lambda _now: True)
    patch.setattr(slots, "take", with_the_time)


def silent_follower(patch: pytest.MonkeyPatch, story: Story) -> None:
    """Of all who follow, the author alone isn't told."""
    tell: Any = telling.tell

    async def but_the_author(tx: Any, *what: Any) -> None:
        *about, recipients, now = what
        if is_sealed(recipients.author_id):
            excluded = [*recipients.excluded, story.acting]
            recipients = replace(recipients, excluded=excluded)
        await tell(tx, *about, recipients, now)

    patch.setattr(telling, "tell", but_the_author)


def count_per_person(patch: pytest.MonkeyPatch, story: Story) -> None:
    """What is done anonymously counts with what the member does by name."""
    take = slots.take

    async def and_count(
        tx: Any, guild_id: int, action: Action, seal: Any, now: Any, before: Any = None
    ) -> None:
        await take(tx, guild_id, action, seal, now, before)
        await members.count_action(tx, action, {(guild_id, story.acting): 1}, now)

    patch.setattr(slots, "take", and_count)


def own_follow(patch: pytest.MonkeyPatch, story: Story) -> None:
    """An author follows what they wrote, by name."""
    from bot.usecases import answering, asking, commenting

    for module in (asking, answering, commenting):
        write = module.write_post

        async def and_follow(tx: Any, actor: Actor, *what: Any, write: Any = write) -> int:
            post = await write(tx, actor, *what)
            if actor.is_anonymous:
                key = (FollowKind.QUESTION, str(post))
                who = (actor.guild_id, story.acting)
                await following.follow(tx, *who, key, what[-1], most=None)
            return post

        patch.setattr(module, "write_post", and_follow)


@pytest.mark.parametrize(
    ("mutant", "way", "posts"),
    [
        (exact_times, TIME, FEWER),
        (silent_follower, EQUAL, POSTS),  # not all of whom follow what they write below
        (count_per_person, COUNT, FEWER),
        (own_follow, DIFFERENCE, FEWER),
    ],
)
async def test_an_author_whom_the_bot_gives_away_is_found(
    db: Database, monkeypatch: pytest.MonkeyPatch, mutant: Mutant, way: str, posts: int
) -> None:
    """By all clues together, and by the kind that is for it alone."""
    async with ten_members(db, seed=2) as story:
        mutant(monkeypatch, story)
        solver = await (await story.tell(posts, between=1)).solver()
    for ways in (ALL, (way,)):
        found = right_ones(solver.name_all(story.authors, ways), story.authors)
        assert found > posts / 2, ways


async def test_an_author_whom_the_sending_gives_away_is_found(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ten_members(db, 4, DelayedStory) as story:
        count_per_person(monkeypatch, story)
        solver = await (await story.tell(FEWER, between=1)).solver()
    for ways in (ALL, (COUNT,)):
        found = right_ones(solver.name_all(story.authors, ways), story.authors)
        assert found > FEWER / 2, ways


def test_an_author_beside_whose_row_an_anonymous_one_lies_is_found() -> None:
    known = Members({10**17 + n: f"Member {n}" for n in range(10)})
    thief = Thief(Database("sqlite+aiosqlite://"))
    thief.columns, thief.keys = {"rows": ["id", "who"]}, {"rows": [0]}
    rows: list[tuple[Any, ...]] = []
    moments: list[Moment] = []
    authors: dict[int, int] = {}
    for n in range(FEWER):
        who = known.ids[n * 7 % 10]
        before = Dump({"rows": [*rows, (2 * n, who)]}, {})
        rows = [*before.rows["rows"], (2 * n + 1, -n - 1)]
        moments.append(Moment(before, Dump({"rows": rows}, {}), -n - 1, "begins"))
        authors[-n - 1] = who
    solver = Solver(thief, known, Dump({"rows": rows}, {})).look_at(moments)
    assert right_ones(solver.name_all(authors, (ORDER,)), authors) == FEWER
    assert right_ones(solver.name_all(authors, (COUNT,)), authors) <= AT_MOST
