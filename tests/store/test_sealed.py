"""Anonymous posts: what authors can do, and that no row of the database says who they are."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from bot.domain.actors import Actor
from bot.domain.blocks import Block
from bot.domain.cards import Figures
from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.files import BYTES_MAX
from bot.domain.notices import FollowKind
from bot.domain.posts import CloseReason, PostStatus
from bot.domain.ranking import View
from bot.domain.sealed import SEALED, is_minute, is_sealed
from bot.domain.voting import UP, VoteSource
from bot.usecases import editing, forgetting, leaving, personas, reporting
from bot.usecases.attaching import Pictures
from bot.usecases.browsing import leaderboard, profile
from bot.usecases.closing import ClosingForm, close_question, reopen_question
from bot.usecases.commenting import comment_on
from bot.usecases.editing import EditForm, PostRights, edit_post, remove_files
from bot.usecases.listing import Selection, list_questions
from bot.usecases.moving import move_question
from bot.usecases.pointing import Candidates, candidates
from bot.usecases.seeing import look_at, look_for_menu
from bot.usecases.tagging import TagForm, retag_question
from data import blocks, erasures, following, names, post_blocks, round_ups, slots, statistics
from data.acting import Action, acting, begin, begin_asking
from data.acting import Asked as AskedBefore
from data.models import AnonymousSlot, Base, HourlyCount, Name, Notice, Post
from tests.store.forum import CHANNEL, Forum, contents
from tests.store.test_files import ROOM, Content, held
from tests.store.test_plans import asked_of
from tests.support.anonymous import (
    ALICE,
    Contents,
    anonymous,
    member,
    persona_of,
    rows_with,
    themselves,
)
from tests.support.keys import SEALING

ROOT = Path(__file__).resolve().parents[2]
_origins = count(500_000)
_SECONDS = {"seconds": 17, "microseconds": 123_456}


@pytest.fixture
async def forum(db: Any) -> Forum:
    """A server with anonymous posts, at a time that isn't a whole minute."""
    made = await Forum(db).open({"anonymous": "on"})
    made.later(**_SECONDS)
    return made


@pytest.fixture
def alice(forum: Forum) -> Actor:
    """Alice, who can write anonymously."""
    return member(forum)


async def comment(forum: Forum, person: Actor, post: int, body: str = "") -> int:
    """A person comments on a post."""
    origin = next(_origins)
    body = body or f"And what of {origin}?"
    posted = await comment_on(forum.db, person, post, body, origin_id=origin, now=forum.now)
    return posted.post_id


async def dump(forum: Forum) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, with their values as they are."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    async with forum.db.read() as tx:
        for table in Base.metadata.sorted_tables:
            found[table.name] = [tuple(row) for row in await tx.rows(select(table))]
    return found


# A story


async def live(forum: Forum, alice: Actor) -> None:
    """What Alice did by name before."""
    asked = await forum.ask(alice, "How do I sleep better?")
    await forum.vote(alice, await forum.answer(forum.member(2), asked), UP)
    async with forum.db.write() as tx:
        what = (FollowKind.MEMBER, str(ALICE))
        await following.follow(tx, forum.guild_id, 6, what, forum.now, most=None)
    forum.later(hours=2)


async def story(forum: Forum, alice: Actor) -> int:
    """All that Alice can do to a question that she asks anonymously, and what others do to it.
    Returns the question."""
    db, bob, carol = forum.db, forum.member(2), forum.member(3)
    question = await forum.ask(
        await anonymous(forum, alice, name="Quiet Otter"), "May I cry here?", "I do.", notify=True
    )
    forum.later()
    answer = await forum.answer(bob, question)
    await forum.vote(carol, question, UP)
    await comment(forum, carol, question)
    forum.later()
    me = await anonymous(forum, alice, question)
    mine = await comment(forum, me, answer)
    own = await forum.answer(me, question)
    await forum.vote(bob, own, UP)
    forum.later()
    await forum.edit(me, question, "I do, at night.", title="May I cry here at night?")
    await forum.edit(me, mine, "Do you mean it?")
    await retag_question(db, me, question, TagForm(2, "night tears"), now=forum.now)
    forum.later()
    await forum.choose(me, answer)
    await forum.choose(me, answer, chosen=False)
    await forum.choose(me, answer)
    form = ClosingForm(CloseReason.OTHER, note="I found it.")
    await close_question(db, me, question, form, now=forum.now)
    await reopen_question(db, me, question, now=forum.now)
    await close_question(db, me, question, form, now=forum.now)
    await remove_files(db, me, question, now=forum.now)
    await move_question(db, me, question, None, now=forum.now)
    forum.later()
    await reporting.report_post(db, carol, mine, "unkind", by_moderator=False, now=forum.now)
    await forum.delete(me, mine)
    return question


