"""The meaning of Discord's refusals: the one place that knows its codes.

A refusal is *ours* (the request was malformed: a bug in this program, logged with a traceback),
*passing* (time, a permission or freed space may lift it; the request is retried), or *final* (its
object is gone for good, or it will never be allowed).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, IntEnum
from typing import Final

import aiohttp
import discord

from bot.domain.outbox import recorded

# The library's exceptions when Discord fails: its own errors, and broken connections.
DISCORD_FAILED: Final = (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError)


class Meaning(Enum):
    """The consequence of a refusal."""

    OURS = "ours"
    PASSING = "passing"
    FINAL = "final"


class Code(IntEnum):
    """Discord's codes by name, as far as the bot's requests can get them."""

    UNKNOWN_ACCOUNT = 10001
    UNKNOWN_APPLICATION = 10002
    UNKNOWN_CHANNEL = 10003
    UNKNOWN_SERVER = 10004
    UNKNOWN_MEMBER = 10007
    UNKNOWN_MESSAGE = 10008
    UNKNOWN_OVERWRITE = 10009
    UNKNOWN_ROLE = 10011
    UNKNOWN_USER = 10013
    UNKNOWN_EMOJI = 10014
    UNKNOWN_WEBHOOK = 10015
    UNKNOWN_INTERACTION = 10062
    UNKNOWN_COMMAND = 10063
    UNKNOWN_COMMAND_PERMISSIONS = 10066
    UNKNOWN_FORUM_TAG = 10087
    NOT_FOR_BOTS = 20001
    ONLY_FOR_BOTS = 20002
    EXPLICIT_CONTENT = 20009
    NOT_THIS_APPLICATION = 20012
    SLOW_MODE = 20016
    ONLY_FOR_OWNER = 20018
    ANNOUNCEMENT_EDITS = 20022
    MEMBER_IS_TOO_NEW = 20024
    CHANNEL_WRITES = 20028
    SERVER_WRITES = 20029
    WORDS_NOT_ALLOWED = 20031
    TOO_MANY_SERVERS = 30001
    TOO_MANY_PINS = 30003
    TOO_MANY_ROLES = 30005
    TOO_MANY_REACTIONS = 30010
    TOO_MANY_CHANNELS = 30013
    TOO_MANY_ATTACHMENTS = 30015
    TOO_MANY_COMMANDS = 30032
    TOO_MANY_MEMBERS_OF_THREAD = 30033
    TOO_MANY_COMMANDS_A_DAY = 30034
    TOO_MANY_EDITS_OF_OLD_MESSAGES = 30046
    TOO_MANY_PINNED_POSTS = 30047
    TOO_MANY_FORUM_TAGS = 30048
    BITRATE_TOO_HIGH = 30052
    UNAUTHORIZED = 40001
    ACCOUNT_UNVERIFIED = 40002
    DIRECT_MESSAGES_TOO_FAST = 40003
    SENDING_SWITCHED_OFF = 40004
    REQUEST_TOO_LARGE = 40005
    FEATURE_SWITCHED_OFF = 40006
    BANNED = 40007
    INTERACTION_NOT_SENT = 40043
    THREAD_WITHOUT_FIRST_MESSAGE = 40058
    INTERACTION_ANSWERED = 40060
    TAG_NAMES_NOT_UNIQUE = 40061
    SERVICE_LIMITED = 40062
    NO_TAGS_FOR_MEMBERS = 40066
    TAG_ASKED_FOR = 40067
    ALREADY_THERE = 40069
    TOO_MANY_FOLLOW_UPS = 40094
    SHUT_OUT_BY_CLOUDFLARE = 40333
    NO_ACCESS = 50001
    WRONG_KIND_OF_ACCOUNT = 50002
    NOT_IN_DIRECT_MESSAGES = 50003
    WIDGET_SWITCHED_OFF = 50004
    NOT_OUR_MESSAGE = 50005
    EMPTY_MESSAGE = 50006
    NO_DIRECT_MESSAGES = 50007
    NOT_IN_VOICE_CHANNEL = 50008
    VERIFICATION_TOO_HIGH = 50009
    MISSING_PERMISSION = 50013
    INVALID_TOKEN = 50014
    DELETES_OUT_OF_RANGE = 50016
    PIN_IN_OTHER_CHANNEL = 50019
    SYSTEM_MESSAGE = 50021
    WRONG_CHANNEL_TYPE = 50024
    INVALID_OAUTH_TOKEN = 50025
    INVALID_WEBHOOK_TOKEN = 50027
    INVALID_ROLE = 50028
    INVALID_RECIPIENTS = 50033
    MESSAGES_TOO_OLD_TO_DELETE = 50034
    INVALID_FORM = 50035
    INVALID_API_VERSION = 50041
    FILE_TOO_LARGE = 50045
    INVALID_FILE = 50046
    INVALID_SERVER = 50055
    INVALID_MESSAGE_TYPE = 50068
    COMMUNITY_NEEDS_CHANNEL = 50074
    INVALID_STICKER = 50081
    THREAD_ARCHIVED = 50083
    INVALID_NOTIFICATION_SETTINGS = 50084
    BEFORE_THREAD = 50085
    NOT_IN_REGION = 50095
    BOOSTS_NEEDED = 50101
    INVALID_JSON = 50109
    UNREADABLE_FILE = 50110
    INVALID_FILE_TYPE = 50123
    UPLOAD_GONE = 50146
    TWO_FACTORS_NEEDED = 60003
    NO_SUCH_USER = 80004
    REACTION_BLOCKED = 90001
    NO_BURSTS_HERE = 90002
    APPLICATION_NOT_AVAILABLE = 110001
    OVERLOADED = 130000
    STOPPED_FOR_A_WHILE = 150006
    NO_HISTORY_TO_REPLY = 160002
    THREAD_EXISTS = 160004
    THREAD_LOCKED = 160005
    TOO_MANY_THREADS = 160006
    TOO_MANY_ANNOUNCEMENT_THREADS = 160007
    BLOCKED_BY_AUTOMOD = 200000
    TITLE_BLOCKED_BY_AUTOMOD = 200001
    MENTIONS_BLOCKED = 240000
    UPLOADS_LIMITED = 400001


_OURS: Final = frozenset(
    {
        Code.NOT_FOR_BOTS,
        Code.ONLY_FOR_BOTS,
        Code.ONLY_FOR_OWNER,
        Code.TOO_MANY_ATTACHMENTS,
        Code.TOO_MANY_COMMANDS,
        Code.TOO_MANY_FOLLOW_UPS,
        Code.INVALID_MESSAGE_TYPE,
        Code.INTERACTION_ANSWERED,
        Code.TAG_NAMES_NOT_UNIQUE,
        Code.WRONG_KIND_OF_ACCOUNT,
        Code.NOT_IN_DIRECT_MESSAGES,
        Code.NOT_OUR_MESSAGE,
        Code.NOT_IN_VOICE_CHANNEL,
        Code.DELETES_OUT_OF_RANGE,
        Code.PIN_IN_OTHER_CHANNEL,
        Code.SYSTEM_MESSAGE,
        Code.WRONG_CHANNEL_TYPE,
        Code.INVALID_ROLE,
        Code.INVALID_RECIPIENTS,
        Code.MESSAGES_TOO_OLD_TO_DELETE,
        Code.INVALID_FORM,
        Code.INVALID_API_VERSION,
        Code.INVALID_FILE,
        Code.INVALID_STICKER,
        Code.INVALID_NOTIFICATION_SETTINGS,
        Code.INVALID_JSON,
        Code.UPLOAD_GONE,
        Code.BITRATE_TOO_HIGH,
    }
)
_PASSING: Final = frozenset(
    {
        Code.EXPLICIT_CONTENT,
        Code.SLOW_MODE,
        Code.ANNOUNCEMENT_EDITS,
        Code.MEMBER_IS_TOO_NEW,
        Code.CHANNEL_WRITES,
        Code.SERVER_WRITES,
        Code.TOO_MANY_PINS,
        Code.TOO_MANY_ROLES,
        Code.TOO_MANY_REACTIONS,
        Code.TOO_MANY_CHANNELS,
        Code.TOO_MANY_MEMBERS_OF_THREAD,
        Code.TOO_MANY_COMMANDS_A_DAY,
        Code.TOO_MANY_EDITS_OF_OLD_MESSAGES,
        Code.TOO_MANY_PINNED_POSTS,
        Code.TOO_MANY_FORUM_TAGS,
        Code.UNAUTHORIZED,
        Code.ACCOUNT_UNVERIFIED,
        Code.DIRECT_MESSAGES_TOO_FAST,
        Code.SENDING_SWITCHED_OFF,
        Code.FEATURE_SWITCHED_OFF,
        Code.SERVICE_LIMITED,
        Code.NO_TAGS_FOR_MEMBERS,
        Code.TAG_ASKED_FOR,
        Code.THREAD_WITHOUT_FIRST_MESSAGE,
        Code.NO_ACCESS,
        Code.VERIFICATION_TOO_HIGH,
        Code.MISSING_PERMISSION,
        Code.INVALID_TOKEN,
        Code.INVALID_OAUTH_TOKEN,
        Code.COMMUNITY_NEEDS_CHANNEL,
        Code.THREAD_ARCHIVED,
        Code.NOT_IN_REGION,
        Code.BOOSTS_NEEDED,
        Code.TWO_FACTORS_NEEDED,
        Code.REACTION_BLOCKED,
        Code.SHUT_OUT_BY_CLOUDFLARE,
        Code.APPLICATION_NOT_AVAILABLE,
        Code.NO_HISTORY_TO_REPLY,
        Code.UPLOADS_LIMITED,
        Code.OVERLOADED,
        Code.STOPPED_FOR_A_WHILE,
        Code.THREAD_LOCKED,
        Code.TOO_MANY_THREADS,
        Code.TOO_MANY_ANNOUNCEMENT_THREADS,
        # The bot's messages never are: Discord drops embeds if the bot may not post any.
        Code.EMPTY_MESSAGE,
        # A server's filter may be changed, and so may the post.
        Code.WORDS_NOT_ALLOWED,
        Code.BLOCKED_BY_AUTOMOD,
        Code.TITLE_BLOCKED_BY_AUTOMOD,
        Code.MENTIONS_BLOCKED,
    }
)
_FINAL: Final = frozenset(
    {
        Code.UNKNOWN_ACCOUNT,
        Code.UNKNOWN_APPLICATION,
        Code.UNKNOWN_CHANNEL,
        Code.UNKNOWN_SERVER,
        Code.UNKNOWN_MEMBER,
        Code.UNKNOWN_MESSAGE,
        Code.UNKNOWN_OVERWRITE,
        Code.UNKNOWN_ROLE,
        Code.UNKNOWN_USER,
        Code.UNKNOWN_EMOJI,
        Code.UNKNOWN_WEBHOOK,
        Code.UNKNOWN_INTERACTION,
        Code.UNKNOWN_COMMAND,
        Code.UNKNOWN_COMMAND_PERMISSIONS,
        Code.UNKNOWN_FORUM_TAG,
        Code.NOT_THIS_APPLICATION,
        Code.INTERACTION_NOT_SENT,
        Code.INVALID_SERVER,
        Code.UNREADABLE_FILE,
        Code.INVALID_FILE_TYPE,
        Code.TOO_MANY_SERVERS,
        Code.REQUEST_TOO_LARGE,
        Code.BANNED,
        Code.ALREADY_THERE,
        Code.WIDGET_SWITCHED_OFF,
        Code.NO_DIRECT_MESSAGES,
        Code.INVALID_WEBHOOK_TOKEN,
        Code.FILE_TOO_LARGE,
        Code.BEFORE_THREAD,
        Code.NO_SUCH_USER,
        Code.NO_BURSTS_HERE,
        Code.THREAD_EXISTS,
    }
)
_BY_CODE: Final[dict[int, Meaning]] = {
    code: meaning
    for meaning, codes in (
        (Meaning.OURS, _OURS),
        (Meaning.PASSING, _PASSING),
        (Meaning.FINAL, _FINAL),
    )
    for code in codes
}
# For unknown codes: Discord adds some now and then.
_BY_STATUS: Final = {
    400: Meaning.OURS,
    401: Meaning.PASSING,
    403: Meaning.PASSING,
    404: Meaning.FINAL,
    405: Meaning.OURS,
    408: Meaning.PASSING,
    410: Meaning.FINAL,
    413: Meaning.FINAL,
    415: Meaning.OURS,
    429: Meaning.PASSING,
}
# Discord's limits on numbers: there is room again when somebody removes something.
NO_THREADS_LEFT: Final = frozenset({Code.TOO_MANY_THREADS, Code.TOO_MANY_ANNOUNCEMENT_THREADS})
NO_PINS_LEFT: Final = frozenset({Code.TOO_MANY_PINS, Code.TOO_MANY_PINNED_POSTS})
NO_PERMISSION: Final = frozenset({Code.NO_ACCESS, Code.MISSING_PERMISSION})


class EmbedsLeftOut(discord.DiscordException):
    """Discord accepted a message, but dropped its embeds, as it does if the permission Embed Links
    is missing."""

    def __init__(self) -> None:
        super().__init__("the permission Embed Links is missing, so the card was left out")


def code_of(error: BaseException) -> int:
    """Discord's code for a refusal; 0 if there is none."""
    if isinstance(error, EmbedsLeftOut):
        return Code.MISSING_PERMISSION
    return error.code if isinstance(error, discord.HTTPException) else 0


