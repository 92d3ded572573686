"""The wording of refusals: the one place where reasons become sentences."""

from __future__ import annotations

from datetime import datetime

import discord

from bot.domain.errors import Denied, Invalid, Missing, NotFound, Problem, Refusal
from bot.domain.text import show_line
from bot.i18n import N_, Texts
from cogs.ui.denials import denied_text
from cogs.ui.file_texts import FILE_PROBLEMS
from cogs.ui.setting_titles import setting_title

_FIELDS = {
    "query": N_("Your search"),
    "title": N_("The title"),
    "details": N_("The details"),
    "answer": N_("The answer"),
    "comment": N_("The comment"),
    "appeal": N_("Your appeal"),
    "unseal_reason": N_("The reason"),
    "tags": N_("A tag"),
    "reason": N_("The reason"),
    "name": N_("The name"),
    "description": N_("The description"),
    "category": N_("The category"),
    "emoji": N_("The emoji"),
}
_MISSING = {
    Missing.UNNAMED: N_("Which question? Please use this in a question's thread."),
    Missing.THREAD: N_("Only messages in a question's thread can become answers to it."),
    Missing.OWN_POSTS: N_("You haven't posted anything here yet."),
    Missing.TO_CHOOSE: N_("Your open questions have no answers yet."),
    Missing.QUESTIONS: N_("There are no questions here yet. Ask the first one with /ask."),
    Missing.OPEN_QUESTIONS: N_("There are no open questions here. Ask one with /ask."),
    Missing.CLOSED_QUESTIONS: N_("I found no closed question here."),
    Missing.NO_ANSWERS: N_("This question has no answers yet."),
    Missing.CATEGORY: N_("This category no longer exists. Please choose another one."),
    Missing.DRAFT: N_("This draft is no longer saved. It was sent, or it's more than a week old."),
    Missing.REVISION: N_("That version of the post no longer exists."),
    Missing.TAG: N_("No question has that tag, so there's nothing to merge."),
    Missing.SYNONYM: N_("That isn't a synonym. /tag list shows them all."),
    Missing.APPEAL: N_("This appeal no longer exists."),
    Missing.WAITING: N_("This post no longer waits. It has appeared, or you took it back."),
    Missing.SETTING: N_("That setting doesn't exist. /settings show lists them all."),
}
_OF_ONE_FIELD = {
    (Problem.TOO_MANY, "tags"): N_("That's too many tags. The maximum is {maximum}."),
    (Problem.TOO_MANY, "category"): N_("That's too many categories. The maximum is {maximum}."),
    (Problem.TOO_MANY, "attachment"): N_("That's too many files. The maximum is {maximum}."),
    (Problem.TOO_MANY, "follow"): N_(
        "You can follow up to {maximum} things. Unfollow something with /unfollow first."
    ),
    (Problem.UNKNOWN, "category"): N_("Please pick a category from the list."),
    (Problem.UNKNOWN, "timezone"): N_(
        "I don't know that place. Enter a large city near you, such as Berlin or New York."
    ),
}
_PROBLEMS = {
    Problem.NO_LETTERS: N_("{field} must have at least {minimum} letters or numbers."),
    Problem.NOT_A_WORD: N_("Each blocked word needs a letter or number. “{typed}” has none."),
    Problem.TOO_SHORT: N_("{field} must have at least {minimum} characters. You entered {length}."),
    Problem.TOO_LONG: N_("{field} can have at most {maximum} characters. You entered {length}."),
    Problem.TOO_MANY: N_("That's too many. The maximum is {maximum}."),
    Problem.UNKNOWN: N_("{field} must come from the list. Please pick one there."),
    Problem.NOT_A_NUMBER: N_("{field} must be a whole number."),
    Problem.NOT_A_PRIVILEGE: N_(
        "{field} must be a number of points, 0 for everyone, or the word *{word}*."
    ),
    Problem.OUT_OF_RANGE: N_("{field} must be between {minimum} and {maximum}."),
    Problem.NOT_AN_EMOJI: N_("{field} must be a single emoji."),
    Problem.SAME_EMOJI: N_("Upvotes and downvotes need different emoji."),
    Problem.FOREIGN_EMOJI: N_(
        "I can't use that emoji because it's from another server. Choose one from this server or "
        "a standard emoji."
    ),
    Problem.NOT_TITLES: N_(
        "For {field}, enter each title after its points, with commas in between: `0 Newcomer, "
        "1000 Regular`. A title can have up to 30 characters."
    ),
    Problem.NOT_A_CHANNEL: N_("{field} must be a text or forum channel in this server."),
    Problem.NOT_A_TEXT_CHANNEL: N_("{field} must be a text channel in this server."),
    Problem.NOT_A_ROLE: N_("{field} must be a role in this server other than @everyone."),
    Problem.DUPLICATE: N_("There's already a category called {name}. Choose another name."),
    Problem.SAME_QUESTION: N_(
        "A question can't be a duplicate of itself. Choose another question."
    ),
    Problem.REPEATED_QUESTION: N_("This exact question was just asked."),
    Problem.REPEATED_ANSWER: N_("This question already has this exact answer."),
    Problem.TOO_DEEP: N_("Categories can be nested at most {maximum} levels deep."),
    Problem.BELOW_ITSELF: N_("A category can't be below itself. Choose another parent."),
    Problem.NOT_BESIDE: N_(
        "That category has a different parent. Choose one with the same parent."
    ),
    Problem.NOT_EMPTY: N_("There are other categories below this one. Remove those first."),
    Problem.NOT_AN_ANSWER: N_("That isn't an answer, so it can't be the best answer."),
    Problem.SAME_TAG: N_("Both of these are the same tag: {name}. Choose two different tags."),
    Problem.LEADS_BACK: N_(
        "{name} is already a synonym of {target}. To swap them, remove it with /tag unsynonym "
        "first."
    ),
    Problem.TAG_IN_USE: N_(
        "Questions already use the tag {name} ({number}). /tag merge gives them the other tag "
        "and makes this one a synonym."
    ),
    **FILE_PROBLEMS,
    Problem.STICKER: N_("This message is a sticker. Use a message with text instead."),
    Problem.VOICE_MESSAGE: N_(
        "This is a voice message, and I can't read those. Use a message with text instead."
    ),
    Problem.NAME_MARKUP: N_("A name can't have markup, mentions or signs like @ and #."),
    Problem.NAME_LINK: N_("A name can't be a link."),
    Problem.NAME_TAKEN: N_("This name could be taken for someone else's. Choose another one."),
    Problem.NOT_A_CARD: N_(
        "That message isn't the card of a question or an answer. Use this on a card."
    ),
    Problem.NOT_A_POST: N_(
        "That isn't a post in this server. Enter a post's number, such as #12 or #12.3, or its "
        "link."
    ),
}


