"""Killed between a commit and the request that is to follow it, and right after that request: each
step is made up for, once, and whoever acted reads how it ended."""

from __future__ import annotations

import asyncio
import copy
import sqlite3
from collections.abc import Awaitable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.process.fake_discord import CUT, FakeDiscord, Request
from tests.process.fake_replies import Reply
from tests.process.fake_world import Payload
from tests.process.long_telling import LongTale
from tests.process.telling import TITLE, Keeper
from tests.process.test_trouble import ask, keeper, tale

__all__ = ["keeper", "tale"]  # fixtures

ANSWER = "Dark curtains, and no screens in the last hour."
OTHER_TITLE = "How do I sleep after two night shifts?"


class Kill:
    """Kills the bot at the next request of a kind, before or after it took effect; or at a later
    one, after some that are `skipped`."""

    def __init__(
        self,
        keeper: Keeper,
        method: str,
        part: str,
        *,
        after: bool,
        body: str = "",
        skipped: int = 0,
    ) -> None:
        self.keeper = keeper
        self._skipped = skipped
        self.done = asyncio.Event()
        self._wanted = (method, part, after, body)
        keeper.discord.trouble = self

    def __call__(self, request: Request, effective: bool) -> int | None:
        method, part, after, body = self._wanted
        fits = request.method == method and part in request.path and body in str(request.body)
        if not fits or effective is not after or self.done.is_set():
            return None
        if self._skipped:
            self._skipped -= 1
            return None
        self.done.set()
        self.keeper.kill()
        return CUT

    async def amid(self, doing: Awaitable[Any]) -> None:
        """Do something whose reply never comes, and wait until the bot is there again."""
        acting = asyncio.ensure_future(doing)
        await asyncio.wait_for(self.done.wait(), 30)
        acting.cancel()
        self.keeper.discord.trouble = None
        await asyncio.wait_for(self.keeper.up.wait(), 60)


def stored(folder: Path, query: str, *values: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "var" / "askwell.sqlite3")) as connection:
        return connection.execute(query, values).fetchall()


async def answer(tale: LongTale, card: Payload, text: str = ANSWER) -> Reply:
    thread = tale.thread_of(card)
    form = await tale.do(tale.bob, thread, "answer")
    return await tale.fill(tale.bob, thread, form, answer=text)


async def edit_title(tale: LongTale, title: str) -> Reply:
    form = await tale.do(tale.alice, tale.lounge, "edit", post="#1")
    return await tale.fill(tale.alice, tale.lounge, form, title=title)


async def inbox(tale: LongTale, person: Payload) -> str:
    return tale.said(await tale.do(person, tale.lounge, "inbox"))


async def test_killed_before_the_reply_the_inbox_tells_it(
    keeper: Keeper, tale: LongTale, tmp_path: Path
) -> None:
    await ask_killed(keeper, tale)
    await tale.discord.until(lambda: len(tale.must(TITLE)["reactions"]) == 2)
    card = tale.must(TITLE)
    there = await inbox(tale, tale.alice)
    assert "**Posted** · #1" in there, there
    assert card["id"] in there, "with a link"
    await Kill(keeper, "PATCH", "/webhooks/", after=False).amid(edit_title(tale, OTHER_TITLE))
    there = await inbox(tale, tale.alice)
    assert "**Saved** · #1" in there, there
    assert "Posted" not in await inbox(tale, tale.bob)
    await tale.discord.until(lambda: tale.card(OTHER_TITLE))
    await answer(tale, card)  # its reply arrives, of which Discord knows before the bot does
    bobs = "SELECT 1 FROM notices WHERE user_id = ?"
    async with asyncio.timeout(30):
        while stored(tmp_path, bobs, tale.bob["id"]):
            await asyncio.sleep(0.02)
    assert "Nothing yet" in await inbox(tale, tale.bob)


async def ask_killed(keeper: Keeper, tale: LongTale) -> None:
    form = await tale.do(tale.alice, tale.lounge, "ask")
    kill = Kill(keeper, "PATCH", "/webhooks/", after=False)
    await kill.amid(tale.fill(tale.alice, tale.lounge, form, title=TITLE))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_as_an_edited_title_names_the_thread(
    keeper: Keeper, tale: LongTale, after: bool
) -> None:
    card = await ask(tale)
    thread = tale.thread_of(card)
    kill = Kill(keeper, "PATCH", f"/channels/{thread['id']}", after=after, body="two night")
    await kill.amid(edit_title(tale, OTHER_TITLE))
    await tale.discord.until(lambda: thread["name"] == OTHER_TITLE)
    await tale.discord.until(lambda: tale.card(OTHER_TITLE))
    named = [
        each
        for each in tale.discord.requests
        if each.path == f"/channels/{thread['id']}" and "name" in (each.body or {})
    ]
    assert len(named) == 1 + (not after), "a name that is there is not given again"


