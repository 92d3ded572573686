"""What members read before their data is erased, and the form that erases it."""

from __future__ import annotations

from typing import Any, Final

import discord

from bot.domain.erasures import Outlook
from bot.domain.text import show_line
from bot.i18n import Texts
from cogs.ui.controls import button, custom_id, view_of

TEXTS: Final = "texts"
_COLOUR: Final = 0x5865F2


def erasing_embed(
    outlook: Outlook, server: str, t: Texts, *, anonymous: bool = False
) -> discord.Embed:
    """What erasing a member's data would do; with what it does to anonymous posts, where there can
    be any."""
    goes = [
        t("Your name and picture, on all cards"),
        t("Your points, follows, inbox, drafts and preferences"),
        t("What you wrote in reports and appeals"),
    ]
    stays = [
        t.plural(
            "{n} post, by “Deleted member”. Its text can go as well.",
            "{n} posts, by “Deleted member”. Their texts can go as well.",
            outlook.posts,
        ),
        t.plural(
            "{n} vote, which no longer says whose it was",
            "{n} votes, which no longer say whose they were",
            outlook.votes,
        ),
        t("A block, until it ends, and that you reported a post"),
        t("What others wrote, even about you, and messages you wrote in Discord yourself"),
    ]
    if anonymous:
        stays.append(
            t(
                "Your anonymous posts, under their made-up names. Nobody can find out any more "
                "that they were yours, and you can't change them."
            )
        )
    embed = discord.Embed(
        title=t("Erase what Askwell keeps of you"),
        description=t(
            "This is about {server} alone. It can't be undone, and you're free to start again.",
            server=f"**{show_line(server)}**",
        ),
        colour=_COLOUR,
    )
    embed.add_field(name=t("What goes"), value=_list(goes), inline=False)
    embed.add_field(name=t("What stays"), value=_list(stays), inline=False)
    return embed


def _list(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def erasing_view(t: Texts) -> discord.ui.View:
    """The button that opens the form."""
    return view_of(button(t("Erase…"), "privacy.erase", style=discord.ButtonStyle.danger))


def erasing_form(name: str, t: Texts) -> discord.ui.Modal:
    """The form in which a member types their name, and says whether their texts go, too."""
    form = discord.ui.Modal(
        title=t("Erase what Askwell keeps of you")[:45], custom_id=custom_id("privacy.form")
    )
    typed: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="name", max_length=100, placeholder=name[:100]
    )
    form.add_item(
        discord.ui.Label(
            text=t("Type your name")[:45],
            description=t("So that nobody erases themselves by accident.")[:100],
            component=typed,
        )
    )
    option = discord.CheckboxGroupOption(
        label=t("Erase my texts and files, too")[:100],
        value=TEXTS,
        description=t("Later, nobody can tell which posts were yours.")[:100],
    )
    box: discord.ui.CheckboxGroup[Any] = discord.ui.CheckboxGroup(
        custom_id="what", required=False, min_values=0, options=[option]
    )
    form.add_item(discord.ui.Label(text=t("Your posts")[:45], component=box))
    return form


def erased_text(t: Texts, *, later: bool = False) -> str:
    """That it is done, and what follows; also of anonymous posts, if their texts go `later`."""
    text = t(
        "Askwell has erased what it kept of you here. Cards in Discord follow one after the other, "
        "which can take days in a large server. Your reactions are removed in the background."
    )
    if later:
        text += " " + t(
            "The texts of your anonymous posts go one by one over three days, so that nobody sees "
            "which belong together."
        )
    return text
