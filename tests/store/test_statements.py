"""How many statements the use cases run: fixed numbers, so that none grows unseen.

A statement over a set counts once, however large the set. The server's rules were read within the
last second, as where much happens, and who acts has acted before, under the same name. BEGIN and
COMMIT aren't counted; PostgreSQL locks the server's row with BEGIN, in the same message.

Before changing a number here, look at the statements (a failure lists them), and check that each is
needed. `make bench-quick` prints the same numbers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from unittest.mock import patch

import pytest

from bot.domain.actors import Actor
from bot.domain.notices import FollowKind
from bot.domain.outbox import Done
from bot.domain.posts import CloseReason
from bot.domain.ranking import View
from bot.domain.voting import DOWN, NONE, UP, Ballot, VoteSource
from bot.usecases import (
    anonymous_inbox,
    asking,
    browsing,
    closing,
    commenting,
    editing,
    following,
    listing,
    news,
    personas,
    publishing,
    reconciling,
    searching,
    seeing,
)
from bot.usecases.voting import cast_votes
from tests.store.faults import counted
from tests.store.forum import CHANNEL, Forum
from tests.support.anonymous import anonymous, member

CARD = 72  # the message of the answer's card
TITLE = "How do I sleep after a night shift?"


@dataclass
class Scene:
    """Where an act takes place: Alice's question (posts[0]), Bob's answer, and eight by Carol, one
    of them voted for."""

    forum: Forum
    posts: list[int] = field(default_factory=list[int])
    anonymous: bool = False

    @classmethod
    async def prepare(cls, forum: Forum) -> Scene:
        """Set it."""
        alice, bob, carol = (forum.member(n) for n in (1, 2, 3))
        question = await forum.ask(alice, TITLE, "I lie awake.", tags="sleep work", notify=True)
        answer = await forum.answer(bob, question, "Dark curtains, and no screens before bed.")
        more = [await forum.answer(carol, question) for _ in range(8)]
        await publishing.record_shown(
            forum.db, forum.guild_id, question, message_id=71, home_id=CHANNEL
        )
        await publishing.record_shown(forum.db, forum.guild_id, answer, message_id=CARD)
        await forum.vote(carol, answer, UP)
        return cls(forum, [question, answer, *more])


async def fifty_votes(s: Scene) -> None:
    ballots = [
        Ballot(s.forum.member(30 + n % 25), s.posts[n // 5], UP, VoteSource.BUTTON, s.forum.now)
        for n in range(50)
    ]
    outcomes = await cast_votes(s.forum.db, ballots, now=s.forum.now)
    assert all(outcome.changed for outcome in outcomes)


async def deliver_a_card(s: Scene) -> None:
    [job, *_] = await publishing.due_jobs(s.forum.db, s.forum.now, 100)
    await publishing.card_to_show(s.forum.db, job)
    await publishing.settle(s.forum.db, job, Done())


async def similar(s: Scene) -> None:
    found = await asking.similar_questions(
        s.forum.db, s.forum.guild_id, "Sleep after night shifts?", channels=[CHANNEL], reader_id=5
    )
    assert len(found) == 1


async def search(s: Scene) -> None:
    wanted = searching.Search("dark curtains")
    found = await searching.search_posts(
        s.forum.db, s.forum.guild_id, wanted, channels=[CHANNEL], reader_id=5
    )
    assert len(found.findings) == 1


async def list_questions(s: Scene) -> None:
    wanted = listing.Selection(View.HOT, tag="sleep")
    listed = await listing.list_questions(
        s.forum.db, s.forum.guild_id, wanted, channels=[CHANNEL], reader_id=5
    )
    assert len(listed.lines) == 1


async def comment(s: Scene) -> None:
    await commenting.comment_on(
        s.forum.db, s.forum.member(3), s.posts[1], "And earplugs.", origin_id=7, now=s.forum.now
    )


async def follow(s: Scene) -> None:
    await following.follow(
        s.forum.db, s.forum.member(5), FollowKind.QUESTION, str(s.posts[0]), now=s.forum.now
    )


async def open_inbox(s: Scene) -> None:
    asker = s.forum.member(1)
    inbox = await following.open_inbox(s.forum.db, asker, 0, channels=[CHANNEL], now=s.forum.now)
    assert inbox.unread > 8
    await following.note_read(s.forum.db, asker, inbox, now=s.forum.now)


async def _open_with_a_key(s: Scene, page: int = 0) -> None:
    asker = member(s.forum, 1)
    inbox = await following.open_inbox(s.forum.db, asker, page, channels=[CHANNEL], now=s.forum.now)
    assert (inbox.theirs is not None) is s.anonymous
    await following.note_read(s.forum.db, asker, inbox, now=s.forum.now)


async def look_at_the_bell(s: Scene) -> None:
    asker = member(s.forum, 1)
    who, channels = (s.forum.db, s.forum.guild_id), [CHANNEL]
    found = await news.news_of(*who, 1, now=s.forum.now)
    assert found.anonymous is s.anonymous
    assert asker.seal is not None
    if found.anonymous:
        await anonymous_inbox.unread(*who, asker.seal, channels, s.forum.now)


async def close(s: Scene) -> None:
    form = closing.ClosingForm(CloseReason.OTHER, note="Done")
    await closing.close_question(s.forum.db, s.forum.member(1), s.posts[0], form, now=s.forum.now)


async def edit(s: Scene) -> None:
    form = editing.EditForm(1, "I lie awake now.", TITLE, "sleep work")
    await editing.edit_post(s.forum.db, s.forum.member(1), s.posts[0], form, now=s.forum.now)


async def pin(s: Scene) -> None:
    card = await s.forum.card(s.posts[1])
    assert await reconciling.follow_pin(s.forum.db, card, pinned=True, now=s.forum.now)


async def leaderboard(s: Scene) -> None:
    assert (await browsing.leaderboard(s.forum.db, s.forum.guild_id, 2)).lines


async def leaderboard_of_a_week(s: Scene) -> None:
    since = s.forum.now.replace(year=2025)
    assert (await browsing.leaderboard(s.forum.db, s.forum.guild_id, 2, since=since)).lines


async def points(s: Scene) -> None:
    assert (await browsing.points_history(s.forum.db, s.forum.guild_id, 2)).lines


# What is done, and its statements.
ACTS: dict[str, tuple[Callable[[Scene], Awaitable[object]], int]] = {
    "ask": (lambda s: s.forum.ask(s.forum.member(2), tags="sleep work"), 13),
    "ask for the first time": (lambda s: s.forum.ask(s.forum.member(5), tags="sleep work"), 14),
    "similar questions": (similar, 3),
    "answer": (lambda s: s.forum.answer(s.forum.member(3), s.posts[0]), 13),
    "comment": (comment, 7),
    "vote": (lambda s: s.forum.vote(s.forum.member(5), s.posts[1], UP), 8),
    "fifty votes": (fifty_votes, 8),
    "the same vote again": (lambda s: s.forum.vote(s.forum.member(3), s.posts[1], UP), 1),
    "vote the other way": (lambda s: s.forum.vote(s.forum.member(3), s.posts[1], DOWN), 8),
    "take a vote back": (lambda s: s.forum.vote(s.forum.member(3), s.posts[1], NONE), 7),
    "choose the best answer": (lambda s: s.forum.choose(s.forum.member(1), s.posts[1]), 9),
    "choose it by a pin": (pin, 12),  # one notes that a moderator was seen acting
    "edit": (edit, 9),
    "delete": (lambda s: s.forum.delete(s.forum.member(2), s.posts[1]), 10),
    "close": (close, 5),
    "look at a card": (lambda s: s.forum.card(s.posts[0]), 1),
    "search": (search, 2),
    "list questions": (list_questions, 2),
    "leaderboard": (leaderboard, 2),
    "leaderboard of a week": (leaderboard_of_a_week, 1),
    "where points came from": (points, 2),
    "profile": (lambda s: browsing.profile(s.forum.db, s.forum.guild_id, 2), 3),
    "follow": (follow, 2),
    "open the inbox": (open_inbox, 7),
    "open the inbox with a key": (_open_with_a_key, 7),
    "look at the bell": (look_at_the_bell, 1),
    "find a reaction's post": (
        lambda s: seeing.post_of_message(s.forum.db, s.forum.guild_id, CARD),
        2,
    ),
    "deliver a card": (deliver_a_card, 4),
}


async def anonymously(forum: Forum) -> Scene:
    """The same, where Alice has also asked anonymously, and Bob answered her."""
    await forum.set("anonymous", "on")
    scene = await Scene.prepare(forum)
    question = await forum.ask(await anonymous(forum, member(forum, 1)), TITLE)
    await publishing.record_shown(forum.db, forum.guild_id, question, home_id=CHANNEL)
    await forum.answer(forum.member(2), question)
    scene.anonymous = True
    return scene


async def _another(s: Scene, *, asks: bool = False) -> Actor:
    return await personas.author(s.forum.db, member(s.forum, 3), asks=asks)


async def ask_anonymously(s: Scene) -> None:
    await s.forum.ask(await _another(s, asks=True), tags="sleep work")


async def answer_anonymously(s: Scene) -> None:
    await s.forum.answer(await _another(s), s.posts[0])


async def comment_anonymously(s: Scene) -> None:
    what = (s.posts[1], "And earplugs.")
    await commenting.comment_on(s.forum.db, await _another(s), *what, origin_id=7, now=s.forum.now)


# What they run more where anybody has written anonymously: to open an inbox, handles of all, the
# box, the notices, what waits and what was decided; and to keep the box. To post anonymously, the
# points, what counts for or against the person, and who they are in the question.
ANONYMOUS: dict[str, tuple[Callable[[Scene], Awaitable[object]], int]] = {
    "ask anonymously": (ask_anonymously, 15),
    "answer anonymously": (answer_anonymously, 15),
    "comment anonymously": (comment_anonymously, 11),
    "open the inbox": (_open_with_a_key, 16),
    "turn to its next page": (lambda s: _open_with_a_key(s, 1), 12),
    "look at the bell": (look_at_the_bell, 6),
}


@pytest.mark.parametrize("act", ANONYMOUS)
async def test_an_act_of_somebody_who_also_wrote_anonymously(forum: Forum, act: str) -> None:
    scene = await anonymously(forum)
    with patch("data.known_rules.FRESH", 3600.0):
        await scene.forum.card(scene.posts[0])
        with counted(forum.db) as statements:
            await ANONYMOUS[act][0](scene)
    listed = "\n".join(" ".join(statement.split())[:120] for statement in statements)
    assert len(statements) == ANONYMOUS[act][1], listed


async def statements_of(forum: Forum, act: str) -> list[str]:
    """What an act runs, in a forum with nothing else in it."""
    scene = await Scene.prepare(forum)
    with patch("data.known_rules.FRESH", 3600.0):  # however slow the machine is
        await scene.forum.card(scene.posts[0])  # which reads the rules
        with counted(forum.db) as statements:
            await ACTS[act][0](scene)
    return statements


@pytest.mark.parametrize("act", ACTS)
async def test_an_act_runs_exactly_these_statements(forum: Forum, act: str) -> None:
    statements = await statements_of(forum, act)
    listed = "\n".join(" ".join(statement.split())[:120] for statement in statements)
    assert len(statements) == ACTS[act][1], listed


async def test_rules_that_were_not_read_lately_cost_one_statement(forum: Forum) -> None:
    scene = await Scene.prepare(forum)
    with patch("data.known_rules.FRESH", 0.0), counted(forum.db) as statements:
        await scene.forum.card(scene.posts[0])
    assert len(statements) == ACTS["look at a card"][1] + 1
