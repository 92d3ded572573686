"""Hostile texts through every form: shown without doing harm, or refused and given back.

Everything the bot draws is drawn of each of 250, and each goes through one form in the simulated
Discord and into one command. `HOSTILE_TEXTS=all` takes a thousand, each through all of the forms:
a quarter of an hour.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import discord
import pytest
import simcord

from bot.domain.queries import QUERY_MAX
from bot.domain.typed import characters
from bot.i18n import texts_for
from cogs.ui.cards import card_embeds, comment_text, further_embeds
from tests.cogs.conftest import Configure
from tests.cogs.interaction.test_structure import leaves, synced
from tests.support.drawing import GUILD, Drawn, cards_of, drawn, thread_names
from tests.support.forgery import send_form
from tests.support.harm import (
    assert_harmless,
    harm_in,
    harm_in_comment,
    harm_in_embed,
    harm_in_lines,
    harm_in_text,
    trying,
)
from tests.support.hostile import hostile_texts
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.replies import buttons, filled, open_again, post_mine
from tests.support.server import Card, Server, told

TEXTS = hostile_texts(1000)
EVERYTHING = os.environ.get("HOSTILE_TEXTS") == "all"
TRIED = TEXTS if EVERYTHING else TEXTS[::4]


def harm_of(shown: Drawn) -> Iterator[str]:
    """What is wrong with something the bot draws."""
    if isinstance(shown, discord.Embed):
        yield from harm_in_embed(dict(shown.to_dict()), GUILD)
    elif isinstance(shown, discord.ui.Modal):
        yield from harm_in("POST", "/interactions/1/x/callback", _opened(shown), GUILD)
    else:
        yield from harm_in_text(shown, GUILD)


def _opened(form: discord.ui.Modal) -> dict[str, object]:
    return {"type": 9, "data": form.to_dict()}


def test_a_thousand_texts_that_differ() -> None:
    assert len(set(TEXTS)) == 1000
    assert hostile_texts(1000) == TEXTS


def test_everything_drawn_of_them_is_harmless() -> None:
    found: list[str] = []
    for i in range(0, len(TRIED), 10):
        for what, shown in drawn(TRIED[i : i + 10]):
            found += [f"{what}: {harm} (texts {i} to {i + 9})" for harm in harm_of(shown)]
    assert not found, "\n".join([str(len(found)), *found[:40]])


def test_their_cards_keep_their_parts_together() -> None:
    t, found = texts_for("en"), []
    for text in TRIED:
        for what, card in cards_of(text):
            embeds = card_embeds(card, t)
            shown = [*embeds, *further_embeds(card, t)]
            harm = [harm for each in shown for harm in harm_in_embed(dict(each.to_dict()), GUILD)]
            for each in shown:  # of a post nothing works even in blocks of code
                harm += harm_in_text(each.description or "", GUILD, code=False)
            harm += [harm for each in embeds for harm in harm_in_lines(each)]
            if (comment := comment_text(card, t)) is not None:
                harm += harm_in_comment(comment, GUILD)
            found += [f"{what}: {each} ({text!r:.200})" for each in harm]
        for name in thread_names(text):
            if not 1 <= len(name.strip()) <= 100:
                found.append(f"a thread called {name!r}")
    assert not found, "\n".join([str(len(found)), *found[:40]])


# --- in the simulated Discord --------------------------------------------------------------------

Reply = simcord.InteractionResult
TEXT = 3  # the kind of option that takes any text


def private(reply: Reply) -> str:
    """What a person is told privately, whatever it repeats of what they typed."""
    assert reply.acknowledged, "nothing was answered"
    assert reply.response is not None, "a form was opened, nothing was said"
    text = told(reply)
    assert reply.response.ephemeral, f"everybody can read: {text}"
    assert text.strip(), "the answer is empty"
    assert "on our side" not in text, "the bot has failed"
    return text


@dataclass
class Visit:
    """People who send a text through a form; the question they do it at changes now and then, as
    a thread with a thousand answers would take long."""

    server: Server
    alice: simcord.MemberActor
    bob: simcord.MemberActor
    moderator: simcord.MemberActor
    owner: simcord.MemberActor
    question: Card
    answer: Card
    comment: Card
    visits: int = 0

    async def elsewhere(self) -> None:
        """Go to a new question with an answer and a comment."""
        self.visits += 1
        title = f"What helps against waking up early, part {self.visits}?"
        self.question = await self.server.ask(self.alice, title)
        self.answer = await self.server.answer(self.bob, self.question, "Dark curtains, I believe.")
        self.comment = await self.server.comment(self.bob, self.answer, "Or a mask.")

    # Forms: each gives back all that was typed into them.

    async def ask(self, text: str) -> None:
        typed = {"title": text[:150], "details": text, "tags": text[:180]}
        sent = await send_form(self._m, self._here, "qa:1:ask.form", typed)
        await self._posts(await post_mine(self._m, sent), typed)

    async def reply(self, text: str) -> None:
        form = f"qa:1:answer.form:{self.question.post_id}"
        typed = {"answer": text}
        await self._posts(await send_form(self._m, self._here, form, typed), typed)

    async def remark(self, text: str) -> None:
        form = f"qa:1:comment.form:{self.answer.post_id}"
        typed = {"comment": text[:600]}
        await self._posts(await send_form(self._m, self._here, form, typed), typed)

    async def edit_question(self, text: str) -> None:
        typed = {"title": text[:150], "details": text, "tags": text[:180], "reason": text[:200]}
        await self._edits(self.question, typed)

    async def edit_answer(self, text: str) -> None:
        await self._edits(self.answer, {"answer": text, "reason": text[:200]})

    async def edit_comment(self, text: str) -> None:
        await self._edits(self.comment, {"comment": text[:600], "reason": text[:200]})

    async def report(self, text: str) -> None:
        # One reports a post once, so it is somebody else every time.
        self.visits += 1
        user = self.server.env.create_user(f"reporter{self.visits}")
        person = self.server.guild.add_member(user)
        form = f"qa:1:report.form:{self.question.post_id}"
        typed = {"reason": text[:200]}
        await self._refused(person, await send_form(person, self._here, form, typed), typed)
        private(await self._m.slash(self._here, "queue"))

    async def welcome(self, text: str) -> None:
        typed = {"value": text[:1500]}
        reply = await send_form(self.owner, self._here, "qa:1:settings.form:welcome", typed)
        await self._refused(self.owner, reply, typed)
        private(await self.owner.slash(self._here, "help"))
        private(await self.owner.slash(self._here, "settings show"))

    # Commands that take a text.

    async def post_as_answer(self, text: str) -> None:
        if not text[:2000].strip():
            return  # Discord sends no empty message
        message = await self.bob.send(self.question.thread, text[:2000])
        private(await self._m.context_menu(self.question.thread, "Post as answer", message))

    async def close(self, text: str) -> None:
        number = self._number()
        private(
            await self._m.slash(
                self._here, "close", reason="other", question=number, note=text[:200]
            )
        )
        assert_harmless(self.question)
        private(await self._m.slash(self._here, "reopen", question=number))

    async def search(self, text: str) -> None:
        private(await self._m.slash(self._here, "search", query=text[:QUERY_MAX], tag=text[:60]))
        private(await self._m.slash(self._here, "search", query=f"{text[:80]} sleep"))
        private(await self._m.slash(self._here, "questions", tag=text[:60]))

    async def ask_again(self, text: str) -> None:
        shown = await self._m.slash(self._here, "ask", title=text[:150])
        if shown.modal is None:
            private(shown)

    @property
    def _here(self) -> simcord.ChannelHandle:
        return self.server.lounge

    @property
    def _m(self) -> simcord.MemberActor:
        return self.moderator

    def _number(self) -> str:
        found = re.search(r"#\d+", self.question.small_line)
        assert found is not None
        return found[0]

    async def _posts(self, reply: Reply, typed: dict[str, str]) -> None:
        if await self._refused(self._m, reply, typed):
            return
        (link,) = buttons(reply).values()
        message_id = int(link.rsplit("/", 1)[1])
        (card,) = [card for card in self.server.cards() if card.message_id == message_id]
        assert_harmless(card)

    async def _edits(self, card: Card, typed: dict[str, str]) -> None:
        menu = await self._m.click(card.message, custom_id=card.control("more"))
        assert menu.response is not None
        form = await self._m.click(menu.response, label="Edit")
        assert form.modal is not None, told(form)
        sent = await send_form(self._m, self._here, form.modal["custom_id"], typed)
        await self._refused(self._m, sent, typed)
        assert_harmless(card)

    async def _refused(
        self, person: simcord.MemberActor, reply: Reply, typed: dict[str, str]
    ) -> bool:
        """Whether a form was refused; then it comes back with all that was typed."""
        private(reply)
        if "Open the form again" not in buttons(reply):
            return False
        again = filled(await open_again(person, reply))
        for name, text in typed.items():
            wanted = characters(text)
            assert again[name] in (wanted, wanted.replace("\n", " "))
        return True


FORMS: tuple[Callable[[Visit, str], Awaitable[None]], ...] = (
    Visit.ask,
    Visit.reply,
    Visit.remark,
    Visit.edit_question,
    Visit.edit_answer,
    Visit.edit_comment,
    Visit.report,
    Visit.welcome,
    Visit.post_as_answer,
    Visit.close,
    Visit.search,
    Visit.ask_again,
)


@pytest.fixture
async def visit(
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    owner: simcord.MemberActor,
    configure: Configure,
) -> Visit:
    for action in ("questions", "answers", "comments", "reports"):
        await configure(f"limit.{action}", "10000")
    await configure("flags_to_hide", "0")
    await configure("voting", "private")  # without reactions there is less to wait for
    comment = await server.comment(bob, answer, "Or a mask.")
    return Visit(server, alice, bob, moderator, owner, question, answer, comment)


def harm_done(env: simcord.Env, guild_id: int, since: int) -> list[str]:
    """What is wrong with what the bot has sent."""
    return [
        f"{request.method} {request.path}: {harm}"
        for request in env.http_requests[since:]
        for harm in harm_in(request.method, request.path, request.json, guild_id)
    ]


@pytest.mark.timeout(3600)  # enough for all forms
@on_sqlite
@in_a_forum
async def test_through_forms_they_are_shown_or_given_back(env: simcord.Env, visit: Visit) -> None:
    began, sent = len(env.http_requests), 0
    for i, text in enumerate(TRIED):
        for form in FORMS if EVERYTHING else (FORMS[i % len(FORMS)],):
            if sent % 20 == 0:
                await visit.elsewhere()
            sent += 1
            with trying(f"{form.__name__}, text {i}: {text[:200]}"):
                await form(visit, text)
    found = harm_done(env, visit.server.guild.id, began)
    assert not found, "\n".join([str(len(found)), *found[:40]])


@on_sqlite
@in_a_text_channel
async def test_categories_are_called_by_them(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, owner: simcord.MemberActor
) -> None:
    began, lounge = len(env.http_requests), server.lounge
    for i, text in enumerate(TRIED[::8]):
        name, about = text[:20], text[-100:]
        with trying(f"text {i}: {text[:200]}"):
            private(await owner.slash(lounge, "category add", name=name, description=about))
            private(await alice.slash(lounge, "categories"))
            assert (await alice.slash(lounge, "ask")).modal is not None
            private(await owner.slash(lounge, "category change", category=name, name=about[:20]))
            private(await owner.slash(lounge, "category list"))
            for each in await owner.autocomplete(lounge, "category remove", "category", ""):
                if each["name"] != "General":
                    await owner.slash(lounge, "category remove", category=each["value"])
    found = harm_done(env, server.guild.id, began)
    assert not found, "\n".join([str(len(found)), *found[:40]])


# --- whatever takes a text, also what is yet to come ---------------------------------------------


def options(env: simcord.Env) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every option of a command that takes a text: path, what Discord knows of the command, and of
    the option."""
    for command in synced(env):
        if command.get("type", 1) != 1:
            continue
        for path, leaf in leaves(command):
            for option in leaf.get("options") or ():
                if option["type"] == TEXT and not option.get("choices"):
                    yield path, leaf, option


@on_sqlite
@in_a_forum
async def test_no_option_of_a_command_lets_them_through(
    env: simcord.Env, visit: Visit, moderators: simcord.RoleHandle
) -> None:
    began, known = len(env.http_requests), list(options(env))
    assert len(known) > 20
    for i, text in enumerate(TRIED):
        path, leaf, option = known[i % len(known)]
        values: dict[str, Any] = {}
        for each in leaf["options"]:
            if each.get("required") and each.get("choices"):
                values[each["name"]] = each["choices"][0]["value"]
            elif each is option or (each.get("required") and each["type"] == TEXT):
                values[each["name"]] = text[: each.get("max_length", 6000)]
            elif each.get("required"):
                values[each["name"]] = {6: visit.alice, 8: moderators}.get(each["type"], 1)
        with trying(f"/{path} {option['name']}, text {i}: {text[:200]}"):
            shown = await visit.owner.slash(visit.server.lounge, path, **values)
            assert shown.modal is not None or private(shown)
            if option.get("autocomplete"):
                lounge, name = visit.server.lounge, option["name"]
                await visit.owner.autocomplete(lounge, path, name, text[:100])
    found = harm_done(env, visit.server.guild.id, began)
    assert not found, "\n".join([str(len(found)), *found[:40]])
