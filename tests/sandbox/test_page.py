"""The lobby: who may use it, and what it does in the simulated Discord."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest
from discord.app_commands import CommandInvokeError

from bot.sandbox import stories
from bot.sandbox._simcord import message_handle
from bot.sandbox.page.drawing import state
from bot.sandbox.page.lobby import VOTES, Lobby
from bot.sandbox.page.record import Record
from bot.sandbox.page.server import PROOF, Server
from bot.sandbox.page.surroundings import Refused
from bot.sandbox.reading import read
from bot.sandbox.stage import SETTLING, Between
from bot.sandbox.world import HARBOUR, World, build_world
from tests.support.simulator import forgive, set_permissions

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
async def browser(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    """Somebody who has opened the page: they know the token in it."""
    async with aiohttp.ClientSession(server.address) as session:
        page = await (await session.get("/")).text()
        token = re.search(r'name="askwell-token" content="([^"]+)"', page)
        assert token is not None
        session.headers[PROOF] = token[1]
        yield session


# --- who may ---------------------------------------------------------------------------------


async def test_the_page_brings_all_it_needs(server: Server) -> None:
    async with aiohttp.ClientSession(server.address) as session:
        page = await (await session.get("/")).text()
        for address in re.findall(r'(?:src|href)="(/[^"]+)"', page):
            assert (await session.get(address)).status == 200, address
        assert "http" not in re.sub(r"<!doctype html>", "", page).replace("http-equiv", "")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "0.0.0.0", ""])
async def test_another_host_name_is_refused(
    browser: aiohttp.ClientSession, server: Server, host: str
) -> None:
    """A name on the web may be made to point at this machine."""
    named = host if not host.startswith("0") else f"{host}:{server.port}"
    for path in ("/", "/api/state", "/static/lobby.js"):
        assert (await browser.get(path, headers={"Host": named})).status in (400, 403)


async def test_another_page_is_refused(browser: aiohttp.ClientSession, lobby: Lobby) -> None:
    before = lobby.who
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {PROOF: "guessed"},
        {PROOF: ""},
    ):
        answer = await browser.post("/api/move", json={"who": "sam"}, headers=headers)
        assert answer.status == 403
    # What a form or an image on another page could send without asking first.
    simple = await browser.post("/api/move", data='{"who": "sam"}')
    assert simple.status == 415
    assert (await browser.get("/api/move")).status == 405
    assert lobby.who is before


async def test_only_the_lobby_may_frame_the_view(
    browser: aiohttp.ClientSession, server: Server, lobby: Lobby
) -> None:
    assert lobby.preview is not None
    view = await browser.get(lobby.preview.url.partition("#")[0])
    policy = view.headers["Content-Security-Policy"]
    allowed = re.search(r"frame-ancestors ([^;]+)", policy)
    assert allowed is not None
    origins = {f"http://127.0.0.1:{server.port}", f"http://localhost:{server.port}"}
    assert set(allowed[1].split()) == origins
    page = await browser.get("/")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("move", {"channel": "general"}),
        ("move", []),
        ("react", {"message": "1"}),
        ("menu", {"message": None}),
        ("hello", {}),
    ],
)
async def test_nonsense_is_refused(
    browser: aiohttp.ClientSession, action: str, body: object
) -> None:
    assert (await browser.post(f"/api/{action}", json=body)).status == 400
    assert (await browser.post("/api/state", json={})).status == 404


async def test_the_page_is_there_while_the_server_is_being_made(database_kind: str) -> None:
    server = Server()
    async with server.running(0), aiohttp.ClientSession(server.address) as session:
        page = await (await session.get("/")).text()
        token = re.search(r'name="askwell-token" content="([^"]+)"', page)
        assert token is not None
        session.headers[PROOF] = token[1]
        assert await (await session.get("/api/state")).json() == {"making": True}
        assert await (await session.post("/api/move", json={"who": "sam"})).json() == {
            "making": True
        }
        assert server.visited.is_set()


async def test_while_the_story_plays_one_can_only_skip(world: World, lobby: Lobby) -> None:
    steps: list[str] = []

    async def telling(world: World, *, out: object, between: Between) -> None:
        for step in ("Sam runs /setup", "Noor runs /ask"):
            await between(step)
            steps.append(step)

    watching = asyncio.ensure_future(lobby.watch(telling, print))
    while lobby.telling != "Sam runs /setup":
        await asyncio.sleep(0.01)
    with pytest.raises(Refused, match="Skip it"):
        await lobby.move(who="sam")
    assert state(lobby)["telling"] == "Sam runs /setup"
    assert not state(lobby)["skipping"]
    await lobby.skip()
    assert state(lobby)["skipping"]
    await watching
    assert not state(lobby)["skipping"]
    assert steps == ["Sam runs /setup", "Noor runs /ask"]
    await lobby.enter()
    await lobby.move(who="sam")
    assert state(lobby)["telling"] is None
    assert not lobby.guide.done, "the story's steps are nobody's own"


# --- what it does ----------------------------------------------------------------------------


async def test_rights_depend_on_the_channel(browser: aiohttp.ClientSession, world: World) -> None:
    seen = await (await browser.get("/api/state")).json()
    assert seen["who"] == "noor"
    assert seen["kind"] == "text"
    assert [channel["name"] for channel in seen["channels"]] == [
        "general",
        "ask-the-community",
        "questions",
    ]
    move = {"who": "sam", "channel": str(world.forum.id)}
    seen = await (await browser.post("/api/move", json=move)).json()
    assert (seen["who"], seen["kind"], seen["frame"]) == ("sam", "forum", None)
    # Each has direct messages of their own.
    direct = {"channel": seen["direct"]["id"]}
    seen = await (await browser.post("/api/move", json=direct)).json()
    assert seen["kind"] == "direct"
    sams = seen["place"]
    seen = await (await browser.post("/api/move", json={"who": "teo"})).json()
    assert seen["kind"] == "direct"
    assert seen["place"] != sams


async def test_each_person_has_a_language_of_their_own(
    browser: aiohttp.ClientSession, lobby: Lobby, world: World
) -> None:
    spoken = {"person": "teo", "locale": "de"}
    seen = await (await browser.post("/api/speak", json=spoken)).json()
    assert {person["key"]: person["locale"] for person in seen["people"]} == {
        "noor": "en-US",
        "teo": "de",
        "brigid": "en-US",
        "sam": "en-US",
    }
    for person, words in ((world.answerer, "Deine Punkte"), (world.asker, "Your points")):
        result = await person.actor.slash(world.general, "points")
        assert result.response is not None
        assert words in read(result.response)

    refused = {"person": "teo", "locale": "tlh"}
    answer = await (await browser.post("/api/speak", json=refused)).json()
    assert "does not speak" in answer["refused"]


async def test_reactions_are_given_and_taken_back(lobby: Lobby, world: World) -> None:
    await lobby.enter()
    message = await world.answerer.actor.send(world.general, "Good morning, everybody.")
    stored = world.env.backend.get_message(world.general.id, message.id)

    await lobby.react(message.id, "💡")
    reaction = stored.reaction_for("💡")
    assert reaction is not None
    assert reaction.user_ids == [world.asker.id]

    await lobby.react(message.id, "💡")
    assert stored.reaction_for("💡") is None


async def test_discord_refuses_with_a_sentence(lobby: Lobby, world: World) -> None:
    await lobby.enter()
    message = await world.answerer.actor.send(world.general, "Good morning, everybody.")

    with pytest.raises(Refused, match="Noor"):
        await lobby.pin(message.id)
    with pytest.raises(Refused, match="gone"):
        await lobby.react(1, "💡")
    await lobby.move(who="sam")
    await lobby.pin(message.id)
    assert world.env.backend.get_message(world.general.id, message.id).pinned


async def test_a_menu_answers_where_one_is(lobby: Lobby, world: World) -> None:
    await lobby.enter()
    message = await world.asker.actor.send(world.general, "Good morning, everybody.")

    await lobby.use_menu(message.id, "Mark best answer")
    forgive(world.env, CommandInvokeError)  # it is no answer, and Noor is told so

    private = [m for m in world.general.history(viewer=world.asker.actor) if m.flags.ephemeral]
    assert len(private) == 1
    await lobby.dismiss(private[0].id)
    assert len(world.general.history(viewer=world.asker.actor)) == 1


async def test_a_deleted_channel_leads_back(lobby: Lobby, world: World) -> None:
    await lobby.enter()
    await lobby.move(channel=world.questions.id)
    world.env.backend.delete_channel(world.questions.id)
    await world.env.settle()

    await lobby.mend()

    seen = state(lobby)
    assert seen["place"] == str(world.general.id)
    assert "questions" not in [channel["name"] for channel in seen["channels"]]


async def test_a_channel_that_is_closed_to_the_next_person_leads_back(
    lobby: Lobby, world: World
) -> None:
    closed = world.guild.create_text_channel("reports")
    set_permissions(world.env, closed, world.guild.id, view_channel=False)
    await lobby.enter()
    await lobby.move(who="sam", channel=closed.id)
    assert state(lobby)["place"] == str(closed.id)
    await lobby.move(who="noor")
    assert state(lobby)["place"] == str(world.general.id)


async def test_time_passes_even_where_the_story_ended_in_the_future(
    world: World, lobby: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.env.now()
    real = before.timestamp() - 600
    monkeypatch.setattr("bot.sandbox.page.lobby.time", SimpleNamespace(time=lambda: real))
    await lobby.enter()
    real += 3
    await lobby.tick()
    assert (world.env.now() - before).total_seconds() == pytest.approx(3, abs=0.1)


# --- what it ticks -----------------------------------------------------------------------------


async def test_the_guide_ticks_what_was_done_and_nothing_that_was_only_tried(
    lobby: Lobby, world: World
) -> None:
    noor, teo, brigid, sam = (person.actor for person in world.people)

    def done() -> set[str]:
        state(lobby)
        return set(lobby.guide.done)

    await lobby.enter()
    assert done() == set()
    await sam.slash(world.general, "setup", channel=world.forum, preset="general")
    assert done() == {"setup"}

    await noor.submit_modal(await noor.slash(world.general, "ask"), {"title": "?"})
    assert done() == {"setup"}, "a form that was refused asked nothing"
    await noor.submit_modal(await noor.slash(world.general, "ask"), {"title": "How do I rest?"})
    assert done() == {"setup", "ask"}

    thread = world.forum.threads[0]
    await teo.submit_modal(await teo.slash(thread, "answer"), {"answer": "No."})
    assert "answer" not in done()
    await teo.submit_modal(
        await teo.slash(thread, "answer"), {"answer": "With a walk, and no telephone on it."}
    )
    await world.env.advance_time(SETTLING)
    assert "answer" in done()
    question, answer = (
        message_handle(world.env, message)
        for message in world.env.backend.messages[thread.id].values()
        if not message.is_ephemeral and message.embeds
    )

    await noor.react(question, VOTES[0])
    await world.env.advance_time(SETTLING)
    assert "vote" not in done(), "a vote for one's own post is none"
    await brigid.react(question, VOTES[0])
    await world.env.advance_time(SETTLING)
    assert "vote" in done()

    await sam.set_pinned(question, pinned=True)
    await sam.set_pinned(question, pinned=False)
    await world.env.advance_time(SETTLING)
    assert "best" not in done(), "a question is no best answer, and taking a pin off chooses none"
    await sam.set_pinned(answer, pinned=True)
    await world.env.advance_time(SETTLING)
    assert "best" in done()
    assert "points" not in done()
    await teo.slash(thread, "points")
    assert done() == {"setup", "ask", "answer", "vote", "best", "points"}


async def test_the_second_server_tells_its_story_to_whoever_comes_there(
    world: World, database_url: str
) -> None:
    harbour = build_world(world.env, plan=HARBOUR)
    file = Path(database_url.removeprefix("sqlite+aiosqlite:///"))
    lobby = Lobby((world, harbour), Record(file), telling=True)
    await lobby.skip()
    await lobby.watch(stories.play, lambda _: None)
    await lobby.enter()
    assert not lobby.awaited.is_set()
    assert "visit" not in lobby.guide.done

    await lobby.move(who="sam")
    await lobby.follow("visit")
    assert lobby.awaited.is_set()
    with pytest.raises(Refused, match="Skip it"):
        await lobby.visit("wellness")
    told = asyncio.ensure_future(lobby.watch(stories.play, lambda _: None))
    await lobby.skip()
    await told
    await lobby.enter()

    seen = state(lobby)
    assert seen["server"] == "Quiet Harbour"
    assert seen["who"] == "teo", "the guide said who to be"
    assert seen["kind"] == "thread"
    assert {step["key"] for step in seen["guide"]["steps"] if step["done"]} == set()
    # What is done there counts there, and the visit counts in the other server.
    await harbour.person("sam").actor.slash(harbour.general, "settings show")
    assert {s["key"] for s in state(lobby)["guide"]["steps"] if s["done"]} == {"settings"}
    await lobby.visit("wellness")
    assert not lobby.awaited.is_set(), "a story is told once"
    assert {s["key"] for s in state(lobby)["guide"]["steps"] if s["done"]} == {"visit"}
    assert state(lobby)["server"] == "Mind & Wellness"
    await lobby.close()
