"""What Discord refuses for now, leaves out or cuts off, over a real connection: it is made up for,
and told as it is."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.process.fake_discord import CUT, FakeDiscord, Request
from tests.process.fake_permissions import bits
from tests.process.fake_replies import Reply
from tests.process.fake_world import Payload
from tests.process.long_telling import LongTale
from tests.process.running import askwell
from tests.process.telling import ANSWER, TITLE
from tests.process.test_trouble import ask, keeper, tale

__all__ = ["keeper", "tale"]  # fixtures

SOON = 12.0  # seconds in which what was refused is tried again once something changes


async def asked(tale: LongTale) -> Reply:
    form = await tale.do(tale.alice, tale.lounge, "ask")
    return await tale.fill(tale.alice, tale.lounge, form, title=TITLE, details="I lie awake.")


async def deny(tale: LongTale, **permissions: bool) -> None:
    """Somebody changes what the bot may do in the question channel: `deny(tale)` takes it back."""
    own = {"id": tale.world.bot["id"], "type": 1, "allow": "0", "deny": str(bits(**permissions))}
    tale.home["permission_overwrites"] = [own] if permissions else []
    await tale.discord.dispatch("CHANNEL_UPDATE", tale.home)


async def test_a_card_whose_embeds_were_left_out_is_not_taken_for_shown(
    tale: LongTale,
) -> None:
    await deny(tale, embed_links=True)
    reply = await asked(tale)
    assert "Embed Links" in tale.said(reply), tale.said(reply)
    assert not tale.card("I lie awake.")
    await deny(tale)
    await tale.discord.until(lambda: tale.card("I lie awake."), SOON)
    assert len(tale.questions()) == 1, "the message that was there shows it now"


async def full(tale: LongTale) -> None:
    """A thread goes to rest, which makes room for another."""
    other = tale.world.add_thread(tale.home["id"], "Something else", "1")
    await tale.discord.dispatch("THREAD_CREATE", other)
    other["thread_metadata"]["archived"] = True
    await tale.discord.dispatch("THREAD_UPDATE", other)


async def test_a_thread_that_found_no_room_is_made_when_there_is_some(
    discord_server: FakeDiscord, tale: LongTale
) -> None:
    discord_server.fail("POST", "/channels/*/threads", 400, code=160006, times=2)
    reply = await asked(tale)
    assert "active threads" in tale.said(reply), tale.said(reply)
    card = tale.must(TITLE)
    # A step that is refused keeps no other away.
    await discord_server.until(lambda: len(card["reactions"]) == 2)
    await full(tale)
    await discord_server.until(lambda: card["id"] in tale.world.channels, SOON)


def put_off(folder: Path) -> int:
    """Have all that was refused wait for ten minutes more; returns how much that is."""
    with closing(sqlite3.connect(folder / "var" / "askwell.sqlite3")) as connection, connection:
        late = "UPDATE outbox SET due_at = due_at + 600000000 WHERE attempts > 0"
        return connection.execute(late).rowcount


@pytest.mark.parametrize(
    ("code", "closed", "opens"),
    [
        (160005, {"locked": True}, {"locked": False}),
        (50083, {"archived": True}, {"archived": False}),
        # One that rests is not known to the library.
        (160005, {"archived": True, "locked": True}, {"locked": False}),
    ],
    ids=["unlocked", "woken", "unlocked at rest"],
)
async def test_what_a_closed_thread_refused_is_done_when_it_opens(
    tmp_path: Path,
    discord_server: FakeDiscord,
    tale: LongTale,
    code: int,
    closed: Payload,
    opens: Payload,
) -> None:
    """At once, and not when its pause is over."""
    card = await ask(tale)
    thread = tale.thread_of(card)
    discord_server.fail("POST", f"/channels/{thread['id']}/messages", 400, code=code, times=None)
    discord_server.fail("PATCH", f"/channels/{thread['id']}", 403, code=code, times=None)
    form = await tale.do(tale.bob, thread, "answer")
    await tale.fill(tale.bob, thread, form, answer=ANSWER)
    thread["thread_metadata"] |= closed
    await discord_server.dispatch("THREAD_UPDATE", thread)
    await asyncio.sleep(4)
    assert put_off(tmp_path)
    discord_server.mend()
    thread["thread_metadata"] |= opens
    await discord_server.dispatch("THREAD_UPDATE", thread)
    await discord_server.until(lambda: tale.card(ANSWER), SOON)


@pytest.mark.parametrize("effective", [False, True], ids=["lost", "answer lost"])
async def test_a_reply_that_is_cut_off_is_filled_in_again(
    discord_server: FakeDiscord, tale: LongTale, effective: bool
) -> None:
    cut: list[str] = []

    def trouble(request: Request, took_effect: bool) -> int | None:
        reply = request.method == "PATCH" and request.path.startswith("/webhooks")
        if not reply or took_effect is not effective or len(cut) >= 2:
            return None
        cut.append(request.path)
        return CUT

    discord_server.trouble = trouble
    reply = await asked(tale)
    await discord_server.until(lambda: len(cut) == 2)
    await discord_server.until(lambda: "#1" in tale.said(reply), SOON)
    await discord_server.until(lambda: tale.card(TITLE))
    await asyncio.sleep(3)  # by then the second pause is over
    assert "Nothing yet" in tale.said(await tale.do(tale.alice, tale.lounge, "inbox"))


async def test_a_gateway_that_is_down_is_one_line_a_try(
    tmp_path: Path, discord_server: FakeDiscord
) -> None:
    gateway = discord_server.gateway
    async with askwell(tmp_path, env=discord_server.environment()) as process:
        await process.connected(discord_server)
        await discord_server.until(lambda: discord_server.commands)
        gateway.turn_away = 2
        await gateway.drop("cut")
        async with asyncio.timeout(30):
            while gateway.turn_away or not gateway.connected:
                await asyncio.sleep(0.2)
        process.signal(signal.SIGTERM)
        end = await process.ended(10)
    assert end.code == 0, end.err
    assert "Traceback" not in end.err
    tries = [line for line in end.err.splitlines() if "reconnect" in line.lower()]
    assert 1 <= len(tries) <= 4, end.err
    assert len(end.err.splitlines()) < 12, end.err
