"""Blocks in the database: what they refuse, what they leave, and when they end."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.domain.access import blocked_by
from bot.domain.actors import Access, Actor
from bot.domain.audit import AuditKind
from bot.domain.blocks import Block, BlockSpan
from bot.domain.errors import Denial, Denied, Invalid
from bot.domain.posts import CloseReason
from bot.domain.voting import DOWN, NONE, UP, Ballot, VoteSource
from bot.usecases import (
    blocking,
    closing,
    commenting,
    consenting,
    editing,
    following,
    moving,
    news,
    refusing,
    reporting,
    tagging,
)
from bot.usecases.blocking import BlockForm
from bot.usecases.refusing import RefusedVote
from bot.usecases.voting import cast_votes
from data import names
from data.models import AuditRow, BlockRow
from tests.store.forum import CHANNEL, Forum


async def block(
    forum: Forum, by: Actor, whom: Actor, span: BlockSpan = BlockSpan.DAY, reason: str = "spam"
) -> Block:
    return await blocking.block_member(forum.db, by, whom, BlockForm(span, reason), now=forum.now)


async def _comment(forum: Forum, actor: Actor, post: int) -> None:
    await commenting.comment_on(forum.db, actor, post, "And why?", origin_id=77, now=forum.now)


async def _close(forum: Forum, actor: Actor, post: int) -> None:
    form = closing.ClosingForm(CloseReason.OTHER)
    await closing.close_question(forum.db, actor, post, form, now=forum.now)


async def _reopen(forum: Forum, actor: Actor, post: int) -> None:
    await closing.reopen_question(forum.db, actor, post, now=forum.now)


async def _retag(forum: Forum, actor: Actor, post: int) -> None:
    await tagging.retag_question(forum.db, actor, post, tagging.TagForm(1, "nights"), now=forum.now)


async def _move(forum: Forum, actor: Actor, post: int) -> None:
    await moving.move_question(forum.db, actor, post, None, now=forum.now)


async def _report(forum: Forum, actor: Actor, post: int) -> None:
    await reporting.report_post(forum.db, actor, post, "", by_moderator=False, now=forum.now)


async def _ask_writer(forum: Forum, actor: Actor, _: int) -> None:
    message = consenting.ThreadMessage(71, 81, 3)
    said = consenting.Said("Dark curtains help a lot with that.")
    await consenting.ask_writer(forum.db, actor, message, said, now=forum.now)


async def _open_edit(forum: Forum, actor: Actor, post: int) -> None:
    await editing.post_to_edit(forum.db, actor, post, forum.now)


async def _open_tags(forum: Forum, actor: Actor, post: int) -> None:
    await tagging.question_to_retag(forum.db, actor, post, forum.now)


async def _choose(forum: Forum, actor: Actor, post: int) -> None:
    await forum.choose(actor, post + 1)


# Alice's own question is the post.
Deed = Callable[[Forum, Actor, int], Awaitable[Any]]
DEEDS: dict[str, Deed] = {
    "ask": lambda f, a, _: f.ask(a),
    "answer": lambda f, a, p: f.answer(a, p),
    "comment": _comment,
    "edit": lambda f, a, p: f.edit(a, p, "Now I lie awake until noon."),
    "open an edit": _open_edit,
    "retag": _retag,
    "open the tags": _open_tags,
    "move": _move,
    "choose": _choose,
    "close": _close,
    "reopen": _reopen,
    "ask a writer": _ask_writer,
}


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_blocked_member_takes_no_part_until_it_ends(
    forum: Forum, alice: Actor, moderator: Actor, question: int, answer: int, deed: str
) -> None:
    assert answer == question + 1
    held = await block(forum, moderator, alice)
    with pytest.raises(Denied) as refused:
        await DEEDS[deed](forum, alice, question)
    assert refused.value.reason is Denial.BLOCKED
    assert refused.value.data == {"end": held.until, "why": "spam"}
    forum.later(days=1, microseconds=-1)
    with pytest.raises(Denied):
        await DEEDS[deed](forum, alice, question)
    forum.later(microseconds=1)
    await DEEDS[deed](forum, alice, question)


async def test_nor_reports(forum: Forum, carol: Actor, moderator: Actor, answer: int) -> None:
    await block(forum, moderator, carol)
    with pytest.raises(Denied) as refused:
        await _report(forum, carol, answer)
    assert refused.value.reason is Denial.BLOCKED
    who = forum.member(3, access=blocked_by(Access(), Block(None)))
    with pytest.raises(Denied) as refused:
        await reporting.post_to_report(forum.db, who, answer)
    assert refused.value.reason is Denial.BLOCKED
    forum.later(days=1)
    await _report(forum, carol, answer)


async def test_they_delete_their_posts_follow_and_take_votes_back(
    forum: Forum, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    await forum.vote(bob, question, UP)
    await block(forum, moderator, bob, BlockSpan.FOR_GOOD)
    back = await forum.vote(bob, question, NONE)
    assert (back.old, back.new, back.refusal) == (UP, NONE, None)
    refused = await forum.vote(bob, question, UP)
    assert isinstance(refused.refusal, Denied)
    assert refused.refusal.reason is Denial.BLOCKED
    assert refused.refusal.data == {"end": None, "why": "spam"}
    await following.follow(
        forum.db, bob, following.FollowKind.QUESTION, str(question), now=forum.now
    )
    await forum.delete(bob, answer)
    await forum.assert_consistent()


async def test_of_a_set_of_votes_theirs_alone_are_refused(
    forum: Forum, bob: Actor, carol: Actor, moderator: Actor, question: int, answer: int
) -> None:
    dave, eve = forum.member(5), forum.member(6)
    await block(forum, moderator, carol)
    await block(forum, moderator, dave, BlockSpan.HOUR)
    forum.later(hours=2)  # Dave's has ended
    react = VoteSource.REACTION
    ballots = [
        Ballot(who, post, value, react, forum.now)
        for who, post, value in (
            (bob, question, UP),
            (carol, question, UP),
            (dave, question, UP),
            (carol, answer, UP),
            (eve, answer, UP),
        )
    ]
    outcomes = await cast_votes(forum.db, ballots, now=forum.now)
    assert [outcome.changed for outcome in outcomes] == [True, False, True, False, True]
    assert (await forum.card(question)).score == 2
    assert (await forum.card(answer)).score == 1
    await forum.assert_consistent()


async def test_a_refused_reaction_keeps_its_reason_whatever_it_says(
    forum: Forum, carol: Actor
) -> None:
    until = forum.now + timedelta(days=1)
    why = Denied(Denial.BLOCKED, end=until, why="time: for a rest")
    vote = RefusedVote(forum.guild_id, carol.user_id, 71, 81, why)
    await refusing.keep_refused(forum.db, vote, forum.now)
    [kept] = await refusing.kept_refused(forum.db, 10, forum.now)
    assert kept.why.data == {"end": until, "why": "time: for a rest"}


async def test_who_can_be_blocked_and_by_whom(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor
) -> None:
    other = forum.member(20, is_moderator=True)
    boss = forum.member(21, is_manager=True)
    robot = forum.member(22, is_bot=True)
    for by, whom, why in (
        (alice, bob, Denial.NOT_MODERATOR),
        (boss, bob, Denial.NOT_MODERATOR),
        (moderator, moderator, Denial.OWN_BLOCK),
        (moderator, robot, Denial.BLOCKING_BOT),
        (moderator, other, Denial.BLOCKING_MODERATOR),
        (moderator, boss, Denial.BLOCKING_MODERATOR),
    ):
        with pytest.raises(Denied) as refused:
            await block(forum, by, whom)
        assert refused.value.reason is why
    with pytest.raises(Invalid):
        await block(forum, moderator, bob, reason="x" * 201)
    with pytest.raises(Denied):
        await blocking.unblock_member(forum.db, alice, bob.user_id, now=forum.now)
    async with forum.db.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(BlockRow)) == 0


async def test_it_does_not_hold_those_who_moderate_by_now(
    forum: Forum, bob: Actor, moderator: Actor, question: int
) -> None:
    await block(forum, moderator, bob)
    for rights in ({"is_moderator": True}, {"is_manager": True}):
        await forum.answer(forum.member(bob.user_id, **rights), question)
    with pytest.raises(Denied):
        await forum.answer(bob, question)


async def test_another_block_changes_the_end_and_unblocking_ends_it(
    forum: Forum, bob: Actor, moderator: Actor, question: int
) -> None:
    await block(forum, moderator, bob, BlockSpan.FOR_GOOD, "spam")
    shorter = await block(forum, moderator, bob, BlockSpan.HOUR, "a rest")
    assert shorter == Block(forum.now + timedelta(hours=1), "a rest")
    with pytest.raises(Denied) as refused:
        await forum.answer(bob, question)
    assert refused.value.data == {"end": shorter.until, "why": "a rest"}
    assert await blocking.unblock_member(forum.db, moderator, bob.user_id, now=forum.now)
    assert not await blocking.unblock_member(forum.db, moderator, bob.user_id, now=forum.now)
    await forum.answer(bob, question)


async def test_one_server_s_block_is_no_other_s(
    forum: Forum, elsewhere: Forum, bob: Actor, moderator: Actor
) -> None:
    await block(forum, moderator, bob)
    await elsewhere.ask(elsewhere.member(bob.user_id))
    there = elsewhere.member(4, is_moderator=True)
    assert not await blocking.unblock_member(forum.db, there, bob.user_id, now=forum.now)
    with pytest.raises(Denied):
        await forum.ask(bob)


async def test_what_was_done_is_kept_in_the_audit_log(
    since_setup: Forum, bob: Actor, moderator: Actor
) -> None:
    forum = since_setup
    await block(forum, moderator, bob, BlockSpan.HOUR, "spam")
    end = (forum.now + timedelta(hours=1)).isoformat()
    await block(forum, moderator, bob, BlockSpan.FOR_GOOD, "still spam")
    await blocking.unblock_member(forum.db, moderator, bob.user_id, now=forum.now)
    async with forum.db.read() as tx:
        rows = await tx.rows(select(AuditRow.__table__).order_by(AuditRow.id))
    kept = [
        (row.kind, row.actor_id, row.subject_id, row.reason, row.before, row.after) for row in rows
    ]
    who, good = (moderator.user_id, bob.user_id), json.dumps({"until": "for good"})
    hour = json.dumps({"until": end})
    assert kept == [
        (AuditKind.BLOCK, *who, "spam", "{}", hour),
        (AuditKind.BLOCK, *who, "still spam", hour, good),
        (AuditKind.UNBLOCK, *who, "", good, "{}"),
    ]
    async with forum.db.read() as tx:
        called = await names.names_of(tx, forum.guild_id, who)
    assert called == {4: "Member 4", 2: "Member 2"}, "the log names both"


async def test_they_read_of_it_once_as_news_and_as_long_as_it_holds(
    forum: Forum, bob: Actor, carol: Actor, moderator: Actor
) -> None:
    async def count(person: Actor) -> int:
        found = await news.news_of(forum.db, forum.guild_id, person.user_id, now=forum.now)
        return found.unread(lambda home: home == CHANNEL)

    begun = forum.now
    await block(forum, moderator, bob)
    assert (await count(bob), await count(carol)) == (1, 0)
    inbox = await following.open_inbox(forum.db, bob, 0, channels=[], now=forum.now)
    assert inbox.block is not None
    assert (inbox.block.block.reason, inbox.block.at, inbox.block.read) == ("spam", begun, False)
    assert (await following.open_inbox(forum.db, bob, 1, channels=[], now=forum.now)).block is None
    assert (
        await following.open_inbox(forum.db, carol, 0, channels=[], now=forum.now)
    ).block is None
    await following.note_read(forum.db, bob, inbox, now=forum.later())
    assert await count(bob) == 0
    again = await following.open_inbox(forum.db, bob, 0, channels=[], now=forum.now)
    assert again.block is not None
    assert again.block.read
    await block(forum, moderator, bob, BlockSpan.HOUR)
    await following.note_read(forum.db, bob, inbox, now=forum.now)  # of the one before
    assert await count(bob) == 1
    forum.later(hours=1)
    assert await count(bob) == 0


async def test_blocks_that_have_ended_are_erased(
    forum: Forum, bob: Actor, carol: Actor, moderator: Actor
) -> None:
    await block(forum, moderator, bob, BlockSpan.HOUR)
    await block(forum, moderator, carol, BlockSpan.FOR_GOOD)
    await blocking.drop_ended(forum.db, forum.later(minutes=59))
    assert await blocking.block_of(forum.db, forum.guild_id, bob.user_id) is not None
    await blocking.drop_ended(forum.db, forum.later(minutes=1))
    assert await blocking.block_of(forum.db, forum.guild_id, bob.user_id) is None
    assert await blocking.block_of(forum.db, forum.guild_id, carol.user_id) is not None


async def test_a_down_vote_too(forum: Forum, carol: Actor, moderator: Actor, answer: int) -> None:
    await forum.set("privilege.down_vote", "0")
    assert (await forum.vote(carol, answer, DOWN)).changed
    await block(forum, moderator, carol)
    assert not (await forum.vote(carol, answer, UP)).changed
