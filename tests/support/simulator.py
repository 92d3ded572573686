"""The simulated Discord, as these tests use it.

Everything in the tests that reaches into simcord's private parts is here and in
`tests.support.reactions`. It was read in the one version that `bot.sandbox._simcord` asserts at its
import; that module does the same for the sandbox, and holds with those beside it what both need.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

import discord
import simcord
from simcord._settlement import _run_due_virtual_callbacks
from simcord.backend import Backend
from simcord.backend.errors import BackendError
from simcord.backend.models import AllowedMentions
from simcord.builders import ChannelHandle, GuildHandle
from simcord.enums import ChannelType
from simcord.http import FakeHTTPClient, FakeWebhookAdapter
from simcord.http.client import _path_of

from bot.domain.errors import Refusal
from bot.sandbox._simcord import (
    files_without_a_network,
    forum_posts_are_pinned,
    roles_are_counted,
    starter_message_is_the_thread,
    threads_begin_quietly,
)
from bot.sandbox._simcord_copies import payloads_copied_quickly
from bot.sandbox._simcord_tracking import tracking_quickly
from cogs.delivery.cog import Delivery
from tests.support.reactions import reactions_like_discord
from tests.support.settling import settling_like_a_test


@contextmanager
def corrected() -> Iterator[None]:
    """Correct simcord's differences from Discord while the block runs."""
    with (
        starter_message_is_the_thread(),
        threads_begin_quietly(),
        forum_posts_are_pinned(),
        roles_are_counted(),
        files_without_a_network(),
        one_thread_a_message(),
        reactions_like_discord(),
        settling_like_a_test(),
        payloads_copied_quickly(),
        tracking_quickly(),
    ):
        yield


@contextmanager
def one_thread_a_message() -> Iterator[None]:
    """Refuse a second thread made from the same message, as Discord does (simcord makes it)."""
    original = Backend.create_thread

    @wraps(original)
    def create_thread(self: Backend, *args: Any, message_id: int | None = None, **options: Any):
        if message_id in self.channels:
            raise BackendError(400, 160004, "A thread has already been created for this message")
        return original(self, *args, message_id=message_id, **options)

    Backend.create_thread = create_thread
    try:
        yield
    finally:
        Backend.create_thread = original


class Locales:
    """The language of people's Discord clients; en-US for whoever is not named.

    Add it to an environment before the bot connects again: it changes what the bot is about to see.
    """

    def __init__(self, env: simcord.Env) -> None:
        self._spoken: dict[str, str] = {}
        env.backend.subscribers.insert(0, self._translate)

    def speaks(self, person: simcord.MemberActor, locale: str) -> None:
        """From now on, this person's client is in this language (`de`, `pt-BR`)."""
        self._spoken[str(person.id)] = locale

    def _translate(self, event: str, payload: Any) -> None:
        if event == "INTERACTION_CREATE":
            user = payload.get("user") or payload["member"]["user"]
            payload["locale"] = self._spoken.get(user["id"], payload["locale"])


# --- what happens in a server and simcord has no verb for ---------------------------------------


def channel_of(env: simcord.Env, guild: GuildHandle, channel_id: int) -> ChannelHandle:
    """The channel or thread with this id."""
    return ChannelHandle(env, guild, env.backend.get_channel(channel_id))


def exists(env: simcord.Env, channel_id: int) -> bool:
    """Whether there is still a channel or thread with this id."""
    return channel_id in env.backend.channels


def message_of(env: simcord.Env, channel_id: int, message_id: int) -> discord.Message:
    """A message as it stands now. Raises `simcord.BackendError` (10008) where there is none."""
    from simcord.results import to_discord_message

    return to_discord_message(env, env.backend.get_message(channel_id, message_id))


