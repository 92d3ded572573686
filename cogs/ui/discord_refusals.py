"""The wording of Discord's refusals."""

from __future__ import annotations

from bot.domain.outbox import reason_in
from bot.domain.text import show_line
from bot.i18n import N_, Texts
from cogs.failures import Code, Meaning, code_in, code_of, meaning_in, meaning_of

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
# The text of `outbox.CHANNEL_GONE`, which is recorded outside the cogs as well, marked for the
# catalogues here.
_CHANNEL_GONE = N_("The channel it stood in is gone.")
_BY_CODE: dict[int, str] = {
    Code.UNKNOWN_CHANNEL: N_("The channel no longer exists."),
    Code.UNKNOWN_MESSAGE: N_("The message no longer exists."),
    Code.UNKNOWN_EMOJI: N_("The emoji no longer exists."),
    Code.NO_HISTORY_TO_REPLY: N_(
        "To reply to a message there, I need the *Read Message History* permission."
    ),
    Code.UPLOADS_LIMITED: N_("Discord isn't accepting files in this server right now."),
    Code.TOO_MANY_PINS: N_("This channel has reached Discord's limit for pinned messages."),
    Code.TOO_MANY_PINNED_POSTS: N_("This forum has reached Discord's limit for pinned posts."),
    Code.TOO_MANY_REACTIONS: N_("The card has reached Discord's limit for different emoji."),
    Code.TOO_MANY_THREADS: N_("This server has reached Discord's limit for active threads."),
    Code.TOO_MANY_ANNOUNCEMENT_THREADS: N_(
        "This server has reached Discord's limit for active announcement threads."
    ),
    Code.TOO_MANY_EDITS_OF_OLD_MESSAGES: N_(
        "Discord is limiting edits to older messages right now."
    ),
    Code.THREAD_WITHOUT_FIRST_MESSAGE: N_("The thread's first message was deleted."),
    Code.TAG_ASKED_FOR: N_(
        "The forum channel requires a tag on every post. Choose a category, or turn off that "
        "requirement."
    ),
    Code.NO_ACCESS: N_(
        "I can't see that channel. Please give me the *View Channel* permission there."
    ),
    Code.MISSING_PERMISSION: N_(
        "Discord says I'm missing a permission there. `/setup` shows which one."
    ),
    Code.THREAD_ARCHIVED: N_("The thread is archived."),
    Code.THREAD_LOCKED: N_("The thread is locked."),
    Code.TWO_FACTORS_NEEDED: N_(
        "This server requires two-factor authentication for moderators, and my owner hasn't "
        "turned it on."
    ),
    Code.WORDS_NOT_ALLOWED: N_("The server's word filter blocked it."),
    Code.BLOCKED_BY_AUTOMOD: N_("The server's AutoMod blocked it."),
    Code.TITLE_BLOCKED_BY_AUTOMOD: N_("The server's AutoMod blocked the title."),
    Code.REQUEST_TOO_LARGE: N_("The files are larger than Discord allows in this server."),
}


def discord_problem(error: BaseException, t: Texts) -> str:
    """Discord's refusal, as a sentence for the person who waited."""
    if code_of(error) in _BY_CODE:
        return t(_BY_CODE[code_of(error)])
    if meaning_of(error) is Meaning.OURS:
        return t("Something went wrong on our side. We've logged it. Please try again.")
    return t("Discord isn't responding properly right now. Please try again in a minute.")


def discord_refusal(error: BaseException, t: Texts) -> str:
    """Why Discord won't do something until somebody changes something."""
    if code_of(error) in _BY_CODE:
        return t(_BY_CODE[code_of(error)])
    if meaning_of(error) in (Meaning.OURS, None):
        return t("Something went wrong on our side, and we've logged it.")
    return t("Discord rejected it.")


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
            return t("Discord rejected it.")
        case Meaning.PASSING:
            return t("Discord can't do this right now. I'll try again.")
        case None:  # of missing permissions in the server
            return own_words(said, t)
