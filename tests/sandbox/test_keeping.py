"""`--db`: the simulated Discord comes back with the bot's data."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from simcord.backend.models import Message

from bot.sandbox import _simcord
from bot.sandbox.playing import _worlds
from bot.sandbox.reading import buttons, read
from bot.sandbox.snapshot import from_text, to_text
from bot.sandbox.stage import SETTLING
from bot.sandbox.stories import play
from bot.sandbox.world import World
from bot.stop import Stop

Seen = dict[str, Any]


def _discord(world: World) -> Seen:
    """All that people would miss: servers, people, channels and messages, with their ids."""
    backend = world.env.backend
    return {
        "users": {user.id: user.name for user in backend.users.values()},
        "guilds": {guild.id: guild.name for guild in backend.guilds.values()},
        "roles": {guild.id: sorted(guild.roles) for guild in backend.guilds.values()},
        "members": {
            guild.id: {m.user_id: m.role_ids for m in guild.members.values()}
            for guild in backend.guilds.values()
        },
        "channels": {one.id: to_text(one) for one in backend.channels.values()},
        "commands": {one["name"]: one["id"] for one in backend.commands[None].values()},
        "messages": {
            message.id: _message(message)
            for messages in backend.messages.values()
            for message in messages.values()
            if not message.is_ephemeral
        },
    }


def _message(message: Message) -> Seen:
    """What a message says; its author's points are brought up to date at the start."""
    return {
        "channel": message.channel_id,
        "author": message.author_id,
        "text": message.content,
        "cards": [(card.get("description"), card.get("footer")) for card in message.embeds],
        "buttons": message.components,
        "reactions": {one.emoji: one.user_ids for one in message.reactions},
        "pinned": message.pinned,
    }


def _played(path: Path, act: Callable[[tuple[World, ...]], Any], *, kept: bool = True) -> Seen:
    """Run the sandbox with this file as long as `act` takes."""

    async def run() -> Seen:
        async with _worlds(path, story=False) as (worlds, _):
            await act(worlds)
            await worlds[0].env.settle()
            seen = _discord(worlds[0])
            if not kept:
                raise _Killed(seen)
            return seen

    return asyncio.run(run())


class _Killed(BaseException):
    """Ends a run without its tidying up."""


async def _nothing(_: tuple[World, ...]) -> None:
    """Only look."""


async def _story(worlds: tuple[World, ...]) -> None:
    wellness, _ = worlds
    await play(wellness, out=lambda _: None)
    await wellness.asker.actor.send(wellness.general, "Thank you, all of you.")


def test_the_same_servers_come_back(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"

    before = _played(path, _story)
    after = _played(path, _nothing)

    assert len(before["messages"]) > 8
    assert after == before


def test_what_was_said_survives_a_kill_and_the_bot_finds_its_cards(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    with pytest.raises(_Killed) as caught:
        _played(path, _story, kept=False)
    (before,) = caught.value.args

    told: list[str] = []

    async def vote(worlds: tuple[World, ...]) -> None:
        wellness, _ = worlds
        assert _discord(wellness) == before
        thread = max(wellness.forum.threads, key=lambda one: one.id)
        cards = [
            _simcord.message_handle(wellness.env, message)
            for message in wellness.env.backend.messages[thread.id].values()
        ]
        second = next(card for card in cards if "This happened to me" in read(card))
        await wellness.moderator.actor.set_reaction(second, "⬆️", reacted=False)
        await wellness.env.advance_time(SETTLING)
        told.append(read(second))
        more = next(target for _, target in buttons(second) if ":more:" in target)
        shown = await wellness.asker.actor.click(second, custom_id=more)
        assert shown.response is not None
        told.append(read(shown.response))
        asked = await wellness.asker.actor.slash(wellness.general, "ask")
        await wellness.asker.actor.submit_modal(asked, {"title": "May I ask something else?"})

    after = _played(path, vote)
    assert "+2 votes" in told[0], "the card that was there is the one that changed"
    new = after["messages"].keys() - before["messages"].keys()
    assert new, "there is another question"
    assert min(new) > max(before["messages"]), "no id is given twice"
    assert after["channels"].keys() > before["channels"].keys()


def test_another_database_is_another_discord(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    before = _played(path, _nothing)
    path.unlink()

    after = _played(path, _nothing)

    assert after["guilds"].keys().isdisjoint(before["guilds"])


def test_nothing_but_data_comes_out_of_the_file(tmp_path: Path) -> None:
    assert from_text(to_text({"a": [1, {2: "b"}], "c": frozenset({3})})) == {
        "a": [1, {2: "b"}],
        "c": frozenset({3}),
    }
    with pytest.raises(KeyError):
        from_text('{"@": "Popen", "args": "ls"}')
    with pytest.raises(TypeError, match="object"):
        to_text(object())
    path = tmp_path / "sandbox.sqlite3"
    _played(path, _nothing)
    kept = sqlite3.connect(f"{path}.discord").execute("SELECT typeof(value) FROM kept").fetchall()
    assert set(kept) == {("text",)}


@pytest.mark.parametrize("kind", ["text", "another version's"])
def test_a_file_that_cannot_be_read_is_named_and_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "sandbox.sqlite3"
    _played(path, _nothing)
    beside = Path(f"{path}.discord")
    if kind == "text":
        beside.write_text("Not what it was, and far longer than a header of SQLite is.\n" * 99)
    else:
        with sqlite3.connect(beside) as connection:
            connection.execute("UPDATE kept SET value = '{\"@\": \"Gone\"}' WHERE key <> 'self'")

    with pytest.raises(Stop, match=r"sandbox\.sqlite3\.discord is not a Discord"):
        _played(path, _nothing)
    assert beside.exists()
