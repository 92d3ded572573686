"""Anonymous posts that appear later: nobody sees who sent them and when, each appears once, and
nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.policies import Action
from bot.domain.review import Wording
from bot.domain.sealed import is_minute, minute_of
from bot.sealing import KEY_BYTES, Sealing
from bot.usecases import commenting, delaying, following, forgetting, own_data, repeating, resealing
from bot.usecases.delaying import KEPT, LATE, Delayed, Opened, Sent, State
from data import post_blocks
from data.models import AnonymousSlot, PersonaRow, Post, WaitingPost
from tests.store.forum import CHANNEL, Forum
from tests.store.test_plans import asked_of
from tests.store.test_resealing import ROTATED, listed
from tests.store.test_sealed import dump
from tests.support.anonymous import ALICE, anonymous, member, rows_with
from tests.support.delayed import WORDS, due, post, send, send_below, waits_of
from tests.support.keys import SEALING

TITLE = "May I cry here at night?"
BOB, CAROL = ALICE + 1, ALICE + 2
DELAY = 10


@pytest.fixture
async def forum(db: Any) -> Forum:
    """A server with a delay, at a time that isn't a whole minute."""
    made = await Forum(db).open({"anonymous": "on", "anonymous_delay": str(DELAY)})
    made.later(seconds=17, microseconds=123_456)
    return made


@pytest.fixture
def alice(forum: Forum) -> Actor:
    return member(forum)


@pytest.fixture
def bob(forum: Forum) -> Actor:
    return member(forum, BOB)


async def rows(forum: Forum, model: Any) -> list[Any]:
    async with forum.db.read() as tx:
        return [tuple(row) for row in await tx.rows(select(model.__table__))]


async def the_one(forum: Forum, person: Actor) -> Opened:
    (found,) = await waits_of(forum, person)
    return found


def one_due(found: list[Opened]) -> Opened:
    (only,) = found
    return only


# Waiting


async def test_it_has_no_number_until_it_appears_within_its_time(
    forum: Forum, alice: Actor
) -> None:
    minutes: set[timedelta] = set()
    await forum.set("limit.questions", "1000")
    for origin in range(60):
        kept = await send(forum, alice, f"{TITLE} {origin}", origin=origin)
        assert kept is not None
        assert kept.minutes == DELAY
    assert await rows(forum, Post) == []
    assert await rows(forum, PersonaRow) == []
    for found in await waits_of(forum, alice):
        assert is_minute(found.minute)
        minutes.add(found.minute - minute_of(forum.now))
    assert min(minutes) >= timedelta(minutes=1)
    assert max(minutes) <= timedelta(minutes=DELAY)
    assert len(minutes) > DELAY // 2, "a random part of it"


async def test_it_appears_as_if_it_were_sent_then(forum: Forum, alice: Actor) -> None:
    await send(forum, alice, TITLE, origin=1, name="Quiet Otter")
    assert await due(forum) == []
    assert await delaying.servers_due(forum.db, forum.now) == []
    forum.later(minutes=DELAY)
    assert await delaying.servers_due(forum.db, forum.now) == [forum.guild_id]
    card = await forum.card(await post(forum, one_due(await due(forum))))
    assert (card.title, card.number, card.author.name) == (TITLE, 1, "Quiet Otter")
    assert card.author.is_anonymous
    async with forum.db.read() as tx:
        assert await tx.scalar(select(Post.created_at)) == minute_of(forum.now)
    assert await rows(forum, WaitingPost) == []
    await forum.assert_consistent()


async def test_answers_and_comments_wait_likewise(forum: Forum, alice: Actor, bob: Actor) -> None:
    question = await forum.ask(forum.member(5))
    await send_below(
        forum, alice, question, "You may, of course, and often.", origin=1, name="Brave Fox"
    )
    await send_below(forum, bob, question, "Since when?", origin=2, comment=True)
    forum.later(minutes=DELAY)
    assert len(await rows(forum, Post)) == 1
    for found in await due(forum):
        if found.post.user_id == ALICE:
            card = await forum.card(await post(forum, found))
            assert (card.body, card.author.name) == ("You may, of course, and often.", "Brave Fox")
        else:
            me = found.author(forum.member(BOB), SEALING, asks=False)
            await commenting.comment_on(
                forum.db, me, question, "Since when?", origin_id=2, now=forum.now
            )
    assert len(await rows(forum, Post)) == 3
    assert await rows(forum, WaitingPost) == []
    await forum.assert_consistent()


# What a thief of the database, or of its statements, learns