async def test_no_row_that_names_the_author_changes(forum: Forum, alice: Actor) -> None:
    await live(forum, alice)
    before = rows_with(await dump(forum), ALICE)
    assert before  # she is known by name
    await story(forum, alice)
    assert rows_with(await dump(forum), ALICE) == before


async def test_the_number_stands_where_it_should(forum: Forum, alice: Actor) -> None:
    await live(forum, alice)
    question = await story(forum, alice)
    number = (await persona_of(forum, alice, question)).number
    found: set[str] = set()
    for table, rows in (await dump(forum)).items():
        columns = [column.name for column in Base.metadata.tables[table].columns]
        found |= {
            f"{table}.{name}"
            for row in rows
            for name, value in zip(columns, row, strict=True)
            if value == number or str(number) in str(value)
        }
    assert found == {
        "names.user_id",
        "notices.user_id",
        "outbox.group_id",
        "personas.number",
        "posts.author_id",
        "posts.closed_by",
        "posts.edited_by",
        "report_cards.decided_by",
        "revisions.replaced_by",
    }


def _times(before: Contents, after: Contents) -> dict[str, set[datetime]]:
    """The times that were written since, by table and column."""
    found: dict[str, set[datetime]] = {}
    for table, rows in after.items():
        columns = [column.name for column in Base.metadata.tables[table].columns]
        known = {value for row in before[table] for value in row if isinstance(value, datetime)}
        for row in rows:
            for name, value in zip(columns, row, strict=True):
                if isinstance(value, datetime) and value not in known:
                    found.setdefault(f"{table}.{name}", set()).add(value)
    return found


async def test_what_is_done_anonymously_has_no_time_but_a_minute(
    forum: Forum, alice: Actor
) -> None:
    await live(forum, alice)
    found: dict[str, set[datetime]] = {}

    async def act(done: Awaitable[Any]) -> Any:
        before = await dump(forum)
        outcome = await done
        for column, times in _times(before, await dump(forum)).items():
            found.setdefault(column, set()).update(times)
        forum.later()
        return outcome

    db, bob = forum.db, forum.member(2)
    question = await act(forum.ask(await anonymous(forum, alice), notify=True))
    answer = await forum.answer(bob, question)
    forum.later()
    me = await anonymous(forum, alice, question)
    mine = await act(comment(forum, me, answer))
    own = await act(forum.answer(me, question))
    await act(forum.edit(me, question, "Other words."))
    await act(forum.choose(me, answer))
    await act(close_question(db, me, question, ClosingForm(CloseReason.OTHER), now=forum.now))
    await act(forum.delete(me, mine))
    await act(forum.delete(me, own))
    assert all(is_minute(each) for times in found.values() for each in times), found
    expected = {
        "anonymous_slots.hour",
        "ledger.at",
        "notices.created_at",
        "outbox.created_at",
        "outbox.due_at",
        "posts.active_at",
        "posts.best_chosen_at",
        "posts.closed_at",
        "posts.created_at",
        "posts.edited_at",
        "posts.last_answer_at",
        "removals.erase_at",
        "revisions.replaced_at",
    }
    assert set(found) == expected


async def test_the_card_knows_a_name_and_no_member(forum: Forum, alice: Actor) -> None:
    question = await forum.ask(await anonymous(forum, alice, name="Quiet Otter"))
    author = (await forum.card(question)).author
    assert (author.name, author.is_anonymous, author.member_id) == ("Quiet Otter", True, None)
    assert (author.points, author.title, author.avatar) == (100, "", "")


# Who sees and may do what