async def test_killed_amid_what_one_change_brings_to_many_cards(
    tmp_path: Path, keeper: Keeper, tale: LongTale
) -> None:
    """One card has followed when it dies; the rest follow, each once."""
    titles = [f"How do I sleep after {number} night shifts?" for number in (2, 3)]
    for title in titles:
        form = await tale.do(tale.alice, tale.lounge, "ask")
        chosen = [o for o in _options(form.first) if "Sleep" in o["label"]]
        values = {"title": title, "category": [chosen[0]["value"]]}
        sent = await tale.fill(tale.alice, tale.lounge, form, **values)
        await tale.post_mine(tale.alice, sent, tale.lounge)
    await tale.discord.until(lambda: all(tale.card(title, "Sleep") for title in titles))
    kill = Kill(keeper, "PATCH", "/messages/", after=True, body="Nights")
    change = tale.do(
        tale.world.owner, tale.lounge, "category change", category="Sleep", name="Nights"
    )
    await kill.amid(change)
    await tale.discord.until(lambda: all(tale.card(title, "Nights") for title in titles))
    assert len(tale.questions()) == len(titles)
    await tale.discord.until(
        lambda: not stored(tmp_path, "SELECT 1 FROM outbox UNION ALL SELECT 1 FROM refreshes"), 40
    )


async def test_killed_amid_a_portion_of_a_hundred_cards(
    tmp_path: Path, keeper: Keeper, discord_server: FakeDiscord
) -> None:
    """More follow one change than are asked for at once: after the next start every card is right,
    those of the portion that it died in, and those of the next."""
    tale = LongTale(keeper, discord_server.world.forum)
    await tale.set_up_long()
    form = await tale.do(tale.alice, tale.lounge, "ask")
    (sleep,) = [o["value"] for o in _options(form.first) if "Sleep" in o["label"]]
    await tale.fill(tale.alice, tale.lounge, form, title=TITLE, category=[sleep])
    await tale.discord.until(lambda: tale.card(TITLE, "Sleep"))
    await tale.discord.until(lambda: len(tale.must(TITLE)["reactions"]) == 2)
    multiply(tale, tmp_path, 120)
    kill = Kill(keeper, "PATCH", "/messages/", after=True, body="Nights", skipped=60)
    change = tale.do(
        tale.world.owner, tale.lounge, "category change", category="Sleep", name="Nights"
    )
    await kill.amid(change)

    def right() -> bool:
        cards = tale.questions()
        return len(cards) == 120 and all("Nights" in tale.world.shown(card) for card in cards)

    assert not right()
    await tale.discord.until(right, 90)
    left = "SELECT 1 FROM outbox UNION ALL SELECT 1 FROM refreshes"
    await tale.discord.until(lambda: not stored(tmp_path, left))


def multiply(tale: LongTale, folder: Path, number: int) -> None:
    """Have the only question so many times, each with a thread and a card of its own."""
    (card,), (thread,) = tale.questions(), tale.threads()
    with closing(sqlite3.connect(folder / "var" / "askwell.sqlite3")) as connection, connection:
        connection.row_factory = sqlite3.Row
        for other in range(2, number + 1):
            copied = tale.world.add_thread(tale.home["id"], f"{thread['name']} {other}")
            there = {"id": copied["id"], "channel_id": copied["id"], "author": tale.world.bot}
            tale.world.messages[copied["id"]][copied["id"]] = copy.deepcopy(card) | there
            shown_at = dict.fromkeys(("thread_id", "channel_id", "message_id"), int(copied["id"]))
            post = {"id": other, "number": other, "question_id": other, "origin_id": None}
            add_like_first(connection, "posts", post)
            add_like_first(connection, "post_texts", {"post_id": other})
            add_like_first(connection, "places", {"post_id": other, **shown_at})
        connection.execute("UPDATE guilds SET last_number = ?", (number,))


def add_like_first(connection: sqlite3.Connection, table: str, changes: dict[str, Any]) -> None:
    """Add a row that is like a table's first one, but for some columns."""
    row = dict(connection.execute(f"SELECT * FROM {table}").fetchone())  # noqa: S608
    row |= {name: value for name, value in changes.items() if name in row}
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608


