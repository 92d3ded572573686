"""What authors read in their inbox of what happens to their posts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select, update

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.notices import NoticeCard, NoticeKind
from bot.domain.posts import CloseReason, HideReason
from bot.domain.review import ReportReason
from bot.domain.voting import DOWN, NONE, UP
from bot.usecases import (
    categories,
    choosing,
    closing,
    commenting,
    following,
    moving,
    news,
    publishing,
    removing,
    reporting,
)
from bot.usecases.following import Inbox
from data.models import Notice
from tests.store.forum import CHANNEL, Forum

ELSEWHERE = 501


async def shown(forum: Forum, question: int, home: int = CHANNEL) -> int:
    """A question's card is shown."""
    await publishing.record_shown(forum.db, forum.guild_id, question, home_id=home)
    return question


async def opened(forum: Forum, person: Actor, *channels: int) -> Inbox:
    """A person's inbox, which isn't read yet."""
    return await following.open_inbox(
        forum.db, person, 0, channels=channels or (CHANNEL,), now=forum.now
    )


async def told(forum: Forum, person: Actor) -> list[tuple[NoticeKind, int]]:
    """What a person reads as new in their inbox, the latest first: kinds and posts."""
    inbox = await opened(forum, person)
    return [(n.kind, n.post.post_id) for n in inbox.notices if not n.read]


async def line(forum: Forum, person: Actor, kind: NoticeKind) -> NoticeCard:
    """The one notice of a kind in a person's inbox."""
    [found] = [n for n in (await opened(forum, person)).notices if n.kind is kind]
    return found


async def read(forum: Forum, person: Actor) -> None:
    """A person reads their inbox."""
    inbox = await opened(forum, person)
    await following.note_read(forum.db, person, inbox, now=forum.later())


async def votes(forum: Forum, person: Actor) -> list[tuple[int, bool]]:
    """The lines of votes in a person's inbox: by how much, and whether it was read."""
    notices = (await opened(forum, person)).notices
    return [(n.votes, n.read) for n in notices if n.kind is NoticeKind.VOTED]


async def bell(forum: Forum, person: Actor, *channels: int) -> int:
    """What the bell counts."""
    where = channels or (CHANNEL,)
    found = await news.news_of(forum.db, forum.guild_id, person.user_id, now=forum.now)
    return found.unread(lambda home: home in where)


@pytest.fixture
async def asked(forum: Forum, alice: Actor) -> int:
    """Alice's question, which is shown."""
    return await shown(forum, await forum.ask(alice))


@pytest.fixture
async def answered(forum: Forum, bob: Actor, asked: int) -> int:
    """Bob's answer to it."""
    return await forum.answer(bob, asked)


async def test_authors_are_told_of_answers_and_comments_without_any_wish(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, asked: int, answered: int
) -> None:
    on_question = await comment(forum, carol, asked)
    on_answer = await comment(forum, carol, answered)
    of_alice = [(NoticeKind.COMMENTED, on_question), (NoticeKind.ANSWERED, answered)]
    assert await told(forum, alice) == of_alice
    assert await told(forum, bob) == [(NoticeKind.COMMENTED, on_answer)]
    assert await told(forum, carol) == []
    for person in (alice, bob, carol):
        assert await forum.news(person) == [], "no message that nobody asked for"


async def test_nobody_is_told_of_their_own_acts(forum: Forum, alice: Actor, asked: int) -> None:
    own = await forum.answer(alice, asked)
    await comment(forum, alice, own)
    await comment(forum, alice, asked)
    await forum.choose(alice, own)
    await forum.edit(alice, asked, "More of it.")
    form = closing.ClosingForm(CloseReason.OTHER)
    await closing.close_question(forum.db, alice, asked, form, now=forum.now)
    await closing.reopen_question(forum.db, alice, asked, now=forum.now)
    await forum.delete(alice, own)
    assert await told(forum, alice) == []
    assert await bell(forum, alice) == 0


