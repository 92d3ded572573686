"""The wording of refusals: the one place where reasons become sentences."""

from __future__ import annotations

from datetime import datetime

import discord

from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem, Refusal
from bot.domain.outbox import reason_in
from bot.domain.policies import Action
from bot.domain.text import show_line
from bot.i18n import N_, NP_, Texts
from cogs.failures import Code, Meaning, code_in, code_of, meaning_in, meaning_of

_FIELDS = {
    "query": N_("What to search for"),
    "title": N_("The title"),
    "details": N_("The details"),
    "answer": N_("The answer"),
    "comment": N_("The comment"),
    "tags": N_("A tag"),
    "reason": N_("The reason"),
    "name": N_("The name"),
    "description": N_("The description"),
    "category": N_("The category"),
    "emoji": N_("The emoji"),
}
_PRIVILEGES = {
    "ask": N_("To ask"),
    "answer": N_("To answer"),
    "vote": N_("To vote"),
    "down_vote": N_("To vote down"),
    "edit_others": N_("To edit what others wrote"),
    "close": N_("To close questions of others"),
    "comment": N_("To comment"),
    "retag": N_("To change the tags of others' questions"),
}
_MODERATORS_ONLY = {
    "ask": N_("Only moderators can ask questions here."),
    "answer": N_("Only moderators can answer here."),
    "vote": N_("Only moderators can vote here."),
    "down_vote": N_("Only moderators can vote down here."),
    "edit_others": N_("Only its author and moderators can edit this post."),
    "close": N_("Only the member who asked and moderators can do this."),
    "comment": N_("Only moderators can comment here."),
    "retag": N_("Only the member who asked and moderators can change these tags."),
}
_LIMITS = {
    Action.QUESTIONS: NP_(
        "You have asked {n} question this hour. That's the limit. Try again {when}.",
        "You have asked {n} questions this hour. That's the limit. Try again {when}.",
    ),
    Action.ANSWERS: NP_(
        "You have given {n} answer this hour. That's the limit. Try again {when}.",
        "You have given {n} answers this hour. That's the limit. Try again {when}.",
    ),
    Action.VOTES: NP_(
        "You have voted {n} time this hour. That's the limit. Try again {when}.",
        "You have voted {n} times this hour. That's the limit. Try again {when}.",
    ),
    Action.EDITS: NP_(
        "You have edited {n} time this hour. That's the limit. Try again {when}.",
        "You have edited {n} times this hour. That's the limit. Try again {when}.",
    ),
    Action.COMMENTS: NP_(
        "You have commented {n} time this hour. That's the limit. Try again {when}.",
        "You have commented {n} times this hour. That's the limit. Try again {when}.",
    ),
    Action.REPORTS: NP_(
        "You have reported {n} post this hour. That's the limit. Try again {when}.",
        "You have reported {n} posts this hour. That's the limit. Try again {when}.",
    ),
    Action.BEST: NP_(
        "You have changed a best answer {n} time this hour. Try again {when}.",
        "You have changed a best answer {n} times this hour. Try again {when}.",
    ),
    Action.CLOSE: NP_(
        "You have closed or reopened a question {n} time this hour. Try again {when}.",
        "You have closed or reopened questions {n} times this hour. Try again {when}.",
    ),
}
_DENIALS = {
    Denial.NOT_SET_UP: N_(
        "The forum is not set up in this server yet. Somebody who may manage the server can do it "
        "with /setup."
    ),
    Denial.NOT_IN_SERVER: N_(
        "Askwell's commands are here, but Askwell itself is not a member of this server (or is "
        "just coming back). Please add it again as a bot."
    ),
    Denial.OWN_POST: N_("You can't vote on your own post."),
    Denial.BOT: N_("Bots have no vote."),
    Denial.BOT_MESSAGE: N_("Only what a member wrote can become an answer."),
    Denial.POST_HIDDEN: N_("This post is no longer shown, so it can't be voted on."),
    Denial.DOWNVOTES_OFF: N_("Down-votes are switched off in this server."),
    Denial.PRIVATE_VOTING: N_(
        "Votes are private in this server: vote with the post's More button or with /vote."
    ),
    Denial.COMMENT_VOTE: N_("Comments can't be voted on."),
    Denial.NOT_ASKER: N_("Only the member who asked, or a moderator, chooses the best answer."),
    Denial.NOT_AUTHOR: N_("Only the member who wrote this post, or a moderator, can delete it."),
    Denial.NOT_EDITOR: N_("Only the author and moderators can see earlier versions."),
    Denial.HAS_ANSWERS: N_(
        "Others have answered this question, so only a moderator can delete it. You can still "
        "edit it."
    ),
    Denial.NOT_ITS_WRITER: N_("Only the member who wrote the message can decide this."),
    Denial.TOO_LATE: N_("That was asked more than a day ago. Please use the message's own menu."),
    Denial.REQUEST_ENDED: N_(
        "This request has ended. To post the message, open its menu, then *Apps*, *Post as answer*."
    ),
    Denial.NOT_YOUR_MESSAGE: N_(
        "Only the member who wrote the message, the one who asked, or a moderator can make it "
        "an answer."
    ),
    Denial.CARD_OUTDATED: N_(
        "This is an old copy of the post. Please use the one in the question's thread."
    ),
    Denial.OWN_REPORT: N_("This is your own post: you can edit or delete it."),
    Denial.OWN_FOLLOW: N_("That is you, and nobody is told of what they do themselves."),
    Denial.ALREADY_REPORTED: N_("You have reported this post already. The moderators know."),
    Denial.TOO_LONG_FOR_FORM: N_("This post is longer than a form holds, so it can't be edited."),
    Denial.NOT_MODERATOR: N_("Only moderators can do this."),
    Denial.NOT_MANAGER: N_("Only members who may manage the server can do this."),
    Denial.TIMED_OUT: N_(
        "You're timed out in this server. You can read along, and take part once that has ended."
    ),
    Denial.PENDING: N_(
        "Please accept the rules of this server first. Discord asks you to when you try to write."
    ),
    Denial.THREAD_LOCKED: N_(
        "This question's thread is locked, so it takes no more answers, comments or edits."
    ),
    Denial.NO_READING: N_("You can't see the channel of this question any more."),
    Denial.NO_ASKING: N_("You can't ask there: Discord doesn't let you write in that channel."),
    Denial.NO_WRITING: N_(
        "You can't write here: Discord doesn't let you send messages in this question's thread."
    ),
    Denial.NO_FILES: N_("You can't add files there. Please send it without them."),
    Denial.NO_VOTING: N_(
        "You can't vote here: Discord doesn't let you read the history of this channel."
    ),
    Denial.QUESTION_CLOSED: N_("This question is closed and takes no more answers."),
    Denial.ERASED: N_("{post} was deleted over a week ago, and its text is erased for good."),
    Denial.ANSWER_DELETED: N_(
        "This message was an answer before, and that answer was deleted. Write a new one with "
        "/answer."
    ),
}
_MISSING = {
    Missing.UNNAMED: N_(
        "Which question? Use this in a question's thread, or name the question by its number or "
        "link."
    ),
    Missing.THREAD: N_("Only a message in a question's thread can become an answer to it."),
    Missing.ANSWER_UNNAMED: N_("Which answer? Name it by its number, such as #12.3, or its link."),
    Missing.NO_ANSWERS: N_("This question has no answers yet."),
    Missing.CATEGORY: N_("This category is no longer there. Please choose another one."),
    Missing.DRAFT: N_("That text is no longer kept: it was sent, or it is more than a week old."),
    Missing.REVISION: N_("That version of the post is no longer there."),
    Missing.TAG: N_("No question carries that tag, so there is nothing to merge."),
    Missing.SYNONYM: N_("That is no synonym. /tag list shows them all."),
    Missing.SETTING: N_("There is no such setting. /settings show lists them all."),
}
_TOO_MANY = {
    "tags": N_("That is too many tags: {maximum} at most."),
    "category": N_("That is too many categories: {maximum} at most."),
    "attachment": N_("That is too many files: {maximum} at most."),
}
_PROBLEMS = {
    Problem.NO_LETTERS: N_("{field} needs at least {minimum} letters or digits."),
    Problem.TOO_SHORT: N_("{field} is too short: {length} of at least {minimum} characters."),
    Problem.TOO_LONG: N_("{field} is too long: {length} of at most {maximum} characters."),
    Problem.TOO_MANY: N_("That is too many: {maximum} at most."),
    Problem.UNKNOWN: N_("{field} must be one of those offered. Please choose it again."),
    Problem.NOT_A_NUMBER: N_("{field} must be a whole number."),
    Problem.NOT_A_PRIVILEGE: N_(
        "{field} must be a number of points, 0 for everybody, or the word *{word}*."
    ),
    Problem.OUT_OF_RANGE: N_("{field} must be between {minimum} and {maximum}."),
    Problem.NOT_AN_EMOJI: N_("{field} must be a single emoji."),
    Problem.SAME_EMOJI: N_("Up and down need two different emoji."),
    Problem.FOREIGN_EMOJI: N_(
        "I can't use that emoji: it belongs to another server. Choose one of this server's, or one "
        "that everybody has."
    ),
    Problem.NOT_TITLES: N_(
        "{field} must be numbers of points, each with a title of up to 30 characters, and commas "
        "in between: `0 Newcomer, 1000 Regular`."
    ),
    Problem.NOT_A_CHANNEL: N_("{field} must be a text or forum channel of this server."),
    Problem.NOT_A_ROLE: N_("{field} must be a role of this server, and not @everyone."),
    Problem.DUPLICATE: N_("There already is one called {name}."),
    Problem.SAME_QUESTION: N_("A question can't be a duplicate of itself."),
    Problem.REPEATED_QUESTION: N_("Exactly this question was asked just now."),
    Problem.REPEATED_ANSWER: N_("This question already has exactly this answer."),
    Problem.TOO_DEEP: N_("Categories can be nested {maximum} deep, no deeper."),
    Problem.BELOW_ITSELF: N_("A category can't stand below itself."),
    Problem.NOT_BESIDE: N_(
        "That one has another parent. Choose one of the same parent to stand before."
    ),
    Problem.NOT_EMPTY: N_("There are categories below this one. Remove them first."),
    Problem.NOT_AN_ANSWER: N_("That is not an answer, so it can't be the best one."),
    Problem.SAME_TAG: N_("These are two names of the same tag: {name}."),
    Problem.LEADS_BACK: N_(
        "{name} is a synonym of {target} already. To turn that round, take it away with "
        "/tag unsynonym first."
    ),
    Problem.TAG_IN_USE: N_(
        "There are questions with the tag {name} ({number}). /tag merge gives them the other tag "
        "and makes this one a synonym."
    ),
    Problem.FILE_KIND: N_("{name} can't be attached. What can: {kinds}."),
    Problem.FILE_EMPTY: N_("{name} is empty, so it can't be attached."),
    Problem.FILES_TOO_BIG: N_("That is too big: {maximum} at most, all files together."),
    Problem.NO_ROOM: N_(
        "Too many files are waiting to be posted in this server. "
        "Please try again later, or post without files."
    ),
    Problem.FILE_LOST: N_(
        "Discord does not give out the file any more. Open the form again to post without it, or "
        "give it once more."
    ),
    Problem.STICKER: N_("This message is a sticker. Only a message with text can be used here."),
    Problem.VOICE_MESSAGE: N_(
        "This is a voice message, which can't be read. Only a message with text can be used here."
    ),
    Problem.NOT_A_CARD: N_("That message is not the card of a question or an answer."),
    Problem.NOT_A_POST: N_(
        "That is neither a post's number, such as #12 or #12.3, nor the link of a post here."
    ),
}


