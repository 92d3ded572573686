"""Every touch of simcord's private parts, in one place that checks itself against the version.
(Those for its browser page are in `_simcord_page`, for how it waits in `_simcord_settling`.)

simcord plays Discord's servers. It is wrong in a few places and closed in others; what the sandbox
and the tests need beyond its public face is here, each with its reason. A new version of simcord
fails loudly at the import, so that every patch is looked at again.
"""

# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# ruff: noqa: SLF001

import logging
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary

import discord

from cogs.foundation import downloads


@contextmanager
def _quiet() -> Generator[None, None, None]:
    """simcord tries discord.py out as it is imported, and that logs warnings that mean nothing."""
    logger = logging.getLogger("discord")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


with _quiet():
    import simcord
    from simcord import backend as simcord_backend
    from simcord.backend import serializers
    from simcord.backend.errors import BackendError
    from simcord.backend.models import Message
    from simcord.enums import ChannelType, MessageType
    from simcord.http import router

VERSION = "3.2.1"
_PINNED: Final = 2  # the flag of a pinned post
# Of each simulation, the forums' pinned posts.
_PINNED_POSTS: WeakKeyDictionary[Any, set[int]] = WeakKeyDictionary()

if simcord.__version__ != VERSION:
    raise RuntimeError(
        f"The sandbox knows simcord {VERSION} from the inside, and {simcord.__version__} is "
        f"installed. Install the pinned one: pip install 'simcord[preview]=={VERSION}'."
    )

Env = simcord.Env


# --- corrections: where simcord differs from Discord -----------------------------------------


@contextmanager
def starter_message_is_the_thread() -> Generator[None, None, None]:
    """Give a forum post's first message the id of its thread, as Discord does."""
    backend = simcord_backend.Backend
    original = backend.commit_message

    def commit_message(
        self: simcord_backend.Backend, message: Message, *, broadcast: bool = True
    ) -> Message:
        channel = self.channels.get(message.channel_id)
        if channel is not None and channel.is_thread and not self.messages[channel.id]:
            parent = self.channels.get(channel.parent_id or 0)
            if parent is not None and parent.type == ChannelType.FORUM:
                message.id = channel.id
        return original(self, message, broadcast=broadcast)

    backend.commit_message = commit_message
    try:
        yield
    finally:
        backend.commit_message = original


@contextmanager
def threads_begin_quietly() -> Generator[None, None, None]:
    """Post no "started a thread" for a thread made from a message: Discord has none either."""
    backend = simcord_backend.Backend
    original = backend.create_system_message

    def create_system_message(
        self: simcord_backend.Backend,
        channel_id: int,
        message_type: MessageType,
        author_id: int,
        **rest: Any,
    ) -> Message:
        origin = rest.get("referenced_message_id")
        if message_type == MessageType.THREAD_CREATED and origin is not None:
            return self.get_message(channel_id, origin)
        return original(self, channel_id, message_type, author_id, **rest)

    backend.create_system_message = create_system_message
    try:
        yield
    finally:
        backend.create_system_message = original


@contextmanager
def forum_posts_are_pinned() -> Generator[None, None, None]:
    """Let a forum have one pinned post, as in Discord; simcord doesn't know of pinned posts."""
    pinned = _PINNED_POSTS
    routes = router._ROUTES["PATCH"]
    index = next(i for i, (path, _) in enumerate(routes) if path == ["channels", "{channel_id}"])
    template, edit = routes[index]
    payload = serializers.thread_payload

    def edit_channel(ctx: router.RequestContext) -> Any:
        body = ctx.body()
        if "flags" not in body:
            return edit(ctx)
        thread = ctx.require_channel_permissions(ctx.int_arg("channel_id"), "manage_threads")
        known = pinned.setdefault(ctx.backend, set())
        ctx.json = {name: value for name, value in body.items() if name != "flags"}
        known.discard(thread.id)
        if int(body["flags"]) & _PINNED:
            others = [t for t in map(ctx.backend.channels.get, known) if t is not None]
            if any(other.parent_id == thread.parent_id for other in others):
                text = "Maximum number of pinned threads in a forum channel has been reached"
                raise BackendError(400, 30047, text)
            known.add(thread.id)
        return edit(ctx)

    def thread_payload(backend: Any, thread: Any) -> Any:
        made: Any = payload(backend, thread)
        archived = thread.thread_metadata.archived
        flag = _PINNED if thread.id in pinned.get(backend, ()) and not archived else 0
        return {**made, "flags": flag}

    routes[index] = (template, edit_channel)
    serializers.thread_payload = thread_payload
    try:
        yield
    finally:
        routes[index] = (template, edit)
        serializers.thread_payload = payload


