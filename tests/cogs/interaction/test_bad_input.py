"""Any input in a form is shown safely, or refused and given back."""

from __future__ import annotations

import logging
import re

import pytest
import simcord

from bot.domain.text import show_line
from bot.domain.typed import readable_length
from data.database import Database
from tests.support.forgery import send_form
from tests.support.harm import assert_harmless, harm_in_embed, trying
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import filled, open_again, post_mine, sentence
from tests.support.server import Card, Server, told
from tests.support.unreachable import unreachable

TITLE = "How do I sleep after a night shift?"

UNSEEN = {
    "nothing": "",
    "spaces": " " * 30,
    "line breaks": "\n" * 30,
    "zero width spaces": "\u200b" * 30,
    "Hangul fillers": "\u3164" * 30,
    "blank Braille": "\u2800" * 30,
    "direction marks": "\u202e\u2067\u200f" * 10,
    "combining marks": "\u0301" * 30,
    "control characters": "\x00\x07\x1b" * 10,
    "soft hyphens": "\u00ad" * 30,
    "tag characters": "\U000e0041" * 30,
    "variation selectors": "\ufe0f" * 30,
}

READABLE = {
    "the longest": "x" * 4000,
    "the longest of emoji": "😴" * 4000,
    "the longest of long lines": "\n".join(["y" * 99] * 40),
    "emoji only": "😴" * 20,
    "families": "👩\u200d👩\u200d👧\u200d👦" * 10,
    "mentions": "@everyone @here <@{alice}> <@!{alice}> <@&{role}> <#{channel}> <id:home> </ask:1>",
    "a masked link": "Look [here](https://evil.example/login) or [https://good.example](https://evil.example).",
    "an open code fence": "```py\nprint('it never ends')",
    "code fences": "before\n```\n@everyone [a](https://evil.example)\n```\nafter it all",
    "many fences": "``````````` and ```more``` and ```",
    "right to left": "\u202egnippilf s'taht \u2066eulav\u2069 \u200fhere, twenty letters",
    "Hebrew": "שלום, איך אפשר לישון אחרי משמרת לילה בלי וילונות כהים?",
    "zalgo": "s" + "\u0334\u0338\u0336\u0489\u0317" * 30 + "leepless in the night shift",
    "small print": "-# by @admin (6.3k points) · #1\n-# ✅ Best answer of them all",
    "headings": "# BIG\n## Less\n> quoted\n>>> quoted to the end\n* * *\n***bold***",
    "backticks": "`" * 30 + " and then some words",
    "escapes": "\\*\\_\\`\\\\ \\[x\\](y) and a backslash \\",
    "format fields": "{link} {number} {0} %s %(x)s {__class__} and so on",
    "SQL": "'; DROP TABLE posts; -- \" OR 1=1 and twenty letters",
    "NUL": "a\x00b\x00c and then twenty more letters",
    "lone surrogates": "half an emoji \ud83d and the other half \ude34",
    "custom emoji": "<:sleep:123456789012345678> <a:zzz:123456789012345678> and words",
    "a time": "<t:1700000000:R> is when I wrote all this",
    "a table": "| a | b |\n|---|---|\n| 1 | 2 | and twenty letters",
    "carriage returns": "one\r\ntwo\rthree and twenty more letters",
    "private use": "\ue000\uf8ff and twenty more letters",
    "small print in a list": "1. -# by @admin (6.3k points) · #1\n2) -# ✅ Best answer",
    "lines of Unicode's own": "one\u2028-# by @admin (6.3k points)\u2029-# ✅ Best answer",
    "small print where it is cut": "sleep -# by @admin " * 200,
    "four backticks": "````\n[a](https://evil.example)\n```` and twenty more letters",
}

TITLES = {
    "the longest": "x" * 150,
    "the longest of emoji": "How" + "😴" * 147,
    "the longest to escape": "How" + "*" * 147,
    "the longest of links": "[a](b)" * 25,
    "line breaks": "How do I\nsleep after\n\n\na night shift?",
    "an address": "How safe is https://good.example to sleep on?",
    "half a link": "How do I [sleep](https://evil.example after ] a shift?",
    "nothing to be seen at first": "\u3164\u200b\u200d" * 40 + "How do I sleep?",
    "a numbered list": "1. How do I sleep after a night shift?",
}


def assert_quiet(env: simcord.Env) -> None:
    """Nothing the bot ever sent may call anybody."""
    for entry in env.http_requests:
        body = entry.json if isinstance(entry.json, dict) else {}
        for message in (body, body.get("message")):
            if isinstance(message, dict) and message.get("embeds"):
                assert message["allowed_mentions"] == {"parse": []}, entry.path