# What counts among the data of refusals; other whole numbers are Discord's ids.
_COUNTS = {"length", "minimum", "maximum", "number"}


def explain(refusal: Refusal, t: Texts) -> str:
    """A refusal as one sentence or two that tell the reader what to do."""
    data = {
        name: t.number(value) if name in _COUNTS and isinstance(value, int) else _shown(value)
        for name, value in refusal.data.items()
    }
    match refusal:
        case Denied(reason=Denial.NEEDS_POINTS):
            privilege = t(_PRIVILEGES.get(str(refusal.data.get("privilege")), N_("For this")))
            needed, have = int(str(refusal.data["needed"])), int(str(refusal.data["have"]))
            return t.plural(
                "{privilege} you need {needed} point; you have {have}.",
                "{privilege} you need {needed} points; you have {have}.",
                needed,
                privilege=privilege,
                needed=t.number(needed),
                have=t.number(have),
            )
        case Denied(reason=Denial.NEEDS_MODERATOR):
            only = N_("Only moderators can do this.")
            return t(_MODERATORS_ONLY.get(str(refusal.data.get("privilege")), only))
        case Denied(reason=Denial.HOURLY_LIMIT):
            one, many = _LIMITS[Action(str(refusal.data["action"]))]
            until = refusal.data.get("until")
            when = discord.utils.format_dt(until, "R") if isinstance(until, datetime) else ""
            return t.plural(one, many, int(str(refusal.data["limit"])), when=when or t("later"))
        case Denied(reason=Denial.ACCOUNT_TOO_YOUNG | Denial.MEMBERSHIP_TOO_YOUNG) if (
            "until" not in data
        ):
            return t(
                "You can't vote yet: Discord doesn't tell us how long you've been a member here."
            )
        case Denied(reason=Denial.ACCOUNT_TOO_YOUNG):
            return t("Your account is still new. You can vote from {until} on.", **data)
        case Denied(reason=Denial.MEMBERSHIP_TOO_YOUNG):
            return t("You are still new in this server. You can vote from {until} on.", **data)
        case Denied(reason=Denial.NOT_IN_ROLE):
            return t(
                "In {category} only members with the role {role} can ask. Choose another category.",
                category=f"**{data['category']}**",
                role=f"<@&{data['role']}>",
            )
        case Denied(reason=Denial.OTHER_CHANNEL):
            return _other_channel(data, t)
        case Denied(reason=Denial.CHANNEL_CHANGED):
            return t("Questions now go to another channel. Please send yours again.")
        case Denied(reason=Denial.EDITED_MEANWHILE):
            return t(
                "Somebody else edited this post while you did. Look at what it says now, then "
                "open your form again and send it."
            )
        case Denied():
            return t(_DENIALS[Denial(refusal.reason)], **data)
        case Invalid():
            field = t(_FIELDS.get(refusal.field, N_("It")))
            if refusal.field not in _FIELDS:
                field = f"`{refusal.field}`"
            if Problem(refusal.reason) is Problem.TOO_MANY and refusal.field in _TOO_MANY:
                return t(_TOO_MANY[refusal.field], **data)
            if Problem(refusal.reason) is Problem.EMPTY:
                return t.plural(
                    "{field} is empty. It needs at least {n} character one can see.",
                    "{field} is empty. It needs at least {n} characters one can see.",
                    int(str(refusal.data["minimum"])),
                    field=field,
                )
            if Problem(refusal.reason) is Problem.UNKNOWN and "choices" in data:
                return t("{field} must be one of: {choices}.", field=field, **data)
            return t(_PROBLEMS[Problem(refusal.reason)], **data | {"field": field})
        case NotFound() if Missing(refusal.reason) is Missing.POST:
            typed = refusal.data.get("typed")
            if typed:
                return t(
                    "There is no post {typed} in this server.",
                    typed=show_line(str(typed)[:80]),
                )
            return t("This post is no longer there.")
        case _:
            return t(_MISSING[Missing(refusal.reason)])


