"""Limits of following, and stopping its messages."""

from __future__ import annotations

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import Invalid, Problem
from bot.domain.notices import Digest, FollowKind, NoticeKind
from bot.usecases import digesting, following, publishing, stopping
from bot.usecases.stopping import Stopped
from tests.store.forum import CHANNEL, Forum

TAG, QUESTION = FollowKind.TAG, FollowKind.QUESTION


async def follow(forum: Forum, person: Actor, kind: FollowKind, key: str) -> None:
    await following.follow(forum.db, person, kind, key, now=forum.now)


async def by_message(forum: Forum, person: Actor, wanted: bool) -> None:
    await following.change_preferences(forum.db, person, {"by_message": wanted}, now=forum.now)


async def stop(forum: Forum, person: Actor, post: int) -> Stopped:
    who = (forum.guild_id, person.user_id)
    return await stopping.stop_messages(forum.db, *who, post, now=forum.now)


async def gets_messages(forum: Forum, person: Actor) -> bool:
    wishes = await following.preferences(forum.db, forum.guild_id, person.user_id)
    return wishes.by_message


async def test_follows_are_limited_and_each_counts_once(
    forum: Forum, alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "FOLLOWS_MAX", 2)
    await follow(forum, alice, TAG, "sleep")
    await follow(forum, alice, TAG, "work")
    await follow(forum, alice, TAG, "sleep")
    with pytest.raises(Invalid) as refused:
        await follow(forum, alice, TAG, "nights")
    assert (refused.value.reason, refused.value.data) == (Problem.TOO_MANY, {"maximum": 2})
    await follow(forum, bob, TAG, "nights")
    assert await following.unfollow(forum.db, alice, TAG, "work", now=forum.now)
    await follow(forum, alice, TAG, "nights")


async def test_stopping_what_was_ticked_leaves_the_rest(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    ticked = await forum.ask(alice, notify=True)
    other = await forum.ask(alice, notify=True)
    await by_message(forum, alice, True)
    first = await forum.answer(bob, ticked)
    assert await forum.news(alice) == [(NoticeKind.ANSWERED, first)]
    assert await stop(forum, alice, ticked) is Stopped.POST
    assert await forum.news(alice) == [], "what waited is held back"
    await forum.answer(forum.member(3), ticked)
    assert await forum.news(alice) == []
    elsewhere = await forum.answer(bob, other)
    assert await forum.news(alice) == [(NoticeKind.ANSWERED, elsewhere)]
    assert await gets_messages(forum, alice), "what is followed still comes"
    assert await following.unfollow(forum.db, alice, TAG, "sleep", now=forum.now) is False


async def test_stopping_a_followed_question_unfollows_it_alone(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor
) -> None:
    one, two = await forum.ask(alice), await forum.ask(alice)
    await by_message(forum, carol, True)
    for question in (one, two):
        await follow(forum, carol, QUESTION, str(question))
    await stop(forum, carol, one)
    await forum.answer(bob, one)
    assert await forum.news(carol) == []
    answer = await forum.answer(bob, two)
    assert await forum.news(carol) == [(NoticeKind.ANSWERED, answer)]
    assert await gets_messages(forum, carol)


async def test_stopping_a_message_about_something_followed_stops_all_of_these(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor
) -> None:
    await by_message(forum, carol, True)
    await follow(forum, carol, FollowKind.MEMBER, str(alice.user_id))
    question = await forum.ask(alice)
    assert [post for _, post in await forum.news(carol)] == [question]
    assert await stop(forum, carol, question) is Stopped.FOLLOWED
    assert await forum.news(carol) == []
    assert await stop(forum, carol, question) is Stopped.POST, "there is nothing left to stop"
    assert not await gets_messages(forum, carol)
    await forum.ask(alice)
    assert await forum.news(carol) == []


async def test_stopping_everything_keeps_the_inbox(forum: Forum, alice: Actor, bob: Actor) -> None:
    question = await forum.ask(alice, notify=True)
    await publishing.record_shown(forum.db, forum.guild_id, question, home_id=CHANNEL)
    await forum.answer(bob, question)
    await stop(forum, alice, 0)
    assert await forum.news(alice) == []
    await forum.answer(forum.member(3), question)
    assert await forum.news(alice) == []
    inbox = await following.open_inbox(forum.db, alice, 0, channels=[CHANNEL], now=forum.now)
    assert inbox.unread == 2


async def test_stopping_everything_stops_digests(forum: Forum, alice: Actor, bob: Actor) -> None:
    """Those of this server, and only for whoever pressed it."""
    for person in (alice, bob):
        changes = {"by_message": True, "digest": Digest.DAILY, "digest_hour": 9}
        await following.change_preferences(forum.db, person, changes, now=forum.now)
    assert await stop(forum, alice, 0) is Stopped.ALL
    wishes = await following.preferences(forum.db, forum.guild_id, alice.user_id)
    assert (wishes.by_message, wishes.digest) == (False, Digest.OFF)
    due = await digesting.claim_digests(forum.db, forum.later(days=1), None)
    assert due is not None
    assert [each.user_id for each in due] == [bob.user_id]


async def test_a_digest_that_is_being_sent_when_everything_is_stopped_is_the_last(
    forum: Forum, alice: Actor
) -> None:
    changes = {"digest": Digest.DAILY, "digest_hour": 9}
    await following.change_preferences(forum.db, alice, changes, now=forum.now)
    now = forum.later(days=1)
    claimed = await digesting.claim_digests(forum.db, now, None)
    assert claimed is not None
    await stop(forum, alice, 0)
    await digesting.digest_done(forum.db, claimed[0], now)
    assert await digesting.claim_digests(forum.db, forum.later(days=9), None) is None


async def test_stopping_messages_about_a_post_leaves_digests(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor
) -> None:
    changes = {"by_message": True, "digest": Digest.DAILY}
    await following.change_preferences(forum.db, carol, changes, now=forum.now)
    await follow(forum, carol, FollowKind.MEMBER, str(alice.user_id))
    assert await stop(forum, carol, await forum.ask(alice)) is Stopped.FOLLOWED
    wishes = await following.preferences(forum.db, forum.guild_id, carol.user_id)
    assert wishes.digest is Digest.DAILY


async def test_a_member_sees_their_own_questions_in_closed_channels(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    own, others = await forum.ask(alice), await forum.ask(bob)
    for question in (own, others):
        await follow(forum, alice, QUESTION, str(question))
    listed = await following.follows(forum.db, alice, channels=[])
    assert [each.key for each in listed] == [str(own)]