def _options(form: Payload) -> list[Payload]:
    parts = [label.get("component") or {} for label in form["data"]["components"]]
    return next(p["options"] for p in parts if p.get("custom_id") == "category")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_as_a_writer_is_asked_for_consent(
    keeper: Keeper, tale: LongTale, after: bool
) -> None:
    """Whoever hears nothing asks again: the writer is asked once, and their yes is one answer."""
    card = await ask(tale)
    thread = tale.thread_of(card)
    said = await tale.discord.say(tale.bob, thread, ANSWER)
    kill = Kill(keeper, "POST", f"/channels/{thread['id']}/messages", after=after)
    await kill.amid(tale.menu(tale.alice, "Post as answer", said))
    reply = await tale.menu(tale.alice, "Post as answer", said)
    assert "asked" in tale.said(reply), tale.said(reply)

    await tale.discord.until(lambda: _requests(tale, thread))
    (asked,) = _requests(tale, thread)
    assert asked["message_reference"]["message_id"] == said["id"]
    no_text = await tale.press(tale.bob, asked, "consent.no", thread)
    assert "stays as it is" in tale.said(no_text)
    await tale.discord.until(lambda: not _requests(tale, thread))
    assert asked["id"] not in tale.world.messages[thread["id"]]


@pytest.mark.parametrize("committed", [False, True], ids=["before the commit", "after it"])
async def test_killed_as_a_writer_agrees(
    tmp_path: Path, keeper: Keeper, tale: LongTale, committed: bool
) -> None:
    """Their message becomes one answer. Before the commit, they find the request as it was."""
    thread = tale.thread_of(await ask(tale))
    said = await tale.discord.say(tale.bob, thread, ANSWER)
    await tale.menu(tale.alice, "Post as answer", said)
    await tale.discord.until(lambda: _requests(tale, thread))
    (asked,) = _requests(tale, thread)
    if committed:
        # The answer's card: another message there tells Bob how a plain message becomes an answer.
        posts = f"/channels/{thread['id']}/messages"
        kill = Kill(keeper, "POST", posts, after=False, body=ANSWER)
    else:  # to know what the message says now comes before all else
        kill = Kill(keeper, "GET", f"/messages/{said['id']}", after=False)
    await kill.amid(tale.press(tale.bob, asked, "consent.yes", thread))
    answers = "SELECT 1 FROM posts WHERE kind = 'answer'"
    assert len(stored(tmp_path, answers)) == committed
    if not committed:
        reply = await tale.press(tale.bob, asked, "consent.yes", thread)
        assert "#1.1" in tale.said(reply), tale.said(reply)
    await tale.discord.until(lambda: tale.card(ANSWER, ":answer:"))
    await tale.discord.until(lambda: not _requests(tale, thread))
    assert len(stored(tmp_path, answers)) == 1
    shown = [c for c in tale.world.cards(thread) if ANSWER in tale.world.shown(c)]
    assert len(shown) == 1
    await tale.discord.until(lambda: len(shown[0]["reactions"]) == 2)
    if committed:
        assert "**Posted** · #1.1" in await inbox(tale, tale.bob)


def _requests(tale: LongTale, thread: Payload) -> list[Payload]:
    return [m for m in tale.world.cards(thread) if "consent.yes" in str(m["components"])]


async def test_a_writer_who_answers_before_the_request_is_confirmed(
    keeper: Keeper, tale: LongTale
) -> None:
    """The request goes all the same: it is not looked at again for a day else."""
    thread = tale.thread_of(await ask(tale))
    said = await tale.discord.say(tale.bob, thread, ANSWER)
    tale.discord.slow[f"POST /channels/{thread['id']}/messages"] = 2.0
    await tale.menu(tale.alice, "Post as answer", said)

    await tale.discord.until(lambda: _requests(tale, thread))
    await tale.press(tale.bob, _requests(tale, thread)[0], "consent.no", thread)
    await tale.discord.until(lambda: not _requests(tale, thread))


async def test_killed_as_a_deleted_post_is_taken_away_and_then_erased(
    tmp_path: Path, keeper: Keeper, tale: LongTale
) -> None:
    """Its card goes after the next start; after seven days so does its text, though the process
    was down on the day."""
    card = await ask(tale)
    await answer(tale, card)
    await tale.discord.until(lambda: tale.card(ANSWER))
    shown = tale.must(ANSWER)
    thread = tale.thread_of(card)
    confirm = await tale.do(tale.bob, thread, "delete", post="#1.1")
    kill = Kill(keeper, "DELETE", f"/messages/{shown['id']}", after=False)
    await kill.amid(tale.press(tale.bob, confirm.shown, "delete.yes", thread))
    await tale.discord.until(lambda: shown["id"] not in tale.world.messages[thread["id"]])
    text = "SELECT 1 FROM post_texts WHERE body = ?"
    assert stored(tmp_path, text, ANSWER), "kept for now"
    with closing(sqlite3.connect(tmp_path / "var" / "askwell.sqlite3")) as connection, connection:
        connection.execute("UPDATE removals SET erase_at = 1")
    keeper.discord.gateway.identified.clear()
    keeper.kill()
    await asyncio.wait_for(keeper.up.wait(), 60)

    async def erased() -> None:
        while stored(tmp_path, text, ANSWER):
            await asyncio.sleep(0.2)

    await asyncio.wait_for(erased(), 30)