async def offered(forum: Forum, actor: Actor, member: Actor, post_id: int) -> PostRights:
    """What the menu of a post offers to a member, who acts as `actor` there."""
    who = (forum.guild_id, post_id, member.user_id)
    found = await look_for_menu(forum.db, *who, now=forum.now, seal=actor.seal)
    assert found.seen is not None
    assert found.seen.card is not None
    return editing.rights(actor, found.seen.card, found.facts, found.news.rules, forum.now)


async def test_it_is_her_own_in_all_that_is_asked_privately(forum: Forum, alice: Actor) -> None:
    question = await forum.ask(await anonymous(forum, alice))
    me, bob = await themselves(forum, alice, question), forum.member(2)
    outcome = await forum.vote(me, question, UP)
    assert isinstance(outcome.refusal, Denied)
    assert outcome.refusal.reason is Denial.OWN_POST
    with pytest.raises(Denied, match=Denial.OWN_REPORT):
        await reporting.post_to_report(forum.db, me, question)
    rights = await offered(forum, me, alice, question)
    assert rights.edit
    assert rights.delete
    assert rights.close
    assert not rights.up
    assert not rights.report
    theirs = await offered(forum, bob, bob, question)
    assert not theirs.edit
    assert not theirs.delete
    assert not theirs.close
    assert theirs.report


async def test_what_its_author_may_is_never_done_by_name(forum: Forum, alice: Actor) -> None:
    question = await forum.ask(await anonymous(forum, alice))
    answer = await forum.answer(forum.member(2), question)
    me = await themselves(forum, alice, question)
    before = await contents(forum.db)
    closed = ClosingForm(CloseReason.OTHER)
    attempts: list[Callable[[], Awaitable[Any]]] = [
        lambda: forum.edit(me, question, "By name."),
        lambda: forum.delete(me, question),
        lambda: forum.choose(me, answer),
        lambda: close_question(forum.db, me, question, closed, now=forum.now),
        lambda: reopen_question(forum.db, me, question, now=forum.now),
        lambda: remove_files(forum.db, me, question, now=forum.now),
        lambda: move_question(forum.db, me, question, None, now=forum.now),
        lambda: retag_question(forum.db, me, question, TagForm(1, "night"), now=forum.now),
    ]
    for attempt in attempts:
        with pytest.raises(RuntimeError, match="by name"):
            await attempt()
    assert await contents(forum.db) == before


async def test_her_other_names_are_others(forum: Forum, alice: Actor) -> None:
    one = await forum.ask(await anonymous(forum, alice))
    two = await forum.ask(await anonymous(forum, alice))
    number = (await persona_of(forum, alice, one)).number
    assert (await persona_of(forum, alice, two)).number != number
    stranger = member(forum, 77)
    assert (await themselves(forum, stranger, one)).persona is None
    with pytest.raises(Denied):
        await forum.edit(await themselves(forum, stranger, one), one, "Not mine.")


async def test_she_keeps_her_name_in_a_question(forum: Forum, alice: Actor) -> None:
    question = await forum.ask(await anonymous(forum, alice, name="Quiet Otter"))
    offered = await personas.name_offered(forum.db, alice, (await forum.card(question)).number)
    assert (offered.name, offered.stays) == ("Quiet Otter", True)
    second = await comment(forum, await personas.author(forum.db, alice, "Loud Bear"), question)
    first = await forum.card(question)
    assert (await forum.card(second)).author == first.author
    assert first.author.name == "Quiet Otter"
    found = await persona_of(forum, alice, question)
    assert found.is_asker


async def test_of_two_posts_at_once_both_are_hers(forum: Forum, alice: Actor) -> None:
    question = await forum.ask(forum.member(2))
    one, two = await anonymous(forum, alice, question), await anonymous(forum, alice, question)
    assert one.user_id != two.user_id
    ids = await asyncio.gather(
        comment(forum, one, question, "The first."),
        comment(forum, two, question, "Another."),
    )
    authors = {(await forum.card(each)).author.id for each in ids}
    assert len(authors) == 1
    assert authors <= {one.user_id, two.user_id}
    assert not (await persona_of(forum, alice, question)).is_asker


