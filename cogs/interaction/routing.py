"""Routing clicks and submitted forms, by their custom id alone.

A custom id names an action and a post: `qa:1:best:128`. Nothing is kept in memory for it, so
controls work after a restart, cost nothing, and every click gets a reply, whatever sent it. Each
time, the action is checked against the server and the person.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import discord
from discord.ext import commands

from bot.domain.errors import Denied
from bot.i18n import texts_for
from bot.usecases import drafts
from bot.usecases.drafts import Draft
from cogs.foundation.access import READING_CONTROLS, silenced
from cogs.interaction.forms import OPENED_WITH, form_failed
from cogs.interaction.people import FROM_MESSAGES, enter, entered
from cogs.interaction.replies import answer_failure, replace_clicked, reply
from cogs.interaction.visible import actor_at
from cogs.ui.controls import Control, Forged, draft_of, read_custom_id, server_of

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
Handler = Callable[..., Awaitable[None]]
Look = Callable[[discord.Interaction["Askwell"], int], Awaitable[None]]
_H = TypeVar("_H", bound=Handler)
_MARK = "__askwell_control__"


def control(action: str, *, of_post: bool = False, look: Look | None = None) -> Callable[[_H], _H]:
    """Mark a cog's method as the handler of an action. It is called with the interaction and the
    `Control`.

    With `of_post`, the first argument is a post, and the handler is only called for members who can
    see it. `look` reads the post before, with what else the handler needs.
    """

    def mark(handler: _H) -> _H:
        setattr(handler, _MARK, (action, of_post, look))
        return handler

    return mark


def form_values(interaction: discord.Interaction) -> dict[str, str | list[str]]:
    """The values of a submitted form: each field's custom id with its text or chosen values."""
    values: dict[str, str | list[str]] = {}
    data: Any = interaction.data or {}
    for row in data.get("components", []):
        for filled in [row["component"]] if "component" in row else row.get("components", []):
            if "custom_id" not in filled:
                continue
            chosen = filled.get("values")
            values[filled["custom_id"]] = (
                [str(v) for v in chosen] if chosen is not None else str(filled.get("value") or "")
            )
    return values


@dataclass(slots=True)
class Router:
    """The handlers of all cogs, by action."""

    handlers: dict[str, Handler] = field(default_factory=dict[str, Handler])
    of_posts: set[str] = field(default_factory=set[str])
    """The actions whose first argument is a post."""
    looks: dict[str, Look] = field(default_factory=dict[str, Look])
    """What looks at the post before everything else, for these actions."""

    def add(self, cog: commands.Cog) -> None:
        """Register a cog's marked methods. Raises `ValueError` if two handle the same action."""
        for name in dir(type(cog)):
            marked = getattr(getattr(type(cog), name), _MARK, None)
            if marked is None:
                continue
            action, of_post, look = marked
            if action in self.handlers:
                raise ValueError(f"two handlers for the control {action!r}")
            self.handlers[action] = getattr(cog, name)
            if of_post:
                self.of_posts.add(action)
            if look is not None:
                self.looks[action] = look

    async def route(self, interaction: discord.Interaction[Askwell]) -> None:
        """Answer a click or a submitted form. Anything that isn't ours is ignored."""
        if interaction.type not in (
            discord.InteractionType.component,
            discord.InteractionType.modal_submit,
        ):
            return
        data: Any = interaction.data or {}
        clicked, draft_id = draft_of(data.get("custom_id", ""))
        server_id: int | None = None
        if interaction.guild_id is None:
            clicked, server_id = server_of(clicked)
        wanted = read_custom_id(clicked)
        handler = self.handlers.get(wanted.action) if wanted else None
        if wanted is None or handler is None:
            t = texts_for(str(interaction.locale))
            text = t(
                "This button is from another version of Askwell. Please use a command instead."
            )
            await reply(interaction, text)
            return
        form = interaction.type is discord.InteractionType.modal_submit
        interaction.extras[OPENED_WITH] = draft_id
        try:
            if server_id is not None and wanted.action in FROM_MESSAGES:
                await enter(interaction, server_id)
            await self._check(interaction, wanted)
            await handler(interaction, wanted)
        except Exception as error:
            if not form or interaction.response.is_done():
                await answer_failure(interaction, error)
                return
            # Nothing of it was processed yet.
            draft = Draft(clicked, form_values(interaction))
            await form_failed(interaction, error, draft)
        if form:
            await _drop_draft(interaction)

    async def carry_on(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Act on a post that was chosen in a select, as if its own control had been clicked. What
        is said takes the select's place. Raises `Forged` for an action that isn't on a post."""
        if wanted.action not in self.of_posts:
            raise Forged(f"{wanted.action} isn't an act on a post")
        replace_clicked(interaction)
        await self._check(interaction, wanted)
        await self.handlers[wanted.action](interaction, wanted)

    async def _check(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Refuse members who may do nothing in their server, unless they only read, and posts that
        the person can't see."""
        why = silenced(interaction.user)
        if why is not None and wanted.action not in READING_CONTROLS:
            raise Denied(why)
        look = self.looks.get(wanted.action)
        if look is not None:
            await look(interaction, wanted.number(0))
        if wanted.action in self.of_posts:
            await actor_at(interaction, wanted.number(0), by_name=True)


async def _drop_draft(interaction: discord.Interaction[Askwell]) -> None:
    """Erase the draft with which a form was opened, unless it was kept again."""
    draft_id = interaction.extras.get(OPENED_WITH)
    if draft_id is None:
        return
    db, guild_id = interaction.client.db, interaction.guild_id or entered(interaction) or 0
    try:
        await drafts.drop_draft(db, guild_id, interaction.user.id, draft_id)
    except Exception:  # the form was answered: this is no reason to say that it failed
        _log.exception("a draft could not be erased")


__all__ = ["Control", "Router", "control", "form_values"]
