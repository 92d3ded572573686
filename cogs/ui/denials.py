"""Why something isn't allowed: the sentence of each reason."""

from __future__ import annotations

from datetime import datetime

import discord

from bot.domain.cards import Closing
from bot.domain.errors import Denial, Denied
from bot.domain.policies import Action
from bot.domain.review import Verdict
from bot.i18n import N_, Texts
from cogs.ui.blocks import blocked_anonymous_text, blocked_text
from cogs.ui.cards import closing_reason
from cogs.ui.limits import LIMITS
from cogs.ui.sealed_texts import NO_KEY_YET, SEALED
from cogs.ui.verdicts import verdict_text

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


def denied_text(refusal: Denied, data: dict[str, object], t: Texts) -> str:
    """Why something isn't allowed. `data` is what the refusal says, ready to be shown."""
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