async def test_a_name_that_is_taken_in_the_question_is_refused(forum: Forum, alice: Actor) -> None:
    question = await forum.ask(await anonymous(forum, alice, name="Quiet Otter"))
    other = await anonymous(forum, member(forum, 77), question, "Quiet  0tter")
    with pytest.raises(Invalid, match=Problem.NAME_TAKEN):
        await comment(forum, other, question)
    made = await anonymous(forum, member(forum, 77), question)
    assert (await forum.card(await comment(forum, made, question))).author.name


async def test_her_own_lists_have_them(forum: Forum, alice: Actor) -> None:
    one, other = await forum.ask(await anonymous(forum, alice)), await forum.ask(alice)
    asked = await forum.ask(forum.member(2))
    below = await comment(forum, await anonymous(forum, alice, asked), asked)

    async def mine(person: Actor) -> set[int]:
        listed = await list_questions(
            forum.db,
            forum.guild_id,
            Selection(View.MINE),
            channels=[CHANNEL],
            reader_id=person.user_id,
            seal=person.seal,
        )
        return {line.post_id for line in listed.lines}

    assert await mine(alice) == {one, other}
    assert await mine(member(forum, 77)) == set()
    assert await mine(forum.member(ALICE)) == {other}  # without a key
    offered = await candidates(forum.db, alice, Candidates.EDIT, None, channels=[CHANNEL])
    assert {card.post_id for card in offered.cards} == {one, other, below}
    here = await candidates(forum.db, alice, Candidates.DELETE, asked, channels=[CHANNEL])
    assert [card.post_id for card in here.cards] == [below]


# Limits, blocks, holding


async def test_named_and_anonymous_acts_count_together(forum: Forum, alice: Actor) -> None:
    await forum.set("limit.questions", "3")
    await forum.ask(alice)
    await forum.ask(await anonymous(forum, alice))
    await forum.ask(alice)
    for person in (alice, await anonymous(forum, alice)):
        with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
            await forum.ask(person)
    await forum.ask(await anonymous(forum, member(forum, 77)))
    forum.later(hours=1)
    await forum.ask(await anonymous(forum, alice))


async def test_the_limit_holds_for_what_is_sent_at_once(forum: Forum, alice: Actor) -> None:
    await forum.set("limit.questions", "3")
    me = [await anonymous(forum, alice) for _ in range(4)]
    sent = await asyncio.gather(
        *(forum.ask(person) for pair in zip(me, [alice] * 4, strict=True) for person in pair),
        return_exceptions=True,
    )
    refused = [each for each in sent if isinstance(each, Denied)]
    assert len(sent) - len(refused) == 3
    assert all(each.reason is Denial.HOURLY_LIMIT for each in refused)


async def test_edits_and_choices_have_limits_too(forum: Forum, alice: Actor) -> None:
    await forum.set("limit.edits", "1")
    await forum.set("limit.best", "1")
    question = await forum.ask(await anonymous(forum, alice))
    answer = await forum.answer(forum.member(2), question)
    me = await anonymous(forum, alice, question)
    await forum.edit(me, question, "Once.")
    await forum.choose(me, answer)
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
        await forum.edit(me, question, "Twice.")
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
        await forum.choose(me, answer, chosen=False)


async def test_a_block_holds_for_the_person(forum: Forum, alice: Actor) -> None:
    question = await forum.ask(await anonymous(forum, alice))
    me = await anonymous(forum, alice, question)
    async with forum.db.write() as tx:
        await blocks.write(tx, forum.guild_id, ALICE, Block(None, "Enough."), 9, forum.now)
    for attempt in (forum.ask(await anonymous(forum, alice)), forum.edit(me, question, "More.")):
        with pytest.raises(Denied, match=Denial.BLOCKED):
            await attempt
    await forum.delete(me, question)


