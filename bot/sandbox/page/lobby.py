"""Where one is, who one is, and what one does there: the state behind the page.

simcord shows one channel to one person at a time; the lobby closes that view and opens another
when somebody moves. All of it happens on the event loop the bot runs on, one operation at a time.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast
from zoneinfo import available_timezones

import simcord
from discord.ext import commands
from simcord.backend.access import can_access_channel
from simcord.backend.errors import BackendError, SetupError
from simcord.enums import AppCommandType

from bot.sandbox import _simcord, _simcord_page
from bot.sandbox.page.guide import Guide
from bot.sandbox.page.record import Record
from bot.sandbox.page.surroundings import Refused, Surroundings, addresses_of
from bot.sandbox.world import World, picture

log = logging.getLogger(__name__)

LOG_KEPT = 2_000
"""Lines of simcord's record of everything that are kept in a long session."""
ASLEEP = 120.0
"""Seconds the machine may fall behind before we take it that it slept."""
STEP = 0.9
"""Seconds each step of the story is shown for."""
MESSAGE_MENU = AppCommandType.MESSAGE
VOTES = ("⬆️", "⬇️")
ANSWERED = "on_app_command_completion"


Out = Callable[[str], None]


class Play(Protocol):
    """Plays the story in a world; `between` is awaited after each step, which it is told of."""

    def __call__(
        self, world: World, *, out: Out, between: Callable[[str], Awaitable[None]]
    ) -> Awaitable[Any]: ...