async def test_no_row_names_the_author_and_no_statement_does(forum: Forum, alice: Actor) -> None:
    await forum.ask(alice, "What did I ask by name?")
    forum.later(hours=2)
    before = rows_with(await dump(forum), ALICE)
    assert before
    me = await anonymous(forum, alice)
    with asked_of(forum.db) as asked:
        await keep(forum, alice, me, TITLE, 1)
        await keep(forum, alice, me, TITLE, 1)
        taken = await the_one(forum, alice)
        await take_back(forum, ALICE, taken.row_id)
        await delaying.let_go(forum.db, forum.guild_id, taken.row_id)
        await keep(forum, alice, me, "May I laugh here at noon?", 2)
        assert rows_with(await dump(forum), ALICE) == before
        forum.later(minutes=DELAY)
        found = one_due(await due(forum))
        await post(forum, found)
        await delaying.appeared(forum.db, found)
    assert len(asked) > 20
    says = [each for each in asked if str(ALICE) in str(each) or "Member" in str(each[1])]
    assert not says, says[0]
    assert rows_with(await dump(forum), ALICE) == before


async def keep(forum: Forum, person: Actor, me: Actor, title: str, origin: int) -> Any:
    """What is done once its author's points are known."""
    values: Any = {"title": title, "details": WORDS, "tags": "", "how": ["anonymous"]}
    sent = Delayed(person.user_id, 0, "qa:1:ask.form", values, origin, "", "en")
    what = Sent(Action.QUESTIONS, Wording(title, WORDS, ()), sent)
    return await delaying.keep(forum.db, SEALING, me, what, now=forum.now)


async def take_back(forum: Forum, user_id: int, row_id: int) -> Delayed:
    return await delaying.take_back(
        forum.db, SEALING, forum.guild_id, user_id, row_id, now=forum.now
    )


async def test_its_row_says_nothing_but_a_minute(forum: Forum, alice: Actor, bob: Actor) -> None:
    await send(forum, alice, TITLE, origin=1)
    await send(forum, bob, "Why?" + " It is a longer one." * 3, origin=2)
    found = await rows(forum, WaitingPost)
    assert {len(row[3]) for row in found} == {len(found[0][3])}, "boxes are of a few lengths"
    for _, guild_id, minute, box in found:
        assert guild_id == forum.guild_id
        assert is_minute(minute)
        assert TITLE.encode() not in box
        assert str(ALICE).encode() not in box
    forum.later(minutes=DELAY)
    ids = {row[0] for row in found}
    for each in await due(forum):
        await post(forum, each)
    async with forum.db.read() as tx:
        origins = {row[0] for row in await tx.rows(select(Post.origin_id))}
    assert not ids & origins, "which row became which post isn't said"


# Once, and nothing lost


async def test_the_same_form_waits_once_and_appears_once(forum: Forum, alice: Actor) -> None:
    for _ in range(3):
        assert await send(forum, alice, TITLE, origin=1)
    assert len(await rows(forum, WaitingPost)) == 1
    forum.later(minutes=DELAY)
    found = one_due(await due(forum))
    first = await post(forum, found)
    assert await post(forum, found) == first, "a process that was cut off tries it once more"
    assert await send(forum, alice, TITLE, origin=1) is None, "it has appeared"
    assert len(await rows(forum, Post)) == 1
    assert await rows(forum, WaitingPost) == []


async def test_what_is_taken_back_meanwhile_does_not_appear(forum: Forum, alice: Actor) -> None:
    await send(forum, alice, TITLE, origin=1)
    forum.later(minutes=DELAY)
    found = one_due(await due(forum))
    before = await take_back(forum, ALICE, found.row_id)
    assert (before.values["title"], before.values["details"]) == (TITLE, WORDS)
    with pytest.raises(NotFound, match=Missing.WAITING):
        await post(forum, found)
    await delaying.could_not_appear(forum.db, SEALING, found, "Late.", now=forum.now)
    assert await rows(forum, Post) == []
    assert await due(forum) == []
    kept = await the_one(forum, alice)  # until its words have reached her
    assert (kept.post.state, kept.post.problem) == (State.TAKEN, "")
    assert (await take_back(forum, ALICE, found.row_id)).values == before.values
    await delaying.let_go(forum.db, forum.guild_id, found.row_id)
    assert await rows(forum, WaitingPost) == []
    with pytest.raises(NotFound, match=Missing.WAITING):
        await take_back(forum, ALICE, found.row_id)
    assert await send(forum, alice, TITLE, origin=1), "and may be sent again"


async def test_nobody_else_takes_it_back(forum: Forum, alice: Actor) -> None:
    await send(forum, alice, TITLE, origin=1)
    found = await the_one(forum, alice)
    assert await waits_of(forum, member(forum, BOB)) == []
    with pytest.raises(NotFound, match=Missing.WAITING):
        await take_back(forum, BOB, found.row_id)
    with pytest.raises(NotFound, match=Missing.WAITING):
        await delaying.take_back(
            forum.db, SEALING, forum.guild_id + 1, ALICE, found.row_id, now=forum.now
        )
    with pytest.raises(Denied, match=Denial.NO_KEY):
        await delaying.take_back(forum.db, None, forum.guild_id, ALICE, found.row_id, now=forum.now)
    assert (await the_one(forum, alice)).post.state == State.WAITS


