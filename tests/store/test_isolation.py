"""Server by server: nothing of one server is read, changed or named from another.

The same people, post numbers and message ids are in both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.domain.errors import Refusal
from bot.domain.outbox import Job, JobKind, Priority
from bot.domain.voting import UP
from bot.usecases import browsing, publishing, reconciling, seeing
from bot.usecases.publishing import record_shown
from bot.usecases.removing import hide_removed
from tests.store.forum import Forum, contents

Act = Callable[[Forum, int, int], Awaitable[object]]

# What a member here may try with the row of a question and an answer of another server.
ACTS: dict[str, Act] = {
    "answer": lambda here, question, _: here.answer(here.manager, question),
    "choose": lambda here, _, answer: here.choose(here.manager, answer),
    "edit": lambda here, question, _: here.edit(here.manager, question, "Taken over."),
    "delete": lambda here, question, _: here.delete(here.manager, question),
    "look at": lambda here, _, answer: here.card(answer),
}


@pytest.fixture
async def theirs(elsewhere: Forum, forum: Forum) -> tuple[int, int]:
    """A question and its answer in another server, shown there."""
    question = await elsewhere.ask(elsewhere.member(1), "What is our secret?", "It is a secret.")
    answer = await elsewhere.answer(elsewhere.member(2), question)
    await elsewhere.choose(elsewhere.member(1), answer)
    await elsewhere.vote(elsewhere.member(3), answer, UP)
    await record_shown(forum.db, elsewhere.guild_id, question, message_id=70, thread_id=71)
    await record_shown(forum.db, elsewhere.guild_id, answer, message_id=72)
    return question, answer


@pytest.mark.parametrize("act", ACTS)
async def test_no_act_reaches_into_another_server(
    forum: Forum, theirs: tuple[int, int], act: str
) -> None:
    before = await contents(forum.db)
    with pytest.raises(Refusal):
        await ACTS[act](forum, *theirs)
    assert await contents(forum.db) == before


async def test_no_vote_and_no_deletion_reaches_into_another_server(
    forum: Forum, elsewhere: Forum, theirs: tuple[int, int]
) -> None:
    before = await contents(forum.db)
    outcome = await forum.vote(forum.member(3), theirs[1], UP)
    assert outcome.refusal is not None
    assert (outcome.score, outcome.message_id) == (0, None), "not even the score is told"
    assert not await forum.hide(theirs[0])
    assert await hide_removed(forum.db, forum.guild_id, [70, 71, 72], now=forum.now) == 0
    assert await contents(forum.db) == before


async def test_nothing_is_shown_of_another_server(
    forum: Forum, elsewhere: Forum, theirs: tuple[int, int]
) -> None:
    db, here = forum.db, forum.guild_id
    assert await seeing.post_of_message(db, here, 70) is None
    assert await browsing.thread_of(db, here, 71) == []
    for typed in ("#1", "1.1", f"https://discord.com/channels/{here}/71/72"):
        with pytest.raises(Refusal):
            await seeing.look_at_named(db, here, typed, 71)
    with pytest.raises(Refusal):
        await seeing.look_at_named(db, here, None, 71)
    assert (await browsing.leaderboard(db, here, 1)).lines == []
    assert (await browsing.profile(db, here, 2)).answers == 0
    assert (await browsing.points_history(db, here, 2)).lines == []
    await reconciling.note_absence(db, [here, elsewhere.guild_id])
    assert await reconciling.due_questions(db, here) == []
    assert await reconciling.question_at(db, here, 71) is None
    assert (await reconciling.thread_to_compare(db, here, theirs[0])).cards == []
    job = Job(JobKind.CARD, theirs[0], here, 1, 0, forum.now, Priority.REFRESH, theirs[0])
    assert await publishing.card_to_show(db, job) is None


async def test_the_same_number_names_each_servers_own_post(
    forum: Forum, elsewhere: Forum, theirs: tuple[int, int]
) -> None:
    mine = await forum.ask(forum.member(1))
    assert (await seeing.look_at_named(forum.db, forum.guild_id, "#1", 0)).post_id == mine
    assert (await seeing.look_at_named(forum.db, elsewhere.guild_id, "#1", 0)).post_id == theirs[0]


async def test_points_of_one_person_are_apart_in_each_server(
    forum: Forum, elsewhere: Forum, theirs: tuple[int, int]
) -> None:
    assert await elsewhere.points(elsewhere.member(2)) == 360
    assert await forum.points(forum.member(2)) == 0
    await forum.set("points.answer", "1")
    assert await elsewhere.points(elsewhere.member(2)) == 360, "so are the settings"
    await forum.assert_consistent()