async def test_a_block_from_a_post_stops_anonymous_posts_alone(forum: Forum, alice: Actor) -> None:
    assert alice.seal is not None
    until = forum.now + timedelta(days=2)
    async with forum.db.write() as tx:
        await post_blocks.add(tx, forum.guild_id, alice.seal, until, 9)
        await post_blocks.add(tx, forum.guild_id, alice.seal, None, 9)
    with pytest.raises(Denied, match=Denial.BLOCKED):
        await forum.ask(await anonymous(forum, alice))
    await forum.ask(alice)
    await forum.ask(await anonymous(forum, member(forum, 77)))
    rows = (await dump(forum))["post_blocks"]
    assert len({row[2] for row in rows}) == len({row[3] for row in rows}) == 2  # no two compare
    async with forum.db.write() as tx:
        assert await post_blocks.lift(tx, forum.guild_id, alice.seal) == 2
    await forum.ask(await anonymous(forum, alice))


async def test_a_block_from_a_post_ends(forum: Forum, alice: Actor) -> None:
    assert alice.seal is not None
    async with forum.db.write() as tx:
        until = forum.now + timedelta(days=2)
        await post_blocks.add(tx, forum.guild_id, alice.seal, until, 9)
    forum.later(days=1)
    with pytest.raises(Denied, match=Denial.BLOCKED):
        await forum.ask(await anonymous(forum, alice))
    forum.later(days=2)
    await forum.ask(await anonymous(forum, alice))


async def test_limits_and_blocks_go_on_after_an_erasure(forum: Forum, alice: Actor) -> None:
    await forum.set("limit.questions", "1")
    await forum.ask(alice)
    await forgetting.begin(forum.db, forum.guild_id, ALICE, texts=False, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, ALICE, sealing=SEALING, now=forum.now)
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
        await forum.ask(await anonymous(forum, alice))
    await forum.set("limit.questions", "9")
    async with forum.db.write() as tx:
        known_by = await erasures.digest(tx, forum.guild_id, ALICE)
        assert known_by is not None
        await blocks.write(tx, forum.guild_id, known_by, Block(None), 9, forum.now)
    with pytest.raises(Denied, match=Denial.BLOCKED):
        await forum.ask(await anonymous(forum, alice))
    found = (await dump(forum))["erasures"]
    assert [row[3] for row in found] == [False]  # nobody sees that she is back


async def test_where_newcomers_are_held_all_anonymous_posts_are(forum: Forum, alice: Actor) -> None:
    await forum.give(alice, 1000)
    await forum.set("hold_points", "500")
    await forum.set("hold_first", "1")
    question = await forum.ask(forum.member(4, is_moderator=True))
    me = await anonymous(forum, alice, question)
    for n in range(2):
        held = await comment(forum, me, question, f"Comment {n}.")
        async with forum.db.read() as tx:
            assert await tx.scalar(select(Post.status).where(Post.id == held)) == PostStatus.HELD
        await reporting.show_post(forum.db, forum.manager, held, now=forum.now)
    by_name = await comment(forum, alice, question)
    assert (await forum.card(by_name)).status is PostStatus.VISIBLE


async def test_what_waits_is_seen_and_changed_by_its_author_alone(
    forum: Forum, alice: Actor
) -> None:
    await forum.set("blocked_words", "tears")
    await forum.set("blocked_words_do", "hold")
    waiting = await forum.ask(await anonymous(forum, alice), "Are tears allowed here?")

    async def seen_by(person: Actor) -> bool:
        seen = await look_at(forum.db, forum.guild_id, waiting, person.user_id, person.seal)
        assert seen is not None
        return seen.card_for(person.user_id) is not None

    assert await seen_by(alice)
    assert not await seen_by(member(forum, 77))
    assert not await seen_by(forum.member(ALICE))
    seen = await look_at(forum.db, forum.guild_id, waiting, ALICE, alice.seal)
    assert seen is not None
    assert seen.is_own
    me = await personas.anonymous(forum.db, replace(alice, persona=seen.persona))
    text = EditForm(1, "", "Is crying allowed here?", "")
    await edit_post(forum.db, me, waiting, text, now=forum.now)
    await forum.delete(me, waiting)


async def test_a_moderator_has_no_more_rights_than_others(forum: Forum) -> None:
    await forum.set("limit.questions", "1")
    mona = member(forum, is_moderator=True, is_manager=True)
    await forum.ask(await anonymous(forum, mona))
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
        await forum.ask(await anonymous(forum, mona))
    await forum.ask(mona)


# Points


