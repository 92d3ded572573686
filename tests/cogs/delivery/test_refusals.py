"""Passing refusals are retried: after a while, and at once when their cause changes. A refused step
doesn't prevent the others."""

from __future__ import annotations

import copy
import itertools
import logging
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import discord
import pytest
import simcord

from bot.i18n import texts_for
from bot.usecases import publishing
from cogs.failures import (
    _FINAL,
    _OURS,
    _PASSING,
    Code,
    Meaning,
    code_in,
    is_trouble,
    meaning_in,
    meaning_of,
    said_of,
)
from cogs.ui.discord_refusals import discord_problem, discord_refusal, refusal_in_words
from data.database import Database
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.outbox import next_due
from tests.support.replies import filled, sentence
from tests.support.server import Server, told
from tests.support.simulator import (
    Perform,
    Request,
    archive,
    as_the_bot,
    bot_user_id,
    forgive,
    intercepted,
    set_permissions,
)
from tests.support.time import hours_pass
from tests.support.wire import Failure, Wire

TITLE = "Where do all these threads come from?"


pytestmark = pytest.mark.usefixtures("impatient")


def refusal(status: int, code: int, text: str = "refused") -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason=text, headers={})
    return discord.HTTPException(response, {"code": code, "message": text})


class Refusing:
    """Refuses requests of one kind while `on`, and counts them."""

    def __init__(self, method: str, ending: str, status: int, code: int) -> None:
        self.on, self.times = True, 0
        self._kind, self._answer = (method, ending), (status, code)

    async def __call__(self, request: Request, perform: Perform) -> Any:
        method, ending = self._kind
        if self.on and request.method == method and request.path.endswith(ending):
            self.times += 1
            raise refusal(*self._answer)
        return await perform()


def test_every_code_has_one_meaning() -> None:
    kinds = (_OURS, _PASSING, _FINAL)
    assert frozenset.union(*kinds) == set(Code)
    assert not any(a & b for a, b in itertools.combinations(kinds, 2))


@pytest.mark.parametrize(
    ("status", "code", "meaning", "trouble"),
    [
        (400, 160006, Meaning.PASSING, False),
        (400, 160007, Meaning.PASSING, False),
        (403, 50013, Meaning.PASSING, False),
        (400, 30003, Meaning.PASSING, False),
        (429, 30046, Meaning.PASSING, False),
        (429, 0, Meaning.PASSING, True),
        (408, 0, Meaning.PASSING, True),
        (503, 0, Meaning.PASSING, True),
        (500, 50035, Meaning.PASSING, True),
        (400, 50035, Meaning.OURS, False),
        (400, 999999, Meaning.OURS, False),
        (400, 160002, Meaning.PASSING, False),
        (403, 400001, Meaning.PASSING, False),
        (403, 40333, Meaning.PASSING, False),
        (400, 50110, Meaning.FINAL, False),
        (400, 40094, Meaning.OURS, False),
        (403, 999999, Meaning.PASSING, False),
        (404, 10003, Meaning.FINAL, False),
        (404, 999999, Meaning.FINAL, False),
    ],
)
def test_meanings(status: int, code: int, meaning: Meaning, *, trouble: bool) -> None:
    assert meaning_of(refusal(status, code)) is meaning
    assert is_trouble(refusal(status, code)) is trouble


def test_a_mistake_of_ours_is_none_of_discords() -> None:
    assert meaning_of(ValueError("a time without a time zone")) is None


def test_reasons_are_told_by_their_own_codes() -> None:
    t = texts_for("en")
    for reason in (discord_problem, discord_refusal):
        assert "active threads" in reason(refusal(400, 160006), t)
        assert "active threads" not in reason(refusal(400, 30033), t)
    assert "on our side" in discord_refusal(refusal(400, 50035), t)
    assert "*Read Message History*" in discord_refusal(refusal(400, 160002), t)


@pytest.mark.parametrize("code", sorted(Code))
def test_what_was_recorded_means_what_was_refused(code: Code) -> None:
    """A failure is read from the outbox in the sense in which it was met, and without its code."""
    met = refusal(400, code)
    assert meaning_in(said_of(met)) is meaning_of(met)
    assert code_in(said_of(met)) == code
    words = refusal_in_words(said_of(met), texts_for("en"))
    assert words.endswith(".")
    assert str(int(code)) not in words
    if meaning_of(met) is Meaning.OURS:
        assert "on our side" in words


