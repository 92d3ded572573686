"""What `/help` and `/about` say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import discord

from bot.domain.rules import Rules
from bot.domain.text import show_body
from bot.i18n import N_, Texts

_COLOUR = 0x5865F2
_FIELD, _DESCRIPTION = 1024, 4096


def command_mention(name: str, ids: Mapping[str, int]) -> str:
    """A command one can click, or its name where Discord did not tell its id."""
    command_id = ids.get(name.split(" ", maxsplit=1)[0])
    return f"`/{name}`" if command_id is None else f"</{name}:{command_id}>"


class Audience(StrEnum):
    """Whom a command is for."""

    MEMBERS = "members"
    MODERATORS = "moderators"
    MANAGERS = "managers"


_HEADINGS: Final = {
    Audience.MEMBERS: N_("Commands"),
    Audience.MODERATORS: N_("Commands for moderators"),
    Audience.MANAGERS: N_("Commands for managers"),
}


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command in the list: `name` with its group, `description` in English."""

    name: str
    description: str
    audience: Audience = Audience.MEMBERS


def help_embed(
    rules: Rules,
    commands: Sequence[CommandLine],
    menus: Sequence[str],
    ids: Mapping[str, int],
    *,
    audiences: Collection[Audience],
    t: Texts,
) -> discord.Embed:
    """The welcome of the server, how it works, and each command this person may use.

    `menus` are the entries below *Apps* in the menu of a message or a member, in English.
    """
    ask = command_mention("ask", ids)
    answer = command_mention("answer", ids)
    parts: list[str] = []
    if rules.channel_id is None:
        set_up = command_mention("setup", ids)
        parts.append(
            t("Askwell is not set up here yet. Begin with {setup}.", setup=set_up)
            if Audience.MANAGERS in audiences
            else t(
                "Askwell is not set up here yet. Who manages the server begins with {setup}.",
                setup=set_up,
            )
        )
    else:
        welcome = rules.text("welcome")
        if welcome:
            parts.append(show_body(welcome))
        where = f"<#{rules.channel_id}>"
        how = [
            t(
                "{ask} a question: it appears in {channel}, with a thread of its own.",
                ask=ask,
                channel=where,
            ),
            t("{answer} in that thread, or with the button on the card.", answer=answer),
            _how_to_vote(rules, ids, t),
            t("Who asked chooses the best answer. It is pinned, and earns most points."),
        ]
        parts.append("\n".join(f"{i}. {line}" for i, line in enumerate(how, 1)))
    embed = discord.Embed(
        title=t("How Askwell works"), description="\n\n".join(parts)[:_DESCRIPTION], colour=_COLOUR
    )
    for audience, heading in _HEADINGS.items():
        if audience in audiences:
            lines = [c for c in commands if c.audience is audience]
            _add_commands(embed, t(heading), lines, ids, t)
    if menus:
        names = ", ".join(f"**{t(name)}**" for name in menus)
        text = t(
            "Right-click (or long-press) a message or a member, then *Apps*: {names}.", names=names
        )
        embed.add_field(name=t("Menus"), value=text, inline=False)
    return embed


def _how_to_vote(rules: Rules, ids: Mapping[str, int], t: Texts) -> str:
    if rules.private_voting:
        vote = command_mention("vote", ids)
        return t(
            "Vote with a card's *More* button or with {vote}: nobody sees who voted.", vote=vote
        )
    emoji = " ".join(rules.vote_emoji)
    return t("Vote with {emoji} below a card. Good answers earn points.", emoji=emoji)


def _add_commands(
    embed: discord.Embed,
    title: str,
    commands: Sequence[CommandLine],
    ids: Mapping[str, int],
    t: Texts,
) -> None:
    """Add a list of commands, in as many fields as it needs."""
    block: list[str] = []
    for command in commands:
        line = f"{command_mention(command.name, ids)} {t(command.description)}"
        if block and sum(map(len, block)) + len(block) + len(line) > _FIELD:
            embed.add_field(name=title, value="\n".join(block), inline=False)
            title, block = "\u200b", []
        block.append(line)
    if block:
        embed.add_field(name=title, value="\n".join(block), inline=False)


def about_embed(version: str, ids: Mapping[str, int], invitation: str, t: Texts) -> discord.Embed:
    """What Askwell is, its version, and what it keeps."""
    lines = [
        t(
            "Askwell is a Q&A forum inside Discord: every question has a thread of its own, votes "
            "lift the good answers, the best one is pinned, and helping earns points."
        ),
        t(
            "**Privacy.** It keeps what you post and vote here, with your Discord id, and no other "
            "message. Direct messages come only where you asked for them."
        ),
        t("New here? {help} shows how it works.", help=command_mention("help", ids)),
    ]
    embed = discord.Embed(title="Askwell", description="\n\n".join(lines), colour=_COLOUR)
    if invitation:
        link = t("[Add Askwell to a server of your own]({link})", link=invitation)
        embed.description = f"{embed.description}\n\n{link}"
    if version:
        embed.set_footer(text=t("Version {version}", version=version))
    return embed
