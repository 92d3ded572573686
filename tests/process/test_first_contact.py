"""What Discord is asked for besides cards, over a real connection that refuses whatever Discord
would: the how-to, the moderators' channel, buttons that vote, and offers under replies. Each is
there once, whichever response is lost and whenever the bot is killed."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path

import aiohttp
import pytest

from tests.process import fake_rules
from tests.process.fake_discord import CUT, FakeDiscord, Request
from tests.process.fake_people import controls
from tests.process.fake_permissions import VIEW, permissions_in
from tests.process.fake_replies import EPHEMERAL, Reply
from tests.process.fake_rest import PINNED
from tests.process.fake_world import Payload
from tests.process.long_telling import LongTale
from tests.process.telling import ANSWER, TITLE, Keeper
from tests.process.test_kills import Kill, answer, stored
from tests.process.test_trouble import ask, keeper, tale

__all__ = ["keeper", "tale"]  # fixtures

BOTH = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
_MESSAGE, _SOON, _UPDATE = 4, 6, 7
_PIN_NOTICE = 6


@pytest.fixture
async def in_forum(keeper: Keeper, discord_server: FakeDiscord) -> LongTale:
    """A server that is set up for questions in its forum, and its people."""
    tale = LongTale(keeper, discord_server.world.forum)
    await tale.set_up_long()
    return tale


def with_control(tale: LongTale, custom_id: str) -> list[Payload]:
    """The bot's messages in the server with a control whose id begins so."""
    return [
        card
        for card in tale.cards()
        if any(str(c.get("custom_id", "")).startswith(custom_id) for c in controls(card))
    ]


def how_tos(tale: LongTale) -> list[Payload]:
    return with_control(tale, "qa:1:how")


def notices(tale: LongTale, channel: Payload) -> list[Payload]:
    """What Discord says about pins in a channel."""
    messages = tale.world.messages[channel["id"]].values()
    return [message for message in messages if message["type"] == _PIN_NOTICE]


def is_pinned(tale: LongTale, how_to: Payload) -> bool:
    """Whether the how-to is pinned: as a message, or as a forum's post."""
    post = tale.world.channels.get(how_to["id"])
    return how_to["pinned"] if post is None else bool(post["flags"] & PINNED)


async def owner_presses(tale: LongTale, message: Payload, action: str) -> Reply:
    """The owner presses a button of `/setup`; returns what comes of it, once it is there."""
    reply = await tale.press(tale.world.owner, message, action, tale.lounge)
    if reply.first["type"] == _SOON:
        await tale.discord.until(lambda: reply.later)
    return reply


async def open_how_to(tale: LongTale) -> Reply:
    summary = await tale.do(tale.world.owner, tale.lounge, "setup")
    end = await owner_presses(tale, summary.shown, "setup.finish")
    return await owner_presses(tale, end.shown, "howto.open")


# --- the how-to ----------------------------------------------------------------------------------


async def follow_how_to(tale: LongTale, kill: Kill) -> None:
    """The owner has it posted, and it is killed: there is one, pinned; taken back, it is gone."""
    offered = await open_how_to(tale)
    await kill.amid(owner_presses(tale, offered.shown, "howto.post"))
    await tale.discord.until(lambda: any(is_pinned(tale, each) for each in how_tos(tale)))
    await tale.discord.until(lambda: not notices(tale, tale.home))
    assert len(how_tos(tale)) == 1
    shown = await open_how_to(tale)
    assert "The how-to is in" in tale.said(shown), tale.said(shown)
    assert "howto.post" not in tale.said(shown), "a second one is offered"
    await owner_presses(tale, shown.shown, "howto.back")
    await tale.discord.until(lambda: not how_tos(tale))


@BOTH
async def test_killed_as_the_how_to_is_posted(keeper: Keeper, tale: LongTale, after: bool) -> None:
    path = f"/channels/{tale.home['id']}/messages"
    await follow_how_to(tale, Kill(keeper, "POST", path, after=after, body="How to ask here"))


