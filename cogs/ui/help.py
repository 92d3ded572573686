"""Rendering `/help` and `/about`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import discord

from bot.domain.rules import Rules
from bot.domain.splitting import split_shown
from bot.domain.text import show_body
from bot.i18n import N_, Texts
from cogs.ui.controls import button, view_of

_COLOUR = 0x5865F2
_FIELD, _DESCRIPTION, _EMBED = 1024, 4096, 6000
_LEAST = 100  # the fewest characters of a welcome that are worth showing


def command_mention(name: str, ids: Mapping[str, int]) -> str:
    """A clickable command, or its name if its id is unknown."""
    command_id = ids.get(name.split(" ", maxsplit=1)[0])
    return f"`/{name}`" if command_id is None else f"</{name}:{command_id}>"


_NAMED = re.compile(r"(?<![\w/<`:])/([a-z]+)(?: ([a-z]+))?")
_GROUPS: Final = frozenset({"settings", "category", "tag", "privacy"})  # these take a subcommand


def clickable(text: str, ids: Mapping[str, int]) -> str:
    """A sentence of ours with the commands that it names clickable."""

    def mention(found: re.Match[str]) -> str:
        name, rest = found[1], found[2]
        if name not in ids or (name in _GROUPS and not rest):
            return found[0]
        if name in _GROUPS:
            return command_mention(f"{name} {rest}", ids)
        return command_mention(name, ids) + (f" {rest}" if rest else "")

    return _NAMED.sub(mention, text)


class Audience(StrEnum):
    """The people a command is for."""

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
    manages: bool,
    t: Texts,
) -> discord.Embed:
    """The welcome of the server, how it works, and the commands for everybody.

    `menus` are the entries below *Apps* in the menu of a message or a member, in English. The
    welcome is cut if it doesn't fit into Discord's limit.
    """
    embed = discord.Embed(title=t("How Askwell works"), colour=_COLOUR)
    how = _how_it_works(rules, ids, t) if rules.channel_id else _how_to_begin(ids, manages, t)
    welcome = show_body(rules.text("welcome")) if rules.channel_id else ""
    if welcome:  # separate, so that a quote or code block in one can't swallow the other
        embed.add_field(name="\u200b", value=how, inline=False)
    else:
        embed.description = how
    lines = [c for c in commands if c.audience is Audience.MEMBERS]
    for number, block in enumerate(_blocks(lines, ids, t, _FIELD)):
        title = "\u200b" if number else t(_HEADINGS[Audience.MEMBERS])
        embed.add_field(name=title, value=block, inline=False)
    if menus:
        names = ", ".join(f"**{t(name)}**" for name in menus)
        text = t(
            "Right-click or long-press a message or a member, then choose *Apps*: {names}.",
            names=names,
        )
        embed.add_field(name=t("Menus"), value=text, inline=False)
    room = min(_EMBED - len(embed), _DESCRIPTION) - 1
    if welcome and room > _LEAST:
        shown = split_shown(welcome, room, room)
        embed.description = shown[0] + ("…" if len(shown) > 1 else "")
    return embed


def audience_embed(
    audience: Audience, commands: Sequence[CommandLine], ids: Mapping[str, int], t: Texts
) -> discord.Embed:
    """The commands for moderators, or those for managers."""
    lines = [c for c in commands if c.audience is audience]
    blocks = list(_blocks(lines, ids, t, _DESCRIPTION))
    return discord.Embed(
        title=t(_HEADINGS[audience]), description=blocks[0] if blocks else None, colour=_COLOUR
    )


def help_view(
    shown: Audience,
    audiences: Collection[Audience],
    commands: Sequence[CommandLine],
    t: Texts,
    *,
    is_set_up: bool = False,
) -> discord.ui.View | None:
    """Buttons that do the steps, where the forum is set up, and buttons to the commands for
    moderators and managers, for those who are; None if there are none."""
    items: list[discord.ui.Item[Any]] = []
    if is_set_up:
        primary = discord.ButtonStyle.primary
        items += [
            button(t("Ask a question"), "ask", style=primary, row=0),
            button(t("Find one to answer"), "browse", "unanswered", row=0),
            button(t("Browse"), "browse", row=0),
            # Not the bell's own id, which may be under the same message.
            button(t("Your inbox"), "news", "help", row=0),
        ]
    there = [a for a in _HEADINGS if a in audiences and any(c.audience is a for c in commands)]
    if len(there) > 1:
        items += [button(t(_HEADINGS[a]), "help", a, disabled=a is shown, row=1) for a in there]
    return view_of(*items) if items else None


def _how_to_begin(ids: Mapping[str, int], manages: bool, t: Texts) -> str:
    set_up = command_mention("setup", ids)
    if manages:
        return t("Askwell isn't set up here yet. Start with {setup}.", setup=set_up)
    return t(
        "Askwell isn't set up here yet. Ask someone who can manage the server to run {setup}.",
        setup=set_up,
    )


def _how_it_works(rules: Rules, ids: Mapping[str, int], t: Texts) -> str:
    steps = [
        t(
            "Ask a question with {ask}. It appears in {channel} with its own thread.",
            ask=command_mention("ask", ids),
            channel=f"<#{rules.channel_id}>",
        ),
        t(
            "Answer with {answer} in that thread, or with the button on the card.",
            answer=command_mention("answer", ids),
        ),
        _how_to_vote(rules, ids, t)
        + " "
        + t("The person who asked chooses the best answer. It's pinned and earns the most points."),
        t(
            "News about your posts goes to {inbox}. A 🔔 under a reply tells you there is some.",
            inbox=command_mention("inbox", ids),
        ),
    ]
    if rules.on("anonymous"):
        without_name = t(
            "To leave your name out, tick **Post anonymously** in the form. {ask} also works in a "
            "DM to me.",
            ask=command_mention("ask", ids),
        )
        steps.insert(2, without_name)
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


def _how_to_vote(rules: Rules, ids: Mapping[str, int], t: Texts) -> str:
    if rules.private_voting:
        vote = command_mention("vote", ids)
        return t("Vote with ▲ below a card, or with {vote}. Nobody sees who voted.", vote=vote)
    emoji = " ".join(rules.vote_emoji)
    return t("Vote with {emoji} below a card. Good answers earn points.", emoji=emoji)


def _blocks(
    commands: Sequence[CommandLine], ids: Mapping[str, int], t: Texts, limit: int
) -> Iterator[str]:
    """A list of commands, a line each, in texts of at most `limit` characters."""
    block = ""
    for command in commands:
        line = f"{command_mention(command.name, ids)} {t(command.description)}"
        if block and len(block) + 1 + len(line) > limit:
            yield block
            block = line
        else:
            block = f"{block}\n{line}" if block else line
    if block:
        yield block


def about_embed(
    version: str,
    ids: Mapping[str, int],
    invitation: str,
    contact: str,
    t: Texts,
    *,
    anonymous: str = "",
) -> discord.Embed:
    """What Askwell is, its version, what it keeps, and whom to ask (`contact`, a sentence); where
    there are anonymous posts, also who can know who wrote one (`anonymous`)."""
    lines = [
        t(
            "Askwell is a Q&A forum inside Discord. Every question gets its own thread, votes "
            "lift the good answers, and the best one is pinned. Helping earns points."
        ),
        t(
            "**Privacy.** Askwell keeps what you write in its forms and how you vote, along with "
            "your Discord ID and last known name. It keeps no other messages. You only get DMs "
            "you asked for."
        )
        + " "
        + t("{policy} says the rest.", policy=command_mention("privacy policy", ids)),
        *([anonymous] if anonymous else []),
        contact,
        t("New here? {help} shows how it works.", help=command_mention("help", ids)),
    ]
    embed = discord.Embed(title="Askwell", description="\n\n".join(lines), colour=_COLOUR)
    if invitation:
        link = t("[Add Askwell to your own server]({link})", link=invitation)
        embed.description = f"{embed.description}\n\n{link}"
    if version:
        embed.set_footer(text=t("Version {version}", version=version))
    return embed


def of_anonymous_posts(rules: Rules, t: Texts, *, sealed: bool = False) -> str:
    """Who can know who wrote an anonymous post; empty where a server has none. `sealed` tells
    whether it has some from before."""
    if not (sealed or rules.on("anonymous")):
        return ""
    if not rules.on("unsealing"):
        return t(
            "**Anonymous posts.** Who wrote one is sealed. Whoever runs Askwell, and Discord, can "
            "still find out, and style can give it away."
        )
    return t(
        "**Anonymous posts.** Who wrote one is sealed. Whoever runs Askwell, Discord, and two "
        "moderators together can still find out, and style can give it away."
    )
