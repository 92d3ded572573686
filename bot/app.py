"""The bot: its client, and its wiring."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location
from discord.ext import commands, tasks
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.domain.errors import Denied
from bot.i18n import texts_for
from bot.once import not_twice
from bot.sealing import KeyState, Sealing
from bot.settings import Settings
from bot.usecases.repeating import ErasureKeeper
from bot.usecases.voting import VoteBatcher
from cogs.delivery.missed import Missed
from cogs.delivery.publications import Publications
from cogs.failures import DISCORD_FAILED
from cogs.foundation.access import READING_COMMANDS, silenced
from cogs.foundation.automod import AutoMod
from cogs.foundation.ending import FOR_COMMITS, FOR_REPLIES, Ending
from cogs.foundation.homes import Homes
from cogs.foundation.preflight import is_passing, say_nothing_of_voice
from cogs.foundation.turns import Turns
from cogs.foundation.uploads import Uploads
from cogs.interaction.refused_votes import RefusedVotes
from cogs.interaction.replies import acknowledge_soon, answer_failure
from cogs.interaction.routing import Router
from cogs.managing.forum_tags import ForumTags
from data import migrating
from data.database import Database

_log = logging.getLogger(__name__)

EXTENSIONS = (
    "cogs.asking",
    "cogs.answering",
    "cogs.replying",
    "cogs.queueing",
    "cogs.redirecting",
    "cogs.voting",
    "cogs.choosing",
    "cogs.cleaning",
    "cogs.editing",
    "cogs.commenting",
    "cogs.anonymously",
    "cogs.delaying",
    "cogs.reporting",
    "cogs.reviewing",
    "cogs.history",
    "cogs.closing",
    "cogs.tagging",
    "cogs.moving",
    "cogs.pointing",
    "cogs.locking",
    "cogs.hiding",
    "cogs.appealing",
    "cogs.blocking",
    "cogs.unsealing",
    "cogs.sweeping",
    "cogs.auditing",
    "cogs.duty",
    "cogs.following",
    "cogs.preferences",
    "cogs.privacy",
    "cogs.listing",
    "cogs.searching",
    "cogs.profiles",
    "cogs.reminding",
    "cogs.leaving",
    "cogs.left_servers",
    "cogs.rounding_up",
    "cogs.screening",
    "cogs.managing.setup",
    "cogs.managing.how_to",
    "cogs.managing.settings",
    "cogs.managing.categories",
    "cogs.help",
    "cogs.delivery.cog",
    "cogs.delivery.repairing",
    "cogs.delivery.linking",
    "cogs.delivery.reconciling",
)
# No privileged intent: messages are only read if Discord sends them with an interaction.
INTENTS = discord.Intents(
    guilds=True, guild_messages=True, guild_reactions=True, auto_moderation_configuration=True
)


class Translator(app_commands.Translator):
    """Translates names and descriptions of commands through the same catalogues as all texts."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The text in a language we have, or None for the default."""
        t = texts_for(locale.value)
        if t.locale == "en" or _is_typed(context):
            return None
        return t(string.message) if t.has(string.message) else None


def _is_typed(context: app_commands.TranslationContextTypes) -> bool:
    """Whether a text is the name of a command or option. Names are the same in every language,
    because help and documentation use them; another text with the same words isn't a name."""
    if context.location is Location.command_name:
        return not isinstance(context.data, app_commands.ContextMenu)
    return context.location in (Location.group_name, Location.parameter_name)


# Seconds: how long the start waits for the commands to be taken; the pauses between tries to get to
# Discord at all; and how long a request waits until a limit has passed: what is longer is left to
# those who asked, as delivery does, so that an hour's limit of one channel holds up no other.
_SYNC_PATIENCE = 10.0
_PAUSES = (1, 2, 4, 8, 15)
_LONGEST_LIMIT = 60.0


