"""What settings and their values are called: names for people, not keys."""

from __future__ import annotations

from typing import Final

from bot.domain.blocked_words import entries_of
from bot.domain.rules import MODERATORS, SETTINGS, Setting, SettingKind
from bot.domain.text import show_line
from bot.i18n import N_, Texts
from cogs.ui.hours import hour_text, zone_label

TITLES: Final = {
    "question_channel": N_("Question channel"),
    "moderator_role": N_("Moderator role"),
    "moderators_channel": N_("Moderators' channel"),
    "report_role": N_("Role called for reports"),
    "helplines": N_("Helplines"),
    "how_to_help": N_("How members can help"),
    "offers": N_("Offers below replies"),
    "locale": N_("Language"),
    "welcome": N_("Welcome text"),
    "voting": N_("Voting"),
    "vote_buttons": N_("Vote buttons on cards"),
    "downvotes": N_("Downvotes"),
    "vote_up_emoji": N_("Upvote emoji"),
    "vote_down_emoji": N_("Downvote emoji"),
    "helper_role": N_("Helper role"),
    "duty_role": N_("Role while on duty"),
    "reply_spam": N_("Reply to authors: spam"),
    "reply_unkind": N_("Reply to authors: unkind"),
    "reply_rules": N_("Reply to authors: against the rules"),
    "reply_other": N_("Reply to authors: something else"),
    "reply_off_topic": N_("Reply to authors: off topic"),
    "reply_not_a_question": N_("Reply to authors: not a question"),
    "duty_hours": N_("Hours on duty"),
    "unanswered_hours": N_("Hours until helpers are notified"),
    "queue_hours": N_("Hours until the queue calls"),
    "nudge_hours": N_("Hours until askers are reminded"),
    "roundup_channel": N_("Round-up channel"),
    "roundup_day": N_("Round-up day"),
    "roundup_hour": N_("Round-up hour"),
    "roundup_zone": N_("Round-up time zone"),
    "anonymous": N_("Anonymous posts"),
    "anonymous_delay": N_("Delay of anonymous posts, in minutes"),
    "unsealing": N_("Unsealing of anonymous posts"),
    "unname_left": N_("“Deleted member” for those who left"),
    "min_account_days": N_("Account age to vote, in days"),
    "min_member_days": N_("Membership to vote, in days"),
    "points.start": N_("Starting points"),
    "points.question": N_("Points for a question"),
    "points.answer": N_("Points for an answer"),
    "points.choosing_best": N_("Points for choosing a best answer"),
    "points.best_answer": N_("Points for a best answer"),
    "points.question_vote": N_("Points per vote on a question"),
    "points.question_votes_lowest": N_("Lowest sum of a question's votes"),
    "points.question_votes_highest": N_("Highest sum of a question's votes"),
    "points.answer_vote": N_("Points per vote on an answer"),
    "points.answer_votes_lowest": N_("Lowest sum of an answer's votes"),
    "points.answer_votes_highest": N_("Highest sum of an answer's votes"),
    "titles": N_("Member titles"),
    "privilege.ask": N_("Who can ask"),
    "privilege.answer": N_("Who can answer"),
    "privilege.vote": N_("Who can upvote"),
    "privilege.down_vote": N_("Who can downvote"),
    "privilege.edit_others": N_("Who can edit others' posts"),
    "privilege.close": N_("Who can close others' questions"),
    "privilege.retag": N_("Who can change others' tags"),
    "privilege.comment": N_("Who can comment"),
    "limit.questions": N_("Questions per hour"),
    "limit.answers": N_("Answers per hour"),
    "limit.votes": N_("Votes per hour"),
    "limit.edits": N_("Edits per hour"),
    "limit.comments": N_("Comments per hour"),
    "limit.reports": N_("Reports per hour"),
    "limit.best": N_("Best answers chosen per hour"),
    "limit.close": N_("Questions closed per hour"),
    "flags_to_hide": N_("Reports needed to hide a post"),
    "report_account_days": N_("Account age to report, in days"),
    "report_member_days": N_("Membership to report, in days"),
    "blocked_words": N_("Blocked words"),
    "blocked_words_do": N_("What happens to blocked words"),
    "hold_points": N_("Points to post without approval"),
    "hold_days": N_("Days to post without approval"),
    "hold_first": N_("Posts to approve of each newcomer"),
}
_LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
_VALUES: Final = {
    "on": N_("on"),
    "off": N_("off"),
    "public": N_("public"),
    "private": N_("private"),
    "refuse": N_("not posted"),
    "hold": N_("posted once a moderator approves"),
    "flag": N_("posted, and shown to moderators"),
    "monday": N_("Monday"),
    "tuesday": N_("Tuesday"),
    "wednesday": N_("Wednesday"),
    "thursday": N_("Thursday"),
    "friday": N_("Friday"),
    "saturday": N_("Saturday"),
    "sunday": N_("Sunday"),
}


def setting_title(name: str, t: Texts) -> str:
    """A setting's name for people."""
    return t(TITLES[name]) if name in TITLES else name


def choice_label(choice: str, t: Texts) -> str:
    """A value of a switch or a choice, for people: "on", "private", "Deutsch"."""
    if choice in _LANGUAGES:
        return _LANGUAGES[choice]
    if choice.isdigit():
        return hour_text(int(choice), t.locale)
    return t(_VALUES[choice]) if choice in _VALUES else choice


def privilege_label(value: str, t: Texts) -> str:
    """Who has a privilege: everyone, moderators only, or members with a number of points."""
    if value == MODERATORS:
        return t("moderators only")
    points = int(value)
    if points <= 0:
        return t("everyone")
    shown = t.number(points)
    return t.plural(
        "members with {points} point", "members with {points} points", points, points=shown
    )


def words_label(value: str, t: Texts) -> str:
    """How many words a server blocks. The words themselves stand in their form alone."""
    count = len(entries_of(value))
    return t.plural("{n} entry", "{n} entries", count)


def value_text(setting: Setting, value: str, t: Texts) -> str:
    """A setting's stored value as people read it."""
    if not value:
        return t("not set")
    match setting.kind:
        case SettingKind.CHANNEL:
            return f"<#{value}>"
        case SettingKind.ROLE:
            return f"<@&{value}>"
        case SettingKind.WORDS:
            return f"**{words_label(value, t)}**"
        case SettingKind.TEXT:
            return show_line(value, 300)
        case SettingKind.TITLES:
            return show_line(value, 600)
        case SettingKind.EMOJI:
            return value
        case SettingKind.ZONE:
            return f"**{zone_label(value)}**"
        case SettingKind.PRIVILEGE:
            return f"**{privilege_label(value, t)}**"
        case SettingKind.INTEGER:
            return f"**{t.number(int(value))}**"
        case _:
            return f"**{choice_label(value, t)}**"


def is_default(name: str, value: str) -> bool:
    """Whether a stored value is the setting's default."""
    return value == SETTINGS[name].default