async def test_an_anonymous_author_earns_nothing(forum: Forum, alice: Actor) -> None:
    before = await forum.points(alice)
    bob = forum.member(2)
    question = await forum.ask(await anonymous(forum, alice))
    answer = await forum.answer(bob, question)
    me = await anonymous(forum, alice, question)
    theirs = await forum.ask(bob)
    own = await forum.answer(await anonymous(forum, alice, theirs), theirs)
    await forum.vote(forum.member(3), question, UP)
    await forum.vote(forum.member(3), own, UP)
    await forum.choose(me, answer)
    assert await forum.points(alice) == before
    found = await dump(forum)
    assert not any(is_sealed(row[1]) for row in found["members"])
    assert not any(is_sealed(row[4]) for row in found["ledger"])
    assert await forum.points(bob) == 20 + 40 + 300  # his question and answer
    await forum.assert_consistent()


async def test_nobody_chooses_an_answer_of_theirs_in_disguise(forum: Forum, alice: Actor) -> None:
    question = await forum.ask(await anonymous(forum, alice))
    by_name = await forum.answer(alice, question)
    with pytest.raises(Denied, match=Denial.OWN_IN_DISGUISE):
        await forum.choose(await anonymous(forum, alice, question), by_name)
    other = await forum.ask(alice)
    sealed = await forum.answer(await anonymous(forum, alice, other), other)
    with pytest.raises(Denied, match=Denial.OWN_IN_DISGUISE):
        await forum.choose(await themselves(forum, alice, other), sealed)
    await forum.choose(
        await themselves(forum, alice, other), await forum.answer(forum.member(2), other)
    )


# Refusals


async def test_without_a_key_nobody_writes_anonymously(forum: Forum) -> None:
    with pytest.raises(Denied, match=Denial.NO_KEY):
        await personas.author(forum.db, forum.member(ALICE))
    with pytest.raises(Denied, match=Denial.NO_KEY):
        await personas.name_offered(forum.db, forum.member(ALICE), None)


async def test_where_it_is_off_nothing_new_is_written_but_what_is_there_can_be_changed(
    forum: Forum, alice: Actor
) -> None:
    question = await forum.ask(await anonymous(forum, alice))
    await forum.set("anonymous", "off")
    me = await anonymous(forum, alice, question)
    for attempt in (forum.ask(me), forum.answer(me, question), comment(forum, me, question)):
        with pytest.raises(Denied, match=Denial.ANONYMOUS_OFF):
            await attempt
    await forum.edit(me, question, "Still mine.")
    await forum.delete(me, question)


async def test_a_number_alone_is_refused_wherever_acts_begin(forum: Forum) -> None:
    question = await forum.ask(forum.member(2))
    nobody = Actor(forum.guild_id, SEALED - 5, name="Quiet Otter")
    now = forum.now.replace(second=0, microsecond=0)
    asked = AskedBefore("Title", "", 5, None)
    with pytest.raises(RuntimeError, match="standing"):
        async with forum.db.write() as tx:
            await begin(tx, nobody, Action.EDITS, now, post_id=question)
    with pytest.raises(RuntimeError, match="standing"):
        async with forum.db.write() as tx:
            await begin_asking(tx, nobody, asked, now, origin_id=1)
    with pytest.raises(RuntimeError, match="standing"):
        async with forum.db.read() as tx:
            await acting(tx, nobody, Action.EDITS, now)


async def test_an_exact_time_is_refused(forum: Forum, alice: Actor) -> None:
    question = await forum.ask(await anonymous(forum, alice))
    me = await anonymous(forum, alice, question)
    with pytest.raises(RuntimeError, match="minute"):
        async with forum.db.write() as tx:
            await begin(tx, me, Action.EDITS, forum.now, post_id=question)


async def test_the_same_form_never_makes_a_second_question(forum: Forum, alice: Actor) -> None:
    me = await anonymous(forum, alice)
    first = await forum.ask(me, "May I cry here?", origin_id=4711)
    assert (
        await forum.ask(await anonymous(forum, alice), "May I cry here?", origin_id=4711) == first
    )
    async with forum.db.read() as tx:
        origin = await tx.scalar(select(Post.origin_id).where(Post.id == first))
    assert origin not in (None, 4711)
    assert 0 <= origin < 2**63


