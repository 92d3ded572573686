"""What happens to a post with words that the server, or its AutoMod, blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.automod import AutoModRule
from bot.domain.blocked_words import blocked_word
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied
from bot.domain.posts import PostStatus
from bot.domain.review import Cause, Report, ReportReason, Wording
from bot.domain.rules import Rules
from bot.domain.text import shorten
from data import flags, report_cards
from data.database import Transaction
from data.revisions import wording_of

_NAMED = 60  # characters of a word that a refusal names


@dataclass(frozen=True, slots=True)
class Measure:
    """What is done about a post: nothing; or it is shown to moderators for a cause; or `hold` it
    until they approve it, if it isn't shown yet."""

    hold: bool = False
    cause: Cause | None = None


def check_words(
    actor: Actor, wording: Wording, rules: Rules, before: Wording | None = None
) -> Measure:
    """Refuse a text with blocked words, or tell what is to be done about it. Of an edit,
    only what it changes counts, and moderators needn't look at the same word again.

    Raises `Denied(AUTOMOD)` and `Denied(BLOCKED_WORD)`. No matching word is stored.
    """
    alerting = _alerting(actor, wording, before)
    measure = _measure_of_words(actor, wording, rules, before)
    if alerting is None or measure.cause is not None:
        return measure
    return Measure(cause=Cause(ReportReason.AUTOMOD, alerting.name))


def _alerting(actor: Actor, wording: Wording, before: Wording | None) -> AutoModRule | None:
    """The rule of AutoMod because of which moderators are to look at a text, if any. Raises
    `Denied(AUTOMOD)` if one blocks it."""
    texts = _changed(wording, before)
    matching = [rule for rule in actor.automod if rule.matches(texts)]
    for rule in matching:
        if rule.blocks:
            raise Denied(Denial.AUTOMOD, message=rule.message)
    known = () if before is None else _changed(before, None)
    return next((rule for rule in matching if rule.alerts and not rule.matches(known)), None)


def _measure_of_words(
    actor: Actor, wording: Wording, rules: Rules, before: Wording | None
) -> Measure:
    """What is done about a text's blocked words. Moderators write what they want."""
    if actor.moderates_post:
        return Measure()
    found = _word_in(_changed(wording, before), rules)
    if found is None:
        return Measure()
    if rules.text("blocked_words_do") == "refuse":
        raise Denied(Denial.BLOCKED_WORD, word=shorten(found, _NAMED))
    if before is not None and found == _word_in(_changed(before, None), rules):
        return Measure()
    hold = rules.text("blocked_words_do") == "hold"
    return Measure(hold, Cause(ReportReason.WORDS))


def _changed(wording: Wording, before: Wording | None) -> tuple[str, ...]:
    if before is None:
        return (wording.title, wording.body, *wording.tags)
    title = wording.title if wording.title != before.title else ""
    body = wording.body if wording.body != before.body else ""
    return (title, body, *(tag for tag in wording.tags if tag not in before.tags))


def _word_in(texts: tuple[str, ...], rules: Rules) -> str | None:
    return blocked_word(rules.text("blocked_words"), *texts)


def held_for(card: PostCard, rules: Rules) -> str:
    """The blocked word in a post that waits for approval; empty if there is none."""
    if card.status is not PostStatus.HELD:
        return ""
    return shorten(_word_in(_changed(wording_of(card), None), rules) or "", _NAMED)


async def flag(tx: Transaction, guild_id: int, post_id: int, cause: Cause, now: datetime) -> None:
    """Have moderators look at a post that is there. The server reports it, not a member."""
    await flags.flag_by_server(tx, guild_id, post_id, cause, now)
    await report_cards.reported(tx, guild_id, post_id, now)


def with_words(reports: Sequence[Report], card: PostCard, rules: Rules) -> list[Report]:
    """A post's reports, those by the server with the word that its text has now, which isn't
    stored."""
    if all(report.why is not ReportReason.WORDS for report in reports):
        return list(reports)
    found = _word_in(_changed(wording_of(card), None), rules)
    return [
        replace(report, reason=shorten(found or "", _NAMED))
        if report.why is ReportReason.WORDS
        else report
        for report in reports
    ]