def meaning_of(error: BaseException) -> Meaning | None:
    """The meaning of a failed request; None for an error that doesn't come from Discord.

    Broken connections and Discord's server errors are passing.
    """
    match error:
        case discord.HTTPException(status=status) if status >= 500 or status in (408, 429):
            return Meaning.PASSING
        case discord.HTTPException(status=status, code=code):
            return _meaning(status, code)
        case (
            EmbedsLeftOut()
            | discord.RateLimited()
            | discord.GatewayNotFound()
            | discord.ConnectionClosed()
        ):
            return Meaning.PASSING
        case aiohttp.ClientError() | OSError():  # TimeoutError is one of these
            return Meaning.PASSING
        case _:
            return None


def _meaning(status: int, code: int) -> Meaning:
    return _BY_CODE.get(code) or _BY_STATUS.get(status, Meaning.OURS)


def is_trouble(error: BaseException) -> bool:
    """Whether Discord is out of reach or overloaded. Then other requests fail as well, while a
    refusal says nothing about them."""
    if isinstance(error, discord.HTTPException):
        limited = error.status == 429 and error.code not in _BY_CODE
        return error.status >= 500 or error.status == 408 or limited
    passing = meaning_of(error) is Meaning.PASSING
    return passing and not isinstance(error, EmbedsLeftOut | discord.RateLimited)


