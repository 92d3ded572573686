"""Rendering the wizard of `/setup` from what is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import discord

from bot.domain.cards import Category
from bot.domain.rules import Rules
from bot.domain.text import shorten, show_line
from bot.i18n import N_, Texts
from bot.sealing import KeyState
from cogs.foundation.automod import AutoModState
from cogs.foundation.duty import RoleTrouble
from cogs.foundation.moderating import Reach
from cogs.foundation.preflight import MissingPermission
from cogs.ui.automod import automod_text
from cogs.ui.controls import button, custom_id, view_of
from cogs.ui.discord_refusals import PERMISSIONS
from cogs.ui.duty import trouble_text
from cogs.ui.help import command_mention
from cogs.ui.homes import HomeProblem, TagOutcome, TagTrouble, permission_lines, problem_lines
from cogs.ui.sealed_texts import key_text

NO_PRESET: Final = "none"
_COLOUR, GOOD, LACKING = 0x5865F2, 0x3BA55D, 0xFAA61A
FIELD = 1024

PRESETS: Final = {
    "support": (
        N_("Support community"),
        N_(
            "Private votes, no downvotes. Categories: Psychotherapy, Relationships, Anxiety, "
            "Self-care."
        ),
    ),
    "helpdesk": (
        N_("Help desk"),
        N_("Votes with reactions. Categories: Getting started, Problems, Ideas."),
    ),
    "general": (
        N_("General"),
        N_("Votes with reactions, and one category to start with."),
    ),
}
LANGUAGES: Final = {"en": "English", "de": "Deutsch"}


class ChannelState(StrEnum):
    """The state of the question channel."""

    NOT_CHOSEN = "not_chosen"
    GONE = "gone"
    TEXT = "text"
    FORUM = "forum"


@dataclass(frozen=True, slots=True)
class ReportsState:
    """Whether reports reach anybody. `channel_id` is the moderators' channel, `missing` what the
    bot lacks there, `public` whether everybody sees it. `role_id` is the role that is called, and
    `silent` means that Discord doesn't let the bot call it."""

    reach: Reach = Reach.NOT_CHOSEN
    channel_id: int | None = None
    missing: Sequence[str] = ()
    public: bool = False
    role_id: int | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class SetupState:
    """The state of a server's setup. `preset` is the one chosen in the wizard, not yet applied."""

    rules: Rules
    categories: Sequence[Category]
    channel: ChannelState
    missing: Sequence[MissingPermission]
    tags: TagOutcome
    requires_tag: bool = False
    preset: str | None = None
    homes: Sequence[HomeProblem] = ()
    unseen: Sequence[str] = ()
    """The commands that Discord doesn't show to the moderators' role, which lacks Manage
    Messages."""
    gone: Collection[str] = ()
    """The settings whose role or emoji was deleted in the server."""
    duty: RoleTrouble | None = None
    automod: AutoModState = field(default_factory=AutoModState)
    key: KeyState = KeyState.THERE
    reports: ReportsState = ReportsState()
    how_to: bool = False
    """Whether the how-to for members is posted, or about to be."""
    open_to_members: bool = False
    """Whether members can post in the question channel themselves."""
    existing: str | None = None
    """The name of a channel that may be meant for questions, offered before one is created."""

    @property
    def ready(self) -> bool:
        """Whether questions can be asked and shown, in all categories."""
        there = self.channel in (ChannelState.TEXT, ChannelState.FORUM)
        return there and not self.missing and not self.homes and not self.gone

    @property
    def role_id(self) -> int | None:
        """The moderators' role, if it still exists."""
        gone = "moderator_role" in self.gone
        return None if gone else self.rules.identity("moderator_role")


def wizard_embed(state: SetupState, ids: Mapping[str, int], t: Texts) -> discord.Embed:
    """The wizard, with the choices so far."""
    embed = discord.Embed(
        title=t("Set up Askwell"),
        description=t(
            "Choose where questions go, who moderates, what type of community this is, and where "
            "reports go. All but the type is saved as you choose it. *Finish* does the rest."
        ),
        colour=_COLOUR,
    )
    add_choices(embed, state, ids, t)
    if state.preset is not None:
        label, about = PRESETS[state.preset]
        text = f"**{t(label)}** · {t(about)}\n" + t("Applied when you press *Finish*.")
        embed.add_field(name=t("Community type"), value=text, inline=False)
    add_checks(embed, state, ids, t)
    return embed