# The numbers among the data of refusals; other integers are Discord's ids.
_COUNTS = {"length", "minimum", "maximum", "number"}


def explain(refusal: Refusal, t: Texts) -> str:
    """A refusal as one sentence or two that tell the reader what to do."""
    data = {
        name: t.number(value) if name in _COUNTS and isinstance(value, int) else _shown(value)
        for name, value in refusal.data.items()
    }
    match refusal:
        case Denied():
            return denied_text(refusal, data, t)
        case Invalid():
            return _invalid(refusal, data, t)
        case NotFound() if Missing(refusal.reason) is Missing.POST:
            typed = refusal.data.get("typed")
            if typed:
                return t(
                    "There's no post {typed} in this server. Check its number or link.",
                    typed=show_line(str(typed)[:80]),
                )
            return t("This post is no longer available.")
        case _:
            return t(_MISSING[Missing(refusal.reason)])


def _invalid(refusal: Invalid, data: dict[str, object], t: Texts) -> str:
    known = _FIELDS.get(refusal.field)
    field = t(known) if known else setting_title(refusal.field, t)
    of_this_field = _OF_ONE_FIELD.get((Problem(refusal.reason), refusal.field))
    if of_this_field is not None:
        return t(of_this_field, **data)
    if Problem(refusal.reason) is Problem.EMPTY:
        return t.plural(
            "{field} can't be empty. Enter at least {n} visible character.",
            "{field} can't be empty. Enter at least {n} visible characters.",
            int(str(refusal.data["minimum"])),
            field=field,
        )
    if Problem(refusal.reason) is Problem.UNKNOWN and "choices" in data:
        return t("{field} must be one of these: {choices}.", field=field, **data)
    return t(_PROBLEMS[Problem(refusal.reason)], **data | {"field": field})


def _shown(value: object) -> object:
    if isinstance(value, datetime):
        return discord.utils.format_dt(value, "f")
    return show_line(value) if isinstance(value, str) else value