async def test_rows_do_not_tell_that_an_asker_answered_themselves(
    forum: Forum, alice: Actor, bob: Actor, asked: int
) -> None:
    for person in (alice, bob):
        await forum.answer(person, asked)
    async with forum.db.read() as tx:
        rows = await tx.rows(select(Notice.user_id).where(Notice.kind == NoticeKind.ANSWERED))
    assert [row[0] for row in rows] == [alice.user_id, alice.user_id]
    assert len(await told(forum, alice)) == 1


async def test_moderators_are_not_told_of_their_own_acts_either(forum: Forum, asked: int) -> None:
    own = await forum.answer(forum.manager, asked)
    await forum.choose(forum.manager, own)
    await reporting.hide_post(forum.db, forum.manager, own, now=forum.now)
    await reporting.show_post(forum.db, forum.manager, own, now=forum.now)
    assert await told(forum, forum.manager) == []


async def comment(forum: Forum, person: Actor, post: int, text: str = "And earplugs.") -> int:
    origin = forum.later().microsecond + post * 1000 + person.user_id + len(text)
    posted = await commenting.comment_on(
        forum.db, person, post, text, origin_id=origin, now=forum.now
    )
    return posted.post_id


async def test_the_best_answer_says_who_chose_it_and_what_it_earned(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, asked: int, answered: int
) -> None:
    await forum.choose(alice, answered)
    chosen = await line(forum, bob, NoticeKind.CHOSEN)
    assert (chosen.by_asker, chosen.points, chosen.own) == (True, 300, True)
    assert await forum.points(bob) == 340

    await forum.set("points.best_answer", "50")
    other = await forum.answer(carol, asked)
    await forum.choose(forum.manager, other)
    chosen = await line(forum, carol, NoticeKind.CHOSEN)
    assert (chosen.by_asker, chosen.points) == (False, 50)
    assert NoticeKind.CHOSEN not in dict(await told(forum, bob)), "it is no longer the best"


async def test_votes_are_one_line_a_post_that_changes_with_them(
    forum: Forum, alice: Actor, bob: Actor, answered: int
) -> None:
    for voter in range(10, 13):
        await forum.vote(forum.member(voter), answered, UP)
    assert await votes(forum, bob) == [(3, False)]
    assert await bell(forum, bob) == 1
    await forum.vote(forum.member(10), answered, NONE)
    assert await votes(forum, bob) == [(2, False)]
    await forum.vote(forum.member(11), answered, NONE)
    await forum.vote(forum.member(12), answered, NONE)
    assert await votes(forum, bob) == [], "nothing is left to tell"
    assert await bell(forum, bob) == 0
    await forum.vote(forum.member(13), answered, UP)
    assert await votes(forum, bob) == [(1, False)]
    for person in (alice, bob):
        assert await forum.news(person) == [], "never by message"


async def test_what_was_read_is_not_counted_again(
    forum: Forum, bob: Actor, answered: int, asked: int
) -> None:
    await forum.vote(forum.member(10), answered, UP)
    await forum.vote(forum.member(11), answered, UP)
    await read(forum, bob)
    assert await votes(forum, bob) == [(2, True)]
    assert await bell(forum, bob) == 0
    later = await comment(forum, forum.member(5), answered)
    forum.later()
    await forum.vote(forum.member(12), answered, UP)
    assert await votes(forum, bob) == [(1, False)]
    new = [(NoticeKind.VOTED, answered), (NoticeKind.COMMENTED, later)]
    assert await told(forum, bob) == new, "it goes up again"
    await read(forum, bob)
    await forum.vote(forum.member(12), answered, NONE)
    await forum.vote(forum.member(13), answered, UP)
    assert await votes(forum, bob) == [], "the score is what it was"


async def test_a_down_vote_counts_the_other_way(
    forum: Forum, bob: Actor, carol: Actor, answered: int
) -> None:
    await forum.give(carol, 1000)
    await forum.vote(carol, answered, DOWN)
    assert await votes(forum, bob) == [(-1, False)]
    await forum.vote(carol, answered, UP)
    assert await votes(forum, bob) == [(1, False)]


async def test_a_vote_while_the_inbox_is_being_read_is_new(
    forum: Forum, bob: Actor, answered: int
) -> None:
    await forum.vote(forum.member(10), answered, UP)
    inbox = await opened(forum, bob)
    await forum.vote(forum.member(11), answered, UP)
    await following.note_read(forum.db, bob, inbox, now=forum.now)
    assert await votes(forum, bob) == [(1, False)]
    await read(forum, bob)
    assert await votes(forum, bob) == [(1, True)]