async def archive(
    env: simcord.Env, thread: ChannelHandle, *, archived: bool = True, locked: bool = False
) -> None:
    """Archive the thread, as Discord does with quiet ones (or unarchive it). A moderator can lock
    it, too."""
    metadata = {"archived": archived, "locked": locked}
    env.backend.edit_channel(thread.id, {}, thread_metadata=metadata)
    await env.settle()


@contextmanager
def asleep_like_discord(env: simcord.Env) -> Iterator[None]:
    """While the block runs, an archived thread takes no change of what is in it, as in Discord: a
    message wakes it, unless it is locked (simcord lets all of it pass)."""

    def asleep(request: Request) -> bool:
        _, kind, channel_id, *rest = f"{request.path}///".split("/")
        if kind != "channels" or request.method == "GET":
            return False
        thread = env.backend.channels.get(int(channel_id))
        metadata = thread.thread_metadata if thread is not None else None
        if thread is None or metadata is None or not metadata.archived:
            return False
        if not rest[0]:  # the thread itself
            return request.method == "PATCH" and request.body.get("archived") is not False
        sends = request.method == "POST" and rest[:2] == ["messages", ""]
        if not sends or metadata.locked:
            return True
        env.backend.edit_channel(thread.id, {}, thread_metadata={"archived": False})
        return False

    async def interceptor(request: Request, perform: Perform) -> Any:
        if asleep(request):
            response: Any = SimpleNamespace(status=400, reason="Bad Request", headers={})
            raise discord.HTTPException(response, {"code": 50083, "message": "Thread is archived"})
        return await perform()

    with intercepted(env, interceptor):
        yield


@contextmanager
def silent_replies(env: simcord.Env) -> Iterator[None]:
    """In the block, people reply without a ping: they turn *@ ON* off (simcord always pings)."""
    create = env.backend.create_message

    def create_message(*args: Any, **options: Any) -> Any:
        return create(*args, **{"allowed_mentions": AllowedMentions(replied_user=False), **options})

    env.backend.create_message = create_message  # type: ignore[method-assign]
    try:
        yield
    finally:
        del env.backend.create_message


async def delete_channel(env: simcord.Env, channel: ChannelHandle) -> None:
    """Somebody deletes a channel or a thread; a channel's threads go with it."""
    for thread in channel.threads:
        env.backend.delete_channel(thread.id)
    env.backend.delete_channel(channel.id)
    await env.settle()


async def start_thread(
    env: simcord.Env,
    person: simcord.MemberActor,
    channel: ChannelHandle,
    name: str,
    first_message: str,
    *,
    private: bool = False,
) -> ChannelHandle:
    """A person starts a thread of their own in a text channel, or a post in a forum."""
    backend = env.backend
    kind = ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
    thread = backend.create_thread(channel.id, name, person.id, type=kind, broadcast=False)
    backend.announce_thread_create(thread)
    backend.create_message(thread.id, person.id, first_message)
    await env.settle()
    return ChannelHandle(env, channel.guild, thread)


async def clear_reactions(
    env: simcord.Env, message: discord.Message, emoji: str | None = None
) -> None:
    """A moderator clears one emoji's reactions from a message, or all of them."""
    if emoji is None:
        env.backend.clear_reactions(message.channel.id, message.id)
    else:
        env.backend.clear_reaction(message.channel.id, message.id, emoji)
    await env.settle()


def set_permissions(
    env: simcord.Env, channel: ChannelHandle, target_id: int, **permissions: bool | None
) -> None:
    """Change a role's or a member's permissions in a channel, as a manager would in its settings.

    `target_id` of the bot's own user takes permissions away from the bot.
    """
    from simcord.backend.models import Overwrite
    from simcord.enums import OverwriteType

    allow, deny = discord.PermissionOverwrite(**permissions).pair()
    guild = env.backend.get_guild(env.backend.get_channel(channel.id).guild_id or 0)
    kind = OverwriteType.ROLE if target_id in guild.roles else OverwriteType.MEMBER
    env.backend.set_overwrite(
        channel.id, Overwrite(target_id, kind, allow=allow.value, deny=deny.value)
    )