def _other_channel(data: dict[str, object], t: Texts) -> str:
    channel = f"<#{data['channel']}>"
    if not data["category"]:
        return t(
            "Questions without a category stand in {channel}, and Discord can't move a thread to "
            "another channel. Ask it anew there, and close this one as its duplicate.",
            channel=channel,
        )
    return t(
        "Questions in {category} stand in {channel}, and Discord can't move a thread to another "
        "channel. Ask it anew there, and close this one as its duplicate.",
        category=f"**{data['category']}**",
        channel=channel,
    )


def _shown(value: object) -> object:
    if isinstance(value, datetime):
        return discord.utils.format_dt(value, "f")
    return show_line(value) if isinstance(value, str) else value


PERMISSIONS: dict[str, str] = {
    "view_channel": N_("View Channel"),
    "send_messages": N_("Send Messages"),
    "send_messages_in_threads": N_("Send Messages in Threads"),
    "create_public_threads": N_("Create Public Threads"),
    "embed_links": N_("Embed Links"),
    "attach_files": N_("Attach Files"),
    "read_message_history": N_("Read Message History"),
    "add_reactions": N_("Add Reactions"),
    "manage_messages": N_("Manage Messages"),
    "manage_threads": N_("Manage Threads"),
    "pin_messages": N_("Pin Messages"),
    "manage_channels": N_("Manage Channels"),
}

