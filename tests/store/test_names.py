"""Members' names as last seen: stored by their acts, and erasable."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.domain.actors import Actor
from bot.domain.errors import Invalid
from bot.domain.outbox import Priority
from bot.domain.posts import PostKind
from bot.domain.voting import UP
from bot.usecases import browsing, following, publishing, reporting, revising
from bot.usecases.answering import AnswerForm, post_message_as_answer
from bot.usecases.commenting import comment_on
from bot.usecases.consenting import ThreadMessage
from bot.usecases.editing import EditForm, edit_post
from bot.usecases.erasing import forget_name
from bot.usecases.listing import list_answers
from bot.usecases.recounting import recount
from data import names
from data.database import Database
from tests.store.forum import CHANNEL, Forum, contents

MANAGER = {9: "Member 9"}  # who set the server up: the audit log names them


async def kept(forum: Forum) -> dict[int, str]:
    """The names that are kept of members of this server."""
    async with forum.db.read() as tx:
        return await names.names_of(tx, forum.guild_id, range(1, 100))


async def times_written(db: Database) -> str:
    """Changes whenever a row of names is written, to the same name, too."""
    async with db.read() as tx:
        if tx.dialect == "postgresql":
            rows = await tx.rows(text("SELECT xmin, user_id FROM names ORDER BY user_id"))
            return str([tuple(row) for row in rows])
        return str(await tx.scalar(text("SELECT coalesce(sum(times), 0) FROM writes")))


@pytest.fixture
async def counted(db: Database) -> Database:
    """A database that notes how often names are written."""
    if db.engine.dialect.name == "sqlite":
        async with db.write() as tx:
            await tx.execute(text("CREATE TABLE writes (times integer)"))
            for statement in (
                "CREATE TRIGGER noted_new AFTER INSERT ON names"
                " BEGIN INSERT INTO writes VALUES (1); END",
                "CREATE TRIGGER noted_changed AFTER UPDATE ON names"
                " BEGIN INSERT INTO writes VALUES (1); END",
            ):
                await tx.execute(text(statement))
    return db


async def comment(forum: Forum, person: Actor, post: int, origin: int) -> int:
    posted = await comment_on(
        forum.db, person, post, "And earplugs.", origin_id=origin, now=forum.now
    )
    return posted.post_id


async def test_cards_name_their_authors_and_editors(forum: Forum) -> None:
    alice, bob = forum.member(1, name="Alice"), forum.member(2, name="Bob")
    moderator = forum.member(3, name="Mod", is_moderator=True)
    question = await forum.ask(alice)
    answer = await forum.answer(bob, question)
    remark = await comment(forum, forum.member(4, name="Dora"), answer, 5)
    await forum.edit(moderator, question, "With more words.")

    asked = await forum.card(question)
    assert (asked.author.name, asked.editor_name) == ("Alice", "Mod")
    assert (await forum.card(answer)).author.name == "Bob"
    assert (await forum.card(remark)).author.name == "Dora"
    await publishing.record_shown(
        forum.db, forum.guild_id, question, message_id=71, home_id=CHANNEL
    )
    _, found, _ = await list_answers(forum.db, forum.guild_id, question, channels=[CHANNEL])
    assert [line.author.name for line in found] == ["Bob"]
    _, edit = await revising.edit_of(forum.db, moderator, question)
    assert edit is not None
    assert edit.editor_name == "Mod"


async def test_moderators_read_who_reported(forum: Forum) -> None:
    answer = await forum.answer(forum.member(2), await forum.ask(forum.member(1)))
    reporter = forum.member(3, name="Rosa")
    await reporting.report_post(
        forum.db, reporter, answer, "It sells curtains.", by_moderator=False, now=forum.now
    )
    moderator = forum.member(4, is_moderator=True)
    item = await forum.review(moderator, reporting.Queue.REPORTED)
    assert item is not None
    assert [report.name for report in item.reports] == ["Rosa"]
    assert item.card.author.name == "Member 2"


async def test_boards_follows_and_corrections_name_people(forum: Forum) -> None:
    alice = forum.member(1, name="Alice")
    await forum.ask(alice)
    board = await browsing.leaderboard(forum.db, forum.guild_id, 1)
    assert [line.name for line in board.lines] == ["Alice"]
    assert board.mine is not None
    assert board.mine.name == "Alice"
    since = forum.now.replace(year=2025)
    week = await browsing.leaderboard(forum.db, forum.guild_id, 1, since=since)
    assert [line.name for line in week.lines] == ["Alice"]

    bob, member = forum.member(2), following.FollowKind.MEMBER
    followed = await following.follow(forum.db, bob, member, "1", now=forum.now)
    assert followed.name == "Alice"
    await following.follow(forum.db, bob, member, "77", now=forum.now)
    found = await following.follows(forum.db, bob, channels=[])
    assert {each.key: each.name for each in found} == {"1": "Alice", "77": ""}

    async with forum.db.write() as tx:
        await tx.execute(text("UPDATE members SET points = 5"))
    (correction,) = await recount(forum.db, now=forum.now)
    assert correction.name == "Alice"


async def test_a_member_without_points_has_a_name_but_no_rank(forum: Forum) -> None:
    question = await forum.ask(forum.member(1))
    await comment(forum, forum.member(4, name="Dora"), question, 5)
    assert (await kept(forum))[4] == "Dora"
    board = await browsing.leaderboard(forum.db, forum.guild_id, 4)
    assert [line.user_id for line in board.lines] == [1]
    assert board.mine is None
    assert (await browsing.profile(forum.db, forum.guild_id, 4)).rank is None


async def test_the_latest_name_counts_and_is_written_only_where_it_changed(
    counted: Database, forum: Forum
) -> None:
    await forum.ask(forum.member(1, name="Alice"))
    before = await times_written(counted)
    await forum.ask(forum.member(1, name="Alice"))
    await forum.ask(forum.member(1, name=""))  # nothing of it can be read
    assert await times_written(counted) == before
    await forum.ask(forum.member(1, name="Alice B."))
    assert await times_written(counted) != before
    assert await kept(forum) == {**MANAGER, 1: "Alice B."}


async def test_a_new_name_draws_no_card_anew(forum: Forum) -> None:
    alice = forum.member(1, name="Alice")
    first = await forum.ask(alice)
    await forum.clear_jobs()
    second = await forum.ask(forum.member(1, name="Alice B."))
    assert [job.key for job in await forum.jobs()] == [second]
    # Whenever a card is redrawn, it shows the new name.
    assert (await forum.card(first)).author.name == "Alice B."


async def test_what_is_refused_or_only_looked_at_keeps_no_name(forum: Forum) -> None:
    alice, stranger = forum.member(1), forum.member(5, name="Stranger")
    question = await forum.ask(alice, "How do I sleep by day?", "I lie awake.")
    with pytest.raises(Invalid):
        await forum.ask(stranger, "How do I sleep by day?", "I lie awake.")
    await forum.card(question)
    await browsing.leaderboard(forum.db, forum.guild_id, 5)
    await forum.vote(stranger, question, UP)  # nobody reads who voted
    card = await forum.card(question)
    unchanged = EditForm(card.version, card.body, card.title, "")
    await edit_post(forum.db, forum.member(1, name="Alicia"), question, unchanged, now=forum.now)
    assert await kept(forum) == {**MANAGER, 1: "Member 1"}


async def test_a_message_made_an_answer_is_by_its_writer(forum: Forum) -> None:
    question = await forum.ask(forum.member(1))
    await publishing.record_shown(forum.db, forum.guild_id, question, message_id=70, thread_id=70)
    moderator = forum.member(3, name="Mod", is_moderator=True)
    posted = await post_message_as_answer(
        forum.db,
        moderator,
        ThreadMessage(70, 88, author_id=2, author_name="Bob"),
        AnswerForm("Dark curtains, and no screens before bed."),
        now=forum.now,
    )
    card = await forum.card(posted.post_id)
    assert (card.kind, card.author.name) == (PostKind.ANSWER, "Bob")
    assert (await kept(forum))[3] == "Mod", "the card says who posted it"


async def test_each_server_knows_its_own_names(db: Database) -> None:
    here, there = await Forum(db, 100).open(), await Forum(db, 200).open()
    mine = await here.ask(here.member(1, name="Alice"))
    theirs = await there.ask(there.member(1, name="Nurse A."))
    assert (await here.card(mine)).author.name == "Alice"
    assert (await there.card(theirs)).author.name == "Nurse A."
    assert await forget_name(db, 100, 1, now=here.now)
    assert await kept(here) == MANAGER
    assert await kept(there) == {**MANAGER, 1: "Nurse A."}


async def test_a_name_can_be_erased_and_the_cards_follow(forum: Forum) -> None:
    alice = forum.member(1, name="Zebediah")
    question = await forum.ask(alice)
    answer = await forum.answer(forum.member(2, name="Bob"), question)
    await forum.edit(alice, question, "With more words.")
    await forum.clear_jobs()

    assert await forget_name(forum.db, forum.guild_id, 1, now=forum.now)
    assert "Zebediah" not in str(await contents(forum.db))
    card = await forum.card(question)
    assert (card.author.id, card.author.name, card.editor_name) == (1, "", "")
    assert (await forum.card(answer)).author.name == "Bob"
    jobs = await forum.jobs()
    assert {job.key for job in jobs} == {question, answer}
    assert {job.priority for job in jobs} == {Priority.BULK}

    await forum.clear_jobs()
    assert not await forget_name(forum.db, forum.guild_id, 1, now=forum.now)
    assert await forum.jobs() == []