def wizard_view(state: SetupState, t: Texts) -> discord.ui.View:
    """The wizard's controls. Their custom ids carry the preset, which isn't saved yet."""
    # All controls as they stand there, row by row: longer than a function should be.
    preset = state.preset or NO_PRESET
    there = state.channel in (ChannelState.TEXT, ChannelState.FORUM)
    primary = discord.ButtonStyle.primary
    items: list[discord.ui.Item[Any]] = [
        discord.ui.ChannelSelect(
            custom_id=custom_id("setup.channel", preset),
            channel_types=[discord.ChannelType.text, discord.ChannelType.forum],
            placeholder=t("Channel for questions"),
            default_values=default_values(state.rules.channel_id if there else None, "channel"),
            row=0,
        ),
        discord.ui.RoleSelect(
            custom_id=custom_id("setup.role", preset),
            placeholder=t("Moderator role (optional)"),
            min_values=0,
            default_values=default_values(state.role_id, "role"),
            row=1,
        ),
        _preset_select(state.preset, t),
        discord.ui.ChannelSelect(
            custom_id=custom_id("setup.reports", preset),
            channel_types=[discord.ChannelType.text],
            placeholder=t("Moderators' channel for reports (optional)"),
            min_values=0,
            default_values=default_values(state.reports.channel_id, "channel"),
            row=3,
        ),
    ]
    if state.existing is not None:  # in place of the vote emoji: five buttons fit
        use = t("Use #{name}", name=state.existing)
        items.append(button(use, "setup.create", preset, "use", style=primary, row=4))
        items.append(button(t("Create another"), "setup.create", preset, "another", row=4))
    elif not there:
        items.append(button(t("Create a channel"), "setup.create", preset, row=4))
    if state.reports.channel_id is None:
        label = t("Create a moderators' channel")
        items.append(button(label, "setup.reports.create", preset, row=4))
    if state.existing is None:
        items.append(button(t("Vote emoji"), "setup.emoji", preset, row=4))
    items += [
        button(t("Check again"), "setup.open", preset, row=4),
        button(t("Finish"), "setup.finish", preset, style=primary, disabled=not there, row=4),
    ]
    return view_of(*items)


def _preset_select(chosen: str | None, t: Texts) -> discord.ui.Select[Any]:
    return discord.ui.Select(
        custom_id=custom_id("setup.preset"),
        placeholder=t("Community type (optional)"),
        min_values=0,
        options=[
            discord.SelectOption(
                label=t(label)[:100],
                value=name,
                description=t(about)[:100],
                default=name == chosen,
            )
            for name, (label, about) in PRESETS.items()
        ],
        row=2,
    )


def default_values(of: int | None, kind: str) -> list[discord.SelectDefaultValue]:
    kinds = discord.SelectDefaultValueType
    if of is None:
        return []
    return [discord.SelectDefaultValue(id=of, type=kinds[kind])]


def add_choices(embed: discord.Embed, state: SetupState, ids: Mapping[str, int], t: Texts) -> None:
    rules = state.rules
    embed.add_field(name=t("Question channel"), value=_channel_text(state, t))
    with_permission = t("members with *Manage Messages*")
    text = f"<@&{state.role_id}>, {with_permission}" if state.role_id else with_permission
    if "moderator_role" in state.gone:
        text += "\n" + t("⚠️ The chosen role no longer exists. Choose another one.")
    if state.unseen:
        text += "\n" + t(
            "⚠️ Discord hides {commands} from this role until you allow it. Give the role "
            "*Manage Messages*, or add it to these commands in *Server Settings* > "
            "*Integrations* > *Askwell*. Buttons and menus work right away.",
            commands=", ".join(f"`/{name}`" for name in state.unseen),
        )
    if state.duty is not None:
        text += "\n" + trouble_text(state.duty, rules.identity("duty_role"), t)
    embed.add_field(name=t("Moderators"), value=text)
    embed.add_field(name=t("Reports"), value=reports_text(state.reports, ids, t), inline=False)
    embed.add_field(name="AutoMod", value=automod_text(state.automod, t), inline=False)
    if key := key_text(state.key, t):
        embed.add_field(name=t("Anonymous posts"), value=key, inline=False)
    votes = votes_text(rules, t)
    if {"vote_up_emoji", "vote_down_emoji"} & set(state.gone):
        votes += "\n" + t("⚠️ A vote emoji no longer exists in the server. Choose another one.")
    embed.add_field(name=t("Votes"), value=votes)
    names = " · ".join(f"{c.emoji} {show_line(c.name)}".strip() for c in state.categories)
    add = t("None yet. Add one with {command}.", command=command_mention("category add", ids))
    embed.add_field(name=t("Categories"), value=shorten(names, FIELD) or add)
    language = LANGUAGES[rules.text("locale")]
    change = command_mention("settings set", ids)
    embed.add_field(name=t("Card language"), value=f"{language} ({change} `locale`)")