def bot_user_id(env: simcord.Env) -> int:
    """The bot's own user."""
    return env.backend.bot_user.id


# --- time, connection and processes --------------------------------------------------------------


@asynccontextmanager
async def at_once(env: simcord.Env) -> AsyncIterator[None]:
    """All acts in the block reach the bot before it has answered any of them.

    simcord's verbs run one after the other to the end; a race needs them to overlap.
    """

    async def not_yet(**_options: Any) -> None:
        """Returns without giving the bot a turn."""

    env._settle_internal = not_yet  # type: ignore[method-assign]
    try:
        yield
    finally:
        del env._settle_internal
    await env.settle()


@contextmanager
def patient(env: simcord.Env, seconds: float) -> Iterator[None]:
    """Give the bot so long in the block to come to rest, where simcord gives it five seconds: too
    little for a busy machine, or for a start that has hundreds of threads to look at."""
    settle = env._settle_internal

    async def patiently(**options: Any) -> None:
        options["timeout"] = seconds
        await settle(**options)

    env._settle_internal = patiently  # type: ignore[method-assign]
    try:
        yield
    finally:
        del env._settle_internal


@asynccontextmanager
async def away(env: simcord.Env) -> AsyncIterator[None]:
    """The bot is disconnected in the block, and has a new session after it: it misses what happens
    in between."""
    shards = list(_sharded(env).shards.values())
    with env._bot_scope():
        for shard in shards:
            await shard.disconnect()
    await env.settle()
    try:
        yield
    finally:
        with env._bot_scope():
            for shard in shards:
                await shard.reconnect()
    await env.settle()


@contextmanager
def unheard(env: simcord.Env) -> Iterator[None]:
    """The bot gets no events in the block, and no new session after it, as in a channel that is
    closed to it."""
    subscribers = env.backend.subscribers
    saved = subscribers[:]
    subscribers.clear()
    try:
        yield
    finally:
        subscribers[:] = saved


@contextmanager
def as_the_bot(env: simcord.Env) -> Iterator[None]:
    """Tasks started in the block count as the bot's own: settling waits for them."""
    with env._bot_scope():
        yield


@contextmanager
def delivery_is_the_bots(env: simcord.Env) -> Iterator[None]:
    """Also where a test itself wrote to the database: settling would not wait for what follows."""
    kick = Delivery.kick

    @wraps(kick)
    def kick_as_the_bot(self: Delivery) -> None:
        with as_the_bot(env):
            kick(self)

    Delivery.kick = kick_as_the_bot
    try:
        yield
    finally:
        Delivery.kick = kick


async def never(env: simcord.Env) -> None:
    """Wait, as a part of the bot, for something that does not come; nobody else is held up."""
    await env.external_wait(asyncio.Future(), reason="nothing comes")


def _sharded(env: simcord.Env) -> discord.AutoShardedClient:
    if not isinstance(env.bot, discord.AutoShardedClient):
        raise TypeError("only a sharded bot can be disconnected in the simulator")
    return env.bot


def forgive(env: simcord.Env, kind: type[BaseException]) -> list[BaseException]:
    """Remove errors of this kind from those that would fail the test at its end; returns them."""
    found = [error for error in env._errors if isinstance(error, kind)]
    env._errors[:] = [error for error in env._errors if error not in found]
    env._errors_acknowledged = min(env._errors_acknowledged, len(env._errors))
    return found


def forget_refusals(env: simcord.Env) -> None:
    """Remove the refusals of commands from the unhandled errors: they were answered."""
    seen = env._errors_acknowledged
    env._errors[seen:] = [
        error
        for error in env._errors[seen:]
        if not isinstance(getattr(error, "original", None), Refusal)
    ]


