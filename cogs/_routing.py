"""Where clicks and sent forms go: by their custom id, and by nothing else.

A custom id says what is wanted and of which post: `qa:1:best:128`. Nothing is kept in memory for
it, so controls work after a restart, cost nothing, and no click goes unanswered, whatever it was
made by. What an id asks for is checked against the server and the person every time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import discord
from discord.ext import commands

from bot.i18n import texts_for
from cogs._interaction import answer_failure, reply
from cogs.ui.controls import Control, read_custom_id

if TYPE_CHECKING:
    from bot.app import Askwell

Handler = Callable[..., Awaitable[None]]
_H = TypeVar("_H", bound=Handler)
_MARK = "__askwell_control__"


def control(action: str) -> Callable[[_H], _H]:
    """Mark a cog's method as what answers an action: called with the interaction and `Control`."""

    def mark(handler: _H) -> _H:
        setattr(handler, _MARK, action)
        return handler

    return mark


def form_values(interaction: discord.Interaction) -> dict[str, str | list[str]]:
    """What was filled into a form: each field's custom id with its text, or chosen values."""
    values: dict[str, str | list[str]] = {}
    data: Any = interaction.data or {}
    for row in data.get("components", []):
        for field in [row["component"]] if "component" in row else row.get("components", []):
            if "custom_id" not in field:
                continue
            chosen = field.get("values")
            values[field["custom_id"]] = (
                [str(v) for v in chosen] if chosen is not None else str(field.get("value") or "")
            )
    return values


@dataclass(slots=True)
class Router:
    """The handlers of all cogs, by action."""

    handlers: dict[str, Handler]

    def add(self, cog: commands.Cog) -> None:
        """Take in a cog's marked methods. ValueError where two answer the same action."""
        for name in dir(type(cog)):
            action = getattr(getattr(type(cog), name), _MARK, None)
            if action is None:
                continue
            if action in self.handlers:
                raise ValueError(f"two handlers for the control {action!r}")
            self.handlers[action] = getattr(cog, name)

    async def route(self, interaction: discord.Interaction[Askwell]) -> None:
        """Answer a click or a sent form. Anything that is not ours is left alone."""
        if interaction.type not in (
            discord.InteractionType.component,
            discord.InteractionType.modal_submit,
        ):
            return
        data: Any = interaction.data or {}
        wanted = read_custom_id(data.get("custom_id", ""))
        handler = self.handlers.get(wanted.action) if wanted else None
        if wanted is None or handler is None:
            t = texts_for(str(interaction.locale))
            text = t("This button is from another version of Askwell. Please use the commands.")
            await reply(interaction, text)
            return
        try:
            await handler(interaction, wanted)
        except Exception as error:
            await answer_failure(interaction, error)


async def add_cog(bot: Askwell, cog: commands.Cog) -> None:
    """Add a cog with its commands, listeners and controls."""
    await bot.add_cog(cog)
    bot.router.add(cog)


__all__ = ["Control", "Router", "add_cog", "control", "form_values"]