@BOTH
async def test_killed_as_the_how_to_is_posted_in_a_forum(
    keeper: Keeper, in_forum: LongTale, after: bool
) -> None:
    path = f"/channels/{in_forum.home['id']}/threads"
    await follow_how_to(in_forum, Kill(keeper, "POST", path, after=after, body="How to ask here"))


@BOTH
async def test_killed_as_the_how_to_is_pinned(keeper: Keeper, tale: LongTale, after: bool) -> None:
    """Discord's notice of the pin goes, too, though nobody was there to hear of it."""
    await follow_how_to(tale, Kill(keeper, "PUT", "/messages/pins/", after=after))


async def test_a_how_to_that_a_moderator_unpins_is_left_so(tale: LongTale) -> None:
    await owner_presses(tale, (await open_how_to(tale)).shown, "howto.post")
    await tale.discord.until(lambda: any(is_pinned(tale, each) for each in how_tos(tale)))
    (how_to,) = how_tos(tale)
    await idle(tale)
    await tale.discord.pin(how_to, pinned=False)
    await tale.do(tale.world.owner, tale.lounge, "settings set", name="locale", value="de")
    await tale.discord.until(lambda: "Frage stellen" in tale.world.shown(how_to))
    await idle(tale)
    assert not how_to["pinned"]


async def test_in_a_forum_another_pinned_post_keeps_its_place(in_forum: LongTale) -> None:
    tale, world = in_forum, in_forum.world
    rules = world.add_thread(tale.home["id"], "Rules of the house")
    rules["flags"], rules["owner_id"] = PINNED, world.owner["id"]
    offered = await open_how_to(tale)
    shown = await owner_presses(tale, offered.shown, "howto.post")
    await tale.discord.until(lambda: how_tos(tale))
    (how_to,) = how_tos(tale)
    await tale.discord.until(lambda: world.channels[how_to["id"]]["thread_metadata"]["locked"])
    assert not is_pinned(tale, how_to)
    assert rules["flags"] & PINNED
    assert "howto.back" in tale.said(shown), tale.said(shown)


# --- the moderators' channel ---------------------------------------------------------------------


def channels_named(tale: LongTale, name: str) -> list[Payload]:
    return [c for c in tale.world.channels.values() if c.get("name") == name]


async def create_reports(tale: LongTale) -> Reply:
    summary = await tale.do(tale.world.owner, tale.lounge, "setup")
    return await owner_presses(tale, summary.shown, "setup.reports.create")


async def reports(tale: LongTale) -> Payload:
    """The moderators' channel, once it is created."""
    await create_reports(tale)
    return await reports_there(tale)


async def reports_there(tale: LongTale) -> Payload:
    """The moderators' channel, once the queue's message is pinned in it."""
    await tale.discord.until(lambda: channels_named(tale, "reports"))
    (channel,) = channels_named(tale, "reports")
    pinned = lambda: any(m["pinned"] for m in tale.world.cards(channel))  # noqa: E731
    await tale.discord.until(pinned, 40)
    await tale.discord.until(lambda: not notices(tale, channel))
    return channel


async def report(tale: LongTale, card: Payload) -> Reply:
    channel = tale.world.channels[card["channel_id"]]
    form = await tale.menu(tale.carol, "Report post", card)
    reason = {"reason": "It sells *curtains*.", "why": ["spam"]}
    return await tale.fill(tale.carol, channel, form, **reason)


def report_cards(tale: LongTale, channel: Payload) -> list[Payload]:
    messages = tale.world.messages[channel["id"]].values()
    return [m for m in messages if "Reported:" in tale.world.shown(m)]


@BOTH
async def test_killed_as_the_moderators_channel_is_created(
    keeper: Keeper, tale: LongTale, after: bool
) -> None:
    """Pressed again, there is one channel, closed to members, with the way into the queue."""
    kill = Kill(keeper, "POST", f"/guilds/{tale.world.guild_id}/channels", after=after)
    await kill.amid(create_reports(tale))
    channel = await reports(tale)
    assert len(with_control(tale, "qa:1:queue.open")) == 1
    assert not permissions_in(tale.world, tale.carol["id"], channel) & VIEW
    for person in (tale.mona, tale.world.bot):
        assert permissions_in(tale.world, person["id"], channel) & VIEW