# --- the wire between the bot and Discord --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """A request on its way to Discord: `POST /channels/1/messages`, and its body."""

    method: str
    path: str
    body: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


Perform = Callable[[], Awaitable[Any]]
Interceptor = Callable[[Request, Perform], Awaitable[Any]]
_interceptors: WeakKeyDictionary[Backend, Interceptor] = WeakKeyDictionary()


def _intercepting(transport: type[Any], body: str) -> None:
    original = transport.request

    @wraps(original)
    async def request(self: Any, route: Any, *args: Any, **options: Any) -> Any:
        perform = partial(original, self, route, *args, **options)
        interceptor = _interceptors.get(self.backend)
        if interceptor is None:
            return await perform()
        return await interceptor(
            Request(route.method, _path_of(route.url), options.get(body)), perform
        )

    transport.request = request


# Replies to interactions, and messages sent after them, travel by the second.
_intercepting(FakeHTTPClient, "json")
_intercepting(FakeWebhookAdapter, "payload")


@contextmanager
def intercepted(env: simcord.Env, interceptor: Interceptor) -> Any:
    """While the block runs, `interceptor` stands between the bot and Discord."""
    _interceptors[env.backend] = interceptor
    try:
        yield
    finally:
        _interceptors.pop(env.backend, None)


def requests_since(env: simcord.Env, start: int = 0) -> list[str]:
    """The bot's requests to Discord, as `PUT /channels/1/messages/pins/2`, from a position on."""
    return [f"{entry.method} {entry.path}" for entry in env.http_requests[start:]]


def only_bot_messages(env: simcord.Env, messages: Iterable[discord.Message]) -> list[Any]:
    """Those of the messages that the bot wrote itself: cards, not what people or Discord said."""
    mine = bot_user_id(env)
    return [
        message
        for message in messages
        if message.author.id == mine and message.type is discord.MessageType.default
    ]


@contextmanager
def answered_only(env: simcord.Env) -> Iterator[None]:
    """In the block, a verb only waits for the bot's reply, which takes a fifth of the time. For
    acts that write nothing that causes further work."""
    names = ("CommandTree-invoker", "discord.py: ", "acknowledging")

    async def settle(**_options: Any) -> None:
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0)
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            busy = [task for task in tasks if task.get_name().startswith(names)]
            if busy:
                await asyncio.wait(busy)
            quiet = 0 if busy else quiet + 1
        # Looked through for each that is over, and settling alone takes out those that were called
        # off: the looks ahead at whether somebody was answered.
        callbacks = env._work.callbacks
        callbacks[:] = [each for each in callbacks if not (each.handle and each.handle.cancelled())]

    env._settle_internal = settle  # type: ignore[method-assign]
    try:
        yield
    finally:
        del env._settle_internal


# --- measuring -----------------------------------------------------------------------------------


@asynccontextmanager
async def clock_runs(env: simcord.Env, step: float = 0.01) -> AsyncIterator[None]:
    """In the block, the bot's time passes in real time, and its timers fire on time.

    Otherwise it stands still until `advance_time`, which waits for the bot to come to rest: a bot
    that is always busy never does.
    """
    loop = asyncio.get_running_loop()

    async def run() -> None:
        last = loop.time()
        while True:
            await asyncio.sleep(step)
            now = loop.time()
            env.backend.advance_clock(now - last)  # nothing else that may be due then is needed
            last = now
            _run_due_virtual_callbacks(env._settlement_state(), now + step)

    env._advancing = True  # or simcord would wait for a rest whenever a timer is due
    running = asyncio.create_task(run())
    try:
        yield
    finally:
        running.cancel()
        env._advancing = False


async def on_its_way(env: simcord.Env, seconds: float) -> None:
    """Wait so long, as a part of the bot, by everybody's clock: a request takes its time."""
    assert env._runtime is not None
    arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    env._runtime.call_later(seconds, lambda: arrived.done() or arrived.set_result(None))
    await arrived
