"""Reports in the database: once each, decided once, and all at the same time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.outbox import Job, JobKind, Priority
from bot.domain.posts import PostStatus
from bot.domain.review import Decision, ReportReason, Verdict
from bot.domain.voting import UP
from bot.usecases import alerting, reporting
from bot.usecases.reporting import Queue, report_post
from data import cards, guilds
from tests.store.forum import Forum


async def status(forum: Forum, post: int) -> PostStatus:
    """Whether a post is shown."""
    async with forum.db.read() as tx:
        rules = await guilds.read_rules(tx, forum.guild_id)
        card = await cards.load_card(tx, forum.guild_id, post, rules)
    assert card is not None
    return card.status


async def test_once_each_and_not_ones_own(
    forum: Forum, bob: Actor, carol: Actor, answer: int
) -> None:
    await report_post(forum.db, carol, answer, "Spam.", by_moderator=False, now=forum.now)
    for person, why in ((carol, Denial.ALREADY_REPORTED), (bob, Denial.OWN_REPORT)):
        with pytest.raises(Denied) as refused:
            await report_post(forum.db, person, answer, "", by_moderator=False, now=forum.now)
        assert refused.value.reason is why


def people_of_age(forum: Forum, first: int, number: int) -> list[Actor]:
    """Members whose accounts and memberships are old enough for their reports to count."""
    old = {
        "account_created": forum.now - timedelta(days=7),
        "joined": forum.now - timedelta(days=1),
    }
    return [forum.member(first + n, **old) for n in range(number)]


async def report_and_hide(forum: Forum, person: Actor, post: int) -> bool:
    """A person reports a post whose author is no moderator; whether it is hidden by that."""
    reported = await report_post(forum.db, person, post, "", by_moderator=False, now=forum.now)
    return reported.hidden


async def test_reports_at_once_hide_it_once(forum: Forum, bob: Actor, answer: int) -> None:
    people = people_of_age(forum, 100, 8)
    for person in people:
        await forum.vote(person, answer, UP)
    sent = await asyncio.gather(
        *(report_and_hide(forum, person, answer) for person in people), return_exceptions=True
    )

    assert sent.count(True) == 1
    assert all(isinstance(e, NotFound) for e in sent if not isinstance(e, bool))
    assert await status(forum, answer) is PostStatus.HIDDEN
    assert await forum.points(bob) == 0
    await forum.assert_consistent()


async def test_young_accounts_reach_the_moderators_but_hide_nothing(
    forum: Forum, moderator: Actor, answer: int
) -> None:
    old, young = forum.now - timedelta(days=7), forum.now - timedelta(days=6)
    days_ago, today = forum.now - timedelta(days=1), forum.now - timedelta(hours=23)
    for number, (created, joined) in enumerate(
        [(young, days_ago), (old, today), (None, days_ago), (old, None)] * 5
    ):
        person = forum.member(100 + number, account_created=created, joined=joined)
        assert not await report_and_hide(forum, person, answer)
    item = await forum.review(moderator, Queue.REPORTED)
    assert item is not None
    assert len(item.reports) == 20
    hidden = [await report_and_hide(forum, p, answer) for p in people_of_age(forum, 200, 5)]
    assert hidden == [False, False, False, False, True]


async def test_nobody_hides_twice_what_a_moderator_has_shown(
    forum: Forum, moderator: Actor, answer: int
) -> None:
    people = people_of_age(forum, 100, 5)
    for person in people:
        await report_and_hide(forum, person, answer)
    await reporting.show_post(forum.db, moderator, answer, now=forum.later(days=30))
    for person in people:
        with pytest.raises(Denied, match=Denial.ALREADY_REPORTED):
            await report_post(forum.db, person, answer, "", by_moderator=False, now=forum.now)
    for person in people_of_age(forum, 200, 9):
        assert not await report_and_hide(forum, person, answer)
    assert await status(forum, answer) is PostStatus.VISIBLE
    item = await forum.review(moderator, Queue.REPORTED)
    assert item is not None
    assert len(item.reports) == 9  # those that nobody has decided on


async def test_dismissed_reports_count_no_more(forum: Forum, moderator: Actor, answer: int) -> None:
    for person in people_of_age(forum, 100, 4):
        await report_and_hide(forum, person, answer)
    assert await reporting.dismiss_reports(forum.db, moderator, answer, now=forum.now) == 4
    hidden = [await report_and_hide(forum, p, answer) for p in people_of_age(forum, 200, 5)]
    assert hidden == [False, False, False, False, True]


async def test_shown_again_everything_is_as_it_was(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, moderator: Actor, answer: int
) -> None:
    await forum.vote(carol, answer, UP)
    before = await forum.points(bob)
    assert await reporting.hide_post(forum.db, moderator, answer, now=forum.now)
    assert not await reporting.hide_post(forum.db, moderator, answer, now=forum.now)
    assert await reporting.show_post(forum.db, moderator, answer, now=forum.now)
    assert not await reporting.show_post(forum.db, moderator, answer, now=forum.now)

    card = await forum.card(answer)
    assert card.score == 1
    assert await forum.points(bob) == before
    assert (await forum.card(card.question_id)).answers == 1
    await forum.assert_consistent()


async def test_votes_cast_meanwhile_do_not_count_but_stand_after(
    forum: Forum, bob: Actor, carol: Actor, moderator: Actor, answer: int
) -> None:
    await reporting.hide_post(forum.db, moderator, answer, now=forum.now)
    outcome = await forum.vote(carol, answer, UP)
    assert outcome.refusal is not None
    await reporting.show_post(forum.db, moderator, answer, now=forum.now)
    await forum.assert_consistent()


async def test_the_queue_in_its_order(
    forum: Forum, alice: Actor, carol: Actor, moderator: Actor, question: int, answer: int
) -> None:
    await report_post(forum.db, carol, answer, "Spam.", by_moderator=False, now=forum.now)
    await report_post(
        forum.db, carol, question, "Off topic.", by_moderator=False, now=forum.later()
    )
    await report_post(forum.db, alice, answer, "", by_moderator=False, now=forum.later())

    first = await forum.review(moderator, Queue.REPORTED)
    assert first is not None
    assert (first.card.post_id, first.page, first.pages) == (answer, 0, 2)
    assert [(r.user_id, r.reason) for r in first.reports] == [(3, "Spam."), (1, "")]
    last = await forum.review(moderator, Queue.REPORTED, page=99)
    assert last is not None
    assert (last.card.post_id, last.page) == (question, 1)

    assert await reporting.dismiss_reports(forum.db, moderator, answer, now=forum.now) == 2
    await reporting.hide_post(forum.db, moderator, question, now=forum.now)
    assert await forum.review(moderator, Queue.REPORTED) is None
    hidden = await forum.review(moderator, Queue.HIDDEN)
    assert hidden is not None
    assert hidden.card.post_id == question


async def test_only_moderators_and_only_here(
    forum: Forum, elsewhere: Forum, carol: Actor, answer: int
) -> None:
    there = elsewhere.member(4, is_moderator=True)
    for act in (reporting.hide_post, reporting.show_post, reporting.dismiss_reports):
        with pytest.raises(Denied) as refused:
            await act(forum.db, carol, answer, now=forum.now)
        assert refused.value.reason is Denial.NOT_MODERATOR
        with pytest.raises(NotFound) as missing:
            await act(forum.db, there, answer, now=forum.now)
        assert missing.value.reason is Missing.POST
    with pytest.raises(NotFound):
        await report_post(forum.db, there, answer, "", by_moderator=False, now=forum.now)
    assert await status(forum, answer) is PostStatus.VISIBLE


async def test_a_deleted_post_is_decided(
    forum: Forum, bob: Actor, carol: Actor, moderator: Actor, answer: int
) -> None:
    await report_post(forum.db, carol, answer, "Spam.", by_moderator=False, now=forum.now)
    await forum.delete(bob, answer)
    assert await forum.review(moderator, Queue.REPORTED) is None
    with pytest.raises(NotFound):
        await reporting.hide_post(forum.db, moderator, answer, now=forum.now)


async def test_of_several_decisions_at_once_the_first_one_counts(
    forum: Forum, carol: Actor, moderator: Actor, answer: int
) -> None:
    await report_post(forum.db, carol, answer, "Spam.", by_moderator=False, now=forum.now)
    options: dict[str, Any] = {"now": forum.now, "reported": True}
    done = await asyncio.gather(
        *(reporting.hide_post(forum.db, moderator, answer, **options) for _ in range(3)),
        *(reporting.dismiss_reports(forum.db, moderator, answer, **options) for _ in range(3)),
        return_exceptions=True,
    )
    refused = [one for one in done if isinstance(one, Denied)]
    assert len(refused) == 5, done
    assert {one.reason for one in refused} == {Denial.ALREADY_DECIDED}
    hidden = await status(forum, answer) is PostStatus.HIDDEN
    verdict = refused[0].data["verdict"]
    assert isinstance(verdict, Verdict)
    assert (verdict.decision is Decision.HIDDEN) is hidden
    assert verdict.by == moderator.user_id
    assert await forum.review(moderator, Queue.REPORTED) is None


async def test_a_card_says_what_became_of_its_reports(
    forum: Forum, bob: Actor, carol: Actor, moderator: Actor, question: int, answer: int
) -> None:
    """It waits, it is decided, it waits again; and it quotes nothing that isn't shown."""
    job = Job(JobKind.REPORT, answer, forum.guild_id, 1, 0, forum.now, Priority.WAITED_FOR, answer)
    assert await alerting.report_to_show(forum.db, job, forum.now) is None
    await report_post(
        forum.db, carol, answer, "", by_moderator=False, now=forum.now, why=ReportReason.SPAM
    )
    found = await alerting.report_to_show(forum.db, job, forum.now)
    assert found is not None
    assert [(one.user_id, one.why) for one in found.reports] == [(carol.user_id, ReportReason.SPAM)]
    await reporting.dismiss_reports(forum.db, moderator, answer, now=forum.now)
    found = await alerting.report_to_show(forum.db, job, forum.now)
    assert found is not None
    assert not found.report.waiting
    assert found.report.verdict is not None
    assert found.report.verdict.decision is Decision.DISMISSED
    await report_post(forum.db, forum.member(9), answer, "", by_moderator=False, now=forum.now)
    found = await alerting.report_to_show(forum.db, job, forum.now)
    assert found is not None
    assert found.report.waiting
    assert found.report.verdict is None
    await forum.delete(forum.manager, question)
    found = await alerting.report_to_show(forum.db, job, forum.now)
    assert found is not None
    assert found.home_id is None, "what stands below a deleted question isn't quoted"