async def test_votes_at_once_are_all_counted(forum: Forum, bob: Actor, answered: int) -> None:
    await asyncio.gather(*(forum.vote(forum.member(n), answered, UP) for n in range(10, 30)))
    assert await votes(forum, bob) == [(20, False)]
    async with forum.db.read() as tx:
        rows = select(func.count()).where(Notice.kind == NoticeKind.VOTED)
        assert await tx.scalar(rows) == 1


async def test_a_line_of_votes_says_nothing_of_who_voted(
    forum: Forum, bob: Actor, answered: int
) -> None:
    await forum.set("voting", "private")
    await forum.vote(forum.member(77_777), answered, UP)
    async with forum.db.read() as tx:
        rows = await tx.rows(select(Notice.__table__).where(Notice.kind == NoticeKind.VOTED))
    assert len(rows) == 1
    assert "77777" not in str(rows)


async def test_hiding_tells_why_and_showing_takes_its_place(
    forum: Forum, bob: Actor, answered: int
) -> None:
    reason = ReportReason.UNKIND
    await reporting.hide_post(forum.db, forum.manager, answered, reason=reason, now=forum.now)
    hidden = await line(forum, bob, NoticeKind.HIDDEN)
    assert (hidden.why, hidden.read) == (HideReason.UNKIND, False)
    assert await bell(forum, bob) == 1
    await read(forum, bob)
    await reporting.show_post(forum.db, forum.manager, answered, now=forum.later())
    assert await told(forum, bob) == [(NoticeKind.SHOWN, answered)]
    assert len((await opened(forum, bob)).notices) == 1
    await reporting.hide_post(forum.db, forum.manager, answered, now=forum.later())
    assert await told(forum, bob) == [(NoticeKind.HIDDEN, answered)], "new, as the first was read"


async def test_reports_and_deleted_messages_hide_with_a_reason_too(
    forum: Forum, alice: Actor, bob: Actor, asked: int, answered: int
) -> None:
    await forum.set("flags_to_hide", "1")
    await reporting.report_post(
        forum.db, old(forum), answered, "Spam", by_moderator=False, now=forum.now
    )
    assert (await line(forum, bob, NoticeKind.HIDDEN)).why is HideReason.REPORTS
    await removing.hide_post(forum.db, forum.guild_id, asked, now=forum.now)
    assert (await line(forum, alice, NoticeKind.HIDDEN)).why is HideReason.MESSAGE
    assert await told(forum, bob) == [], "the question is hidden: it is nobody else's news"


def old(forum: Forum) -> Actor:
    """A member whose reports count."""
    since = datetime(2020, 1, 1, tzinfo=UTC)
    return forum.member(50, account_created=since, joined=since)


async def test_what_a_moderator_deletes_is_told_and_what_one_deletes_oneself_is_not(
    forum: Forum, alice: Actor, bob: Actor, asked: int, answered: int
) -> None:
    await read(forum, alice)
    await forum.delete(forum.manager, answered)
    assert await told(forum, bob) == [(NoticeKind.HIDDEN, answered)]
    await forum.delete(alice, asked)
    assert await told(forum, alice) == []


async def test_closing_tells_why_and_leads_to_an_original_that_the_author_can_read(
    forum: Forum, alice: Actor, carol: Actor, asked: int
) -> None:
    original = await shown(forum, await forum.ask(carol, "Why do I lie awake?"), ELSEWHERE)
    form = closing.ClosingForm(CloseReason.DUPLICATE, original, "Have a look there.")
    await closing.close_question(forum.db, forum.manager, asked, form, now=forum.now)

    async def closed(*channels: int) -> PostCard:
        [found] = [n for n in (await opened(forum, alice, *channels)).notices if n.kind == "closed"]
        return found.post

    card = await closed(CHANNEL, ELSEWHERE)
    assert card.closing is not None
    assert card.closing.reason is CloseReason.DUPLICATE
    assert card.closing.original is not None
    assert card.closing.original.title == "Why do I lie awake?"
    card = await closed(CHANNEL)
    assert card.closing is not None
    assert card.closing.original is None, "it stands in a channel that is closed to them"

    await closing.reopen_question(forum.db, forum.manager, asked, now=forum.later())
    assert await told(forum, alice) == [(NoticeKind.REOPENED, asked)]


