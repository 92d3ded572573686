"""Rendering settings for managers: their meaning, value and default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.domain.rules import MODERATORS, SETTINGS, Rules, Setting, SettingKind
from bot.domain.text import fitting, shorten, show_line
from bot.domain.typed import characters, one_line
from bot.i18n import N_, Texts
from bot.usecases.guilds import SettingChange
from bot.usecases.recounting import Correction, Figure
from cogs.ui.controls import custom_id, view_of
from cogs.ui.modals import Values
from cogs.ui.people import person

_COLOUR = 0x5865F2
_LISTED = 15  # corrections listed one by one

MEANINGS: Final = {
    "question_channel": N_("The forum or text channel for questions."),
    "moderator_role": N_("A role that can moderate, in addition to members with Manage Messages."),
    "moderators_channel": N_("The text channel that each report comes to. Only moderators see it."),
    "report_role": N_("A role that's mentioned with each new report (optional)."),
    "locale": N_("The language of cards, and of search: en (English) or de (Deutsch)."),
    "welcome": N_("Shown first in /help: who you are, what belongs here, where to get help."),
    "voting": N_(
        "public: members vote with reactions. private: they vote with buttons, and nobody sees "
        "who voted."
    ),
    "downvotes": N_("Whether members can downvote posts."),
    "vote_buttons": N_(
        "Whether cards have vote buttons beside the reactions. Private votes always do."
    ),
    "vote_up_emoji": N_("The reaction for upvotes."),
    "vote_down_emoji": N_("The reaction for downvotes."),
    "offers": N_(
        "Whether members who reply to a card, or write in a question's thread, are offered to post "
        "that as an answer."
    ),
    "helper_role": N_("A role that's notified once when a question waits too long for an answer."),
    "unanswered_hours": N_("Hours without an answer before the helper role is notified. 0: never."),
    "nudge_hours": N_(
        "Hours until an asker with good answers is reminded once to choose the best one. 0: never."
    ),
    "min_account_days": N_("How many days old a Discord account must be to vote."),
    "min_member_days": N_("How many days someone must be a member of the server to vote."),
    "points.start": N_("Points everyone starts with."),
    "points.question": N_("Points for asking a question."),
    "points.answer": N_("Points for posting an answer."),
    "points.choosing_best": N_("Points for choosing the best answer to your own question."),
    "points.best_answer": N_("Points for an answer that's chosen as best answer."),
    "points.question_vote": N_("Points per upvote on a question. A downvote takes away as many."),
    "points.question_votes_lowest": N_("The most points that votes on one question can take away."),
    "points.question_votes_highest": N_("The most points that votes on one question can earn."),
    "points.answer_vote": N_("Points per upvote on an answer. A downvote takes away as many."),
    "points.answer_votes_lowest": N_("The most points that votes on one answer can take away."),
    "points.answer_votes_highest": N_("The most points that votes on one answer can earn."),
    "titles": N_(
        "Titles members get at a number of points, for example: 0 Newcomer, 1000 Regular."
    ),
    "privilege.ask": N_("Points needed to ask. 0: everyone. moderators: moderators only."),
    "privilege.answer": N_("Points needed to answer. 0: everyone. moderators: moderators only."),
    "privilege.vote": N_("Points needed to upvote. 0: everyone. moderators: moderators only."),
    "privilege.down_vote": N_(
        "Points needed to downvote. 0: everyone. moderators: moderators only."
    ),
    "privilege.edit_others": N_(
        "Points needed to edit others' posts. 0: everyone. moderators: moderators only."
    ),
    "privilege.close": N_(
        "Points needed to close others' questions. 0: everyone. moderators: moderators only."
    ),
    "privilege.retag": N_(
        "Points needed to change tags on others' questions. 0: everyone. moderators: moderators "
        "only."
    ),
    "privilege.comment": N_("Points needed to comment. 0: everyone. moderators: moderators only."),
    "limit.questions": N_("Questions a member can ask per hour."),
    "limit.answers": N_("Answers a member can post per hour."),
    "limit.votes": N_("Votes a member can cast per hour."),
    "limit.edits": N_("Edits a member can make per hour."),
    "limit.comments": N_("Comments a member can post per hour."),
    "limit.reports": N_("Reports a member can send per hour."),
    "limit.best": N_("How often a member can choose or clear a best answer per hour."),
    "limit.close": N_("How often a member can close or reopen questions per hour."),
    "report_account_days": N_(
        "How many days old an account must be for its reports to count toward hiding a post."
    ),
    "report_member_days": N_(
        "How many days someone must be a member for their reports to count toward hiding a post."
    ),
    "flags_to_hide": N_(
        "How many members must report a post to hide it until a moderator checks it. 0: never."
    ),
}

_VOTES: Final = (
    "voting",
    "downvotes",
    "vote_buttons",
    "vote_up_emoji",
    "vote_down_emoji",
    "min_account_days",
    "min_member_days",
)


def _names(prefix: str) -> tuple[str, ...]:
    return tuple(name for name in SETTINGS if name.startswith(prefix))


_POINTS: Final = (*_names("points."), "titles")
_ELSEWHERE: Final = (*_VOTES, *_POINTS, *_names("privilege."), *_names("limit."))
# Pages of `/settings show`: label, and the names on it.
SECTIONS: Final = {
    "general": (
        N_("General"),
        tuple(n for n, s in SETTINGS.items() if n not in _ELSEWHERE and not s.internal),
    ),
    "votes": (N_("Votes"), _VOTES),
    "points": (N_("Points"), _POINTS),
    "privileges": (N_("Points needed"), _names("privilege.")),
    "limits": (N_("Limits"), _names("limit.")),
}


def value_text(setting: Setting, value: str, t: Texts) -> str:
    """A setting's stored value as people read it."""
    if not value:
        return t("not set")
    match setting.kind:
        case SettingKind.CHANNEL:
            return f"<#{value}>"
        case SettingKind.ROLE:
            return f"<@&{value}>"
        case SettingKind.TEXT:
            return show_line(value, 300)
        case SettingKind.TITLES:
            return show_line(value, 600)
        case SettingKind.EMOJI:
            return value
        case _:
            return f"**{value}**"


