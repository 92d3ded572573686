"""What members are told on their way to an anonymous post."""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.files import BYTES_MAX, FILES_MAX
from bot.domain.personas import NAME_MAX
from bot.i18n import Texts
from cogs.ui.carried import Carried, Step, name_form_id, pictures_form_id, step_button
from cogs.ui.delayed import later_text
from cogs.ui.modals import FILES

NAME = "name"


def notice_text(t: Texts, *, unsealing: bool = True) -> str:
    """Who can still know: said before a member's first anonymous post in a server. `unsealing`
    tells whether two moderators can, there."""
    lines = [
        t("Members, and any moderator alone, see only a made-up name."),
        t("Whoever runs Askwell has the key that seals your name. Discord knows, too."),
        t("Your style, the hour and details of your story can give you away."),
    ]
    if unsealing:
        told = t("Two moderators together can unseal it, with a reason. If they do, you're told.")
        lines.insert(2, told)
    head = t("Before your first anonymous post: who can still know?")
    return "\n".join([f"**{head}**", *(f"- {line}" for line in lines)])


def notice_buttons(carried: Carried, t: Texts) -> list[discord.ui.Button[Any]]:
    """The buttons under it."""
    primary = discord.ButtonStyle.primary
    return [
        step_button(t("Understood"), Step.UNDERSTOOD, carried, primary),
        step_button(t("Change mine"), Step.CHANGE, carried),
    ]


def warning_text(few: int, t: Texts) -> str:
    """That so few write in a server that style and hour say who it is."""
    return t(
        "Fewer than {few} members wrote here in the last month. Your style and the hour may tell "
        "who you are.",
        few=few,
    )


def warning_buttons(carried: Carried, t: Texts) -> list[discord.ui.Button[Any]]:
    """The buttons under it."""
    primary = discord.ButtonStyle.primary
    return [
        step_button(t("Post anyway"), Step.ANYWAY, carried, primary),
        step_button(t("Change mine"), Step.CHANGE, carried),
    ]


def name_text(t: Texts, delay: int) -> str:
    """What a name holds for, and within how many minutes the post appears (0: at once)."""
    name = t("You'll post under this name in this question. It can't be changed later.")
    return f"{name}\n{later_text(delay, t)}" if delay else name


def name_buttons(carried: Carried, t: Texts) -> list[discord.ui.Button[Any]]:
    """The buttons that post under the offered name, or take another."""
    primary = discord.ButtonStyle.primary
    return [
        step_button(t("Post as {name}", name=carried.name), Step.POST, carried, primary),
        step_button(t("Choose another name"), Step.NAME, carried),
        step_button(t("Change mine"), Step.CHANGE, carried),
    ]


def similar_buttons(carried: Carried, t: Texts) -> list[discord.ui.Button[Any]]:
    """The buttons under questions that are like one to be asked."""
    primary = discord.ButtonStyle.primary
    return [
        step_button(t("Post mine"), Step.GO_ON, carried, primary),
        step_button(t("That helped, don't post"), Step.HELPED, carried),
        step_button(t("Change mine"), Step.CHANGE, carried),
    ]


def beginning_buttons(carried: Carried, t: Texts) -> list[discord.ui.Button[Any]]:
    """The buttons under questions that are like one whose form wasn't filled in yet."""
    primary = discord.ButtonStyle.primary
    return [
        step_button(t("Ask anyway"), Step.CHANGE, carried, primary),
        step_button(t("That helped, don't ask"), Step.HELPED, carried),
    ]


def pictures_buttons(carried: Carried, t: Texts, *, more: bool) -> list[discord.ui.Button[Any]]:
    """The buttons below a draft whose pictures can't be posted. `more` tells whether others can."""
    primary, secondary = discord.ButtonStyle.primary, discord.ButtonStyle.secondary
    adding = [step_button(t("Add pictures"), Step.PICTURES, carried, primary)] if more else []
    style = secondary if more else primary
    return [
        *adding,
        step_button(t("Go on without pictures"), Step.WITHOUT, carried, style),
        step_button(t("Change mine"), Step.CHANGE, carried),
    ]


def pictures_form(carried: Carried, t: Texts) -> discord.ui.Modal:
    """The form that takes pictures."""
    form = discord.ui.Modal(title=t("Add pictures")[:45], custom_id=pictures_form_id(carried))
    most = t("Up to {n}, up to {size} MB in total", n=FILES_MAX, size=BYTES_MAX // 2**20)
    form.add_item(
        discord.ui.Label(
            text=t("Pictures")[:45],
            description=most[:100],
            component=discord.ui.FileUpload(
                custom_id=FILES, required=True, min_values=1, max_values=FILES_MAX
            ),
        )
    )
    return form


def name_form(carried: Carried, t: Texts) -> discord.ui.Modal:
    """The form that takes another name."""
    form = discord.ui.Modal(title=t("Choose another name")[:45], custom_id=name_form_id(carried))
    form.add_item(
        discord.ui.Label(
            text=t("Name")[:45],
            description=t("Nothing that tells who you are, and nobody else's name.")[:100],
            component=discord.ui.TextInput(custom_id=NAME, min_length=2, max_length=NAME_MAX),
        )
    )
    return form
