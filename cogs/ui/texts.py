"""The wording of refusals: the one place where reasons become sentences."""

from __future__ import annotations

from datetime import datetime

import discord

from bot.domain.cards import Closing
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem, Refusal
from bot.domain.policies import Action
from bot.domain.review import Verdict
from bot.domain.text import show_line
from bot.i18n import N_, Texts
from cogs.ui.blocks import blocked_anonymous_text, blocked_text
from cogs.ui.cards import closing_reason
from cogs.ui.file_texts import FILE_PROBLEMS
from cogs.ui.limits import LIMITS
from cogs.ui.sealed_texts import NO_KEY_YET, SEALED
from cogs.ui.setting_titles import setting_title
from cogs.ui.verdicts import verdict_text

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
_PRIVILEGES = {
    "ask": N_("Asking a question"),
    "answer": N_("Answering a question"),
    "vote": N_("Voting"),
    "down_vote": N_("Downvoting"),
    "edit_others": N_("Editing other members' posts"),
    "close": N_("Closing other members' questions"),
    "comment": N_("Commenting"),
    "retag": N_("Changing tags on other members' questions"),
}
_MODERATORS_ONLY = {
    "ask": N_("Only moderators can ask questions here."),
    "answer": N_("Only moderators can answer here."),
    "vote": N_("Only moderators can vote here."),
    "down_vote": N_("Only moderators can downvote here."),
    "edit_others": N_("Only the author and moderators can edit this post."),
    "close": N_("Only the member who asked and moderators can do this."),
    "comment": N_("Only moderators can comment here."),
    "retag": N_("Only the member who asked and moderators can change these tags."),
}
_DENIALS = {
    Denial.NOT_SET_UP: N_(
        "The forum isn't set up in this server yet. Someone who manages the server can do that "
        "with /setup."
    ),
    Denial.NOT_IN_SERVER: N_(
        "Askwell's commands are here, but Askwell itself isn't in this server, or is just coming "
        "back. Please add it again as a bot."
    ),
    Denial.OWN_POST: N_("You can't vote on your own post."),
    Denial.BOT: N_("Bots can't vote."),
    Denial.BLOCKED_WORD: N_("“{word}” can't be used here."),
    Denial.AUTOMOD: N_("The server's AutoMod blocked it: “{message}”"),
    Denial.BOT_MESSAGE: N_("Only a member's message can become an answer."),
    Denial.POST_HIDDEN: N_("This post is no longer shown, so you can't vote on it."),
    Denial.DOWNVOTES_OFF: N_("Downvotes are turned off in this server."),
    Denial.PRIVATE_VOTING: N_(
        "Votes are private in this server. Use the buttons below the post, or /vote."
    ),
    Denial.COMMENT_VOTE: N_("You can't vote on comments."),
    Denial.NOT_ASKER: N_("Only <@{asker}>, who asked, or a moderator can choose the best answer."),
    Denial.NOT_AUTHOR: N_("Only the author and moderators can delete this post."),
    Denial.NOT_EDITOR: N_("Only the author and moderators can see earlier versions."),
    Denial.HAS_ANSWERS: N_(
        "Others have answered this question, so only a moderator can delete it. You can still "
        "edit it."
    ),
    Denial.NOT_ITS_WRITER: N_("Only the member who wrote the message can decide this."),
    Denial.NOT_A_MEMBER: N_("You aren't a member of that server any more."),
    Denial.THREAD_UNKNOWN: N_("This post is no longer known here. You can ask with /ask."),
    Denial.NOT_ITS_OPENER: N_("Only the member who opened this and moderators can do that."),
    Denial.REQUEST_ENDED: N_(
        "This request has ended. To post the message, open its menu, then *Apps*, *Post as answer*."
    ),
    Denial.NOT_YOUR_MESSAGE: N_(
        "Only the message's author, the member who asked or a moderator can make this message an "
        "answer."
    ),
    Denial.CARD_OUTDATED: N_(
        "This is an old copy of the post. Please use the one in the question's thread."
    ),
    Denial.OWN_REPORT: N_("This is your own post. You can edit or delete it instead."),
    Denial.OWN_FOLLOW: N_(
        "You can't follow yourself. Nobody is notified about what they do themselves."
    ),
    Denial.ALREADY_REPORTED: N_("You've already reported this post. The moderators know about it."),
    Denial.TOO_LONG_FOR_FORM: N_("This post is too long for a form, so it can't be edited."),
    Denial.NOT_MODERATOR: N_("Only moderators can do this."),
    Denial.NOT_MODERATOR_THERE: N_("Only moderators of this post's channel can do this."),
    Denial.NOT_MANAGER: N_("You need the *Manage Server* permission to do this."),
    Denial.TIMED_OUT: N_(
        "You're timed out in this server. You can read along, and join in again once the timeout "
        "ends."
    ),
    Denial.PENDING: N_(
        "Please accept this server's rules first. Discord asks you to when you try to send a "
        "message."
    ),
    Denial.THREAD_LOCKED: N_(
        "This question's thread is locked, so you can't answer, comment or edit here."
    ),
    Denial.NO_READING: N_("You no longer have access to this question's channel."),
    Denial.NO_ASKING: N_(
        "You can't ask there. You don't have permission to send messages in that channel."
    ),
    Denial.NO_WRITING: N_(
        "You can't write here. You don't have permission to send messages in this question's "
        "thread."
    ),
    Denial.NO_FILES: N_("You can't attach files there. Please send it without them."),
    Denial.OWN_BLOCK: N_("You can't block yourself."),
    Denial.BLOCKING_BOT: N_("Bots don't take part in the forum, so they can't be blocked."),
    Denial.BLOCKING_MODERATOR: N_(
        "Moderators and managers can't be blocked. Someone who manages the server has to take "
        "their role away first."
    ),
    Denial.OWN_APPEAL: N_("This is your own appeal. Another moderator will look at it."),
    Denial.ALREADY_APPEALED: N_(
        "You've already appealed this. You'll read in your inbox what comes of it."
    ),
    Denial.NOTHING_TO_APPEAL: N_("This decision no longer holds, so there's nothing to appeal."),
    Denial.DECIDED_FIRST: N_(
        "You decided this first, so another moderator answers the appeal. You can still undo it "
        "yourself, with a command."
    ),
    Denial.TAKEN: N_("<@{by}> is already looking at it. You can still decide."),
    Denial.ANONYMOUS_OFF: N_("This server has no anonymous posts. You can post with your name."),
    Denial.NO_KEY: N_("Anonymous posts aren't ready here yet. Ask the server's owner about it."),
    **SEALED,
    Denial.BUTTONS_ONLY: N_(
        "This post is anonymous, so reactions don't count as votes. Use the buttons below it, or "
        "/vote."
    ),
    Denial.OWN_IN_DISGUISE: N_(
        "You wrote both, one of them anonymously. Its points could tell who you are, so you can't "
        "choose this answer."
    ),
    Denial.SMALL_CIRCLE: N_(
        "Fewer than {few} people can read <#{channel}>. They could guess who wrote an anonymous "
        "post there. You can post with your name."
    ),
    Denial.OTHERS_MODERATE: N_("Moderators of this channel answer its appeals."),
    Denial.NO_VOTING: N_(
        "You can't vote here. You don't have permission to read this channel's message history."
    ),
    Denial.QUESTION_CLOSED: N_("This question is closed and takes no more answers."),
    Denial.QUESTION_GONE: N_(
        "The question that this belongs to isn't shown any more, so it can't be approved."
    ),
    Denial.CHANNEL_CHANGED: N_("Questions now go to a different channel. Please send yours again."),
    Denial.EDITED_MEANWHILE: N_(
        "Someone else edited this post while you were editing it. Check what it says now, then "
        "open your form again and send it."
    ),
    Denial.ERASED: N_("{post} was deleted over a week ago. Its text is permanently erased."),
    Denial.ANSWER_DELETED: N_(
        "This message was posted as an answer before, and that answer was deleted. Write a new "
        "one with /answer."
    ),
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
            return _denied(refusal, data, t)
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


def _denied(refusal: Denied, data: dict[str, object], t: Texts) -> str:
    # One case for each reason that needs more than its sentence: longer than a function should be.
    match refusal.reason:
        case Denial.ALREADY_DECIDED:
            verdict = refusal.data.get("verdict")
            said = verdict_text(verdict if isinstance(verdict, Verdict) else None, t)
            return t("Another moderator was faster. {verdict}", verdict=said)
        case Denial.NEEDS_POINTS:
            return _needs_points(refusal, t)
        case Denial.NEEDS_MODERATOR:
            only = N_("Only moderators can do this.")
            return t(_MODERATORS_ONLY.get(str(refusal.data.get("privilege")), only))
        case Denial.HOURLY_LIMIT:
            one, many = LIMITS[Action(str(refusal.data["action"]))]
            until = refusal.data.get("until")
            when = discord.utils.format_dt(until, "R") if isinstance(until, datetime) else ""
            return t.plural(one, many, int(str(refusal.data["limit"])), when=when or t("later"))
        case Denial.ACCOUNT_TOO_YOUNG | Denial.MEMBERSHIP_TOO_YOUNG if "until" not in data:
            return t(
                "You can't vote yet. Discord doesn't tell us how long you've been a member here."
            )
        case Denial.ACCOUNT_TOO_YOUNG:
            return t("Your account is still too new. You can vote from {until}.", **data)
        case Denial.MEMBERSHIP_TOO_YOUNG:
            return t("You're still too new in this server. You can vote from {until}.", **data)
        case Denial.NOT_IN_ROLE:
            return t(
                "Only members with the role {role} can ask in {category}. Choose another category.",
                category=f"**{data['category']}**",
                role=f"<@&{data['role']}>",
            )
        case Denial.NOT_ON_CALL if data["role"] is not None:
            helpers = f"<@&{data['role']}>"
            return t("Only {helpers} and moderators can be on duty.", helpers=helpers)
        case Denial.NOT_ON_CALL:
            return t("Only moderators can be on duty. A helper role can be set in /settings.")
        case Denial.BLOCKED:
            return blocked_text(refusal, t)
        case Denial.NO_KEY if data.get("manager"):
            return t(NO_KEY_YET)
        case Denial.BLOCKED_ANONYMOUS:
            return blocked_anonymous_text(refusal, t)
        case Denial.AUTOMOD if not data["message"]:
            return t("The server's AutoMod blocked it.")
        case Denial.NOT_ASKER if data["asker"] is None:
            return t("Only moderators can choose the best answer here.")
        case Denial.NOT_ASKER if data.get("anonymous"):
            return t("Only whoever asked, or a moderator, can choose the best answer.")
        case Denial.OTHER_CHANNEL:
            return _other_channel(data, t)
        case Denial.QUESTION_CLOSED:
            return _closed(refusal, t)
        case _:
            return t(_DENIALS[Denial(refusal.reason)], **data)


def _closed(refusal: Denied, t: Texts) -> str:
    """That a question is closed, and why, where that is known."""
    text = t(_DENIALS[Denial.QUESTION_CLOSED])
    closing, guild_id = refusal.data.get("closing"), refusal.data.get("guild")
    if not isinstance(closing, Closing) or not isinstance(guild_id, int):
        return text
    reason = closing_reason(guild_id, closing, t)
    return f"{text}\n{reason}" if reason else text


def _needs_points(refusal: Denied, t: Texts) -> str:
    privilege = t(_PRIVILEGES.get(str(refusal.data.get("privilege")), N_("This")))
    needed, have = int(str(refusal.data["needed"])), int(str(refusal.data["have"]))
    return t.plural(
        "{privilege} requires {needed} point. You have {have}.",
        "{privilege} requires {needed} points. You have {have}.",
        needed,
        privilege=privilege,
        needed=t.number(needed),
        have=t.number(have),
    )


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


def _other_channel(data: dict[str, object], t: Texts) -> str:
    channel = f"<#{data['channel']}>"
    if not data["category"]:
        return t(
            "Questions without a category go in {channel}, and Discord can't move a thread to "
            "another channel. Ask it again there, then close this one as a duplicate.",
            channel=channel,
        )
    return t(
        "Questions in {category} go in {channel}, and Discord can't move a thread to another "
        "channel. Ask it again there, then close this one as a duplicate.",
        category=f"**{data['category']}**",
        channel=channel,
    )


def _shown(value: object) -> object:
    if isinstance(value, datetime):
        return discord.utils.format_dt(value, "f")
    return show_line(value) if isinstance(value, str) else value
