"""The queue: what waits, in its order; who is looking at what; and many who decide at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.domain.appeals import About, Others
from bot.domain.audit import AuditKind
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.outbox import JobKind
from bot.domain.posts import PostStatus
from bot.domain.review import Age, Item, ItemKind, ReportReason
from bot.usecases import (
    alerting,
    appealing,
    approving,
    duty,
    figures,
    publishing,
    queueing,
    reporting,
)
from bot.usecases.queueing import QueuePage, Wanted
from bot.usecases.reporting import Queue
from bot.usecases.sweeping import Sweeper
from tests.store.forum import CHANNEL, Forum
from tests.store.test_appeals import WORDS, appeal, audited, hide
from tests.store.test_reports import status

Decision = tuple[str, int, bool]


@pytest.fixture
def nell(forum: Forum) -> Actor:
    """Nell, another moderator."""
    return forum.member(5, is_moderator=True)


@pytest.fixture(autouse=True)
async def shown(forum: Forum, question: int) -> None:
    """The question stands in a channel that everybody can read."""
    await publishing.record_shown(forum.db, forum.guild_id, question, home_id=CHANNEL)


async def report(
    forum: Forum, post: int, why: ReportReason = ReportReason.SPAM, by: int = 30
) -> None:
    await reporting.report_post(
        forum.db, forum.member(by), post, "", by_moderator=False, now=forum.now, why=why
    )


async def queue(
    forum: Forum, by: Actor, kind: Queue = Queue.ALL, age: Age = Age.ANY, closed: Any = ()
) -> list[QueuePage]:
    """All pages of a moderator's queue."""
    found: list[QueuePage] = []
    while True:
        page = await queueing.review(
            forum.db, by, Wanted(kind, age), page=len(found), now=forum.now, closed=closed
        )
        if page is None or page.page < len(found):
            return found
        found.append(page)


async def keys(forum: Forum, by: Actor, *what: Any, **more: Any) -> list[tuple[ItemKind, int]]:
    return [(each.item.kind, each.item.key) for each in await queue(forum, by, *what, **more)]