def is_refusal(error: BaseException) -> bool:
    """Whether Discord answered and refused the request; other requests may succeed."""
    return isinstance(error, discord.HTTPException | EmbedsLeftOut) and not is_trouble(error)


def gravest(errors: Sequence[Exception]) -> Exception:
    """The failure that decides for several: if one of them is passing, it is retried, even if
    others are final."""
    order = {Meaning.PASSING: 0, None: 1, Meaning.OURS: 2, Meaning.FINAL: 3}
    return min(errors, key=lambda e: (order[meaning_of(e)], isinstance(e, discord.RateLimited)))


def said_of(error: BaseException) -> str:
    """A failure as it is recorded and shown to owners and moderators: status, code, and Discord's
    message."""
    if isinstance(error, discord.HTTPException):
        return f"{error.status} {error.code}: {error.text}"
    if isinstance(error, EmbedsLeftOut):
        return f"403 {Code.MISSING_PERMISSION}: {error}"
    return f"{type(error).__name__}: {error}"


_SAID = re.compile(r"(\d{3}) (\d{1,9}): ")
_RAISED = re.compile(r"\w+: ")


def code_in(said: str) -> int:
    """The code in a failure that `said_of` recorded; 0 if there is none."""
    found = _SAID.match(said)
    return int(found[2]) if found else 0


def meaning_in(said: str) -> Meaning | None:
    """The meaning of a failure that `said_of` recorded; None for other reasons, as of a card
    without a channel."""
    found = _SAID.match(said)
    if found is None:
        return Meaning.PASSING if _RAISED.match(said) else None
    status, code = int(found[1]), int(found[2])
    return Meaning.PASSING if status >= 500 else _meaning(status, code)


class Unshowable(Exception):
    """A card that can't be shown until somebody changes something: `text`, a key of the catalogues,
    with its `values`, says what. `said` is the recorded form."""

    def __init__(self, text: str, **values: str) -> None:
        super().__init__(text.format(**values))
        self.text = text
        self.values = values
        self.said = recorded(text, values)
