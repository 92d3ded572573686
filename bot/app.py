"""The bot: its client, and what is wired to what."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands
from discord.http import Route

from bot.i18n import texts_for
from bot.once import not_twice
from bot.settings import Settings
from bot.usecases.voting import VoteBatcher
from cogs._forum_tags import ForumTags
from cogs._interaction import DISCORD_FAILED, answer_failure
from cogs._publications import Publications
from cogs._routing import Router
from data import migrating
from data.database import Database

_log = logging.getLogger(__name__)

EXTENSIONS = (
    "cogs.asking",
    "cogs.answering",
    "cogs.voting",
    "cogs.choosing",
    "cogs.editing",
    "cogs.commenting",
    "cogs.reporting",
    "cogs.history",
    "cogs.closing",
    "cogs.tagging",
    "cogs.moving",
    "cogs.following",
    "cogs.listing",
    "cogs.searching",
    "cogs.profiles",
    "cogs.reminding",
    "cogs.setup",
    "cogs.settings",
    "cogs.categories",
    "cogs.help",
    "cogs.delivery",
    "cogs.reconciling",
)
# No privileged intent: messages are read only where Discord sends them with an interaction.
INTENTS = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True)


class Translator(app_commands.Translator):
    """Translates names and descriptions of commands through the same catalogues as all texts."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - the library's signature
    ) -> str | None:
        """The text in a language we have, or None for the default."""
        t = texts_for(locale.value)
        if t.locale == "en":
            return None
        return t(string.message) if t.has(string.message) else None


_PATIENCE = 1.0  # seconds for what is being answered when the bot stops


class Tree(app_commands.CommandTree["Askwell"]):
    """Commands whose every failure is answered."""

    async def on_error(
        self, interaction: discord.Interaction[Askwell], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer a failure privately."""
        if interaction.type is not discord.InteractionType.autocomplete:
            await answer_failure(interaction, error)


class Askwell(commands.AutoShardedBot):
    """The bot. It keeps nothing in memory that a restart would lose."""

    def __init__(self, settings: Settings, db: Database) -> None:
        options: dict[str, Any] = {}
        if settings.shard_count:
            options["shard_count"] = settings.shard_count
            options["shard_ids"] = list(settings.shard_ids) if settings.shard_ids else None
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=INTENTS,
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            http_trace=not_twice(),
            **options,
        )
        self.settings = settings
        self.db = db
        self.router = Router()
        self.ballots = VoteBatcher(db)
        self.publications = Publications()
        self.forum_tags = ForumTags(self)
        # Discord's ids of our commands, by name: with them a text can mention a command.
        self.command_ids: dict[str, int] = {}

    async def setup_hook(self) -> None:
        """Load the cogs and tell Discord of the commands."""
        for extension in EXTENSIONS:
            await self.load_extension(extension)
        await self.tree.set_translator(Translator())
        try:
            synced = await self.tree.sync()
            self.command_ids = {command.name: command.id for command in synced}
        except DISCORD_FAILED as error:
            _log.error("Discord did not take the list of commands, it keeps the old one: %s", error)

    async def close(self) -> None:
        """Let what people just did come to its end, and leave Discord.

        Its replies need the connection, and its transactions the database, which is closed next.
        """
        await _answered()
        await super().close()
        await _answered()

    async def on_message(self, message: discord.Message, /) -> None:
        """Text commands do not exist here."""

    async def on_interaction(self, interaction: discord.Interaction[Askwell]) -> None:
        """Route clicks and forms."""
        await self.router.route(interaction)


async def _answered() -> None:
    """Wait a moment for what the library is answering, by the names it gives its tasks. None is
    cancelled: that amid a statement would cost a database connection."""
    names = ("CommandTree-invoker", "discord.py: ")
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    answering = {task for task in tasks if task.get_name().startswith(names)}
    if answering:
        await asyncio.wait(answering, timeout=_PATIENCE)


def create_bot(settings: Settings, db: Database) -> Askwell:
    """The bot over an opened database. It does not close the database."""
    # Askwell is never in a voice channel; what discord.py lacks for that is no news to its owner.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    if settings.discord_api_url:
        Route.BASE = settings.discord_api_url.rstrip("/")
    return Askwell(settings, db)


async def open_database(settings: Settings) -> Database:
    """Open the database the settings name and bring its schema up to date.

    Raises `data.migrating.SchemaTooNew`, and what the driver raises where it can't be reached.
    """
    db = Database(settings.database_url)
    await db.open()
    try:
        before, after = await migrating.upgrade(db)
    except BaseException:
        await db.close()
        raise
    if before != after:
        _log.info("database schema: %s → %s", before or "empty", after)
    return db