async def test_everything_that_waits_is_in_one_place(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    await report(forum, question)
    forum.later(days=6)
    hidden = await forum.answer(bob, question)
    await hide(forum, moderator, hidden)
    row = await appeal(forum, bob, About.HIDDEN, hidden)
    forum.later(days=1)
    await forum.set("blocked_words", "curtains")
    await forum.set("blocked_words_do", "flag")
    flagged = await forum.answer(bob, question, "Curtains help against light a lot.")
    await forum.set("blocked_words_do", "hold")
    held = await forum.answer(bob, question, "More curtains, and thick ones, too.")
    forum.later()
    await report(forum, answer, ReportReason.WORRIED)
    post, words = ItemKind.POST, (ItemKind.APPEAL, row)
    waiting = [(post, answer), (post, question), words, (post, flagged), (post, held)]
    assert await keys(forum, moderator) == waiting, "worries first, then the longest waiting"
    for kind, expected in (
        (Queue.WORRIES, waiting[:1]),
        (Queue.APPEALS, [words]),
        (Queue.WORDS, [(post, flagged)]),
        (Queue.HELD, [(post, held)]),
        (Queue.REPORTED, [waiting[0], waiting[1], waiting[3]]),
        (Queue.HIDDEN, [(post, hidden)]),
    ):
        assert await keys(forum, moderator, kind) == expected, kind
    assert await keys(forum, moderator, Queue.ALL, Age.DAY) == [(post, question), words]
    assert await keys(forum, moderator, Queue.ALL, Age.WEEK) == [(post, question)]
    assert await keys(forum, moderator, closed=[CHANNEL]) == []
    with pytest.raises(Denied):
        await queue(forum, alice)


async def test_a_moderator_takes_an_item_or_passes_it_on(
    forum: Forum, moderator: Actor, nell: Actor, question: int, answer: int
) -> None:
    await report(forum, question)
    forum.later()
    await report(forum, answer)
    first, second = Item(ItemKind.POST, question), Item(ItemKind.POST, answer)
    await forum.clear_jobs()
    await queueing.take(forum.db, moderator, first, now=forum.now)
    await queueing.take(forum.db, moderator, first, now=forum.now)
    with pytest.raises(Denied) as refused:
        await queueing.take(forum.db, nell, first, now=forum.now)
    assert refused.value.reason is Denial.TAKEN
    page, other = await queue(forum, nell)
    assert page.claim is not None
    assert (page.claim.user_id, page.claim.name) == (moderator.user_id, "Member 4")
    assert other.claim is None
    (job,) = await forum.jobs(JobKind.REPORT)
    card = await alerting.report_to_show(forum.db, job, forum.now)
    assert card is not None
    assert card.claim == page.claim

    await queueing.pass_on(forum.db, moderator, first, now=forum.now)
    assert [each.item for each in await queue(forum, moderator)] == [second, first], "last"
    mine = (await queue(forum, moderator))[-1]
    assert (mine.passed, mine.claim) == (True, None)
    assert [each.item for each in await queue(forum, nell)] == [first, second]
    assert not any(each.passed for each in await queue(forum, nell)), "nobody is told"
    await queueing.take(forum.db, nell, first, now=forum.now)
    await reporting.dismiss_reports(forum.db, moderator, question, now=forum.now, reported=True)
    assert [each.item for each in await queue(forum, nell)] == [second], "a claim locks nobody out"
    await report(forum, question, by=31)
    assert [each.claim for each in await queue(forum, nell)] == [None, None], "it went with it"
    for item in (Item(ItemKind.POST, 999), Item(ItemKind.APPEAL, 999)):
        with pytest.raises(NotFound) as missing:
            await queueing.take(forum.db, nell, item, now=forum.now)
        assert missing.value.reason in (Missing.POST, Missing.APPEAL)


async def test_a_claim_ends_by_itself(
    forum: Forum, moderator: Actor, nell: Actor, question: int
) -> None:
    await report(forum, question)
    item = Item(ItemKind.POST, question)
    await queueing.take(forum.db, moderator, item, now=forum.now)
    forum.later(hours=1, microseconds=-1)
    assert (await queue(forum, nell))[0].claim is not None
    forum.later(microseconds=1)
    assert (await queue(forum, nell))[0].claim is None
    await forum.clear_jobs()
    await queueing.end_claims(forum.db, forum.now)
    assert [job.key for job in await forum.jobs(JobKind.REPORT)] == [question], "its card follows"
    await queueing.take(forum.db, nell, item, now=forum.now)


async def test_members_and_other_servers_claim_nothing(
    forum: Forum, elsewhere: Forum, bob: Actor, question: int
) -> None:
    await report(forum, question)
    item = Item(ItemKind.POST, question)
    with pytest.raises(Denied) as refused:
        await queueing.take(forum.db, bob, item, now=forum.now)
    assert refused.value.reason is Denial.NOT_MODERATOR_THERE
    with pytest.raises(NotFound):
        await queueing.take(forum.db, elsewhere.member(5, is_moderator=True), item, now=forum.now)


async def test_of_a_hundred_clicks_one_decides_each_item(
    forum: Forum, bob: Actor, moderator: Actor, question: int
) -> None:
    """Twenty items, each of which five moderators decide in different ways at the same time."""
    await forum.set("limit.answers", "100")
    answers = [await forum.answer(bob, question) for _ in range(14)]
    reported, hidden = answers[:7], answers[7:]
    for post in reported:
        await report(forum, post, by=40 + post)
    for post in hidden:
        await hide(forum, moderator, post)
    rows = [await appeal(forum, bob, About.HIDDEN, post) for post in hidden]
    await forum.set("hold_points", "1000")
    held = [await forum.answer(forum.member(60 + n), question) for n in range(6)]
    crowd = [forum.member(100 + n, is_moderator=True) for n in range(100)]

    async def decide(n: int, who: Actor) -> Any:
        item, db, now = n % 20, forum.db, forum.now
        yes = n // 20 % 2 == 0
        if item < 7:
            act = reporting.hide_post if yes else reporting.dismiss_reports
            return await act(db, who, reported[item], now=now, reported=True)
        if item < 14:
            some, by = Others(moderator=True), Sweeper(who, [CHANNEL])
            row = rows[item - 7]
            return await appealing.decide(db, by, row, undo=yes, others=some, now=now)
        post = held[item - 14]
        if yes:
            return await approving.approve_post(db, who, post, now=now)
        return await approving.reject_post(db, who, post, ReportReason.SPAM, now=now)

    tried = [decide(n, who) for n, who in enumerate(crowd)]
    came = await asyncio.gather(*tried, return_exceptions=True)
    refused = [each for each in came if isinstance(each, Denied)]
    assert len(refused) == 80, [each for each in came if isinstance(each, Exception)][:3]
    assert {each.reason for each in refused} == {Denial.ALREADY_DECIDED}
    for n, result in enumerate(came):
        if isinstance(result, Denied):
            first = result.data["verdict"]
            assert first is not None
            assert first.by in {100 + other for other in range(n % 20, 100, 20)}  # type: ignore[attr-defined]
    assert len([each for each in came if not isinstance(each, Exception)]) == 20
    assert await keys(forum, moderator) == []
    decided = (AuditKind.HIDE, AuditKind.DISMISS, AuditKind.APPEAL)
    kinds = [*decided, AuditKind.APPROVE, AuditKind.REJECT]
    by_the_crowd = [r for r in await audited(forum) if r.kind in kinds and r.actor_id >= 100]
    assert len(by_the_crowd) == 20
    assert await status(forum, held[0]) in (PostStatus.VISIBLE, PostStatus.HIDDEN)
    found = await figures.statistics_of(forum.db, forum.guild_id, forum.now, reader_id=4)
    shows = [r for r in await audited(forum) if r.kind == AuditKind.SHOW]
    assert (found.reviews, found.own_reviews) == (27 + len(shows), 7)
    assert WORDS not in str(await audited(forum))
    await forum.assert_consistent()


async def test_for_what_waits_too_long_somebody_is_called_once(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    async def called() -> int:
        return await queueing.find_overdue(forum.db, forum.guild_id, forum.now)

    await report(forum, question)
    forum.later(hours=25)
    assert await called() == 0, "there is no channel to call anybody in"
    await forum.set("moderators_channel", "77")
    assert await called() == 0, "there is nobody to call"
    await duty.go_on(forum.db, moderator, moderator, now=forum.now)
    await report(forum, answer)
    assert await called() == 1
    (job,) = await forum.jobs(JobKind.OVERDUE)
    overdue = await queueing.overdue(forum.db, job, forum.now)
    assert overdue is not None
    assert (overdue.items, overdue.on_duty) == (1, (moderator.user_id,))
    assert await called() == 0, "once"
    assert (await queue(forum, moderator))[0].passed is False, "it keeps its place"

    # Later the answer is overdue, too, and the text says that two are.
    forum.later(hours=24)
    await duty.go_on(forum.db, moderator, moderator, now=forum.now)
    assert await called() == 1
    overdue = await queueing.overdue(forum.db, job, forum.now)
    assert overdue is not None
    assert overdue.items == 2
    await reporting.dismiss_reports(forum.db, moderator, question, now=forum.now)
    await reporting.dismiss_reports(forum.db, moderator, answer, now=forum.now)
    assert await queueing.overdue(forum.db, job, forum.now) is None


async def test_a_role_is_called_where_nobody_is_on_duty_and_none_if_that_is_off(
    forum: Forum,
    alice: Actor,
    bob: Actor,
    moderator: Actor,
    nell: Actor,
    question: int,
    answer: int,
) -> None:
    await forum.set("moderators_channel", "77")
    await forum.set("report_role", "78")
    await hide(forum, moderator, answer)
    await appeal(forum, bob, About.HIDDEN, answer)
    forum.later(hours=30)
    await forum.set("queue_hours", "0")
    assert await queueing.find_overdue(forum.db, forum.guild_id, forum.now) == 0
    await forum.set("queue_hours", "31")
    assert await queueing.find_overdue(forum.db, forum.guild_id, forum.now) == 0
    await forum.set("queue_hours", "30")
    assert await queueing.find_overdue(forum.db, forum.guild_id, forum.now) == 1
    assert await queueing.find_overdue(forum.db, forum.guild_id, forum.now) == 0