class Tree(app_commands.CommandTree["Askwell"]):
    """The command tree, which answers every failure."""

    async def interaction_check(self, interaction: discord.Interaction[Askwell], /) -> bool:
        """Refuse a member who may do nothing in their server, unless the command only reads."""
        why = silenced(interaction.user)
        if why is None or interaction.type is discord.InteractionType.autocomplete:
            return True
        command = interaction.command
        if command is not None and command.qualified_name in READING_COMMANDS:
            return True
        await answer_failure(interaction, Denied(why))
        return False

    async def on_error(
        self, interaction: discord.Interaction[Askwell], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer a failure privately."""
        if interaction.type is not discord.InteractionType.autocomplete:
            await answer_failure(interaction, error)


def _options(settings: Settings) -> dict[str, Any]:
    """What the library is to do and to keep in memory, and which shards, if that is set."""
    options: dict[str, Any] = {
        "command_prefix": commands.when_mentioned,
        "help_command": None,
        "tree_cls": Tree,
        "intents": INTENTS,
        "allowed_mentions": discord.AllowedMentions.none(),
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "max_messages": None,
        "http_trace": not_twice(),
        "max_ratelimit_timeout": _LONGEST_LIMIT,
        "allowed_installs": app_commands.AppInstallationType(guild=True, user=False),
    }
    if settings.shard_count:
        options["shard_count"] = settings.shard_count
        options["shard_ids"] = list(settings.shard_ids) if settings.shard_ids else None
    return options


class Askwell(commands.AutoShardedBot):
    """The bot. It keeps nothing in memory that mustn't be lost in a restart."""

    def __init__(self, settings: Settings, db: Database, sealing: Sealing | None = None) -> None:
        super().__init__(**_options(settings))
        self.settings = settings
        self.db = db
        self.sealing = sealing
        # Finds or makes a key for a bot that runs without: see `bot.keys.found_or_made`.
        self.make_key: Callable[[], Awaitable[tuple[Sealing | None, KeyState]]] | None = None
        self._finding_key = asyncio.Lock()
        self.router = Router()
        self.ballots = VoteBatcher(db)
        self.publications = Publications()
        # Limits files in memory to two at once, so that many members who attach some don't need
        # more.
        self.holding_files = asyncio.Semaphore(2)
        # One form of a member after the other: whoever sends many holds up nobody but themselves.
        self.holding_members_files = Turns()
        self.uploads = Uploads()
        self.drawing_pictures = asyncio.Semaphore(1)  # each takes a processor, and up to 300 MB
        self.ending = Ending()
        self.missed = Missed(db, self.ending)
        self.erasures = ErasureKeeper(db, settings.backup_folder)
        self.refused_votes = RefusedVotes(db)
        self.homes = Homes(self)
        self.automod = AutoMod(self)
        self.forum_tags = ForumTags(self)
        # Discord's ids of our commands, by name: with them a text can mention a command.
        self.command_ids: dict[str, int] = {}
        self._sync_tried = asyncio.Event()
        self._pauses = list(_PAUSES)

    async def find_key(self) -> KeyState:
        """Whether anonymous posts can be sealed, with a key that is made now if there is none."""
        async with self._finding_key:
            if self.sealing is not None:
                return KeyState.THERE
            if self.make_key is None:
                return KeyState.MISSING
            self.sealing, state = await self.make_key()
            return state

    async def setup_hook(self) -> None:
        """Load the cogs and tell Discord of the commands."""
        for extension in EXTENSIONS:
            await self.load_extension(extension)
        await self.tree.set_translator(Translator())
        self._sync.start()
        with suppress(TimeoutError):  # the forum works without them, and keeps trying
            await asyncio.wait_for(self._sync_tried.wait(), _SYNC_PATIENCE)

    async def add_cog(self, cog: commands.Cog, /, **options: Any) -> None:
        """Add a cog with its commands, listeners and controls."""
        await super().add_cog(cog, **options)
        self.router.add(cog)

    @tasks.loop(minutes=1)
    async def _sync(self) -> None:
        """Register the commands with Discord, retrying until it accepts them."""
        try:
            synced = await self.tree.sync()
        except DISCORD_FAILED as error:
            _log.error("Discord did not take the list of commands, it keeps the old one: %s", error)
            if not is_passing(error):
                self._sync.stop()
        else:
            self.command_ids = {command.name: command.id for command in synced}
            self._sync.stop()
        finally:
            self._sync_tried.set()

    async def login(self, token: str) -> None:
        """Log in; retry for a while if Discord has a bad moment."""
        while True:
            try:
                await super().login(token)
                return
            except DISCORD_FAILED as error:
                if self.extensions or not await self._another_try(error):
                    raise
                # The library creates a new session each time, and would leave this one open.
                await self.http.close()
                self.http.connector = discord.utils.MISSING

    async def launch_shards(self) -> None:
        """Connect to the gateway that the API names. The library uses Discord's own address if the
        number of shards is given, and for every new session."""
        while True:
            try:
                shards, url, _ = await self.http.get_bot_gateway()
                break
            except DISCORD_FAILED as error:
                if not await self._another_try(error):
                    raise
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
        if not self.settings.shard_count:
            self.shard_count = shards
        await super().launch_shards()

    async def _another_try(self, error: Exception) -> bool:
        """Wait before the next attempt to connect; False if there is none."""
        if not self._pauses or not is_passing(error):
            return False
        pause = self._pauses.pop(0)
        _log.warning("Discord can't be reached, the next try is in %s s: %s", pause, error)
        await asyncio.sleep(pause)
        return True

    async def close(self) -> None:
        """Let acts under way finish, and disconnect from Discord.

        Its replies need the connection, and its transactions the database, which is closed next.
        """
        self.ending.begin()
        # Members who wait for a card are told that it will come.
        self.dispatch("post_delivered", None, None)
        while (answering := _answering()) and self.ending.left(FOR_REPLIES):
            await self.ending.wait(answering, FOR_REPLIES)
        self._sync.cancel()
        await super().close()
        await self.ending.wait(_answering(), FOR_COMMITS)

    async def on_message(self, message: discord.Message, /) -> None:
        """Ignore messages: there are no text commands."""

    async def on_interaction(self, interaction: discord.Interaction[Askwell]) -> None:
        """Route clicks and forms, and make sure that each gets a reply."""
        if interaction.type is not discord.InteractionType.autocomplete:
            acknowledge_soon(interaction)
        await self.router.route(interaction)


def _answering() -> set[asyncio.Task[Any]]:
    """The library's tasks that answer interactions, by their names."""
    names = ("CommandTree-invoker", "discord.py: ")
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    return {task for task in tasks if task.get_name().startswith(names)}


def create_bot(settings: Settings, db: Database, sealing: Sealing | None = None) -> Askwell:
    """The bot on an open database, which it doesn't close. Without keys nobody can post
    anonymously."""
    say_nothing_of_voice()
    if settings.discord_api_url:
        Route.BASE = settings.discord_api_url.rstrip("/")
    return Askwell(settings, db, sealing)


async def open_database(settings: Settings, name: str = "askwell") -> Database:
    """Open the database the settings name and bring its schema up to date. PostgreSQL knows its
    connections by `name`.

    Raises `data.migrating.SchemaTooNew`, and the driver's errors if it can't be reached.
    """
    db = Database(settings.database_url, name)
    await db.open()
    try:
        before, after = await migrating.upgrade(db)
    except BaseException:
        await db.close()
        raise
    if before != after:
        _log.info("database schema: %s → %s", before or "empty", after)
    return db