def test_what_discord_did_not_answer_is_tried_again() -> None:
    t = texts_for("en")
    later = "Discord can't do this right now. I'll try again."
    assert refusal_in_words(said_of(TimeoutError("5 s")), t) == later
    assert refusal_in_words(said_of(refusal(503, 0)), t) == later
    assert refusal_in_words("The question channel is gone.", t) == "The question channel is gone."


@on_sqlite
async def test_too_many_active_threads(
    env: simcord.Env, server: Server, db: Database, alice: simcord.MemberActor
) -> None:
    """The reason is told, the card and its vote emoji are there where they can be, and the thread
    follows as soon as another one goes to rest."""
    other = await server.ask(alice, "How do I sleep after a night shift?")
    full = Refusing("POST", "/threads", 400, 160006)
    with intercepted(env, full):
        reply = await server.try_to_ask(alice, TITLE)
        assert "Discord's limit for active threads" in told(reply)
        if server.kind == "text":
            new = next(c for c in server.cards() if c.post_id != other.post_id)
            assert len(new.message.reactions) == 2
        else:
            assert "saved as #2" in told(reply)
        await hours_pass(env, 30)
        assert len(server.threads()) == 1
        assert full.times < 60, "pauses grow"
        full.on = False
        await archive(env, other.thread)
        await env.advance_time(1)
        assert len([t for t in server.threads() if t.name == TITLE]) == 1
    assert await publishing.failures_of(db) == []


