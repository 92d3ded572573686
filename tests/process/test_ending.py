"""SIGTERM amid what people just did: everybody reads how it ended."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.process.fake_discord import FakeDiscord
from tests.process.long_telling import LongTale
from tests.process.running import askwell
from tests.process.telling import ANSWER, SECOND, TITLE, Keeper, kept


async def test_members_get_replies_before_the_bot_ends(
    tmp_path: Path, discord_server: FakeDiscord
) -> None:
    """Discord takes its time with the card: it is said that it will come, and then it does."""
    tale = LongTale(Keeper(discord_server, tmp_path), discord_server.world.text)
    async with askwell(tmp_path, env=discord_server.environment()) as process:
        await process.connected(discord_server)
        await discord_server.until(lambda: discord_server.commands)
        await tale.set_up_long()
        form = await tale.do(tale.alice, tale.lounge, "ask")
        discord_server.slow["POST /channels/*"] = 30.0
        acting = asyncio.ensure_future(
            tale.fill(tale.alice, tale.lounge, form, title=TITLE, details="I lie awake.")
        )
        await asyncio.sleep(1.5)
        process.signal(signal.SIGTERM)
        async with asyncio.timeout(9):
            reply = await acting
        assert "will appear" in tale.said(reply)
        assert (await process.ended(10)).code == 0
    discord_server.slow.clear()
    async with kept(discord_server, tmp_path):
        await discord_server.until(lambda: tale.card(TITLE), 60)


async def test_each_act_that_was_acknowledged_is_committed_and_told(
    tmp_path: Path, discord_server: FakeDiscord
) -> None:
    """The database is busy when SIGTERM comes: the end waits for every commit and its reply."""
    tale = LongTale(Keeper(discord_server, tmp_path), discord_server.world.text)
    alice, bob, carol, mona, lounge = tale.alice, tale.bob, tale.carol, tale.mona, tale.lounge
    async with askwell(tmp_path, env=discord_server.environment()) as process:
        await process.connected(discord_server)
        await tale.set_up_long()
        for title in (TITLE, SECOND):
            form = await tale.do(alice, lounge, "ask")
            await tale.fill(alice, lounge, form, title=title)
        form = await tale.do(bob, lounge, "answer", question="#1")
        await tale.fill(bob, lounge, form, answer=ANSWER)
        await discord_server.until(lambda: tale.card(ANSWER))
        thread = tale.world.channels[tale.must(ANSWER)["channel_id"]]
        asking = await tale.do(alice, lounge, "ask")
        answering = await tale.do(carol, lounge, "answer", question="#1")
        commenting = await tale.press_in_menu(carol, tale.must(TITLE), "comment")
        editing = await tale.do(bob, lounge, "edit", post="#1.1")
        reporting = await tale.menu(carol, "Report post", tale.must(SECOND))
        menu = await tale.press(alice, tale.must(ANSWER), "more")
        busy = sqlite3.connect(tmp_path / "var" / "askwell.sqlite3", isolation_level=None)
        busy.execute("BEGIN IMMEDIATE")
        expected = {
            "appear": tale.fill(
                alice, lounge, asking, title="Why is my jet lag worse flying east?"
            ),
            # These two are posted as the process ends, or only saved.
            '"Answer ': tale.fill(carol, lounge, answering, answer=ANSWER + " Earplugs."),
            '"Comment ': tale.fill(carol, lounge, commenting, comment="Did you try magnesium?"),
            "Saved your changes to #1.1": tale.fill(
                bob, lounge, editing, answer=ANSWER + " Cool air."
            ),
            "Thanks": tale.fill(carol, lounge, reporting, reason="Not a question."),
            "best answer": tale.press(alice, menu.shown, "best", thread),
            "Closed #2": tale.do(mona, lounge, "close", reason="off_topic", question="#2"),
            "Tags on": tale.do(alice, lounge, "retag", tags="sleep", post="#1"),
            "You upvoted": tale.do(mona, lounge, "vote", direction="up", post="#1"),
            "You're following": tale.do(bob, lounge, "follow", question="#2"),
        }
        begun = len(discord_server.replies)
        acts = {words: asyncio.ensure_future(act) for words, act in expected.items()}
        new = lambda: list(discord_server.replies.values())[begun:]  # noqa: E731
        await discord_server.until(
            lambda: len(new()) == len(acts) and all(reply.first for reply in new())
        )
        process.signal(signal.SIGTERM)
        await asyncio.sleep(0.7)
        busy.execute("ROLLBACK")
        busy.close()
        async with asyncio.timeout(9):
            said = {words: tale.said(await act) for words, act in acts.items()}
        assert not {words: reply for words, reply in said.items() if words not in reply}
        end = await process.ended(10)
    assert end.code == 0, end.err
    assert "Traceback" not in end.err
    with closing(sqlite3.connect(tmp_path / "var" / "askwell.sqlite3")) as connection:
        counted = connection.execute(
            """SELECT (SELECT count(*) FROM posts), (SELECT count(*) FROM revisions),
            (SELECT count(*) FROM flags), (SELECT count(*) FROM votes),
            (SELECT count(*) FROM follows), (SELECT count(closed_at) FROM posts),
            (SELECT count(best_answer_id) FROM posts)"""
        ).fetchone()
    assert counted == (6, 2, 1, 1, 1, 1, 1)