async def test_without_manage_channels_the_owner_reads_what_is_missing(tale: LongTale) -> None:
    role = tale.world.bot_role
    role["permissions"] = str(int(role["permissions"]) & ~(1 << 4))
    reply = await create_reports(tale)
    assert "Manage Channels" in tale.said(reply), tale.said(reply)
    assert not channels_named(tale, "reports")


async def test_killed_as_the_queue_is_pinned(keeper: Keeper, tale: LongTale) -> None:
    """Discord's notice of it goes, as it does where nothing happens."""
    kill = Kill(keeper, "PUT", "/messages/pins/", after=True)
    await kill.amid(create_reports(tale))
    await reports_there(tale)


@BOTH
async def test_killed_as_a_report_is_shown(keeper: Keeper, tale: LongTale, after: bool) -> None:
    channel = await reports(tale)
    await answer(tale, await ask(tale))
    await tale.discord.until(lambda: tale.card(ANSWER))
    kill = Kill(keeper, "POST", f"/channels/{channel['id']}/messages", after=after)
    await kill.amid(report(tale, tale.must(ANSWER)))
    await tale.discord.until(lambda: report_cards(tale, channel))
    (card,) = report_cards(tale, channel)
    assert "It sells" in tale.world.shown(card)
    await idle(tale)
    assert report_cards(tale, channel) == [card]


async def idle(tale: LongTale) -> None:
    """Wait until all that is to be shown in Discord is."""
    async with asyncio.timeout(40):
        while stored(tale.keeper.folder, "SELECT 1 FROM outbox"):
            await asyncio.sleep(0.05)


@BOTH
async def test_killed_as_a_report_is_decided(keeper: Keeper, tale: LongTale, after: bool) -> None:
    """Its card says so, once, and nothing of the post any more."""
    channel = await reports(tale)
    await answer(tale, await ask(tale))
    await tale.discord.until(lambda: tale.card(ANSWER, ":answer:"))
    post = tale.must(ANSWER, ":answer:")
    await report(tale, post)
    await tale.discord.until(lambda: report_cards(tale, channel))
    (card,) = report_cards(tale, channel)
    asked = await tale.press(tale.mona, card, "report.hide")
    assert "Why are you hiding it?" in tale.said(asked), tale.said(asked)
    kill = Kill(keeper, "PATCH", f"/channels/{channel['id']}/messages", after=after)
    select = copy.deepcopy(asked.shown)
    await kill.amid(tale.press(tale.mona, asked.shown, "report.hide.because", channel, ["spam"]))
    await tale.discord.until(lambda: "Hidden by Mona" in tale.world.shown(card))
    assert "Spam or advertising" in tale.world.shown(card)
    assert ANSWER not in tale.world.shown(card)
    assert card["components"] == []
    thread = tale.world.messages[post["channel_id"]]
    await tale.discord.until(lambda: post["id"] not in thread)
    late = await tale.press(tale.mona, select, "report.hide.because", channel, ["rules"])
    assert "Hidden by" in tale.said(late), tale.said(late)


async def test_the_queue_takes_a_reason(tale: LongTale) -> None:
    await answer(tale, await ask(tale))
    await tale.discord.until(lambda: tale.card(ANSWER, ":answer:"))
    await report(tale, tale.must(ANSWER, ":answer:"))
    queue = await tale.do(tale.mona, tale.lounge, "queue")
    done = await tale.press(tale.mona, queue.shown, "review.hide.because", tale.lounge, ["unkind"])
    assert "The post is hidden." in tale.said(done)
    inbox = tale.said(await tale.do(tale.bob, tale.lounge, "inbox"))
    assert "because it's unkind" in inbox, inbox


