"""Rendering settings for managers: their meaning, value and default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import discord

from bot.domain.emoji import custom_emoji
from bot.domain.rules import MODERATORS, SETTINGS, Rules, Setting, SettingKind
from bot.domain.text import fitting, shorten
from bot.domain.typed import characters, one_line
from bot.domain.zones import likely_zones
from bot.i18n import N_, Texts
from bot.usecases.guilds import SettingChange
from cogs.ui.controls import button, custom_id, view_of
from cogs.ui.hours import zone_label
from cogs.ui.modals import Values
from cogs.ui.selects import select_of
from cogs.ui.setting_meanings import MEANINGS
from cogs.ui.setting_titles import (
    choice_label,
    is_default,
    privilege_label,
    setting_title,
    value_text,
)

_COLOUR = 0x5865F2
OTHER_VALUE = "other"  # opens the form of a value that is typed
EXPLAINED = "explained"  # opens the page of a group

_OPTIONS = 25
_TEXT: Final = [discord.ChannelType.text]
_QUESTIONS: Final = [*_TEXT, discord.ChannelType.forum]
TEXT_CHANNELS: Final = ("moderators_channel", "roundup_channel")  # never forums
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
_MODERATION: Final = (
    "moderator_role",
    "moderators_channel",
    *_names("report_"),
    "flags_to_hide",
    "helplines",
    "how_to_help",
    *_names("reply_"),
    *_names("blocked_"),
    *_names("hold_"),
    "duty_role",
    "duty_hours",
    "queue_hours",
)
_LIMITS: Final = (*_names("privilege."), *_names("limit."))
_ELSEWHERE: Final = (*_VOTES, *_MODERATION, *_POINTS, *_LIMITS)
# Pages of `/settings show`: label, and the names on it.
SECTIONS: Final = {
    "general": (
        N_("General"),
        tuple(n for n, s in SETTINGS.items() if n not in _ELSEWHERE and not s.internal),
    ),
    "votes": (N_("Votes"), _VOTES),
    "moderation": (N_("Moderation"), _MODERATION),
    "points": (N_("Points"), _POINTS),
    "limits": (N_("Points needed and limits"), _LIMITS),
}


def section_of(name: str) -> str:
    """The section of a setting."""
    return next(section for section, (_, names) in SECTIONS.items() if name in names)


def settings_embed(rules: Rules, section: str | None, t: Texts) -> discord.Embed:
    """One section of the settings, with values other than the default marked; without a section,
    what differs from the defaults in all of them."""
    if section is None:
        return _overview(rules, t)
    label, names = SECTIONS[section]
    embed = discord.Embed(title=f"{t('Settings')} · {t(label)}", colour=_COLOUR)
    lines = (f"{_line(name, rules, t)}\n{_meaning(name, t)}" for name in names)
    embed.description = fitting(lines, 4096, "\n\n")
    return embed


def _overview(rules: Rules, t: Texts) -> discord.Embed:
    embed = discord.Embed(title=t("Settings"), colour=_COLOUR)
    names = (name for _, names in SECTIONS.values() for name in names)
    changed = [_line(name, rules, t) for name in names if not is_default(name, rules.text(name))]
    head = t("Choose a setting below to change it. The first choice explains its group.")
    if changed:
        head += "\n\n**" + t("What differs from the default here") + "**"
    embed.description = fitting([head, *changed], 4096, "\n")
    return embed


def _meaning(name: str, t: Texts) -> str:
    """What a setting means, in italics. An asterisk in it is shown, as it is part of a pattern."""
    shown = t(MEANINGS[name]).replace("*", r"\*")
    return f"*{shown}*"


def _line(name: str, rules: Rules, t: Texts) -> str:
    setting, value = SETTINGS[name], rules.text(name)
    shown = value_text(setting, value, t)
    mark = "▫️"
    if not is_default(name, value):
        mark = "🔹"
        default = value_text(setting, setting.default, t)
        shown = t("{value} (default: {default})", value=shown, default=default)
    return f"{mark} {setting_title(name, t)}: {shown}"


def settings_view(rules: Rules, section: str | None, t: Texts) -> discord.ui.View:
    """A select of a section's settings, and one of the sections. Without a section, all settings,
    in a select for each section: so that none is more than one choice away."""
    if section is None:
        return view_of(*(_settings_select(each, rules, t, explained=True) for each in SECTIONS))
    groups = [
        discord.SelectOption(label=t(label), value=name, default=name == section)
        for name, (label, _) in SECTIONS.items()
    ]
    return view_of(
        _settings_select(section, rules, t),
        select_of(custom_id("settings.show"), groups, t("Choose a group")),
    )


def _settings_select(
    section: str, rules: Rules, t: Texts, *, explained: bool = False
) -> discord.ui.Select[Any]:
    """The settings of a section; if `explained`, its page with their meanings comes first."""
    label, names = SECTIONS[section]
    options = [_setting_option(name, rules, t) for name in names]
    if explained:
        hint = t("What these settings mean")
        options.insert(0, discord.SelectOption(label=hint, value=EXPLAINED, emoji="📖"))
    hint = t("Change a setting: {group}", group=t(label))
    return select_of(custom_id("settings.pick", section), options, hint)


def _setting_option(name: str, rules: Rules, t: Texts) -> discord.SelectOption:
    value = rules.text(name)
    return discord.SelectOption(
        label=shorten(setting_title(name, t), 100),
        value=name,
        description=shorten(_plain_value(SETTINGS[name], value, t), 100) or None,
        emoji=None if is_default(name, value) else "🔹",
    )


def _plain_value(setting: Setting, value: str, t: Texts) -> str:
    """A value for places without markup and mentions."""
    if setting.kind in (SettingKind.CHANNEL, SettingKind.ROLE):
        return t("set") if value else t("not set")
    if setting.kind is SettingKind.EMOJI:
        return value if custom_emoji(value) is None else t("an emoji of this server")
    if not value or setting.kind in (SettingKind.TEXT, SettingKind.TITLES):
        return one_line(value) or t("not set")
    return value_text(setting, value, t).strip("*")


def opens_form(name: str) -> bool:
    """Whether a setting is typed: numbers, texts and emoji are; the others are chosen."""
    return SETTINGS[name].kind not in _CHOSEN


_CHOSEN: Final = (
    SettingKind.SWITCH,
    SettingKind.CHOICE,
    SettingKind.PRIVILEGE,
    SettingKind.CHANNEL,
    SettingKind.ROLE,
    SettingKind.ZONE,
)


def setting_embed(name: str, rules: Rules, t: Texts) -> discord.Embed:
    """One setting, with its meaning."""
    embed = discord.Embed(title=f"{t('Settings')} · {setting_title(name, t)}"[:256], colour=_COLOUR)
    embed.description = f"{_line(name, rules, t)}\n{_meaning(name, t)}"
    return embed


def setting_view(name: str, rules: Rules, there: int | None, t: Texts) -> discord.ui.View:
    """The control of a setting's kind, and buttons to reset it and to go back. `there` is its
    channel or role, if it still exists."""
    value = rules.text(name)
    items: list[discord.ui.Item[Any]] = [_control(name, value, there, t)]
    if not is_default(name, value):
        items.append(button(t("Reset to default"), "settings.reset", name, row=1))
    items.append(button(t("Back"), "settings.show", section_of(name), row=1))
    return view_of(*items)


def _control(name: str, value: str, there: int | None, t: Texts) -> discord.ui.Item[Any]:
    setting, action = SETTINGS[name], custom_id("settings.value", name)
    chosen = discord.Object(there) if there is not None else None
    match setting.kind:
        case SettingKind.CHANNEL:
            return discord.ui.ChannelSelect(
                custom_id=action,
                channel_types=_TEXT if name in TEXT_CHANNELS else _QUESTIONS,
                placeholder=t("Choose a channel"),
                default_values=[_default(chosen, discord.SelectDefaultValueType.channel)]
                if chosen
                else [],
            )
        case SettingKind.ROLE:
            return discord.ui.RoleSelect(
                custom_id=action,
                placeholder=t("Choose a role"),
                default_values=[_default(chosen, discord.SelectDefaultValueType.role)]
                if chosen
                else [],
            )
        case SettingKind.ZONE:
            return select_of(action, list(_zones(value, t)), t("Choose a time zone"))
        case SettingKind.PRIVILEGE:
            return select_of(action, list(_privileges(setting, value, t)), t("Choose who can"))
        case _:
            options = [
                discord.SelectOption(
                    label=choice_label(choice, t), value=choice, default=choice == value
                )
                for choice in setting.choices
            ]
            return select_of(action, options, t("Choose a value"))


def _default(
    chosen: discord.Object, kind: discord.SelectDefaultValueType
) -> discord.SelectDefaultValue:
    return discord.SelectDefaultValue(id=chosen.id, type=kind)


def _privileges(setting: Setting, value: str, t: Texts) -> Iterator[discord.SelectOption]:
    """Everyone, members with some points, moderators only, and another number of points."""
    for each in dict.fromkeys(("0", setting.default, value, MODERATORS)):
        yield discord.SelectOption(
            label=privilege_label(each, t), value=each, default=each == value
        )
    yield discord.SelectOption(label=t("Another number of points…"), value=OTHER_VALUE)


def _zones(value: str, t: Texts) -> Iterator[discord.SelectOption]:
    """The likely time zones, and any other."""
    for zone in likely_zones(t.locale, value)[: _OPTIONS - 1]:
        yield discord.SelectOption(label=zone_label(zone), value=zone, default=zone == value)
    yield discord.SelectOption(label=t("Another city…"), value=OTHER_VALUE)


def setting_form(name: str, rules: Rules, values: Values, t: Texts) -> discord.ui.Modal:
    """The form of one setting, filled with its value or with what was typed before."""
    setting = SETTINGS[name]
    typed = values.get("value", rules.text(name))
    value = typed if isinstance(typed, str) else "".join(typed[:1])
    form = discord.ui.Modal(
        title=setting_title(name, t)[:45], custom_id=custom_id("settings.form", name)
    )
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
                    discord.SelectOption(
                        label=choice_label(choice, t), value=choice, default=choice == value
                    )
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
        case SettingKind.TEXT | SettingKind.TITLES | SettingKind.WORDS:
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


def _ended_once(sentence: str) -> str:
    """A sentence that ends with a text of an owner's, which may have its own full stop."""
    return sentence.removesuffix(".") if sentence[-2:-1] in ".!?…" else sentence


def change_text(change: SettingChange, t: Texts) -> str:
    """The outcome of changing a setting, and its consequences."""
    setting = SETTINGS[change.name]
    shown = {
        "name": f"**{setting_title(change.name, t)}**",
        "value": value_text(setting, change.new, t),
    }
    if not change.changed:
        return _ended_once(t("{name} is still {value}.", **shown))
    lines = [_ended_once(t("{name} is now {value}.", **shown))]
    if change.old:
        lines[0] += " " + t("Before: {value}", value=value_text(setting, change.old, t))
    if change.recounted:
        lines.append(t("Everyone's points were recalculated."))
    if change.on_cards:
        lines.append(t("All cards will update soon, newest first."))
    if change.reindexed:
        lines.append(t("Search is switching to this language too. It keeps working meanwhile."))
    return "\n".join(lines)