@pytest.fixture
def readable(server: Server, alice: simcord.MemberActor) -> dict[str, str]:
    """The texts that can be read, their mentions made those of people and places that exist."""
    ids = {"alice": alice.id, "role": server.guild.default_role.id, "channel": server.channel.id}

    def filled_in(text: str) -> str:
        for name, snowflake in ids.items():
            text = text.replace(f"{{{name}}}", str(snowflake))
        return text

    return {name: filled_in(text) for name, text in READABLE.items()}


@pytest.fixture(autouse=True)
async def no_limits(server: Server, configure) -> None:
    """So many questions and answers may be posted within the hour."""
    for action in ("questions", "answers", "edits"):
        await configure(f"limit.{action}", "1000")


# --- texts that can be read ----------------------------------------------------------------------


@in_a_forum
async def test_details_are_shown_without_doing_harm(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, readable: dict[str, str]
) -> None:
    for name, text in readable.items():
        with trying(name):
            assert_harmless(await server.ask(alice, f"A question with {name}", text))
    assert_quiet(env)


@on_sqlite
@in_a_forum
async def test_answers_are_shown_without_doing_harm(
    env: simcord.Env,
    server: Server,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    readable: dict[str, str],
) -> None:
    for name, text in readable.items():
        with trying(name):
            answer = await server.answer(bob, question, text)
            assert_harmless(answer)
            # Also as the excerpt in the question's card.
            await server.choose(alice, answer)
            assert_harmless(question)
            best = question.embed.fields[0].value or ""
            *quoted, read = best.split("\n")
            assert read.startswith("[Read the answer](")
            assert len(quoted) <= 11
            assert all(line.startswith("> ") for line in quoted)
    assert_quiet(env)


@in_a_forum
async def test_titles_are_shown_without_doing_harm(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, readable: dict[str, str]
) -> None:
    short = {name: text for name, text in readable.items() if len(text) <= 150}
    for name in ("emoji only", "families"):  # a title has letters
        short[name] = f"Why {short[name]}"
    for name, title in (short | TITLES).items():
        with trying(name):
            before = {card.post_id for card in server.cards()}
            values = {"title": title, "details": "", "tags": ""}
            sent = await send_form(alice, server.lounge, "qa:1:ask.form", values)
            sentence(await post_mine(alice, sent))
            (card,) = [card for card in server.cards() if card.post_id not in before]
            assert_harmless(card)
            shown = card.embed.title or show_line(card.title)
            assert 1 <= len(shown) <= 256
            assert "\n" not in shown
            assert not re.search(r"(?<!\\)[*_`\[\]]", shown.replace("\\\\", "")), "formatting"
            assert 1 <= len((card.thread.name or "").strip()) <= 100
            assert readable_length(card.thread.name or "") > 0
            assert "\n" not in (card.thread.name or "")
            # And in lists it breaks out of no line, and out of no link.
            similar = await alice.slash(server.lounge, "ask", title=title)
            assert similar.modal is not None or similar.response is not None
            for embed in similar.response.message.embeds if similar.response else ():
                assert not list(harm_in_embed(dict(embed.to_dict()), server.guild.id))
            await alice.autocomplete(server.lounge, "answer", "question", title[:100])
    assert_quiet(env)


@on_sqlite
@in_a_forum
async def test_tags_and_reasons_are_shown_without_doing_harm(
    server: Server, alice: simcord.MemberActor, readable: dict[str, str]
) -> None:
    for name, text in readable.items():
        with trying(name):
            title, tags = f"A question with {name}", text.replace(",", "")[:30] + ", sleep"
            values = {"title": title, "details": "", "tags": tags}
            reply = await send_form(alice, server.lounge, "qa:1:ask.form", values)
            reply = await post_mine(alice, reply)
            sentence(reply)
            (card, *_) = [c for c in server.cards() if c.title == title] or [None]
            if card is None:  # refused, with the text kept
                assert filled(await open_again(alice, reply))["title"] == title
                card = await server.ask(alice, title)
            assert_harmless(card)
            values |= {"tags": "sleep, work", "reason": text[:200]}
            form = f"qa:1:edit.form:{card.post_id}:1"
            sentence(await send_form(alice, server.lounge, form, values))
            assert_harmless(card)


# --- texts that can't ----------------------------------------------------------------------------