async def test_a_reaction_to_an_anonymous_post_is_refused_whoever_reacts(
    forum: Forum, alice: Actor
) -> None:
    question = await forum.ask(await anonymous(forum, alice))
    for person in (alice, forum.member(2)):
        outcome = await forum.vote(person, question, UP, VoteSource.REACTION)
        assert isinstance(outcome.refusal, Denied)
        assert outcome.refusal.reason is Denial.BUTTONS_ONLY


async def test_no_statement_of_an_act_says_whose_it_is(forum: Forum, alice: Actor) -> None:
    """Not even one that only reads: PostgreSQL may log them."""
    await live(forum, alice)
    over = Block(forum.now - timedelta(hours=1))
    async with forum.db.write() as tx:
        await blocks.write(tx, forum.guild_id, ALICE, over, 9, forum.now)
    question = await forum.ask(await anonymous(forum, alice))
    answer = await forum.answer(forum.member(2), question)
    me, new = await anonymous(forum, alice, question), await anonymous(forum, alice)
    with asked_of(forum.db) as asked:
        await forum.ask(new, notify=True)
        mine = await comment(forum, me, answer)
        await forum.answer(me, question)
        await forum.edit(me, question, "Other words.")
        await forum.choose(me, answer)
        await editing.post_to_edit(forum.db, me, question, forum.now)
        await close_question(forum.db, me, question, ClosingForm(CloseReason.OTHER), now=forum.now)
        await forum.delete(me, mine)
    assert len(asked) > 50
    assert not [each for each in asked if str(ALICE) in str(each)]
    with asked_of(forum.db) as asked:
        await forum.ask(alice)
    assert [each for each in asked if str(ALICE) in str(each)]


async def test_pictures_come_with_the_post_and_without_their_author(
    forum: Forum, alice: Actor
) -> None:
    await live(forum, alice)
    before = await dump(forum)
    pictures = Pictures((Content(ROOM, b"drawn"), Content(ROOM, b"drawn, too")), 10**6)
    me = await anonymous(forum, alice)
    with asked_of(forum.db) as asked:
        question = await forum.ask(me, files=pictures)
        await forum.answer(await anonymous(forum, member(forum, 2), question), question)
    assert [each for each in asked if "attachment_pieces" in str(each)]
    assert not [
        each for each in asked if str(ALICE) in str(each) or "INTO draft_files" in str(each)
    ]
    assert await held(forum, question) == [
        ("my_room.png", b"drawn"),
        ("my_room_2.png", b"drawn, too"),
    ]
    after = await dump(forum)
    assert rows_with(after, ALICE) == rows_with(before, ALICE)
    assert after["draft_files"] == []


@pytest.mark.parametrize(
    ("size", "room", "why"),
    [(5, 4, Problem.NO_ROOM), (BYTES_MAX + 1, 10**9, Problem.FILES_TOO_BIG)],
)
async def test_pictures_that_are_refused_leave_nothing(
    forum: Forum, alice: Actor, size: int, room: int, why: Problem
) -> None:
    await live(forum, alice)
    before = await dump(forum)
    pictures = Pictures((Content(ROOM, bytes(size)),), room)
    with pytest.raises(Invalid) as refusal:
        await forum.ask(await anonymous(forum, alice), files=pictures)
    assert refusal.value.reason is why
    assert await dump(forum) == before


async def test_nobody_looks_whether_a_number_has_left(forum: Forum, alice: Actor) -> None:
    await forum.set("unname_left", "on")  # then authors are looked for, too
    await live(forum, alice)
    await story(forum, alice)
    while await leaving.look_after(forum.db, forum.guild_id, forum.now):
        pass
    known = {row[1] for row in (await dump(forum))["presences"]}
    assert ALICE in known
    assert all(each > 0 for each in known)


