"""Words that a server blocks: refused or put up for review, and nothing of a match is stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.domain.access import Granted, access_of
from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied
from bot.domain.outbox import JobKind
from bot.domain.review import THE_SERVER, ReportReason
from bot.usecases import alerting, reporting
from bot.usecases.answering import AnswerForm, post_message_as_answer
from bot.usecases.commenting import comment_on
from bot.usecases.consenting import ThreadMessage
from bot.usecases.publishing import record_shown
from bot.usecases.reporting import Queue
from bot.usecases.tagging import TagForm, retag_question
from tests.store.forum import Forum, contents

BAD = "This is a b4d.w0rd, of course."
Act = Callable[[], Awaitable[object]]


@pytest.fixture(autouse=True)
async def blocking(forum: Forum, question: int, answer: int) -> None:
    """The server blocks a word."""
    await forum.set("blocked_words", "bad word, grim*")


async def refused(act: Awaitable[object]) -> str:
    """The word that an act is refused for."""
    with pytest.raises(Denied) as refusal:
        await act
    assert refusal.value.reason is Denial.BLOCKED_WORD
    return str(refusal.value.data["word"])


async def test_every_text_of_a_post_is_read_and_nothing_is_kept(
    forum: Forum, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    before = await contents(forum.db)
    comment = comment_on(forum.db, bob, question, BAD, origin_id=1, now=forum.now)
    for word, act in (
        ("GRIMMER", forum.ask(alice, "A GRIMMER title than others")),
        ("b4d.w0rd", forum.ask(alice, "A title like others", BAD)),
        ("grim", forum.ask(alice, "A title like others", tags="sleep grim")),
        ("b4d.w0rd", forum.answer(bob, question, BAD)),
        ("b4d.w0rd", comment),
        ("b4d.w0rd", forum.edit(alice, question, BAD)),
        ("grims", forum.edit(alice, question, "Fine.", title="How do I avoid the grims?")),
        ("bad-word", forum.edit(alice, question, "Fine.", tags="bad-word")),
        ("b4d.w0rd", forum.edit(bob, answer, BAD)),
    ):
        assert await refused(act) == word
    assert await contents(forum.db) == before


async def test_tags_alone_are_read_where_they_alone_change(
    forum: Forum, alice: Actor, question: int
) -> None:
    def retagged(tags: str) -> Awaitable[object]:
        form = TagForm(1, tags)
        return retag_question(forum.db, alice, question, form, now=forum.now)

    assert await refused(retagged("grim sleep")) == "grim"
    await retagged("sleep")


async def test_what_an_edit_leaves_is_not_held_against_it(
    forum: Forum, alice: Actor, question: int
) -> None:
    await forum.set("blocked_words", "night")
    await forum.edit(alice, question, "I lie awake until noon.")
    assert await refused(forum.edit(alice, question, "I lie awake all night.")) == "night"


async def test_moderators_of_the_home_write_what_they_want(
    forum: Forum, moderator: Actor, question: int
) -> None:
    await forum.answer(moderator, question, BAD)
    keeper = Granted(view=True, history=True, send=True, send_in_threads=True)
    there = access_of(None, keeper, has_role=True)
    elsewhere = access_of(None, keeper)
    await forum.answer(forum.member(30, access=there), question, f"{BAD} Indeed.")
    # A moderator of the server who doesn't moderate this channel is bound like everybody.
    bound = forum.member(31, is_moderator=True, access=elsewhere)
    assert await refused(forum.answer(bound, question, f"{BAD} Really."))


async def test_a_message_that_becomes_an_answer_is_read_too(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int
) -> None:
    await record_shown(forum.db, forum.guild_id, question, thread_id=700)
    message = ThreadMessage(700, 900, bob.user_id)

    def posted(actor: Actor) -> Awaitable[object]:
        form = AnswerForm(BAD)
        return post_message_as_answer(forum.db, actor, message, form, now=forum.now)

    assert await refused(posted(bob)) == "b4d.w0rd"
    await posted(moderator)


async def test_flagged_it_is_posted_and_waits_for_a_moderator(
    forum: Forum, bob: Actor, moderator: Actor, question: int
) -> None:
    await forum.set("blocked_words_do", "flag")
    post = await forum.answer(bob, question, BAD)
    item = await forum.review(moderator, Queue.REPORTED)
    assert item is not None
    assert item.card.post_id == post
    (report,) = item.reports
    assert (report.user_id, report.why) == (THE_SERVER, ReportReason.WORDS)
    assert report.reason == "b4d.w0rd"
    (job,) = await forum.jobs(JobKind.REPORT)
    shown = await alerting.report_to_show(forum.db, job, forum.now)
    assert shown is not None
    assert [each.reason for each in shown.reports] == ["b4d.w0rd"]
    stored = str((await contents(forum.db))["flags"])
    assert "w0rd" not in stored, "the word stands in the post alone"
    await forum.assert_consistent()


async def test_what_a_moderator_dismissed_waits_again_once_it_has_another_word(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    await forum.set("blocked_words_do", "flag")
    await forum.edit(alice, question, BAD)
    assert await reporting.dismiss_reports(forum.db, moderator, question, now=forum.now) == 1
    await forum.edit(alice, question, f"{BAD} I mean it.", tags="sleep")
    assert await forum.review(moderator, Queue.REPORTED) is None
    await forum.edit(alice, question, f"How grim. {BAD}")
    item = await forum.review(moderator, Queue.REPORTED)
    assert item is not None
    assert len(item.reports) == 1


async def test_the_servers_report_hides_nothing_by_number(
    forum: Forum, bob: Actor, question: int
) -> None:
    await forum.set("blocked_words_do", "flag")
    await forum.set("flags_to_hide", "1")
    post = await forum.answer(bob, question, BAD)
    assert (await forum.card(post)).body == BAD


async def test_another_servers_words_block_nothing(forum: Forum, elsewhere: Forum) -> None:
    person = elsewhere.member(1)
    await elsewhere.ask(person, "What a grim bad word this is")


async def test_the_audit_log_says_that_they_changed_not_what_they_are(forum: Forum) -> None:
    await forum.set("blocked_words", "dreadful")
    rows = str((await contents(forum.db))["audit"])
    assert '"blocked_words": "changed"' in rows
    assert "dreadful" not in rows
    assert "grim" not in rows