class Lobby(Surroundings):
    """Shows one of `worlds`, the first one at first. With `telling`, a server in which nothing has
    been said has a story to tell, when one comes there."""

    def __init__(self, worlds: Sequence[World], record: Record, *, telling: bool = False) -> None:
        super().__init__(worlds)
        self.gate = asyncio.Lock()
        self.preview: simcord.Preview | None = None
        self.record = record
        self.guides = {world.key: Guide(world, record) for world in worlds}
        self.languages = _simcord.Languages(self.env)
        self._port = 0
        self._zone = "UTC"
        self._seen = 0
        self._lost = 0.0
        self.entered = False
        self.telling: str | None = None
        """The step of the story that is being told."""
        self.awaited = asyncio.Event()
        """One has come to a server whose story is to be told now."""
        self._tells = telling
        self.skipped = asyncio.Event()
        """The rest of the story is told at once."""

    @property
    def guide(self) -> Guide:
        """What to try in the server one is in."""
        return self.guides[self.world.key]

    @property
    def _bot(self) -> commands.Bot:
        return cast("commands.Bot", self.env.bot)

    # --- the story --------------------------------------------------------------------------

    @property
    def has_story(self) -> bool:
        """Whether there is a story to be told in the server one is in."""
        return self._tells and self.world.untouched

    async def watch(self, play: Play, out: Out) -> None:
        """Play the story where one sees it. Until it is over, one can do nothing but skip."""
        self.telling = ""
        self.awaited.clear()
        async with self.gate:
            try:
                await self._show()
                self.entered = True
                await play(self.world, out=out, between=self._between)
            finally:
                self.telling = None
                self.skipped.clear()

    async def skip(self) -> None:
        """Tell the rest of the story at once."""
        self.skipped.set()

    async def _between(self, step: str) -> None:
        """Show what a step has brought, and leave time to see it."""
        self.telling = step
        if self.skipped.is_set():
            return
        newest = self._newest_thread()
        # A text channel's thread is empty at first: the question's card is in the channel.
        begun = newest is not None and self.env.backend.messages.get(newest.id)
        stage = newest if newest is None or begun else self._parent(newest)
        if newest is not None and stage is not None and stage.id != self.place.id:
            async with self._let_go():
                await self._close_view()
            self.place = self._channel(stage.id)
            await self._show(newest.id)
        else:
            await self._refresh()
        async with self._let_go():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.skipped.wait(), STEP)

    @asynccontextmanager
    async def _let_go(self) -> AsyncGenerator[None, None]:
        """Let the view do what it has to: it waits for the gate, and closing it waits for that."""
        self.gate.release()
        try:
            yield
        finally:
            await self.gate.acquire()

    # --- moving -----------------------------------------------------------------------------

    async def enter(self) -> None:
        """Open the page on the newest question, or on #general where nobody has asked yet.

        What is there counts as read, except direct messages; private replies are gone, as they
        are from a Discord client that has just been started.
        """
        for channel in self._backend_channels():
            messages = self.env.backend.messages.get(channel.id, {})
            for message in [m for m in messages.values() if m.is_ephemeral]:
                del messages[message.id]
            for person in self.world.people:
                self._read[person.key, channel.id] = channel.last_message_id or 0
        self._begin()
        # Were the simulated clock ahead, it would stand still until the real one has caught up.
        self._lost = min(0.0, time.time() - self.env.now().timestamp())
        await self._close_view()  # the story's
        async with self._alone():
            await self._show_newest()
        self.entered = True

    async def _show_newest(self) -> None:
        newest = self._newest_thread()
        self.place = self.world.general if newest is None else self._channel(newest.id)
        await self._show(None if newest is None else newest.id)

    def _begin(self) -> None:
        """From now on the guide counts what is done in the server one is in."""
        if not self.guide.begun:
            self.guide.begin()
            self._bot.add_listener(self.guide.answered, ANSWERED)
        for guide in self.guides.values():
            guide.visited(self.world.key)

    async def visit(self, key: str) -> None:
        """Go to another server, as whom one is. Its story is told there, if it has not been."""
        world = next((world for world in self.worlds if world.key == key), None)
        if world is None:
            raise Refused("There is no such server.")
        async with self._alone():
            self._be_in(world)
            if not self.has_story:
                self._begin()
                await self._show_newest()
                return
            self.place = world.general
            await self._show()
        self.telling = ""
        self.awaited.set()

    def _be_in(self, world: World) -> None:
        self.world = world
        self.who = world.person(self.who.key)

    async def move(
        self, *, who: str | None = None, channel: int | None = None, message: int | None = None
    ) -> None:
        """Be `who`, in `channel`, looking at `message`; what is not given stays as it is."""
        async with self._alone():
            handle = self._channel(self.place.id if channel is None else channel)
            if handle.guild is not None and handle.guild.id != self.world.guild.id:
                # A link in a direct message leads to whichever server it is about.
                self._be_in(next(w for w in self.worlds if w.guild.id == handle.guild.id))
                self._begin()
            if who is not None:
                self.who = self._person(who)
            if handle.guild is None:
                handle = self.who.actor.user.dm_channel
            elif not can_access_channel(self.env, handle.id, self.who.actor):
                handle = self.world.general
            self.place = handle
            await self._show(message)

    async def use_zone(self, zone: str) -> None:
        """Show times as in `zone`, an IANA name as browsers tell it; others change nothing."""
        if zone == self._zone or zone not in available_timezones():
            return
        if self.telling is not None:
            self._zone = zone
            return
        async with self._alone():
            self._zone = zone
            await self._show()

    async def speak(self, key: str, locale: str) -> None:
        """Let a person's Discord be in another language: what the bot tells them follows it."""
        if locale not in _simcord.LOCALES:
            raise Refused("The bot does not speak that.")
        self.languages.spoken[self._person(key).id] = locale

    async def follow(self, step_key: str) -> None:
        """Be who a step of the guide speaks of, where it is done."""
        step = next((step for step in self.guide.steps if step.key == step_key), None)
        if step is None:
            raise Refused("There is no such step.")
        if step.where == "harbour":
            self.who = self._person(step.who)
            await self.visit(step.where)
            return
        place = self.world.general if step.where == "general" else self._newest_thread()
        await self.move(who=step.who, channel=(place or self.world.general).id)

    async def mend(self) -> None:
        """Go to #general where the place one was in has been deleted."""
        if self.telling is None and self.place.id not in self.env.backend.channels:
            await self.move(channel=self.world.general.id)

    async def _show(self, message: int | None = None) -> None:
        """Show the place to the person: close the view there is, open the one there should be."""
        await self._close_view()
        self._mark_read()
        if self.kind == "forum":
            return
        private = self.place.guild is None
        viewer = self.who.actor.user if private else self.who.actor
        assets = {
            address: (f"{key}.png", picture(key))
            for user, key in self._pictures()
            for address in addresses_of(user, key)
        }
        self.preview = preview = await self._open(viewer, assets)
        # The same port again lets the browser keep the fonts it has.
        self._port = int(preview.url.split(":")[2].split("/")[0])
        target = self._find(message)
        if target is not None:
            await preview.show(target)

    async def _close_view(self) -> None:
        """Close the view. The browser lets go of it when it is told that there is none."""
        closing, self.preview = self.preview, None
        if closing is not None:
            await closing.close()

    async def _open(self, viewer: Any, assets: dict[str, tuple[str, bytes]]) -> simcord.Preview:
        def preview(port: int) -> simcord.Preview:
            return self.env.preview(
                self.place,
                viewers=[viewer],
                layout="channel",
                assets=assets,
                timezone=self._zone,
                port=port,
            )

        try:
            return await preview(self._port).__aenter__()
        except SetupError:
            return await preview(0).__aenter__()

    async def close(self) -> None:
        """End the view. The simulation goes on."""
        async with self.gate:
            for guide in self.guides.values():
                self._bot.remove_listener(guide.answered, ANSWERED)
            self.record.close()
            if self.preview is not None:
                await self.preview.close()
                self.preview = None

    # --- doing ------------------------------------------------------------------------------

    async def react(self, message: int, emoji: str) -> None:
        """Add a reaction, or take it back where one has given it."""
        async with self._alone():
            target, stored = self._target(message)
            reaction = stored.reaction_for(emoji)
            given = reaction is not None and self.who.id in reaction.user_ids
            actor = self.who.actor if self.place.guild is not None else self.who.actor.user
            await actor.set_reaction(target, emoji, reacted=not given)
            await self._refresh()

    async def pin(self, message: int) -> None:
        """Discord's own Pin message, or Unpin message."""
        async with self._alone():
            target, stored = self._target(message)
            if self.place.guild is None:
                raise Refused("Pinning in direct messages means nothing to Askwell.")
            await self.who.actor.set_pinned(target, not stored.pinned)
            await self._refresh()

    async def dismiss(self, message: int) -> None:
        """Put away one of the bot's private replies."""
        async with self._alone():
            _, stored = self._target(message)
            if not stored.is_ephemeral:
                raise Refused("Only private replies can be dismissed.")
            del self.env.backend.messages[self.place.id][message]
            await self._refresh()

    async def use_menu(self, message: int, name: str) -> None:
        """Choose one of the bot's entries in a message's context menu."""
        async with self._alone():
            target, _ = self._target(message)
            if self.place.guild is None:
                raise Refused("This menu is not there in direct messages.")
            await self._answer(await self.who.actor.context_menu(self.place, name, target))

    async def use_person_menu(self, key: str, name: str) -> None:
        """Choose one of the bot's entries in a person's context menu."""
        async with self._alone():
            if self.place.guild is None or self.kind == "forum":
                await self._enter_general()
            person = self._person(key)
            await self._answer(await self.who.actor.context_menu(self.place, name, person.actor))

    async def _enter_general(self) -> None:
        self.place = self.world.general
        await self._show()

    async def _answer(self, result: simcord.InteractionResult) -> None:
        """Show what the bot made of a menu entry: a form, or a private reply."""
        if not result.acknowledged:
            await self._refresh()
            raise Refused("The bot did not answer in time.")
        if result.modal is not None:
            _simcord_page.show_form(self.preview, result)
        else:
            await self._refresh()

    async def tick(self) -> None:
        """Let the simulated time follow the real one, and show what the bot did meanwhile."""
        if self.gate.locked() or _simcord.is_busy(self.env):
            return
        await self.mend()
        async with self.gate:
            behind = time.time() - self._lost - self.env.now().timestamp()
            if behind > ASLEEP:
                self._lost += behind
            elif behind > 0:
                await self.env.advance_time(behind)
            record = self.env.backend.transcript
            if len(record) != self._seen:
                await self._refresh()
            if len(record) > 2 * LOG_KEPT:
                del record[:-LOG_KEPT]
                del self.env.backend.http_requests[:-LOG_KEPT]
                self._seen = len(record)

    async def _refresh(self) -> None:
        self._mark_read()
        if self.preview is not None:
            await self.preview.refresh()
        self._seen = len(self.env.backend.transcript)

    @asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None, None]:
        """Do one thing at a time, and word what the simulated Discord refuses."""
        if self.telling is not None:
            raise Refused("The story is being told. Skip it, or watch it to its end.")
        async with self.gate:
            try:
                yield
            except BackendError as error:
                raise Refused(
                    f"Discord refuses that to {self.who.name}: {error.message}."
                ) from None
            except SetupError as error:
                log.debug("The simulator refused", exc_info=True)
                raise Refused(f"That does not work here: {error}.") from None
            except TimeoutError:
                log.exception("The bot is still busy")
                raise Refused("The bot takes unusually long. Its log says more.") from None
