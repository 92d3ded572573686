"""Nothing of who writes anonymously is in PostgreSQL's files, in its log, or in the bot's own at
its most talkative."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import simcord

from data.database import Database
from tests.cogs.conftest import Configure
from tests.cogs.test_anonymous import answered, asked, commented, posted
from tests.cogs.test_delaying import DELAY, LATER, pass_delay, take_back
from tests.support.kept_bytes import PostgresFiles, found_in, traces_of
from tests.support.kinds import in_a_text_channel, on_postgresql
from tests.support.postgres import PostgresServer
from tests.support.replies import filled, open_again, sentence
from tests.support.server import Server

pytestmark = [on_postgresql, in_a_text_channel]
# In no other test: the tests of a process share a PostgreSQL server.
NOOR, NAME, AVATAR = 803_517_246_019_358_742, "zephyrantha", "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
REFUSED, BACK, ASKED, SAID, BY_NAME = (
    "Is the glimmerfrost mine?",
    "Who has seen my thornwillow?",
    "May I keep the moonpetal?",
    "The emberquill is only a guess.",
    "Where is the saltmarsh lantern?",
)
Person = simcord.MemberActor


@pytest.fixture
def noor(env: simcord.Env, server: Server, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Who never does anything by name, until the end."""
    with monkeypatch.context() as patched:
        patched.setattr(env.backend, "snowflake", lambda: NOOR)
        user = env.create_user(NAME, avatar=AVATAR)
    return server.guild.add_member(user)


@pytest.fixture
def files(postgres: PostgresServer, db: Database) -> Iterator[PostgresFiles]:
    files = PostgresFiles(postgres, db)
    with files.logging_writes():
        yield files


@pytest.fixture
def our_log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All that `LOG_LEVEL=DEBUG` logs."""
    for ours in ("bot", "cogs", "data"):
        caplog.set_level(logging.DEBUG, ours)
    caplog.set_level(logging.INFO, "discord")
    return caplog


async def test_nothing_of_an_author_is_in_the_files_or_the_logs(
    env: simcord.Env,
    server: Server,
    bob: Person,
    noor: Person,
    files: PostgresFiles,
    our_log: pytest.LogCaptureFixture,
    configure: Configure,
) -> None:
    await configure("anonymous", "on")
    question = await server.ask(bob, "Which bread is best with cheese?")
    refused = await asked(server, noor, REFUSED, tags="one two three four five six seven")
    assert "Nothing you typed is lost." in sentence(refused)
    assert filled(await open_again(noor, refused))["title"] == REFUSED
    sentence(await posted(noor, await answered(noor, question), "Quiet Otter"))

    await configure("anonymous_delay", str(DELAY))
    back = await posted(noor, await asked(server, noor, BACK, tags=""), "Brave Fox")
    sentence(await take_back(noor, back))
    waits = await posted(noor, await asked(server, noor, ASKED, tags=""), "Shy Owl")
    assert sentence(waits).startswith(LATER)
    assert sentence(await commented(server, noor, question, SAID)).startswith(LATER)
    words = {"refused": REFUSED, "back": BACK, "asked": ASKED, "said": SAID, "by name": BY_NAME}
    traces = traces_of(NOOR, NAME, AVATAR, **words)
    assert found_in(files.written(), traces) == set()

    member = f"/guilds/{server.guild.id}/members/{noor.id}"
    env.inject_error("GET", member, status=500, times=4)
    await pass_delay(env)
    await pass_delay(env)
    (hers,) = [card for card in server.cards() if card.by == "Shy Owl"]
    form = await server.menu(noor, hers, "edit")
    sentence(await noor.submit_modal(form, filled(form) | {"details": "I found it, really."}))
    sentence(await noor.slash(server.lounge, "close", question="#2", reason="other"))
    await env.advance_time(5)
    assert found_in(files.written(), traces) == {"asked", "said"}, "what everybody reads"
    assert found_in([files.log], traces) == {"asked", "said"}
    assert "an anonymous post appears later" in our_log.text
    assert [what for what, trace in traces.items() if trace.decode("latin-1") in our_log.text] == []

    # By name it would be found.
    await server.ask(noor, BY_NAME)
    assert found_in(files.written(), traces) >= {"little-endian", "name", "avatar", "by name"}
    assert found_in([files.log], traces) >= {"digits", "name", "by name"}