@contextmanager
def roles_are_counted() -> Generator[None, None, None]:
    """Say how many members have each role of a server, as Discord does; simcord has no such
    route."""

    def member_counts(ctx: router.RequestContext) -> Any:
        guild = ctx.backend.get_guild(ctx.int_arg("guild_id"))
        held = [role_id for member in guild.members.values() for role_id in member.role_ids]
        return {str(r): held.count(r) for r in guild.roles if r != guild.id}

    template = ["guilds", "{guild_id}", "roles", "member-counts"]
    routes = router._ROUTES["GET"]
    routes.append((template, member_counts))
    try:
        yield
    finally:
        routes.remove((template, member_counts))


@contextmanager
def files_without_a_network() -> Generator[None, None, None]:
    """Fetch files from the simulation: nothing listens at the addresses it gives them."""
    original = downloads.download

    @asynccontextmanager
    async def download(bot: Any, url: str, _size: int) -> AsyncGenerator[downloads.Download]:
        content = await bot.http.get_from_cdn(url)
        with TemporaryFile() as file:
            file.write(content)
            yield downloads.Download(file, len(content))

    downloads.download = download
    try:
        yield
    finally:
        downloads.download = original


LOCALES = ("en-US", "de")
"""The languages a person's Discord can be in: those the bot speaks."""


class Languages:
    """The language of each person's Discord client: en-US for whoever is not named.

    simcord always says en-US. Events pass through the subscribers in order, so the first one may
    correct what the bot then reads.
    """

    def __init__(self, env: simcord.Env) -> None:
        self.spoken: dict[int, str] = {}
        env.backend.subscribers.insert(0, self._translate)

    def _translate(self, event: str, payload: Mapping[str, Any]) -> None:
        if event == "INTERACTION_CREATE" and isinstance(payload, dict):
            user = payload.get("user") or payload["member"]["user"]
            payload["locale"] = self.spoken.get(int(user["id"]), payload["locale"])


def speak(env: simcord.Env, locale: str) -> Callable[[], None]:
    """Let everybody's Discord client, and the server, speak `locale`; returns how to stop it.

    Whoever has a language of their own (`Languages`) keeps it.
    """

    def translate(event: str, payload: Mapping[str, Any]) -> None:
        if event == "INTERACTION_CREATE" and isinstance(payload, dict):
            payload["locale"] = locale
            if "guild_locale" in payload:
                payload["guild_locale"] = locale

    env.backend.subscribers.insert(0, translate)
    return lambda: env.backend.subscribers.remove(translate)


# --- what is kept on disk ------------------------------------------------------------------------


class Keeper(Protocol):
    """Brings back a simulated Discord; what its clock showed last, or None where there is none."""

    def restore(self, env: simcord.Env) -> datetime | None: ...


def forget_everybody(env: simcord.Env) -> None:
    """Take away the bot's account that simcord has just made: an earlier one is coming back."""
    env.backend.users.clear()


def stored_files(env: simcord.Env) -> dict[str, bytes]:
    """The files that were sent with messages, by their addresses."""
    return env.backend.cdn._blobs


