"""What rules of Discord's AutoMod do to posts: refused or put up for review."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace

import pytest

from bot.domain.actors import Actor
from bot.domain.automod import AutoModRule, RuleText
from bot.domain.errors import Denial, Denied
from bot.domain.posts import PostStatus
from bot.domain.review import THE_SERVER, Report, ReportReason
from bot.usecases import reporting
from bot.usecases.commenting import comment_on
from bot.usecases.reporting import Queue
from bot.usecases.tagging import TagForm, retag_question
from tests.store.forum import Forum, contents

BAD = "This is a grim thing, of course."
BLOCKING = AutoModRule("House rule", RuleText(("grim*",)), blocks=True, message="Be kind.")
ALERTING = AutoModRule("Eye on it", RuleText(("grim",)), alerts=True)


def under(actor: Actor, *rules: AutoModRule) -> Actor:
    return replace(actor, automod=rules)


async def refused(act: Awaitable[object]) -> str:
    """The server's message that an act is refused with."""
    with pytest.raises(Denied) as refusal:
        await act
    assert refusal.value.reason is Denial.AUTOMOD
    return str(refusal.value.data["message"])


async def waiting(forum: Forum, moderator: Actor) -> list[Report]:
    """The reports of the post that waits first."""
    item = await forum.review(moderator, Queue.REPORTED)
    return [] if item is None else list(item.reports)


async def test_every_text_of_a_post_is_read_and_nothing_is_kept(
    forum: Forum, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    alice, bob = under(alice, ALERTING, BLOCKING), under(bob, BLOCKING)
    before = await contents(forum.db)
    for act in (
        forum.ask(alice, "A GRIMMER title than others"),
        forum.ask(alice, "A title like others", BAD),
        forum.ask(alice, "A title like others", tags="sleep grim-nights"),
        forum.answer(bob, question, BAD),
        comment_on(forum.db, bob, question, BAD, origin_id=1, now=forum.now),
        forum.edit(alice, question, BAD),
        forum.edit(alice, question, "Fine.", title="How do I avoid the grims?"),
        retag_question(forum.db, alice, question, TagForm(1, "grim"), now=forum.now),
        forum.edit(bob, answer, BAD),
    ):
        assert await refused(act) == "Be kind."
    assert await contents(forum.db) == before


async def test_moderators_are_bound_like_everybody(
    forum: Forum, moderator: Actor, question: int
) -> None:
    """AutoMod exempts managers and the roles of a rule, for whom an actor has no rules at all."""
    assert await refused(forum.answer(under(moderator, BLOCKING), question, BAD))
    await forum.answer(moderator, question, BAD)


async def test_an_alert_names_the_rule_and_waits_for_a_moderator(
    forum: Forum, bob: Actor, moderator: Actor, question: int
) -> None:
    await forum.answer(under(bob, ALERTING), question, BAD)
    (report,) = await waiting(forum, moderator)
    assert (report.user_id, report.why) == (THE_SERVER, ReportReason.AUTOMOD)
    assert report.reason == "Eye on it"
    assert "grim" not in str((await contents(forum.db))["flags"])
    await forum.assert_consistent()


async def test_blocked_words_and_an_alert_are_one_report(
    forum: Forum, bob: Actor, moderator: Actor, question: int
) -> None:
    await forum.set("blocked_words", "grim")
    await forum.set("blocked_words_do", "flag")
    post = await forum.answer(under(bob, ALERTING), question, BAD)
    (report,) = await waiting(forum, moderator)
    assert (report.why, report.reason) == (ReportReason.WORDS, "grim")
    await forum.set("blocked_words", "other")
    await reporting.dismiss_reports(forum.db, moderator, post, now=forum.now)
    await forum.edit(bob, post, "Nothing of that kind any more.")
    await forum.edit(under(bob, ALERTING), post, BAD)
    (report,) = await waiting(forum, moderator)
    assert (report.why, report.reason) == (ReportReason.AUTOMOD, "Eye on it")


async def test_words_that_hold_hold_whatever_automod_says(
    forum: Forum, bob: Actor, moderator: Actor, question: int
) -> None:
    await forum.set("blocked_words", "grim")
    await forum.set("blocked_words_do", "hold")
    await forum.answer(under(bob, ALERTING), question, BAD)
    item = await forum.review(moderator, Queue.HELD)
    assert item is not None
    assert item.card.status is PostStatus.HELD
    assert await refused(forum.answer(under(bob, BLOCKING), question, f"{BAD} Really."))


async def test_an_edit_is_only_put_up_for_what_is_new(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    alice = under(alice, ALERTING)
    await forum.edit(alice, question, BAD)
    assert await reporting.dismiss_reports(forum.db, moderator, question, now=forum.now) == 1
    await forum.edit(alice, question, f"{BAD} I mean it.", tags="sleep")
    assert await waiting(forum, moderator) == []
    other = AutoModRule("Another", RuleText(("mean",)), alerts=True)
    await forum.edit(under(alice, ALERTING, other), question, f"{BAD} I do mean it.")
    assert await waiting(forum, moderator) == [], "the word stood there before"
    await forum.edit(under(alice, ALERTING, other), question, "It is fine.")
    await forum.edit(under(alice, ALERTING, other), question, "It is mean.")
    (report,) = await waiting(forum, moderator)
    assert report.reason == "Another"


async def test_mentions_are_counted_over_title_and_details(forum: Forum, alice: Actor) -> None:
    few = AutoModRule("Mentions", RuleText(mentions=1), blocks=True)
    await forum.ask(under(alice, few), "Who of you knows <@1>?", "I mean <@1>.")
    assert (await refused(forum.ask(under(alice, few), "And who <@1>?", "Or <@2>."))) == ""
