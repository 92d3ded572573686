"""Rendering what `/setup` offers at its end: the how-to for members, and a forum's guidelines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.i18n import LOCALES, Texts, texts_for
from bot.usecases.signs import NOT_PINNED, Sign
from cogs.ui.cards import message_link
from cogs.ui.controls import button, link_button, view_of
from cogs.ui.signs import guidelines

_COLOUR: Final = 0x5865F2


@dataclass(frozen=True, slots=True)
class HowToState:
    """What members see of the forum so far. `topic` is the question channel's if it is a forum,
    else None; `problem` says why the how-to isn't there yet."""

    channel_id: int
    sign: Sign | None
    topic: str | None
    text: str = ""
    """The guidelines in the server's language."""
    problem: str = ""

    @property
    def elsewhere(self) -> bool:
        """Whether the how-to is in a former question channel."""
        return self.sign is not None and self.sign.channel_id != self.channel_id

    @property
    def ours(self) -> bool:
        """Whether the forum's guidelines are those that the bot has filled in."""
        return self.topic in {guidelines(texts_for(code)) for code in LOCALES}


def how_to_embed(state: HowToState, t: Texts) -> discord.Embed:
    """What is there, and what can be done."""
    embed = discord.Embed(title=t("How-to for members"), colour=_COLOUR)
    embed.description = "\n".join(_lines(state, t))
    if state.topic is not None:
        text = _guidelines_text(state, t)
        embed.add_field(name=t("Post guidelines"), value=text[:1024], inline=False)
    return embed


def _lines(state: HowToState, t: Texts) -> list[str]:
    channel = f"<#{state.channel_id}>"
    if state.sign is None:
        return [
            t(
                "Nothing in {channel} tells members how to ask. I can post a message there with "
                "the buttons *Ask a question*, *Browse* and *How it works*, and pin it.",
                channel=channel,
            )
        ]
    if state.elsewhere:
        here = f"<#{state.sign.channel_id}>"
        text = t(
            "The how-to is still in {old}. I can move it to {channel}.", old=here, channel=channel
        )
        return [text]
    if state.sign.shown_id is None:
        saved = t("The how-to is saved. It will appear in {channel} soon.", channel=channel)
        return [saved, state.problem] if state.problem else [saved]
    lines = [t("The how-to is in {channel}.", channel=channel)]
    if state.sign.pinned == NOT_PINNED and state.topic is not None:
        lines.append(
            t("It isn't pinned, because a forum can have one pinned post and there is one already.")
        )
    elif state.sign.pinned == NOT_PINNED:
        lines.append(t("I couldn't pin it. You can do that in its menu."))
    return lines


def _guidelines_text(state: HowToState, t: Texts) -> str:
    if state.ours:
        return t("I've filled them in. Discord shows them above the form of a new post.")
    if not state.topic:
        return t("They are empty. I can fill them in:") + f"\n> {state.text}"
    intro = t("There are some already, so I leave them alone. You can copy this into them:")
    return f"{intro}\n```\n{state.text}\n```"


def how_to_view(guild_id: int, state: HowToState, t: Texts) -> discord.ui.View:
    """The buttons to do it, and to take it back."""
    primary = discord.ButtonStyle.primary
    items: list[discord.ui.Item[Any]] = []
    if state.sign is None:
        items.append(button(t("Post a how-to"), "howto.post", style=primary))
    elif state.elsewhere:
        items.append(button(t("Move the how-to"), "howto.post", style=primary))
    if state.sign is not None:
        link = message_link(guild_id, state.sign.shown_in, state.sign.shown_id)
        if link:
            items.append(link_button(t("Go to the how-to"), link))
        items.append(button(t("Remove the how-to"), "howto.back"))
    if state.ours:
        items.append(button(t("Empty the guidelines"), "guidelines.back"))
    elif state.topic == "":
        items.append(button(t("Fill in the guidelines"), "guidelines.post"))
    return view_of(*items)