@in_a_forum
async def test_titles_one_can_not_see(server: Server, alice: simcord.MemberActor) -> None:
    for name, text in UNSEEN.items():
        with trying(name):
            values = {"title": text, "details": "Details that took me an hour.", "tags": "sleep"}
            refused = await send_form(alice, server.lounge, "qa:1:ask.form", values)
            assert sentence(refused).startswith(
                "The title can't be empty. Enter at least 10 visible characters. Nothing you typed"
            )
            again = filled(await open_again(alice, refused))
            assert again["details"] == "Details that took me an hour."
            assert again["tags"] == "sleep"
    assert server.cards() == []


@in_a_forum
async def test_answers_one_can_not_see(
    server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    for name, text in UNSEEN.items():
        with trying(name):
            form = f"qa:1:answer.form:{question.post_id}"
            refused = await send_form(bob, server.lounge, form, {"answer": text})
            assert sentence(refused).startswith(
                "The answer can't be empty. Enter at least 20 visible characters."
            )
            if not text.strip():
                continue
            message = await bob.send(question.thread, text)
            told = await bob.context_menu(question.thread, "Post as answer", message)
            assert sentence(told).startswith("The answer can't be empty.")
    assert "0 answers" in question.text()


@in_a_forum
async def test_details_and_tags_one_can_not_see_are_none(
    server: Server, alice: simcord.MemberActor
) -> None:
    for name, text in UNSEEN.items():
        with trying(name):
            title = f"A question with {name}"
            values = {"title": title, "details": text, "tags": text}
            sent = await send_form(alice, server.lounge, "qa:1:ask.form", values)
            sentence(await post_mine(alice, sent))
            (card,) = [card for card in server.cards() if card.title == title]
            assert not card.embed.description
            assert_harmless(card)


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("welcome", ["```\nBe kind.", ">>> Be kind.", "- Be kind.\n" * 136])
async def test_a_welcome_does_not_take_in_what_follows_it(
    server: Server, alice: simcord.MemberActor, configure, welcome: str
) -> None:
    await configure("welcome", welcome)
    shown = await alice.slash(server.lounge, "help")
    assert shown.response is not None
    (embed,) = shown.response.message.embeds
    assert "Be kind." in (embed.description or "")
    assert (embed.description or "").count("```") % 2 == 0
    assert "Ask a question with" in (embed.fields[0].value or "")


@on_sqlite
@in_a_forum
async def test_an_edit_stays_within_its_block(
    server: Server, question: Card, moderator: simcord.MemberActor
) -> None:
    values = {"title": TITLE, "details": "````\nmore than three ticks\n`````", "tags": ""}
    form = f"qa:1:edit.form:{question.post_id}:1"
    sentence(await send_form(moderator, server.lounge, form, values))
    shown = await moderator.slash(question.thread, "history")
    assert shown.response is not None
    assert (shown.response.message.embeds[0].description or "").count("```") == 2


@on_sqlite
@in_a_forum
async def test_texts_longer_than_any_form_allows(
    server: Server, question: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    form = f"qa:1:answer.form:{question.post_id}"
    long = await send_form(bob, server.lounge, form, {"answer": "x" * 100_000})
    assert re.match(
        r"The answer can have at most [\d,]+ char.* You entered 100,?000\.", sentence(long)
    )

    values = {"title": "x" * 151, "details": "", "tags": ""}
    long = await send_form(alice, server.lounge, "qa:1:ask.form", values)
    assert sentence(long).startswith("The title can have at most 150 characters. You entered 151.")


@on_sqlite
@in_a_forum
async def test_a_form_sent_while_the_database_is_away(
    server: Server,
    question: Card,
    bob: simcord.MemberActor,
    db: Database,
    logged_errors: list[logging.LogRecord],
) -> None:
    form, text = f"qa:1:answer.form:{question.post_id}", "Dark curtains, and an early breakfast."
    with unreachable(db, OSError("the database is away")):
        reply = await send_form(bob, server.lounge, form, {"answer": text})
    assert told(reply).startswith(
        "Something went wrong on our side. We've logged it. Nothing you typed is lost."
    )
    assert [record.msg for record in logged_errors] == ["a form failed"]
    logged_errors.clear()
    assert filled(await open_again(bob, reply))["answer"] == text, "it is in the message itself"
    assert "0 answers" in question.text()


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("category", ["none", "999", "-1", "", "abc", "9" * 40, "٣", "1; DROP"])
async def test_a_category_no_form_offers(
    server: Server, alice: simcord.MemberActor, category: str
) -> None:
    values = {"title": TITLE, "details": "", "tags": "", "category": [category]}

    reply = sentence(await send_form(alice, server.lounge, "qa:1:ask.form", values))

    if category == "none":
        assert reply.startswith("Your question is #1")
    else:
        assert reply.startswith("Please pick a category from the list.")