async def test_figures_and_lists_by_member_leave_numbers_out(forum: Forum, alice: Actor) -> None:
    await live(forum, alice)
    before = await figures_of(forum)
    board = await leaderboard(forum.db, forum.guild_id, ALICE)
    profile_before = await profile(forum.db, forum.guild_id, ALICE)
    question = await forum.ask(await anonymous(forum, alice))
    await forum.answer(await anonymous(forum, alice, question), question)
    await forum.vote(forum.member(3), question, UP)
    after = await figures_of(forum)
    assert (after.questions, after.answers) == (before.questions + 1, before.answers + 1)
    assert after.authors == before.authors
    assert await leaderboard(forum.db, forum.guild_id, ALICE) == board
    assert await profile(forum.db, forum.guild_id, ALICE) == profile_before
    async with forum.db.read() as tx:
        since = forum.now - timedelta(days=7)
        helpers = await round_ups.new_helpers(tx, forum.guild_id, since, [CHANNEL], 9)
    assert not [each for each in helpers if each.is_anonymous]


async def figures_of(forum: Forum) -> Figures:
    async with forum.db.read() as tx:
        since = forum.now - timedelta(days=90)
        return await statistics.figures(tx, forum.guild_id, since, forum.now)


# What would go wrong


async def test_a_name_written_under_the_id_is_found(
    forum: Forum, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests above find an author if one statement has the id."""
    await live(forum, alice)
    async with forum.db.write() as tx:
        await tx.execute(delete(Name).where(Name.user_id == ALICE))
    before = rows_with(await dump(forum), ALICE)
    real = names.remember

    async def with_the_id(tx: Any, guild_id: int, user_id: int, *args: Any, **known: Any) -> None:
        await real(tx, guild_id, ALICE if is_sealed(user_id) else user_id, *args, **known)

    monkeypatch.setattr(names, "remember", with_the_id)
    await forum.ask(await anonymous(forum, alice))
    assert rows_with(await dump(forum), ALICE) != before


async def test_an_exact_time_would_be_found(
    forum: Forum, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Actor, "at", lambda _self, now: now)
    monkeypatch.setattr("data.acting.is_minute", lambda _now: True)
    before = await dump(forum)
    await forum.ask(await anonymous(forum, alice))
    found = _times(before, await dump(forum))
    assert not all(is_minute(each) for times in found.values() for each in times)


def test_boxes_are_read_in_one_module() -> None:
    reads = re.compile(r"PersonaRow\.box\b|\bbox\b.*personas|personas.*\bbox\b")
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("bot", "cogs", "data")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
        and re.search(r"PersonaRow\.box\b", path.read_text("utf-8"))
    }
    assert found == {"data/personas.py"}
    assert reads.search("select(PersonaRow.box)")


async def test_slots_say_of_nobody_whose_they_are(forum: Forum, alice: Actor) -> None:
    await forum.ask(await anonymous(forum, alice))
    await forum.ask(await anonymous(forum, alice))
    async with forum.db.read() as tx:
        rows = await tx.rows(select(AnonymousSlot.slot, AnonymousSlot.hour))
        assert alice.seal is not None
        assert await slots.done(tx, forum.guild_id, "questions", alice.seal, forum.now) == 2
        counted = await tx.rows(select(HourlyCount).where(HourlyCount.user_id == ALICE))
    assert len({row[0] for row in rows}) == 2
    assert not counted


async def test_followers_of_the_author_are_told_nothing(forum: Forum, alice: Actor) -> None:
    await live(forum, alice)
    question = await story(forum, alice)
    async with forum.db.read() as tx:
        rows = await tx.rows(select(Notice.user_id, Notice.kind).where(Notice.post_id == question))
    assert 6 not in {row[0] for row in rows}


async def test_members_are_found_by_the_key_alone(forum: Forum, alice: Actor) -> None:
    from data import personas as kept

    question = await forum.ask(await anonymous(forum, alice))
    found = await persona_of(forum, alice, question)
    opening = personas.Opening(SEALING)
    async with forum.db.read() as tx:
        assert await kept.member_of(tx, forum.guild_id, found.number, opening) == ALICE
        assert len(await kept.salts_of(tx, forum.guild_id)) == 1
        assert await kept.numbers_of(tx, forum.guild_id, alice.seal) == {found.number}
        stranger = member(forum, ALICE + 1).seal
        assert await kept.numbers_of(tx, forum.guild_id, stranger) == frozenset()
    assert "803517" not in repr(alice.seal) + repr(alice.as_persona(0) if alice.persona else "")