def settings_embed(rules: Rules, section: str, t: Texts) -> discord.Embed:
    """One section of the settings, with values other than the default marked."""
    label, names = SECTIONS[section]
    lines: list[str] = []
    for name in names:
        setting = SETTINGS[name]
        value = rules.text(name)
        mark = "🔹" if value != setting.default else "▫️"
        shown = value_text(setting, value, t)
        if value != setting.default:
            default = value_text(setting, setting.default, t)
            shown = t("{value} (default: {default})", value=shown, default=default)
        lines.append(f"{mark} `{name}` {shown}\n*{t(MEANINGS[name])}*")
    embed = discord.Embed(title=f"{t('Settings')} · {t(label)}", colour=_COLOUR)
    embed.description = fitting(lines, 4096, "\n\n")
    return embed


def settings_view(section: str, t: Texts) -> discord.ui.View:
    """Buttons to the other sections."""
    options = [
        discord.SelectOption(label=t(label), value=name, default=name == section)
        for name, (label, _) in SECTIONS.items()
    ]
    select: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=custom_id("settings.show"), options=options
    )
    return view_of(select)


def setting_form(name: str, rules: Rules, values: Values, t: Texts) -> discord.ui.Modal:
    """The form of one setting, filled with its value or with what was typed before."""
    setting = SETTINGS[name]
    typed = values.get("value", rules.text(name))
    value = typed if isinstance(typed, str) else "".join(typed[:1])
    form = discord.ui.Modal(title=name[:45], custom_id=custom_id("settings.form", name))
    field = _setting_field(setting, value, t)
    about = shorten(t(MEANINGS.get(name, "")), 100) or None
    form.add_item(discord.ui.Label(text=t("Value")[:45], description=about, component=field))
    return form


def _setting_field(setting: Setting, value: str, t: Texts) -> discord.ui.Item[Any]:
    match setting.kind:
        case SettingKind.SWITCH | SettingKind.CHOICE:
            return discord.ui.Select(
                custom_id="value",
                options=[
                    discord.SelectOption(label=choice, value=choice, default=choice == value)
                    for choice in setting.choices
                ],
            )
        case SettingKind.PRIVILEGE:
            return discord.ui.TextInput(
                custom_id="value",
                default=one_line(value)[:100] or None,
                placeholder=t("A number of points, 0 for everyone, or {word}", word=MODERATORS)[
                    :100
                ],
                max_length=100,
            )
        case SettingKind.TEXT | SettingKind.TITLES:
            return discord.ui.TextInput(
                custom_id="value",
                style=discord.TextStyle.paragraph,
                default=characters(value)[: setting.highest] or None,
                max_length=setting.highest,
                required=False,
            )
        case _:
            return discord.ui.TextInput(
                custom_id="value",
                default=one_line(value)[:100] or None,
                max_length=100,
                required=False,
            )


def change_text(change: SettingChange, t: Texts) -> str:
    """The outcome of changing a setting, and its consequences."""
    setting = SETTINGS[change.name]
    shown = {"name": f"`{change.name}`", "value": value_text(setting, change.new, t)}
    if not change.changed:
        return t("{name} is still {value}.", **shown)
    lines = [t("{name} is now {value}.", **shown)]
    if change.old:
        lines[0] += " " + t("Before: {value}", value=value_text(setting, change.old, t))
    if change.recounted:
        lines.append(t("Everyone's points were recalculated."))
    if change.on_cards:
        lines.append(t("All cards will update soon, newest first."))
    if change.reindexed:
        lines.append(t("Search is switching to this language too. It keeps working meanwhile."))
    return "\n".join(lines)


def recount_text(corrections: Sequence[Correction], t: Texts) -> str:
    """What a recount corrected, figure by figure."""
    if not corrections:
        return t("All numbers were correct. Nothing was changed.")
    head = t.plural(
        "Corrected {n} number.",
        "Corrected {n} numbers.",
        len(corrections),
    )
    lines = [f"- {_correction(each, t)}" for each in corrections[:_LISTED]]
    if len(corrections) > _LISTED:
        lines.append("- " + t("and {n} more", n=t.number(len(corrections) - _LISTED)))
    return "\n".join([head, *lines])


def _correction(each: Correction, t: Texts) -> str:
    shown = {"post": each.post, "old": each.stored, "new": each.right}
    match each.figure:
        case Figure.UP_VOTES:
            return t("Upvotes on {post}: {old} → {new}", **shown)
        case Figure.DOWN_VOTES:
            return t("Downvotes on {post}: {old} → {new}", **shown)
        case Figure.ANSWERS:
            return t("Answers to {post}: {old} → {new}", **shown)
        case Figure.COMMENTS:
            return t("Comments on {post}: {old} → {new}", **shown)
        case Figure.POINTS:
            return t(
                "Points of {member}: {old} → {new}", member=person(each.of, each.name), **shown
            )
        case Figure.LEDGER if each.stored is None:
            return t("Added missing points for {post}: {new}", **shown)
        case Figure.LEDGER:
            return t("Removed points for {post} that had no reason: {old}", **shown)