def memory(env: simcord.Env) -> dict[str, Any]:
    """What a simulation knows beside its people, servers, channels and messages."""
    backend = env.backend
    return {
        "clock": backend.clock.now().isoformat(),
        "application": backend.application_id,
        "bot": backend.bot_user.id,
        "direct": backend.dm_channels,
        "pinned": sorted(_PINNED_POSTS.get(backend, ())),
        "commands": [[scope, list(named.values())] for scope, named in backend.commands.items()],
    }


def remember(env: simcord.Env, known: dict[str, Any]) -> datetime:
    """Know what `memory` has told, and give no id a second time; what the clock showed."""
    backend = env.backend
    backend.application_id = known["application"]
    backend.bot_user = backend.users[known["bot"]]
    backend.dm_channels.update(known["direct"])
    _PINNED_POSTS[backend] = set(known["pinned"])
    for scope, commands in known["commands"]:
        backend.commands[scope] = {(str(one["name"]), int(one["type"])): one for one in commands}
    for guild in backend.guilds.values():
        env._guilds.append(simcord.GuildHandle(env, guild))
    return datetime.fromisoformat(known["clock"])


# --- the life of a simulation ------------------------------------------------------------------


@asynccontextmanager
async def simulation(
    bot: discord.Client,
    *,
    now: datetime | None = None,
    avatar: str | None = None,
    check_errors: bool = True,
    answered: Callable[[BaseException], bool] = lambda _: False,
    keeper: Keeper | None = None,
) -> AsyncGenerator[simcord.Env, None]:
    """Run `bot` in a simulated Discord, with the corrections above.

    `now` (aware UTC) is what the simulated clock shows at first: it must be set before the bot
    starts, because timers that see the date jump run once for each interval they believe missed.
    `avatar` is the bot's picture (an image hash). `answered` says of an error of a command whether
    the bot told the person about it, as it does of each refusal: simcord counts those as failures
    of the bot, and its page would say that the outcome is uncertain. `keeper` brings back what it
    has kept.
    """
    with (
        starter_message_is_the_thread(),
        threads_begin_quietly(),
        forum_posts_are_pinned(),
        roles_are_counted(),
        files_without_a_network(),
    ):
        env = _environment(bot, check_errors=check_errors)
        if now is not None:
            env.backend.clock._epoch = now
        last = None if keeper is None else keeper.restore(env)
        if last is not None and last >= env.backend.clock._epoch:
            # Ids are made of the time: no new one may be an old one.
            env.backend.clock._epoch = last + timedelta(seconds=1)
        env.backend.bot_user.name = "Askwell"
        env.backend.bot_user.avatar = avatar
        _leave_out(env, answered)
        await env.start()
        try:
            with env.time_context():
                yield env
        finally:
            await env.shutdown()
        if check_errors:
            env._raise_errors_since(env._errors_acknowledged)


def _environment(bot: discord.Client, *, check_errors: bool) -> simcord.Env:
    shards = 1 if isinstance(bot, discord.AutoShardedClient) and not bot.shard_count else None
    return simcord.Env(
        bot,
        check_errors=check_errors,
        shard_count=shards,
        # No privileged one: what others write is seen through the bot's own menus alone.
        approved_intents=discord.Intents.default(),
    )


def _leave_out(env: simcord.Env, answered: Callable[[BaseException], bool]) -> None:
    """Count no error that was answered as a failure of the bot."""
    record = env._record_error

    def record_unanswered(error: BaseException) -> None:
        if not answered(error):
            record(error)

    env._record_error = record_unanswered


def is_busy(env: simcord.Env) -> bool:
    """Whether somebody is in the middle of an operation: two may not overlap."""
    return env._operation_task is not None


# --- finding ---------------------------------------------------------------------------------


def find_guild(env: simcord.Env, name: str) -> simcord.GuildHandle | None:
    """The server of that name, when there is one."""
    found = (guild for guild in env.backend.guilds.values() if guild.name == name)
    return next((simcord.GuildHandle(env, guild) for guild in found), None)


def message_handle(env: simcord.Env, message: Message) -> simcord.ResponseMessage:
    """A handle on any stored message, as the verbs of an actor take it."""
    return simcord.ResponseMessage(env, message)