async def test_what_the_author_turned_back_is_no_news(forum: Forum, asked: int) -> None:
    """A moderator closes a moderator's question, who opens it again."""
    mona = forum.member(8, is_moderator=True)
    own = await shown(forum, await forum.ask(mona))
    form = closing.ClosingForm(CloseReason.OFF_TOPIC)
    await closing.close_question(forum.db, forum.manager, own, form, now=forum.now)
    assert await told(forum, mona) == [(NoticeKind.CLOSED, own)]
    await closing.reopen_question(forum.db, mona, own, now=forum.now)
    assert await told(forum, mona) == []


async def test_edits_and_moves_by_others_are_told(forum: Forum, alice: Actor, asked: int) -> None:
    await forum.edit(forum.manager, asked, "A clearer text.")
    await read(forum, alice)
    await forum.edit(forum.manager, asked, "An even clearer text.")
    assert await told(forum, alice) == [(NoticeKind.EDITED, asked)]
    assert len((await opened(forum, alice)).notices) == 1
    row = await categories.add_category(forum.db, forum.manager, "Sleep", now=forum.now)
    await moving.move_question(forum.db, forum.manager, asked, row, now=forum.later())
    assert await told(forum, alice) == [(NoticeKind.MOVED, asked), (NoticeKind.EDITED, asked)]


async def test_a_channel_that_is_closed_to_the_author_tells_them_nothing(
    forum: Forum, alice: Actor, bob: Actor, asked: int, answered: int
) -> None:
    await comment(forum, bob, asked)
    await forum.vote(bob, asked, UP)
    await forum.edit(forum.manager, asked, "A clearer text.")
    form = closing.ClosingForm(CloseReason.OFF_TOPIC)
    await closing.close_question(forum.db, forum.manager, asked, form, now=forum.now)
    await reporting.hide_post(forum.db, forum.manager, answered, now=forum.now)
    assert await bell(forum, alice) == len(await told(forum, alice)) == 4
    for person in (alice, bob):
        assert (await opened(forum, person, ELSEWHERE)).notices == []
        assert await bell(forum, person, ELSEWHERE) == 0


async def test_an_asker_is_asked_until_it_is_settled(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, asked: int, answered: int
) -> None:
    async def asks(person: Actor) -> list[int]:
        return [n.post.post_id for n in (await opened(forum, person)).notices if n.asks]

    what = following.FollowKind.QUESTION, str(asked)
    await following.follow(forum.db, carol, *what, now=forum.now)
    second = await forum.answer(bob, asked)
    assert await asks(alice) == [second, answered]
    assert await asks(carol) == [], "a follower has nothing to choose"
    await read(forum, alice)
    assert await asks(alice) == [second, answered], "reading doesn't settle it"
    await choosing.leave_open(forum.db, forum.guild_id, alice.user_id, second)
    assert await asks(alice) == [answered]
    await forum.choose(alice, answered)
    assert await asks(alice) == []
    await choosing.leave_open(forum.db, 4711, alice.user_id, answered)  # an unknown server


async def test_the_bell_counts_at_most_a_hundred(
    forum: Forum, alice: Actor, bob: Actor, asked: int, answered: int
) -> None:
    async with forum.db.write() as tx:
        values = {"guild_id": forum.guild_id, "user_id": alice.user_id, "created_at": forum.now}
        kinds = [f"commented{n}" for n in range(150)]  # one post has one notice of a kind
        rows = [{**values, "kind": kind, "post_id": answered} for kind in kinds]
        await tx.execute(insert(Notice), rows)
        assert await tx.scalar(select(func.count()).select_from(Notice)) > 150
    assert await bell(forum, alice) == 100
    async with forum.db.write() as tx:
        await tx.execute(update(Notice).values(read_at=forum.now))
    assert await bell(forum, alice) == 0
