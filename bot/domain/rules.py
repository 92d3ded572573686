"""A server's settings: their names, defaults and ranges, and the `Rules` they make.

Stored as text by name; a name that is absent has its default. Everything that a manager can change
with `/settings` is one line of `SETTINGS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.domain.blocked_words import ENTRIES_MAX, entries_of, is_entry
from bot.domain.emoji import is_emoji
from bot.domain.errors import Invalid, Missing, NotFound, Problem
from bot.domain.posts import ID_LIMIT
from bot.domain.text import normal_emoji
from bot.domain.typed import collapse, readable_length, tidy
from bot.domain.zones import UTC, zones_named

TITLE_MAX = 30
WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
MODERATORS: Final = "moderators"  # a privilege that no number of points gives


class SettingKind(StrEnum):
    """How a setting's value is parsed and shown."""

    INTEGER = "integer"
    SWITCH = "switch"
    CHOICE = "choice"
    EMOJI = "emoji"
    TEXT = "text"
    CHANNEL = "channel"
    ROLE = "role"
    TAG = "tag"
    TITLES = "titles"
    PRIVILEGE = "privilege"
    ZONE = "zone"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Setting:
    """One server setting. `lowest` and `highest` bound integers and the length of texts."""

    name: str
    kind: SettingKind
    default: str
    lowest: int = 0
    highest: int = 0
    choices: tuple[str, ...] = ()
    affects_points: bool = False
    internal: bool = False


def _points(name: str, default: int, lowest: int = -1000, highest: int = 1000) -> Setting:
    return Setting(
        f"points.{name}", SettingKind.INTEGER, str(default), lowest, highest, affects_points=True
    )


def _needed(name: str, default: int | str) -> Setting:
    return Setting(f"privilege.{name}", SettingKind.PRIVILEGE, str(default), 0, 1_000_000)


def _hourly(name: str, default: int) -> Setting:
    return Setting(f"limit.{name}", SettingKind.INTEGER, str(default), 1, 10_000)


REPLIES: Final = ("spam", "unkind", "rules", "other", "off_topic", "not_a_question")
"""The reasons of decisions for which a server can have a text of its own that authors read."""


def _reply(reason: str) -> Setting:
    return Setting(f"reply_{reason}", SettingKind.TEXT, "", 0, 300)


_ALL: Final = (
    Setting("question_channel", SettingKind.CHANNEL, ""),
    Setting("moderator_role", SettingKind.ROLE, ""),
    Setting("moderators_channel", SettingKind.CHANNEL, ""),
    Setting("report_role", SettingKind.ROLE, ""),
    Setting("helplines", SettingKind.TEXT, "", 0, 1500),
    Setting("how_to_help", SettingKind.TEXT, "", 0, 1500),
    *(_reply(reason) for reason in REPLIES),
    Setting("locale", SettingKind.CHOICE, "en", choices=("en", "de")),
    Setting("welcome", SettingKind.TEXT, "", 0, 1500),
    Setting("voting", SettingKind.CHOICE, "public", choices=("public", "private")),
    Setting("downvotes", SettingKind.SWITCH, "on", choices=("on", "off")),
    Setting("vote_buttons", SettingKind.SWITCH, "off", choices=("on", "off")),
    Setting("vote_up_emoji", SettingKind.EMOJI, "⬆️"),
    Setting("vote_down_emoji", SettingKind.EMOJI, "⬇️"),
    Setting("offers", SettingKind.SWITCH, "on", choices=("on", "off")),
    Setting("helper_role", SettingKind.ROLE, ""),
    Setting("duty_role", SettingKind.ROLE, ""),
    Setting("duty_hours", SettingKind.INTEGER, "12", 0, 168),
    Setting("unanswered_hours", SettingKind.INTEGER, "24", 0, 8760),
    Setting("queue_hours", SettingKind.INTEGER, "24", 0, 8760),
    Setting("nudge_hours", SettingKind.INTEGER, "48", 0, 8760),
    Setting("roundup_channel", SettingKind.CHANNEL, ""),
    Setting("roundup_day", SettingKind.CHOICE, "monday", choices=WEEKDAYS),
    Setting("roundup_hour", SettingKind.CHOICE, "18", choices=tuple(map(str, range(24)))),
    Setting("roundup_zone", SettingKind.ZONE, UTC),
    Setting("anonymous", SettingKind.SWITCH, "off", choices=("on", "off")),
    Setting("anonymous_delay", SettingKind.INTEGER, "0", 0, 1440),
    Setting("unsealing", SettingKind.SWITCH, "on", choices=("on", "off")),
    Setting("unname_left", SettingKind.SWITCH, "off", choices=("on", "off")),
    Setting("min_account_days", SettingKind.INTEGER, "0", 0, 3650),
    Setting("min_member_days", SettingKind.INTEGER, "0", 0, 3650),
    _points("start", 100, 0, 100_000),
    _points("question", 20),
    _points("answer", 40),
    _points("choosing_best", 30),
    _points("best_answer", 300, -10_000, 10_000),
    _points("question_vote", 10),
    _points("question_votes_lowest", -30, -100_000, 0),
    _points("question_votes_highest", 100, 0, 100_000),
    _points("answer_vote", 20),
    _points("answer_votes_lowest", -50, -100_000, 0),
    _points("answer_votes_highest", 200, 0, 100_000),
    Setting("titles", SettingKind.TITLES, "", 0, 400),
    _needed("ask", 0),
    _needed("answer", 0),
    _needed("vote", 0),
    _needed("down_vote", 120),
    _needed("edit_others", MODERATORS),
    _needed("close", MODERATORS),
    _needed("retag", 500),
    _needed("comment", 0),
    _hourly("questions", 10),
    _hourly("answers", 25),
    _hourly("votes", 300),
    _hourly("edits", 60),
    _hourly("comments", 20),
    _hourly("reports", 10),
    _hourly("best", 20),
    _hourly("close", 20),
    Setting("flags_to_hide", SettingKind.INTEGER, "5", 0, 1000),
    Setting("report_account_days", SettingKind.INTEGER, "7", 0, 3650),
    Setting("report_member_days", SettingKind.INTEGER, "1", 0, 3650),
    Setting("blocked_words", SettingKind.WORDS, "", 0, 4000),
    Setting("blocked_words_do", SettingKind.CHOICE, "refuse", choices=("refuse", "hold", "flag")),
    Setting("hold_points", SettingKind.INTEGER, "0", 0, 1_000_000),
    Setting("hold_days", SettingKind.INTEGER, "0", 0, 3650),
    Setting("hold_first", SettingKind.INTEGER, "1", 1, 100),
    # Ids of the forum tags that say "Solved", one of each forum questions were ever posted in;
    # kept with the settings, not shown to people.
    Setting("solved_tag", SettingKind.TAG, "", internal=True),
    # Names the last change of a weight of points, until a recount has finished after it.
    Setting("recount_due", SettingKind.TEXT, "", internal=True),
    # The last post that was re-indexed after an upgrade or a change of language, until all are; and
    # the languages in which the others may still be indexed.
    Setting("reindex_after", SettingKind.TEXT, "", internal=True),
    Setting("reindex_from", SettingKind.TEXT, "", internal=True),
)

SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType({s.name: s for s in _ALL})


@dataclass(frozen=True, slots=True)
class Rules:
    """A server's settings, parsed. Built by `Rules.of`; unknown names are ignored."""

    values: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, stored: Mapping[str, str]) -> Rules:
        """The rules of a stored mapping of setting names to texts."""
        return cls(MappingProxyType({k: v for k, v in stored.items() if k in SETTINGS}))

    def text(self, name: str) -> str:
        """A setting's text, or its default."""
        return self.values.get(name, SETTINGS[name].default)

    def reply(self, reason: str) -> str:
        """What authors read, besides the reason, where something was decided for it; or nothing."""
        return self.text(f"reply_{reason}") if reason in REPLIES else ""

    def number(self, name: str) -> int:
        """An integer setting."""
        return int(self.text(name))

    def needed(self, privilege: str) -> int | None:
        """The points needed for a privilege: 0 for everybody, None if only moderators have it."""
        text = self.text(f"privilege.{privilege}")
        return None if text == MODERATORS else int(text)

    def on(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.text(name) == "on"

    def identity(self, name: str) -> int | None:
        """The Discord id in a channel, role or tag setting, if it is set."""
        text = self.text(name)
        return int(text) if text else None

    @property
    def languages(self) -> tuple[str, ...]:
        """The server's language, and the former ones in which some posts may still be indexed."""
        return tuple(dict.fromkeys([self.text("locale"), *self.text("reindex_from").split()]))

    @property
    def channel_id(self) -> int | None:
        """The channel questions are posted in, once `/setup` has been run."""
        return self.identity("question_channel")

    @property
    def solved_tags(self) -> tuple[int, ...]:
        """The forum tags that say "Solved", each in a forum of its own."""
        return tuple(int(tag_id) for tag_id in self.text("solved_tag").split())

    @property
    def titles(self) -> tuple[tuple[int, str], ...]:
        """Members' titles as (points needed, title), the lowest first."""
        pairs = (each.split(" ", 1) for each in self.text("titles").split(", ") if each)
        return tuple((int(points), title) for points, title in pairs)

    def title_of(self, points: int) -> str:
        """The title of a member with these displayed points; empty if there is none."""
        return next((title for start, title in reversed(self.titles) if points >= start), "")

    @property
    def private_voting(self) -> bool:
        """Whether votes are private: not given by reaction, and seen by nobody."""
        return self.text("voting") == "private"

    @property
    def votes(self) -> tuple[int, ...]:
        """The votes that can be given."""
        return (1, -1) if self.on("downvotes") else (1,)

    @property
    def vote_buttons(self) -> tuple[int, ...]:
        """The votes that have a button under a card: those that can be given, where votes are
        private or the server wants buttons beside the emoji."""
        if not (self.private_voting or self.on("vote_buttons")):
            return ()
        return self.votes

    @property
    def vote_emoji(self) -> tuple[str, ...]:
        """The emoji under a card: none in private voting, one if down-votes are off."""
        if self.private_voting:
            return ()
        up, down = self.text("vote_up_emoji"), self.text("vote_down_emoji")
        return (up, down) if self.on("downvotes") else (up,)

    def vote_of(self, emoji: str) -> int | None:
        """The vote an emoji stands for: 1, -1, or None where it is not a vote emoji."""
        known = normal_emoji(emoji)
        if known == normal_emoji(self.text("vote_up_emoji")):
            return 1
        if known == normal_emoji(self.text("vote_down_emoji")):
            return -1
        return None

    def emoji_of(self, value: int) -> str:
        """The emoji of a vote of 1 or -1."""
        return self.text("vote_up_emoji" if value > 0 else "vote_down_emoji")


def check_setting(name: str, typed: str) -> str:
    """Check a setting's new value and return it as it is stored.

    Channels and roles are given as mentions or ids. Raises `NotFound(SETTING)` for an unknown name
    and `Invalid(name, …)` for a value that isn't allowed.
    """
    setting = SETTINGS.get(name)
    if setting is None or setting.internal:
        raise NotFound(Missing.SETTING, name=name[:50])
    text = tidy(typed)
    match setting.kind:
        case SettingKind.INTEGER:
            return _check_integer(setting, text)
        case SettingKind.PRIVILEGE:
            return MODERATORS if text.lower() == MODERATORS else _check_privilege(setting, text)
        case SettingKind.SWITCH | SettingKind.CHOICE:
            if text.lower() not in setting.choices:
                raise Invalid(name, Problem.UNKNOWN, choices=", ".join(setting.choices))
            return text.lower()
        case SettingKind.EMOJI:
            return _check_emoji(name, text)
        case SettingKind.CHANNEL | SettingKind.ROLE | SettingKind.TAG:
            digits = text.strip("<@&#>")
            if not digits:
                return ""
            known = digits.isascii() and digits.isdigit() and len(digits) <= 20
            if not known or int(digits) >= ID_LIMIT:
                raise Invalid(name, Problem.UNKNOWN, choices="#channel, @role")
            return digits
        case SettingKind.TITLES:
            return _check_titles(setting, text)
        case SettingKind.ZONE:
            zones = zones_named(text)
            if len(zones) != 1:
                raise Invalid("timezone", Problem.UNKNOWN)
            return zones[0]
        case SettingKind.WORDS:
            return _check_words(setting, text)
        case SettingKind.TEXT:
            if len(text) > setting.highest:
                raise Invalid(name, Problem.TOO_LONG, maximum=setting.highest, length=len(text))
            return text if readable_length(text) else ""


def _check_privilege(setting: Setting, text: str) -> str:
    try:
        return _check_integer(setting, text)
    except Invalid as refusal:
        if Problem(refusal.reason) is not Problem.NOT_A_NUMBER:
            raise
        raise Invalid(setting.name, Problem.NOT_A_PRIVILEGE, word=MODERATORS) from refusal


def _check_integer(setting: Setting, text: str) -> str:
    digits = text.removeprefix("+").replace("−", "-")
    if not (digits.removeprefix("-").isascii() and digits.removeprefix("-").isdigit()):
        raise Invalid(setting.name, Problem.NOT_A_NUMBER)
    if len(digits) > 9 or not setting.lowest <= int(digits) <= setting.highest:
        raise Invalid(
            setting.name, Problem.OUT_OF_RANGE, minimum=setting.lowest, maximum=setting.highest
        )
    return str(int(digits))


def _check_titles(setting: Setting, text: str) -> str:
    """Titles as they are stored, `0 Newcomer, 1000 Regular`, the lowest first."""
    found: dict[int, str] = {}
    for each in re.split(r"[,;\n]", text):
        points, _, title = collapse(each).partition(" ")
        if not points:
            continue
        if not (points.isascii() and points.isdigit() and len(points) <= 7):
            raise Invalid(setting.name, Problem.NOT_TITLES)
        if not readable_length(title) or len(title) > TITLE_MAX or int(points) in found:
            raise Invalid(setting.name, Problem.NOT_TITLES)
        found[int(points)] = title
    stored = ", ".join(f"{points} {title}" for points, title in sorted(found.items()))
    if len(stored) > setting.highest:
        raise Invalid(setting.name, Problem.TOO_LONG, maximum=setting.highest, length=len(stored))
    return stored


def _check_words(setting: Setting, text: str) -> str:
    """Blocked words as they are stored, one on each line."""
    if len(text) > setting.highest:
        raise Invalid(setting.name, Problem.TOO_LONG, maximum=setting.highest, length=len(text))
    entries = entries_of(text)
    if len(entries) > ENTRIES_MAX:
        raise Invalid(setting.name, Problem.TOO_MANY, maximum=ENTRIES_MAX)
    for entry in entries:
        if not is_entry(entry):
            raise Invalid(setting.name, Problem.NOT_A_WORD, typed=entry[:80])
    return "\n".join(entries)


def _check_emoji(name: str, text: str) -> str:
    if not is_emoji(text):
        raise Invalid(name, Problem.NOT_AN_EMOJI)
    return text