async def test_what_could_not_appear_is_kept_for_a_week(forum: Forum, alice: Actor) -> None:
    await send(forum, alice, TITLE, origin=1)
    forum.later(minutes=DELAY)
    found = one_due(await due(forum))
    await delaying.could_not_appear(forum.db, SEALING, found, "You left.", now=forum.now)
    kept = await the_one(forum, alice)
    assert (kept.post.state, kept.post.problem) == (State.FAILED, "You left.")
    assert kept.minute == minute_of(forum.now) + KEPT
    assert await due(forum) == []
    forum.later(days=6)
    assert await due(forum) == []
    assert await waits_of(forum, alice)
    forum.later(days=2)
    assert await due(forum) == []
    assert await rows(forum, WaitingPost) == []
    assert await rows(forum, Post) == []


async def test_what_failed_can_be_sent_again(forum: Forum, alice: Actor) -> None:
    await send(forum, alice, TITLE, origin=1)
    forum.later(minutes=DELAY)
    found = one_due(await due(forum))
    await delaying.could_not_appear(forum.db, SEALING, found, "You left.", now=forum.now)
    await send(forum, alice, TITLE, origin=1)
    again = await the_one(forum, alice)
    assert (again.post.state, again.minute > forum.now) == (State.WAITS, True)


async def test_after_a_day_it_is_late(forum: Forum, alice: Actor) -> None:
    await send(forum, alice, TITLE, origin=1)
    found = await the_one(forum, alice)
    assert not found.is_late(found.minute + LATE)
    assert found.is_late(found.minute + LATE + timedelta(minutes=1))


# What is refused


async def test_limits_count_when_it_is_sent(forum: Forum, alice: Actor) -> None:
    await forum.set("limit.questions", "2")
    for origin in (1, 2):
        await send(forum, alice, f"{TITLE} {origin}", origin=origin)
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
        await send(forum, alice, f"{TITLE} 3", origin=3)
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
        await forum.ask(alice, "And by name?")
    assert len(await rows(forum, AnonymousSlot)) == 2
    forum.later(minutes=DELAY)
    for found in await due(forum):
        await post(forum, found)
    assert len(await rows(forum, AnonymousSlot)) == 2
    assert len(await rows(forum, Post)) == 2


async def test_what_would_be_refused_is_refused_at_once(forum: Forum, alice: Actor) -> None:
    await forum.set("blocked_words", "cry")
    await forum.set("blocked_words_do", "refuse")
    with pytest.raises(Denied, match=Denial.BLOCKED_WORD):
        await send(forum, alice, TITLE, origin=1)
    await forum.set("privilege.ask", "500")
    with pytest.raises(Denied, match=Denial.NEEDS_POINTS):
        await send(forum, alice, "Why not?", origin=1)
    await forum.set("privilege.ask", "0")
    await forum.set("anonymous", "off")
    with pytest.raises(Denied, match=Denial.ANONYMOUS_OFF):
        await send(forum, alice, "Why not?", origin=1)
    assert await rows(forum, WaitingPost) == []
    assert await rows(forum, AnonymousSlot) == []


async def block(forum: Forum) -> None:
    seal = member(forum).seal
    assert seal is not None
    async with forum.db.write() as tx:
        await post_blocks.add(tx, forum.guild_id, seal, None, by=9)


async def close(forum: Forum) -> None:
    await forum.set("anonymous", "off")


async def forbid(forum: Forum) -> None:
    await forum.set("blocked_words", "cry")
    await forum.set("blocked_words_do", "refuse")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (block, Denial.BLOCKED_ANONYMOUS),
        (close, Denial.ANONYMOUS_OFF),
        (forbid, Denial.BLOCKED_WORD),
    ],
)
async def test_all_is_checked_again_when_it_appears(
    forum: Forum, alice: Actor, change: Callable[[Forum], Any], why: Denial
) -> None:
    await send(forum, alice, TITLE, origin=1)
    await change(forum)
    forum.later(minutes=DELAY)
    with pytest.raises(Denied, match=why):
        await post(forum, one_due(await due(forum)))
    assert await rows(forum, Post) == []
    assert await waits_of(forum, alice), "nothing is lost"
    with pytest.raises(Denied, match=why):
        await send(forum, alice, TITLE, origin=2)