# --- buttons that vote ---------------------------------------------------------------------------


async def with_buttons(tale: LongTale) -> Payload:
    """A question whose card has a button to vote."""
    owner, lounge = tale.world.owner, tale.lounge
    await tale.do(owner, lounge, "settings set", name="voting", value="private")
    form = await tale.do(tale.alice, lounge, "ask")
    await tale.fill(tale.alice, lounge, form, title=TITLE, details="I lie awake.")
    await tale.discord.until(lambda: tale.card(TITLE, "▲ 0"))
    await idle(tale)
    return tale.must(TITLE)


def edits(tale: LongTale, card: Payload) -> list[Request]:
    path = f"/channels/{card['channel_id']}/messages/{card['id']}"
    return [r for r in tale.discord.requests if r.method == "PATCH" and r.path == path]


def votes(folder: Path) -> list[tuple[object, ...]]:
    return stored(folder, "SELECT value FROM votes WHERE value != 0")


async def test_a_vote_is_answered_with_the_card(tale: LongTale, tmp_path: Path) -> None:
    card = await with_buttons(tale)
    before = len(edits(tale, card))
    pressed = await tale.press(tale.bob, card, "vote")
    assert pressed.first["type"] == _UPDATE
    assert "▲ 1" in tale.world.shown(card)
    twice = await tale.press(tale.bob, card, "vote")
    assert twice.first["type"] == _MESSAGE
    assert twice.shown["flags"] & EPHEMERAL
    assert "You voted ▲ on #1." in tale.said(twice)
    await idle(tale)
    assert len(edits(tale, card)) == before, "what answered the click is edited again"
    assert votes(tmp_path) == [(1,)]

    channel = tale.world.channels[card["channel_id"]]
    await tale.press(tale.bob, twice.shown, "vote", channel)
    await tale.discord.until(lambda: "▲ 0" in tale.world.shown(card))
    assert votes(tmp_path) == []


@BOTH
async def test_a_vote_whose_answer_is_lost(tale: LongTale, tmp_path: Path, after: bool) -> None:
    card, lost = await with_buttons(tale), asyncio.Event()

    def trouble(request: Request, effective: bool) -> int | None:
        if not request.path.endswith("/callback") or effective is not after or lost.is_set():
            return None
        lost.set()
        return CUT

    tale.discord.trouble = trouble
    pressing = asyncio.ensure_future(tale.press(tale.bob, card, "vote"))
    await asyncio.wait_for(lost.wait(), 20)
    await tale.discord.until(lambda: "▲ 1" in tale.world.shown(card))
    await idle(tale)
    assert votes(tmp_path) == [(1,)]
    pressing.cancel()


@BOTH
async def test_killed_as_a_vote_is_answered(
    keeper: Keeper, tale: LongTale, tmp_path: Path, after: bool
) -> None:
    card = await with_buttons(tale)
    kill = Kill(keeper, "POST", "/callback", after=after)
    await kill.amid(tale.press(tale.bob, card, "vote"))
    await tale.discord.until(lambda: "▲ 1" in tale.world.shown(card))
    twice = await tale.press(tale.bob, card, "vote")
    assert "You voted ▲ on #1." in tale.said(twice)
    assert votes(tmp_path) == [(1,)]


# --- offers under replies ------------------------------------------------------------------------


def offers(tale: LongTale) -> list[Payload]:
    return with_control(tale, "qa:1:offer.")


@BOTH
async def test_killed_as_a_reply_is_offered_to_be_posted(
    keeper: Keeper, tale: LongTale, after: bool
) -> None:
    """One offer, as a reply that pings nobody; pressed, the answer is there, and the offer goes."""
    card = await ask(tale)
    kill = Kill(
        keeper, "POST", f"/channels/{card['channel_id']}/messages", after=after, body="offer."
    )
    await kill.amid(tale.discord.reply(tale.bob, card, ANSWER))
    await tale.discord.until(lambda: offers(tale))
    (offer,) = offers(tale)
    (said,) = [
        m for m in tale.world.messages[card["channel_id"]].values() if m["author"] is tale.bob
    ]
    assert offer["message_reference"]["message_id"] == said["id"]
    assert offer["mentions"] == []
    posted = await tale.press(tale.bob, offer, "offer.answer")
    assert "#1.1" in tale.said(posted), tale.said(posted)
    await tale.discord.until(lambda: tale.card(ANSWER, ":answer:"))
    await tale.discord.until(lambda: not offers(tale))