# `outbox.CHANNEL_GONE`, which is recorded outside of the cogs too.
_CHANNEL_GONE = N_("The channel it stood in is gone.")
_BY_CODE: dict[int, str] = {
    Code.UNKNOWN_CHANNEL: N_("The channel is no longer there."),
    Code.UNKNOWN_MESSAGE: N_("The message is no longer there."),
    Code.UNKNOWN_EMOJI: N_("The emoji is no longer there."),
    Code.NO_HISTORY_TO_REPLY: N_("To reply to a message, I need *Read Message History* there."),
    Code.UPLOADS_LIMITED: N_("Discord takes no files in this server for now."),
    Code.TOO_MANY_PINS: N_("This channel has as many pinned messages as Discord allows."),
    Code.TOO_MANY_PINNED_POSTS: N_("This forum has as many pinned posts as Discord allows."),
    Code.TOO_MANY_REACTIONS: N_("The card has as many different emoji as Discord allows."),
    Code.TOO_MANY_THREADS: N_("This server has as many active threads as Discord allows."),
    Code.TOO_MANY_ANNOUNCEMENT_THREADS: N_(
        "This server has as many active announcement threads as Discord allows."
    ),
    Code.TOO_MANY_EDITS_OF_OLD_MESSAGES: N_(
        "Discord is limiting edits of older messages at the moment."
    ),
    Code.THREAD_WITHOUT_FIRST_MESSAGE: N_("The first message of the thread was deleted."),
    Code.TAG_ASKED_FOR: N_(
        "The forum channel asks for a tag on every post. Choose a category, or lift that."
    ),
    Code.NO_ACCESS: N_(
        "I can't see that channel. Please give me the permission View Channel there."
    ),
    Code.MISSING_PERMISSION: N_(
        "Discord says I lack a permission there. `/setup` shows which one is missing."
    ),
    Code.THREAD_ARCHIVED: N_("The thread is archived."),
    Code.THREAD_LOCKED: N_("The thread is locked."),
    Code.TWO_FACTORS_NEEDED: N_(
        "This server asks moderators for two-factor authentication, and my owner doesn't use it."
    ),
    Code.WORDS_NOT_ALLOWED: N_("The server's word filter blocked it."),
    Code.BLOCKED_BY_AUTOMOD: N_("The server's AutoMod blocked it."),
    Code.TITLE_BLOCKED_BY_AUTOMOD: N_("The server's AutoMod blocked the title."),
    Code.REQUEST_TOO_LARGE: N_("The files are larger than Discord allows in this server."),
}