async def test_whoever_has_a_name_by_then_keeps_it(forum: Forum, alice: Actor) -> None:
    question = await forum.ask(forum.member(5))
    await send_below(
        forum, alice, question, "You may, of course, and often.", origin=1, name="Brave Fox"
    )
    forum.later()
    await send_below(
        forum, alice, question, "You even should, I would say.", origin=2, name="Quiet Otter"
    )
    forum.later(minutes=DELAY)
    cards = [await forum.card(await post(forum, found)) for found in await due(forum)]
    assert len({card.author.name for card in cards}) == 1
    assert len(await rows(forum, PersonaRow)) == 1


# Keys, erasures, old copies


async def boxes(forum: Forum) -> dict[int, bytes]:
    return {row[0]: row[3] for row in await rows(forum, WaitingPost)}


async def test_an_erasure_lets_hers_go_and_seals_the_others_anew(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    await send(forum, alice, TITLE, origin=1)
    await send(forum, bob, "May I sing?", origin=2)
    (hers,), before = await waits_of(forum, alice), await boxes(forum)
    await forgetting.begin(forum.db, forum.guild_id, ALICE, texts=False, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, ALICE, sealing=SEALING, now=forum.now)
    after = await boxes(forum)
    assert after.keys() == before.keys() - {hers.row_id}
    assert all(after[row_id] != before[row_id] for row_id in after)
    assert (await the_one(forum, bob)).post.values["title"] == "May I sing?"
    assert await waits_of(forum, alice) == []


async def test_without_a_key_an_erasure_lets_all_go(forum: Forum, alice: Actor, bob: Actor) -> None:
    await send(forum, bob, "May I sing?", origin=2)
    await forgetting.begin(forum.db, forum.guild_id, ALICE, texts=False, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, ALICE, sealing=None, now=forum.now)
    assert await boxes(forum) == {}


async def test_a_new_key_seals_what_waits(forum: Forum, alice: Actor) -> None:
    await send(forum, alice, TITLE, origin=1)
    assert not await resealing.is_rotated(forum.db, ROTATED)
    await resealing.rotate(forum.db, ROTATED, forum.now, lambda *_: None)
    assert await resealing.is_rotated(forum.db, ROTATED)
    alone = ROTATED.newest
    (found,) = await delaying.own(forum.db, alone, forum.guild_id, ALICE)
    assert found.post.values["title"] == TITLE


async def test_with_the_key_lost_it_is_gone(forum: Forum, alice: Actor) -> None:
    await send(forum, alice, TITLE, origin=1)
    await resealing.let_go(forum.db, forum.now)
    assert await boxes(forum) == {}


async def test_what_no_key_opens_goes_when_it_is_due(forum: Forum, alice: Actor) -> None:
    await send(forum, alice, TITLE, origin=1)
    forum.later(minutes=DELAY)
    other = Sealing([bytes([9]) * KEY_BYTES])
    assert await delaying.due(forum.db, other, forum.guild_id, forum.now) == []
    assert await boxes(forum) == {}


@pytest.mark.parametrize("sealing", [SEALING, None])
async def test_in_an_old_copy_who_was_erased_is_found_by_it(
    forum: Forum, alice: Actor, bob: Actor, sealing: Sealing | None
) -> None:
    await send(forum, alice, TITLE, origin=1)
    await send(forum, bob, "May I sing?", origin=2)
    found = await repeating.erase_again(
        forum.db,
        [listed(forum, ALICE)],
        sealing=sealing,
        made=forum.now.date(),
        now=forum.now,
        step=lambda *_: None,
    )
    assert await waits_of(forum, alice) == []
    assert len(await waits_of(forum, bob)) == (sealing is not None)
    assert found.members == (sealing is not None)


# What its author is given


async def test_the_inbox_says_whether_anything_waits(forum: Forum, alice: Actor) -> None:
    async def waiting() -> bool:
        inbox = await following.open_inbox(forum.db, alice, 0, channels=[CHANNEL], now=forum.now)
        return inbox.theirs is not None and inbox.theirs.waiting

    assert not await waiting()
    await send(forum, member(forum, BOB), TITLE, origin=1)
    assert await waiting(), "whoever asks"
    (found,) = await waits_of(forum, member(forum, BOB))
    await delaying.let_go(forum.db, forum.guild_id, found.row_id)
    assert not await waiting()


async def test_ones_own_data_has_it(forum: Forum, alice: Actor) -> None:
    await send(forum, alice, TITLE, origin=1, name="Quiet Otter")
    for user_id, there in ((ALICE, True), (BOB, False)):
        data = await own_data.own_data(
            forum.db, forum.guild_id, user_id, sealing=SEALING, now=forum.now
        )
        assert (own_data.WAITING in data) is there
    data = await own_data.own_data(forum.db, forum.guild_id, ALICE, sealing=SEALING, now=forum.now)
    (record,) = data[own_data.WAITING]
    assert (record["as"], record["title"], record["details"]) == ("Quiet Otter", TITLE, WORDS)