async def test_a_reply_becomes_an_answer_that_outlives_it(in_forum: LongTale) -> None:
    tale = in_forum
    card = await ask(tale)
    thread = tale.thread_of(card)
    said = await tale.discord.reply(tale.bob, card, ANSWER)
    await tale.discord.until(lambda: offers(tale))
    posted = await tale.press(tale.bob, offers(tale)[0], "offer.answer")
    assert "Answer posted as #1.1." in tale.said(posted), tale.said(posted)
    await tale.press(tale.bob, posted.shown, "offer.remove", thread)
    await tale.discord.until(lambda: said["id"] not in tale.world.messages[thread["id"]])
    await tale.discord.until(lambda: not offers(tale))
    assert tale.card(ANSWER, ":answer:"), "the answer went with the message that it was"


@BOTH
async def test_killed_as_an_offer_is_taken_away(
    keeper: Keeper, tale: LongTale, after: bool
) -> None:
    card = await ask(tale)
    await tale.discord.reply(tale.bob, card, ANSWER)
    await tale.discord.until(lambda: offers(tale))
    (offer,) = offers(tale)
    kill = Kill(keeper, "DELETE", f"/messages/{offer['id']}", after=after)
    await kill.amid(tale.press(tale.bob, offer, "offer.no"))
    await tale.discord.until(lambda: not offers(tale))
    await idle(tale)
    assert not offers(tale), "it is offered again"


async def test_a_reply_without_a_ping_is_told_how_once(in_forum: LongTale) -> None:
    """Discord doesn't send its text."""
    tale = in_forum
    card = await ask(tale)
    thread = tale.thread_of(card)

    def hints() -> list[Payload]:
        messages = tale.world.messages[thread["id"]].values()
        return [m for m in messages if "Post as answer" in str(m["content"])]

    said = await tale.discord.reply(tale.bob, card, ANSWER, ping=False)
    await tale.discord.until(hints)
    (hint,) = hints()
    assert hint["message_reference"]["message_id"] == said["id"]
    assert hint["mentions"] == []
    await tale.discord.reply(tale.bob, card, "Or a mask, for those who travel.", ping=False)
    await tale.discord.say(tale.bob, thread, "And earplugs.")
    await tale.discord.reply(tale.carol, card, "Or a walk in the sun.", ping=False)
    await tale.discord.until(lambda: len(hints()) == 2)
    await asyncio.sleep(1)
    assert len(hints()) == 2, "one for each member"


# --- without the specification -------------------------------------------------------------------


async def test_what_is_too_much_is_refused_without_the_specification_as_well(
    monkeypatch: pytest.MonkeyPatch, discord_server: FakeDiscord
) -> None:
    monkeypatch.setattr(fake_rules, "specification", lambda: None)
    long = {"content": "x" * 2001}
    assert await _status(discord_server, long) == 400
    assert "at most 2000" in discord_server.problems.pop()
    labelled = {"type": 2, "style": 2, "label": "x" * 81, "custom_id": "a"}
    crowded = {"content": "x", "components": [{"type": 1, "components": [labelled]}]}
    assert await _status(discord_server, crowded) == 400
    assert "label: 81" in discord_server.problems.pop()
    assert await _status(discord_server, {"content": "x"}) == 200


async def _status(discord_server: FakeDiscord, body: Payload) -> int:
    url = f"{discord_server.api_url}/channels/{discord_server.world.text['id']}/messages"
    headers = {"Authorization": f"Bot {discord_server.token}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json=body) as r:
        return r.status