@on_sqlite
@in_a_text_channel
async def test_a_refused_emoji_keeps_neither_pin_nor_thread_away(
    env: simcord.Env,
    server: Server,
    wire: Wire,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    wire.fail("PUT", "*/reactions/*", Failure.FORBIDDEN, times=None)
    question = await server.ask(alice, TITLE)
    assert question.thread.name == TITLE
    answer = await server.answer(bob, question, "They come from people who ask a lot here.")
    await server.choose(alice, answer)
    assert answer.pinned


@on_sqlite
@in_a_forum
async def test_a_permission_that_is_given_is_noticed(
    env: simcord.Env,
    server: Server,
    wire: Wire,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    """No `/setup` is needed; meanwhile moderators read of it in their queue."""
    wire.fail("PUT", "*/reactions/*", Failure.FORBIDDEN, times=None)
    question = await server.ask(alice, TITLE)
    await hours_pass(env, 2)
    queue = await moderator.slash(server.lounge, "queue")
    assert "#1: Discord says I'm missing a permission there" in told(queue)
    assert "trying again" in told(queue)
    wire.mend()
    set_permissions(env, server.channel, bot_user_id(env), add_reactions=True)
    await env.settle()
    assert len(question.message.reactions) == 2
    queue = await moderator.slash(server.lounge, "queue")
    assert sentence(queue) == "Nothing waits."


def role_changed(guild: discord.Guild) -> tuple[object, ...]:
    before = copy.copy(guild.default_role)
    before._permissions = 0
    return "guild_role_update", before, guild.default_role


# What Discord tells when something changes that may lift a refusal.
CHANGES: dict[str, Callable[[discord.Guild], tuple[object, ...]]] = {
    "a role": role_changed,
    "a role less": lambda guild: ("guild_role_delete", guild.default_role),
    "the bot's own roles": lambda guild: ("member_update", guild.me, guild.me),
    "the server": lambda guild: ("guild_update", guild, guild),
    "a channel": lambda guild: ("guild_channel_update", guild.forums[0], guild.forums[0]),
    "a new channel": lambda guild: ("guild_channel_create", guild.forums[0]),
}


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("what", CHANGES)
async def test_any_change_of_permissions_retries_at_once(
    env: simcord.Env,
    server: Server,
    db: Database,
    wire: Wire,
    alice: simcord.MemberActor,
    what: str,
) -> None:
    """After hours of growing pauses, the next attempt comes at once."""
    wire.fail("PUT", "*/reactions/*", Failure.FORBIDDEN, times=None)
    question = await server.ask(alice, TITLE)
    await hours_pass(env, 3)
    wire.mend()
    due = await next_due(db)
    assert due is not None
    assert due > discord.utils.utcnow() + timedelta(seconds=2)
    assert not question.message.reactions, "its pause is not over yet"
    guild = env.bot.get_guild(server.guild.id)
    assert guild is not None
    event, *told_of = CHANGES[what](guild)
    with as_the_bot(env):
        env.bot.dispatch(str(event), *told_of)
    await env.settle()
    await env.advance_time(1)
    assert len(question.message.reactions) == 2


@on_sqlite
@in_a_forum
async def test_what_is_refused_for_good_is_given_up_and_told_to_moderators(
    env: simcord.Env,
    server: Server,
    wire: Wire,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    wire.fail("PUT", "*/reactions/*", Failure.UNKNOWN_EMOJI, times=None)
    await server.ask(alice, TITLE)
    await hours_pass(env, 2)
    tried = wire.sprung
    await hours_pass(env, 24)
    assert wire.sprung == tried
    queue = told(await moderator.slash(server.lounge, "queue"))
    assert "#1: The emoji no longer exists. (gave up)" in queue


@on_sqlite
@in_a_forum
async def test_a_malformed_request_is_a_mistake_of_ours(
    server: Server,
    wire: Wire,
    alice: simcord.MemberActor,
    logged_errors: list[logging.LogRecord],
) -> None:
    wire.fail("POST", "*/threads", Failure.INVALID, times=None)
    reply = await server.try_to_ask(alice, TITLE)
    assert "saved as #1" in told(reply)
    assert "on our side" in told(reply)
    (logged,) = logged_errors
    logged_errors.clear()
    assert logged.exc_info
    assert wire.sprung == 1


@on_sqlite
@in_a_forum
async def test_our_own_errors_are_no_forged_ids(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    logged_errors: list[logging.LogRecord],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr("bot.usecases.browsing.leaderboard", broken)
    reply = await alice.slash(server.lounge, "leaderboard")
    assert "went wrong on our side" in told(reply)
    (logged,) = logged_errors
    logged_errors.clear()
    assert logged.exc_info
    forgive(env, Exception)


class WithoutEmbeds:
    """Leaves the embeds out of messages while `on`, as Discord does without Embed Links."""

    def __init__(self) -> None:
        self.on = True

    async def __call__(self, request: Request, perform: Perform) -> Any:
        body = request.body
        if self.on and isinstance(body, dict) and request.path.startswith("/channels/"):
            for message in (body, body.get("message") or {}):
                if message.get("embeds"):
                    message["embeds"] = []
        return await perform()


@on_sqlite
async def test_a_card_that_shows_nothing_is_not_shown(
    env: simcord.Env, server: Server, db: Database, alice: simcord.MemberActor
) -> None:
    silent = WithoutEmbeds()
    set_permissions(env, server.channel, bot_user_id(env), embed_links=False)
    with intercepted(env, silent):
        reply = await server.try_to_ask(alice, TITLE)
        assert ": *Embed Links*" in told(reply)
        await hours_pass(env, 3)
        (card,) = server.cards()
        assert card.message.embeds == []
        assert card.thread.name == TITLE
        (failure,) = await publishing.failures_of(db)
        assert "Embed Links" in failure.error
        silent.on = False
        set_permissions(env, server.channel, bot_user_id(env), embed_links=True)
        await env.settle()
    (card,) = server.cards()
    assert card.title == TITLE
    assert await publishing.failures_of(db) == []


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("hours", [2, 0.5])
async def test_a_clock_that_is_set_back_holds_no_edit_up(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    monkeypatch: pytest.MonkeyPatch,
    hours: float,
) -> None:
    question = await server.ask(alice, TITLE)
    answer = await server.answer(bob, question, "They come from people who ask a lot here.")
    await carol.react(answer.message, "⬆️")  # its card was edited a moment ago: this is put off
    await alice.react(answer.message, "⬆️")
    right = discord.utils.utcnow
    monkeypatch.setattr(discord.utils, "utcnow", lambda: right() - timedelta(hours=hours))
    await env.advance_time(6)
    assert "+2 votes" in answer.text()


@on_sqlite
@in_a_forum
async def test_a_lost_question_is_found_by_its_controls(
    env: simcord.Env, server: Server, wire: Wire, alice: simcord.MemberActor
) -> None:
    """Not by its title, which is another one by the time it is looked for."""
    first = await server.ask(alice, "How do I sleep after an early shift?")
    wire.fail("POST", "*/threads", Failure.LOST)
    wire.fail("GET", "*", Failure.UNAVAILABLE, times=2)
    await server.try_to_ask(alice, TITLE)
    shown = await alice.slash(server.lounge, "edit", post="#2")
    await alice.submit_modal(shown, filled(shown) | {"title": "Where do they come from?"})
    wire.mend()
    seen = len(wire.seen)
    await env.advance_time(120)
    assert len(server.threads()) == 2
    looked_at = [r.path for r in wire.seen[seen:] if r.method == "GET"]
    known = f"/channels/{first.channel_id}/messages/{first.message_id}"
    assert known not in looked_at, "it is another question's"
    assert {card.title for card in server.cards()} == {
        "How do I sleep after an early shift?",
        "Where do they come from?",
    }
