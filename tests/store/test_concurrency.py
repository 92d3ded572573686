"""Many members at once: no vote is lost, and every figure is what a recount computes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress

import pytest
from sqlalchemy import select, update

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, NotFound
from bot.domain.notices import FollowKind
from bot.domain.posts import CloseReason, PostStatus
from bot.domain.voting import DOWN, NONE, UP, Ballot, VoteOutcome, VoteSource
from bot.usecases import recounting
from bot.usecases.closing import ClosingForm, close_question
from bot.usecases.commenting import comment_on
from bot.usecases.following import follow
from bot.usecases.voting import VoteBatcher, cast_votes
from data.database import Transaction
from data.guilds import save_settings
from data.models import Guild, HourlyCount, Post, Vote
from tests.store.forum import Forum

Cast = Callable[[list[Ballot]], Awaitable[list[VoteOutcome]]]


@pytest.fixture(params=["gathered", "set by set"])
def cast(request: pytest.FixtureRequest, forum: Forum) -> Cast:
    """How votes are cast: gathered with all others', or some of a member's in a transaction."""
    batcher = VoteBatcher(forum.db)

    async def gathered(ballots: list[Ballot]) -> list[VoteOutcome]:
        return await asyncio.gather(*map(batcher.cast, ballots))

    async def set_by_set(ballots: list[Ballot]) -> list[VoteOutcome]:
        return await cast_votes(forum.db, ballots, now=forum.now)

    return gathered if request.param == "gathered" else set_by_set


async def posts_by(forum: Forum, authors: list[Actor]) -> list[int]:
    """A question by each fourth of the authors, answered by all others in turn."""
    posts: list[int] = []
    for n, author in enumerate(authors):
        post = forum.ask(author) if n % 4 == 0 else forum.answer(author, posts[n - n % 4])
        posts.append(await post)
    return posts


async def test_sixteen_members_vote_at_once_on_twenty_posts_each_twice(
    forum: Forum, cast: Cast
) -> None:
    await forum.set("privilege.down_vote", "0")
    authors = [forum.member(50 + n) for n in range(20)]
    posts = await posts_by(forum, authors)
    chance = random.Random(1)
    voters = [forum.member(20 + n) for n in range(16)]
    wishes = {
        (post, voter.user_id): (chance.choice((UP, DOWN)), chance.choice((UP, DOWN, NONE)))
        for post in posts
        for voter in voters
    }

    async def vote_twice(voter: Actor, mine: list[int]) -> None:
        for turn in range(2):
            values = [wishes[post, voter.user_id][turn] for post in mine]
            outcomes = await cast(
                [
                    Ballot(voter, post, value, VoteSource.BUTTON, forum.now)
                    for post, value in zip(mine, values, strict=True)
                ]
            )
            assert [(each.refusal, each.new) for each in outcomes] == [(None, v) for v in values]

    parts = [chance.sample(posts[n : n + 4], 4) for n in range(0, 20, 4)]
    await asyncio.gather(*(vote_twice(voter, part) for voter in voters for part in parts))

    async with forum.db.read() as tx:
        rows = await tx.rows(select(Vote.post_id, Vote.voter_id, Vote.value))
    stored = {(post, voter): value for post, voter, value in rows}
    assert stored == {who: last for who, (_, last) in wishes.items() if last}, "a vote was lost"
    for n, (post, author) in enumerate(zip(posts, authors, strict=True)):
        score = sum(value for (voted, _), value in stored.items() if voted == post)
        asked = n % 4 == 0
        low, high, weight, base = (-30, 100, 10, 20) if asked else (-50, 200, 20, 40)
        assert (await forum.card(post)).score == score
        assert await forum.points(author) == base + min(max(score * weight, low), high)
    await forum.assert_consistent()


async def test_members_do_everything_at_once(forum: Forum) -> None:
    people = [forum.member(20 + n) for n in range(8)]
    questions = [await forum.ask(people[n]) for n in range(4)]
    answers = [await forum.answer(people[4 + n], questions[n]) for n in range(4)]

    async def busy(n: int) -> None:
        me, post = people[n], answers[n % 4]
        await forum.vote(me, post, UP)
        await forum.answer(me, questions[(n + 1) % 4])
        if n < 4:
            with suppress(NotFound) if n == 1 else nullcontext():  # its author may have deleted it
                await forum.choose(me, post)
            await forum.edit(me, questions[n], f"More about it: {n}")
        await forum.ask(me)
        await forum.vote(me, post, NONE)
        if n == 5:
            await forum.delete(me, post)

    await asyncio.gather(*(busy(n) for n in range(8)))
    await forum.assert_consistent()
    assert len(await forum.jobs()) == 4 + 4 + 8 + 8, "a card for every post"


async def test_votes_while_the_weights_change_and_all_is_recounted(
    forum: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "PIECE", 3)  # so that votes come between the pieces
    authors = [forum.member(50 + n) for n in range(12)]
    posts = await posts_by(forum, authors)
    await forum.choose(authors[0], posts[1])

    async def vote(voter: Actor) -> None:
        for value in (UP, NONE, UP):
            for post in posts:
                await forum.vote(voter, post, value)

    async def change() -> None:
        for weight in ("7", "35", "-4"):
            await forum.set("points.answer_vote", weight)
            await recounting.recount(forum.db, forum.guild_id, now=forum.now)

    await asyncio.gather(change(), *(vote(forum.member(20 + n)) for n in range(5)))
    await forum.assert_consistent()
    assert await recounting.recount(forum.db, apply=False, now=forum.now) == []


async def close_it(forum: Forum, question: int) -> None:
    form = ClosingForm(CloseReason.OTHER, note="Done")
    await close_question(forum.db, forum.member(1), question, form, now=forum.now)


async def comment(forum: Forum, post: int) -> None:
    await comment_on(forum.db, forum.member(3), post, "And?", origin_id=5, now=forum.now)


# What somebody does to a post, by post: the question by member 1, or the answer by member 2.
ACTS: dict[str, Callable[[Forum, int, int], Awaitable[object]]] = {
    "answer": lambda forum, question, _: forum.answer(forum.member(3), question),
    "comment": lambda forum, _, answer: comment(forum, answer),
    "choose": lambda forum, _, answer: forum.choose(forum.member(1), answer),
    "edit": lambda forum, question, _: forum.edit(forum.member(1), question, "More.", version=1),
    "close": lambda forum, question, _: close_it(forum, question),
    "delete": lambda forum, _, answer: forum.delete(forum.member(2), answer),
    "follow": lambda forum, question, _: follow(
        forum.db, forum.member(3), FollowKind.QUESTION, str(question), now=forum.now
    ),
}


async def while_it_waits(
    forum: Forum, act: Awaitable[object], change: Callable[[Transaction], Awaitable[object]]
) -> asyncio.Future[object]:
    """Begin an act while another transaction has its server's row, which then changes something and
    commits. Returns the act once it is over."""
    async with forum.db.write() as tx:
        await tx.lock([forum.guild_id])
        await tx.scalar(select(Guild.id))  # with which the lock is taken
        waiting = asyncio.ensure_future(act)
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert not waiting.done(), "it waits"
        await change(tx)
    await asyncio.wait([waiting])
    return waiting


@pytest.mark.parametrize("act", ACTS)
async def test_an_act_sees_what_was_committed_while_it_waited(
    forum: Forum, question: int, answer: int, act: str
) -> None:
    """The posts were hidden meanwhile."""

    async def hide(tx: Transaction) -> None:
        await tx.execute(update(Post).values(status=PostStatus.HIDDEN))

    done = await while_it_waits(forum, ACTS[act](forum, question, answer), hide)
    assert isinstance(done.exception(), NotFound)


async def test_who_acts_is_judged_by_what_was_committed_while_they_waited(
    forum: Forum, question: int
) -> None:
    """They did as much as an hour allows, in another process: with the rules as they are now."""
    await forum.answer(forum.member(5), question)

    async def limit(tx: Transaction) -> None:
        await save_settings(tx, forum.guild_id, {"limit.answers": "7"})
        await tx.execute(update(HourlyCount).values(times=7))

    done = await while_it_waits(forum, forum.answer(forum.member(5), question), limit)
    refusal = done.exception()
    assert isinstance(refusal, Denied)
    assert refusal.reason is Denial.HOURLY_LIMIT


async def test_a_vote_counts_on_top_of_those_that_came_while_it_waited(
    forum: Forum, answer: int
) -> None:
    async def vote(tx: Transaction) -> None:
        await tx.execute(update(Post).where(Post.id == answer).values(up_votes=4, score=4))

    done = await while_it_waits(forum, forum.vote(forum.member(5), answer, UP), vote)
    outcome = done.result()
    assert isinstance(outcome, VoteOutcome)
    assert outcome.score == 5
