"""Files on their way over a real connection: what they take of memory, and what may befall them."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from pathlib import Path

from aiohttp import web

from tests.process.fake_discord import FakeDiscord, Giving
from tests.process.fake_replies import Reply
from tests.process.fake_world import Payload
from tests.process.long_telling import LongTale
from tests.process.telling import ANSWER, Keeper
from tests.process.test_trouble import ask, keeper, tale
from tests.support import pictures

__all__ = ["keeper", "tale"]  # fixtures

MB = 2**20
PEOPLE, SIZE, LIMIT = 40, 9 * MB, 200.0
PICTURE = pictures.saved(pictures.noise(420, 420), "PNG")
NOT_GIVEN = "I can no longer get the file from Discord."
TOO_BIG = "All files together can be at most 10 MB."


def peak(keeper: Keeper) -> float:
    """The most resident memory in MB that the bot has had, as the kernel counts it."""
    assert keeper.process is not None
    status = Path(f"/proc/{keeper.process.pid}/status").read_text("ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


async def until_said(tale: LongTale, reply: Reply, *words: str) -> str:
    """What a reply says once it says one of these."""
    async with asyncio.timeout(120):
        while not any(word in tale.said(reply) for word in words):
            await asyncio.sleep(0.1)
    return tale.said(reply)


async def attach(tale: LongTale, person: Payload, file: Payload) -> Reply:
    """Somebody answers the question with a file."""
    (thread,) = tale.threads()
    form = await tale.do(person, thread, "answer")
    values = {"answer": f"{ANSWER} So says {person['username']}."}
    return await tale.discord.send(person, thread, form.first, values, files={"files": [file]})


async def test_forty_members_who_attach_nine_megabytes_at_once(
    tmp_path: Path, discord_server: FakeDiscord, keeper: Keeper, tale: LongTale
) -> None:
    await ask(tale)
    fine = {"quality": 100, "subsampling": 0}
    content = pictures.saved(pictures.noise(1530, 1530), "JPEG", exif=pictures.exif(), **fine)
    assert SIZE < len(content) < 10 * MB

    async def one(number: int) -> None:
        person = tale.world.add_person(f"member{number}")
        file = discord_server.keep_file("room.jpg", content, "image/jpeg")
        await until_said(tale, await attach(tale, person, file), "posted", "saved")

    await asyncio.gather(*(one(number) for number in range(PEOPLE)))
    taken = peak(keeper)
    assert taken < LIMIT, f"{PEOPLE} members with {SIZE // MB} MB each took {taken:.0f} MB"
    with sqlite3.connect(tmp_path / "var" / "askwell.sqlite3") as connection:
        (stored,) = connection.execute("SELECT count(*) FROM attachments").fetchone()
    assert stored == PEOPLE
    messages = [m for those in tale.world.messages.values() for m in those.values()]
    sent = [discord_server._files[file["id"]] for m in messages for file in m["attachments"]]
    assert sent
    assert pictures.SECRET.encode() in content
    assert not [each for each in sent if pictures.SECRET.encode() in each]


async def _begun(request: web.Request, **headers: str) -> web.StreamResponse:
    answer = web.StreamResponse(headers=headers)
    await answer.prepare(request)
    return answer


def giving_without_end(sent: list[int]) -> Giving:
    """A gigabyte, whatever was announced."""

    async def give(request: web.Request) -> web.StreamResponse:
        answer = await _begun(request)
        for _ in range(1024):
            await answer.write(bytes(MB))
            sent.append(MB)
        return answer

    return give


async def giving_a_half(request: web.Request) -> web.StreamResponse:
    """As much as a lost connection lets through."""
    answer = await _begun(request, **{"Content-Length": str(len(PICTURE))})
    await answer.write(PICTURE[: len(PICTURE) // 2])
    assert request.transport is not None
    request.transport.abort()
    return answer


async def giving_a_half_that_looks_whole(request: web.Request) -> web.StreamResponse:
    """The same, where nothing but the connection's end tells how long it is."""
    assert request.transport is not None
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    request.transport.write(head + PICTURE[: len(PICTURE) // 2])  # type: ignore[attr-defined]
    request.transport.close()
    return web.Response()


async def giving_it_packed(request: web.Request) -> web.StreamResponse:
    """Whatever it holds once it is unpacked."""
    answer = await _begun(request, **{"Content-Encoding": "gzip"})
    await answer.write(b"\x1f\x8b" + bytes(100))
    return answer


async def test_a_file_that_discord_does_not_give_as_it_said(
    discord_server: FakeDiscord, keeper: Keeper, tale: LongTale
) -> None:
    await ask(tale)
    asked: list[str] = []

    async def giving_elsewhere(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"http://127.0.0.1:{request.url.port}/cdn/{other['id']}")

    async def note(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(body=PICTURE)

    other = discord_server.keep_file("other.png", PICTURE)
    discord_server.given_out[other["id"]] = note
    sent: list[int] = []
    for giving, said in (
        (giving_without_end(sent), TOO_BIG),
        (giving_a_half, NOT_GIVEN),
        (giving_a_half_that_looks_whole, NOT_GIVEN),
        (giving_it_packed, NOT_GIVEN),
        (giving_elsewhere, NOT_GIVEN),
    ):
        file = discord_server.keep_file("room.png", PICTURE)
        discord_server.given_out[file["id"]] = giving
        reply = await attach(tale, tale.bob, file)
        told = await until_said(tale, reply, said)
        assert "draft" in told, "the text is kept"
    assert not asked, "a redirect is not followed"
    assert sum(sent) < 64 * MB, "it is cut soon after the limit"

    elsewhere = discord_server.keep_file("room.png", PICTURE)
    elsewhere["url"] = elsewhere["url"].replace("127.0.0.1", "localhost")
    await until_said(tale, await attach(tale, tale.bob, elsewhere), NOT_GIVEN)
    assert peak(keeper) < LIMIT
    assert not tale.card(ANSWER)


async def test_a_form_that_is_refused_keeps_its_new_file(
    discord_server: FakeDiscord, keeper: Keeper, tale: LongTale
) -> None:
    question = await ask(tale)
    (thread,) = tale.threads()
    form = await tale.do(tale.bob, thread, "answer")
    await tale.do(tale.alice, thread, "close", reason="other")
    file = discord_server.keep_file("room.png", PICTURE)
    given = {"answer": ANSWER}
    refused = await discord_server.send(
        tale.bob, thread, form.first, given, files={"files": [file]}
    )
    await until_said(tale, refused, "closed")
    async with asyncio.timeout(10):
        while not _kept(keeper):
            await asyncio.sleep(0.1)

    async def gone(_: web.Request) -> web.StreamResponse:
        return web.Response(status=404)

    discord_server.given_out[file["id"]] = gone  # Discord keeps what forms upload for a while only
    await tale.do(tale.alice, thread, "reopen")
    again = await tale.press(tale.bob, refused.shown, "draft", thread)
    await tale.fill(tale.bob, thread, again)
    await discord_server.until(lambda: tale.card(ANSWER))
    (shown,) = tale.must(ANSWER)["attachments"]
    assert shown["size"] == len(PICTURE)
    assert question["id"] != tale.must(ANSWER)["id"]


def _kept(keeper: Keeper) -> bool:
    with sqlite3.connect(keeper.folder / "var" / "askwell.sqlite3") as connection:
        (kept,) = connection.execute("SELECT count(*) FROM draft_files WHERE kept").fetchone()
    return bool(kept)