def discord_problem(error: BaseException, t: Texts) -> str:
    """What Discord refused, as a sentence for the person who waited for it."""
    if code_of(error) in _BY_CODE:
        return t(_BY_CODE[code_of(error)])
    if meaning_of(error) is Meaning.OURS:
        return t("Something went wrong on our side. We've logged it. Please try again.")
    return t("Discord does not answer as it should just now. Please try again in a minute.")


def discord_refusal(error: BaseException, t: Texts) -> str:
    """Why Discord will not do something, now or later, until somebody changes something."""
    if code_of(error) in _BY_CODE:
        return t(_BY_CODE[code_of(error)])
    if meaning_of(error) in (Meaning.OURS, None):
        return t("Something went wrong on our side, and we've logged it.")
    return t("Discord does not accept it.")


def recorded_refusal(said: str, t: Texts) -> str:
    """The same for a failure that was recorded (see `failures.said_of`)."""
    code = code_in(said)
    if code in _BY_CODE:
        return t(_BY_CODE[code])
    return own_words(said, t) if meaning_in(said) is None else show_line(said, 120)


def own_words(said: str, t: Texts) -> str:
    """A reason that was recorded in our own words (see `outbox.recorded`)."""
    text, values = reason_in(said)
    return t(text, **values)


def refusal_in_words(said: str, t: Texts) -> str:
    """The same for somebody who can't do anything with a status and a code."""
    if code_in(said) in _BY_CODE:
        return t(_BY_CODE[code_in(said)])
    match meaning_in(said):
        case Meaning.OURS:
            return t("Something went wrong on our side, and we've logged it.")
        case Meaning.FINAL:
            return t("Discord does not accept it.")
        case Meaning.PASSING:
            return t("Discord isn't doing it right now. I'll try again.")
        case None:  # of what is missing in the server
            return own_words(said, t)