def reports_text(state: ReportsState, ids: Mapping[str, int], t: Texts) -> str:
    """Where reports go, and what keeps them from reaching anybody."""
    set_up, channel = command_mention("setup", ids), f"<#{state.channel_id}>"
    match state.reach:
        case Reach.NOT_CHOSEN:
            return t(
                "No moderator is told about reports until a moderators' channel is set with "
                "{setup}. They wait in {queue}.",
                setup=set_up,
                queue=command_mention("queue", ids),
            )
        case Reach.GONE:
            return t(
                "⚠️ The moderators' channel no longer exists, so nobody is told about reports. "
                "Choose another one with {setup}.",
                setup=set_up,
            )
        case Reach.CLOSED:
            names = ", ".join(f"*{t(PERMISSIONS[name])}*" for name in state.missing)
            return t(
                "⚠️ Nobody is told about reports: I'm missing {permissions} in {channel}.",
                permissions=names,
                channel=channel,
            )
        case Reach.REACHED:
            return _reached_text(state, t)


def _reached_text(state: ReportsState, t: Texts) -> str:
    """Where reports do go, who is told of them there, and who shouldn't be."""
    channel = f"<#{state.channel_id}>"
    lines = [t("Each report comes to {channel}.", channel=channel)]
    if state.public:
        lines.append(
            t("⚠️ Everyone in the server can see {channel}. Choose a closed one.", channel=channel)
        )
    if state.role_id is not None:
        role = f"<@&{state.role_id}>"
        lines.append(t("{role} is mentioned with each new one.", role=role))
        if state.silent:
            lines.append(
                t(
                    "⚠️ Discord doesn't notify {role} yet. In *Server Settings* > *Roles*, turn on "
                    "*Allow anyone to @mention this role*.",
                    role=role,
                )
            )
    return "\n".join(lines)


def _channel_text(state: SetupState, t: Texts) -> str:
    match state.channel:
        case ChannelState.NOT_CHOSEN:
            return t("Not chosen yet. Choose one below or create one.")
        case ChannelState.GONE:
            return t("⚠️ The channel no longer exists. Choose another one below or create one.")
        case ChannelState.FORUM:
            return t("{channel} (forum)", channel=f"<#{state.rules.channel_id}>")
        case ChannelState.TEXT:
            return t(
                "{channel} (text channel with threads)", channel=f"<#{state.rules.channel_id}>"
            )


def votes_text(rules: Rules, t: Texts) -> str:
    """How members vote in this server, in a few words."""
    if rules.private_voting:
        text = t("private with buttons, nobody sees who voted")
    else:
        text = t("{emoji} below each card", emoji=" ".join(rules.vote_emoji))
    return text if rules.on("downvotes") else text + ", " + t("no downvotes")


def add_checks(embed: discord.Embed, state: SetupState, ids: Mapping[str, int], t: Texts) -> None:
    """Add what is missing where, each with what to do about it."""
    if state.channel in (ChannelState.NOT_CHOSEN, ChannelState.GONE):
        return
    channel, lines = f"<#{state.rules.channel_id}>", list[str]()
    if state.missing:
        permissions = permission_lines(state.missing, t)
        head = t.plural(
            "I'm missing this permission in {channel}:",
            "I'm missing these permissions in {channel}:",
            len(permissions),
            channel=channel,
        )
        lines += [head, *permissions]
    lines += problem_lines(state.homes, ids, t)
    if state.missing or any(problem.missing for problem in state.homes):
        lines.append(
            t(
                "Allow them for my role in the channel's settings under *Permissions*, then "
                "press *Check again*."
            )
        )
    lines += _tag_lines(state, t)
    if state.requires_tag:
        lines.append(
            t(
                "⚠️ {channel} requires a tag on every post, so questions without a category "
                "can't be posted. Turn that off in the channel's settings.",
                channel=channel,
            )
        )
    if not lines:
        lines.append(t("✅ I have every permission I need in {channel}.", channel=channel))
    embed.add_field(name=t("Permissions"), value="\n".join(lines)[:FIELD], inline=False)


def _tag_lines(state: SetupState, t: Texts) -> list[str]:
    match state.tags.trouble:
        case None:
            return []
        case TagTrouble.NOT_ALLOWED:
            return [
                t(
                    "⚠️ Without *Manage Channels*, I can't create forum tags for categories and "
                    "solved questions. Everything else works."
                )
            ]
        case TagTrouble.FULL:
            names = shorten(", ".join(show_line(name) for name in state.tags.left_out), 500)
            return [
                t(
                    "⚠️ A forum can have at most 20 tags, so these categories have none: {names}",
                    names=names,
                )
            ]
        case TagTrouble.DISCORD:
            return [
                t(
                    "⚠️ Discord didn't accept the forum's tags just now. Press *Check again* in "
                    "a minute."
                )
            ]
