"""Appeals: one each, decided by somebody else than before, and undone for real."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.actors import Actor
from bot.domain.appeals import About, Appeal, Others
from bot.domain.audit import AuditKind
from bot.domain.blocks import BlockSpan
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound
from bot.domain.notices import NoticeKind
from bot.domain.outbox import JobKind
from bot.domain.posts import CloseReason, PostStatus
from bot.domain.review import Decision, ReportReason
from bot.usecases import (
    appealing,
    approving,
    blocking,
    editing,
    erasing,
    figures,
    following,
    publishing,
    reporting,
    sweeping,
)
from bot.usecases.blocking import BlockForm
from bot.usecases.closing import ClosingForm, close_question, reopen_question
from bot.usecases.news import news_of, waiting_in
from bot.usecases.removing import hide_post
from bot.usecases.sweeping import Sweeper, Wanted
from data.models import AppealRow, AuditRow, Post
from tests.store.forum import CHANNEL, Forum
from tests.store.test_reports import status

WORDS = "It quotes a leaflet, it isn't spam."
NOBODY, ANOTHER = Others(), Others(moderator=True)
Undoing = Callable[[Forum, Actor, Actor, int], Awaitable[Any]]


@pytest.fixture
def nell(forum: Forum) -> Actor:
    """Nell, another moderator."""
    return forum.member(5, is_moderator=True)


@pytest.fixture(autouse=True)
async def shown(forum: Forum, question: int) -> None:
    """The question stands in a channel that everybody can read."""
    await publishing.record_shown(forum.db, forum.guild_id, question, home_id=CHANNEL)


async def hide(forum: Forum, by: Actor, post: int) -> None:
    why = ReportReason.SPAM
    await reporting.hide_post(forum.db, by, post, now=forum.now, reason=why)


async def appeal(
    forum: Forum, by: Actor, about: About, post: int | None = None, words: str = WORDS
) -> int:
    """Somebody appeals; returns the row."""
    await appealing.appeal(forum.db, by, about, post, words, now=forum.now)
    async with forum.db.read() as tx:
        newest = select(AppealRow.id).order_by(AppealRow.id.desc()).limit(1)
        return int(await tx.scalar(newest))


async def decide(
    forum: Forum, by: Actor, appeal_id: int, *, undo: bool, others: Others = ANOTHER
) -> appealing.Decided:
    who = Sweeper(by, [CHANNEL])
    done = await appealing.decide(forum.db, who, appeal_id, undo=undo, others=others, now=forum.now)
    if done.sweep is not None:
        await sweeping.finish(forum.db, done.sweep, now=forum.now)
    return done


async def known(forum: Forum, appeal_id: int) -> Appeal:
    return await appealing.appeal_of(forum.db, forum.guild_id, appeal_id)


async def inbox(forum: Forum, person: Actor) -> following.Inbox:
    return await following.open_inbox(forum.db, person, 0, channels=[CHANNEL], now=forum.now)


async def audited(forum: Forum) -> list[Any]:
    async with forum.db.read() as tx:
        return list(await tx.rows(select(*AuditRow.__table__.c).order_by(AuditRow.id)))


async def block(forum: Forum, by: Actor, whom: Actor, _: int) -> None:
    form = BlockForm(BlockSpan.DAY, "spam")
    await blocking.block_member(forum.db, by, whom, form, now=forum.now)


async def close(forum: Forum, by: Actor, _: Actor, question: int) -> None:
    form = ClosingForm(CloseReason.OFF_TOPIC)
    await close_question(forum.db, by, question, form, now=forum.now)


async def _hide(forum: Forum, by: Actor, _: Actor, question: int) -> None:
    await hide(forum, by, question)


async def _delete(forum: Forum, by: Actor, _: Actor, question: int) -> None:
    await editing.delete_post(forum.db, by, question, now=forum.now)


# How each is decided first.
DECIDED: dict[str, tuple[About, Undoing]] = {
    "hidden": (About.HIDDEN, _hide),
    "deleted": (About.HIDDEN, _delete),
    "closed": (About.CLOSED, close),
    "blocked": (About.BLOCKED, block),
}


def post_of(about: About, question: int) -> int | None:
    return None if about is About.BLOCKED else question


async def holds(forum: Forum, about: About, whom: Actor, question: int) -> bool:
    """Whether what was decided is still so."""
    if about is About.BLOCKED:
        found = await blocking.block_of(forum.db, forum.guild_id, whom.user_id)
        return found is not None
    async with forum.db.read() as tx:
        row = await tx.row(select(Post.status, Post.closed_at).where(Post.id == question))
    assert row is not None
    return row[1] is not None if about is About.CLOSED else row[0] != PostStatus.VISIBLE


@pytest.mark.parametrize("way", DECIDED)
@pytest.mark.parametrize("undo", [True, False])
async def test_another_moderator_decides(
    forum: Forum,
    alice: Actor,
    moderator: Actor,
    nell: Actor,
    question: int,
    way: str,
    undo: bool,
) -> None:
    about, act = DECIDED[way]
    post = post_of(about, question)
    await act(forum, moderator, alice, question)
    (offered,) = (await inbox(forum, alice)).appealable
    assert (offered.about, offered.post_id) == (about, post)
    forum.later()
    row = await appeal(forum, alice, about, post)
    assert (await inbox(forum, alice)).appealable == []
    with pytest.raises(Denied) as refused:
        await appeal(forum, alice, about, post)
    assert refused.value.reason is Denial.ALREADY_APPEALED

    waiting = await known(forum, row)
    assert (waiting.words, waiting.firsts) == (WORDS, {moderator.user_id})
    with pytest.raises(Denied) as refused:
        await decide(forum, moderator, row, undo=undo)
    assert refused.value.reason is Denial.DECIDED_FIRST
    with pytest.raises(Denied) as refused:
        await decide(forum, alice, row, undo=undo)
    assert refused.value.reason is Denial.OWN_APPEAL
    await decide(forum, nell, row, undo=undo)
    assert await holds(forum, about, alice, question) is not undo
    with pytest.raises(Denied) as refused:
        await decide(forum, moderator, row, undo=not undo, others=NOBODY)
    assert refused.value.reason is Denial.ALREADY_DECIDED

    last = (await audited(forum))[-1]
    outcome = "undone" if undo else "stands"
    assert (last.kind, last.actor_id, last.reason) == (AuditKind.APPEAL, nell.user_id, "")
    assert json.loads(last.after) == {"appeal": outcome}
    assert last.subject_id == (alice.user_id if post is None else None)
    assert last.post_id == post
    (told,) = (await inbox(forum, alice)).appeals
    assert (told.outcome, told.read) == (Decision(outcome), False)
    await forum.assert_consistent()


async def test_a_rejected_question_is_approved_as_if_it_were_new(
    forum: Forum, bob: Actor, moderator: Actor, nell: Actor, question: int
) -> None:
    await forum.set("hold_points", "101")
    newcomer = forum.member(20)
    held = await forum.ask(newcomer, "How do I begin here?", "I am new.")
    await following.follow(
        forum.db, bob, following.FollowKind.MEMBER, "20", channels=[CHANNEL], now=forum.now
    )
    why = ReportReason.RULES
    await approving.reject_post(forum.db, moderator, held, why, now=forum.now)
    (offered,) = (await inbox(forum, newcomer)).appealable
    assert (offered.about, offered.number) == (About.REJECTED, "#2")
    forum.later(hours=2)
    row = await appeal(forum, newcomer, About.REJECTED, held)
    forum.later()
    await decide(forum, nell, row, undo=True)
    assert (await forum.card(held)).created_at == forum.now
    await publishing.record_shown(forum.db, forum.guild_id, held, home_id=CHANNEL)
    for person, kind in ((newcomer, NoticeKind.APPROVED), (bob, NoticeKind.ASKED)):
        assert [n.kind for n in (await inbox(forum, person)).notices] == [kind]
    await forum.assert_consistent()


async def test_all_posts_that_were_hidden_at_once_are_shown_again(
    forum: Forum, bob: Actor, moderator: Actor, nell: Actor, question: int
) -> None:
    answers = [await forum.answer(bob, question) for _ in range(3)]
    who = Sweeper(moderator, [CHANNEL])
    hid = await sweeping.begin_hiding(forum.db, who, Wanted(bob.user_id), now=forum.now)
    assert hid is not None
    await sweeping.finish(forum.db, hid, now=forum.now)
    (offered,) = (await inbox(forum, bob)).appealable
    row = await appeal(forum, bob, About.HIDDEN, offered.post_id)
    assert (await known(forum, row)).firsts == {moderator.user_id}
    with pytest.raises(Denied):
        await decide(forum, moderator, row, undo=True)
    await decide(forum, nell, row, undo=True)
    assert [await status(forum, each) for each in answers] == [PostStatus.VISIBLE] * 3
    await forum.assert_consistent()


@pytest.mark.parametrize(
    ("others", "refused"),
    [(Others(moderator=True), True), (Others(manager=True), True), (Others(), False)],
)
async def test_who_decided_first_decides_only_where_nobody_else_can(
    forum: Forum,
    alice: Actor,
    moderator: Actor,
    question: int,
    others: Others,
    refused: bool,
) -> None:
    await hide(forum, moderator, question)
    row = await appeal(forum, alice, About.HIDDEN, question)
    if refused:
        with pytest.raises(Denied) as denial:
            await decide(forum, moderator, row, undo=True, others=others)
        assert denial.value.reason is Denial.DECIDED_FIRST
        assert await status(forum, question) is PostStatus.HIDDEN
        assert (await known(forum, row)).waits
        return
    await decide(forum, moderator, row, undo=False, others=others)
    assert (await known(forum, row)).alone
    assert (await audited(forum))[-1].reason == appealing.BY_SAME


async def test_who_manages_the_server_decides_where_nobody_else_moderates(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    manager = forum.member(6, is_manager=True)
    await hide(forum, moderator, question)
    row = await appeal(forum, alice, About.HIDDEN, question)
    with pytest.raises(Denied) as refused:
        await decide(forum, manager, row, undo=True, others=ANOTHER)
    assert refused.value.reason is Denial.OTHERS_MODERATE
    await decide(forum, manager, row, undo=True, others=Others(manager=True))
    assert await status(forum, question) is PostStatus.VISIBLE


async def test_members_decide_nothing(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int
) -> None:
    await hide(forum, moderator, question)
    row = await appeal(forum, alice, About.HIDDEN, question)
    with pytest.raises(Denied) as refused:
        await decide(forum, bob, row, undo=True, others=NOBODY)
    assert refused.value.reason is Denial.NOT_MODERATOR_THERE


async def test_whoever_kept_a_reported_post_hidden_has_decided_too(
    forum: Forum, alice: Actor, moderator: Actor, nell: Actor, question: int
) -> None:
    await forum.set("flags_to_hide", "1")
    await forum.set("report_account_days", "0")
    await forum.set("report_member_days", "0")
    await reporting.report_post(
        forum.db, forum.member(7), question, "", by_moderator=False, now=forum.now
    )
    row = await appeal(forum, alice, About.HIDDEN, question)
    assert (await known(forum, row)).firsts == set(), "nobody in particular"
    forum.later()
    await reporting.dismiss_reports(forum.db, moderator, question, now=forum.now)
    assert (await known(forum, row)).firsts == {moderator.user_id}
    with pytest.raises(Denied):
        await decide(forum, moderator, row, undo=False)
    await decide(forum, nell, row, undo=True)


async def test_whoever_closes_it_anew_has_decided_too(
    forum: Forum, alice: Actor, moderator: Actor, nell: Actor, question: int
) -> None:
    await close(forum, moderator, alice, question)
    row = await appeal(forum, alice, About.CLOSED, question)
    forum.later()
    await close(forum, nell, alice, question)
    assert (await known(forum, row)).firsts == {moderator.user_id, nell.user_id}
    with pytest.raises(Denied):
        await appeal(forum, alice, About.CLOSED, question)


async def test_who_else_was_seen_to_moderate(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, nell: Actor, question: int
) -> None:
    other = await forum.ask(bob)
    await hide(forum, nell, other)
    forum.later(days=30)
    await hide(forum, moderator, question)
    row = await appeal(forum, alice, About.HIDDEN, question)
    found = await known(forum, row)

    async def seen() -> list[int]:
        return list(await appealing.who_else(forum.db, moderator, found, forum.now))

    assert await seen() == [nell.user_id, forum.manager.user_id]
    forum.later(days=61)
    assert await seen() == [], "it was too long ago"


@pytest.mark.parametrize("way", DECIDED)
async def test_undone_by_a_command_it_is_settled(
    forum: Forum,
    alice: Actor,
    moderator: Actor,
    question: int,
    way: str,
) -> None:
    about, act = DECIDED[way]
    await act(forum, moderator, alice, question)
    row = await appeal(forum, alice, about, post_of(about, question))
    forum.later()
    if about is About.BLOCKED:
        await blocking.unblock_member(forum.db, moderator, alice.user_id, now=forum.now)
    elif about is About.CLOSED:
        await reopen_question(forum.db, moderator, question, now=forum.now)
    else:
        await reporting.show_post(forum.db, moderator, question, now=forum.now)
    found = await known(forum, row)
    assert found.verdict is not None
    assert found.verdict.decision is Decision.SETTLED
    assert any(job.key == row for job in await forum.jobs(JobKind.APPEAL)), "its card follows"


async def test_a_block_that_ends_ends_its_appeal(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    await block(forum, moderator, alice, question)
    row = await appeal(forum, alice, About.BLOCKED)
    forum.later(days=1)
    await blocking.drop_ended(forum.db, forum.now)
    found = await known(forum, row)
    assert found.verdict is not None
    assert found.verdict.decision is Decision.OVER


async def test_each_decision_can_be_appealed_against_once(
    forum: Forum, alice: Actor, moderator: Actor, nell: Actor, question: int
) -> None:
    await hide(forum, moderator, question)
    await decide(forum, nell, await appeal(forum, alice, About.HIDDEN, question), undo=True)
    forum.later()
    await hide(forum, nell, question)
    row = await appeal(forum, alice, About.HIDDEN, question)
    assert (await known(forum, row)).firsts == {nell.user_id}, "it is another decision"
    await decide(forum, moderator, row, undo=False)
    with pytest.raises(Denied) as refused:
        await appeal(forum, alice, About.HIDDEN, question)
    assert refused.value.reason is Denial.ALREADY_APPEALED


async def test_there_must_be_something_to_appeal_against(
    forum: Forum, elsewhere: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int
) -> None:
    for about in About:
        with pytest.raises(Denied) as refused:
            await appeal(forum, alice, about, post_of(about, question))
        assert refused.value.reason is Denial.NOTHING_TO_APPEAL
    await hide(forum, moderator, question)
    for person in (bob, elsewhere.member(1)):
        with pytest.raises(Denied) as refused:
            await appealing.appeal(forum.db, person, About.HIDDEN, question, WORDS, now=forum.now)
        assert refused.value.reason is Denial.NOTHING_TO_APPEAL
    with pytest.raises(Invalid):
        await appeal(forum, alice, About.HIDDEN, question, "  \u200b ")
    with pytest.raises(Invalid):
        await appeal(forum, alice, About.HIDDEN, question, "x" * 601)
    row = await appeal(forum, alice, About.HIDDEN, question, "x" * 600)
    with pytest.raises(NotFound) as missing:
        await appealing.appeal_of(elsewhere.db, elsewhere.guild_id, row)
    assert missing.value.reason is Missing.APPEAL
    with pytest.raises(NotFound):
        await decide(elsewhere, elsewhere.member(5, is_moderator=True), row, undo=True)


async def test_of_two_at_once_one_counts(
    forum: Forum, alice: Actor, moderator: Actor, nell: Actor, question: int
) -> None:
    third = forum.member(8, is_moderator=True)
    await hide(forum, moderator, question)
    both = [appeal(forum, alice, About.HIDDEN, question) for _ in range(2)]
    made = await asyncio.gather(*both, return_exceptions=True)
    (refused,) = [each for each in made if isinstance(each, Denied)]
    assert refused.reason is Denial.ALREADY_APPEALED
    (row,) = [each for each in made if isinstance(each, int)]
    tried = await asyncio.gather(
        decide(forum, nell, row, undo=True),
        decide(forum, third, row, undo=False),
        return_exceptions=True,
    )
    (refused,) = [each for each in tried if isinstance(each, Denied)]
    (done,) = [each for each in tried if isinstance(each, appealing.Decided)]
    assert refused.reason is Denial.ALREADY_DECIDED
    assert refused.data["verdict"] == done.appeal.verdict
    shown = await status(forum, question) is PostStatus.VISIBLE
    assert done.appeal.verdict is not None
    assert shown is (done.appeal.verdict.decision is Decision.UNDONE)


async def test_its_words_are_nowhere_but_there_and_go(
    forum: Forum, alice: Actor, moderator: Actor, nell: Actor, question: int
) -> None:
    await hide(forum, moderator, question)
    row = await appeal(forum, alice, About.HIDDEN, question)
    await decide(forum, nell, row, undo=False)
    assert WORDS not in str(await audited(forum))
    forum.later(days=29)
    await appealing.drop_old(forum.db, forum.now)
    assert (await known(forum, row)).words == WORDS
    forum.later(days=2)
    await appealing.drop_old(forum.db, forum.now)
    assert (await known(forum, row)).words == ""
    assert (await inbox(forum, alice)).appeals, "they haven't read it yet"
    forum.later(days=340)
    await appealing.drop_old(forum.db, forum.now)
    with pytest.raises(NotFound):
        await known(forum, row)


async def test_a_member_has_their_words_erased(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    await hide(forum, moderator, answer)
    await hide(forum, moderator, question)
    rows = [
        await appeal(forum, alice, About.HIDDEN, question),
        await appeal(forum, bob, About.HIDDEN, answer),
    ]
    await forum.clear_jobs()
    await erasing.forget_appeals(forum.db, forum.guild_id, alice.user_id, now=forum.now)
    assert [(await known(forum, row)).words for row in rows] == ["", WORDS]
    assert [job.key for job in await forum.jobs(JobKind.APPEAL)] == rows[:1]


async def test_they_go_with_the_text_of_a_deleted_post(
    forum: Forum, alice: Actor, moderator: Actor, nell: Actor, question: int
) -> None:
    await _delete(forum, moderator, alice, question)
    row = await appeal(forum, alice, About.HIDDEN, question)
    forum.later(days=8)
    assert await erasing.erase_deleted(forum.db, now=forum.now)
    found = await known(forum, row)
    assert found.words == ""
    assert found.verdict is not None
    assert found.verdict.decision is Decision.OVER


async def test_the_bell_and_figures_count_them(
    forum: Forum, alice: Actor, moderator: Actor, nell: Actor, question: int, answer: int
) -> None:
    async def bell(person: Actor) -> int:
        found = await news_of(forum.db, forum.guild_id, person.user_id, now=forum.now)
        return found.unread(lambda home: home == CHANNEL)

    async def waiting() -> int:
        return sum((await waiting_in(forum.db, forum.guild_id)).values())

    await close(forum, moderator, alice, question)
    await following.note_read(forum.db, alice, await inbox(forum, alice), now=forum.now)
    assert await bell(alice) == 0
    row = await appeal(forum, alice, About.CLOSED, question)
    assert await bell(alice) == 0, "it waits"
    assert await waiting() == 1
    await decide(forum, nell, row, undo=True)
    shown = await inbox(forum, alice)
    unread = await bell(alice)
    assert unread == 1 + len([n for n in shown.notices if not n.read])
    await following.note_read(forum.db, alice, shown, now=forum.now)
    assert await bell(alice) == 0
    assert await waiting() == 0
    await hide(forum, moderator, answer)
    await appeal(forum, forum.member(2), About.HIDDEN, answer)
    found = await figures.statistics_of(forum.db, forum.guild_id, forum.now)
    assert (found.appeals, found.appeals_right) == (2, 1)
    forum.later(days=91)
    found = await figures.statistics_of(forum.db, forum.guild_id, forum.now)
    assert (found.appeals, found.appeals_right) == (0, 0)


async def test_a_sealed_post_is_left_out(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    """Whose author isn't known, nobody appeals for."""
    async with forum.db.write() as tx:
        await tx.execute(update(Post).values(author_id=None))
    await hide(forum, moderator, question)
    with pytest.raises(Denied) as refused:
        await appeal(forum, alice, About.HIDDEN, question)
    assert refused.value.reason is Denial.NOTHING_TO_APPEAL


async def test_the_message_was_deleted_in_discord(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    await hide_post(forum.db, forum.guild_id, question, now=forum.now)
    row = await appeal(forum, alice, About.HIDDEN, question)
    assert (await known(forum, row)).firsts == set()
    await decide(forum, moderator, row, undo=True)
    assert await status(forum, question) is PostStatus.VISIBLE
