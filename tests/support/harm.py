"""An independent check that a text of `tests.support.hostile` has no effect in what the bot says.

It reads messages as Discord's clients would, without using the bot's own code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import discord
from simcord.components import walk_components

from bot.domain.typed import readable_length
from tests.support.hostile import CHANNEL, COMMAND, HOST, PERSON, ROLE
from tests.support.limits import limit_problems
from tests.support.replies import pings
from tests.support.server import Card

# Discord's markdown: blocks of code, masked links, mentions, small print.
_CODE = re.compile(r"```(?:[a-z0-9_+\-.#]+?\n)?\n*[^\n][\s\S]*?\n*```", re.IGNORECASE)
_LINK = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\([\s\ufeff]*<?((?:https?|discord)\\?:[^\s)>]*)",
    re.IGNORECASE,
)
_MENTION = re.compile(
    rf"<(?:@[!&]?|#)(?:{PERSON}|{ROLE}|{CHANNEL})|</[^<>\n]*:{COMMAND}|<id:", re.IGNORECASE
)
_SMALL_PRINT = re.compile(r"^(?:[ \t>]|[-*+][ \t]|\d+[.)][ \t])*-#[ \t]", re.MULTILINE)
_UNRULY = re.compile(
    r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\x00-\x08\x0b-\x1f\u2028\u2029]"
)
_TOWER = re.compile(
    r"[\u0300-\u036f\u0483-\u0489\u1ab0\u20d0-\u20ff]{7}"
)  # decomposed: é has one of its own
_LAST_LINE = re.compile(
    r"((\+|−)?\d+ votes? · )?(\d+ answers? · )?([^·\n]+ · )?#\d+(\.\d+)?( · #\S+( #\S+)*)?"
    r"( · posted by [^·\n]+)?( · edited( by [^·\n]+)?)?"
)
_PERSON = r"(?:<@\d+>|\[[^\[\]\n]+\]\(https://discord\.com/users/\d+\)\u200e?)"
_FIRST_LINE = re.compile(
    rf"-# {_PERSON} · [\d.]+k? points? · #\d+\.\d+( · edited( by [^·\n]+)?)?", re.MULTILINE
)
_AUTHOR_LINE = re.compile(r"[^·\n]+ · [\d.]+k? points?( · [^·\n]+)?")
_NOBODY = ({"parse": []}, {"parse": [], "replied_user": False})  # whom a message may call
_EVERYBODY = re.compile(r"@(?:everyone|here)", re.IGNORECASE)
# Discord shows a box with a button for an invitation, unless its address stands in brackets.
_INVITATION = re.compile(
    r"(?<!<https://)(?<!<http://)discord(?:app)?\.(?:gg|com/invite)/", re.IGNORECASE
)
_OURS = "https://discord.com/channels/"
_PROFILE = re.compile(rf"https://discord\.com/users/(?!{PERSON})\d+")
# Stands behind a name that is written from right to left, and keeps the line the right way round.
_TURNED_BACK = re.compile(
    r"(?P<link>\]\(https://discord\.com/users/\d+\))\u200e|\u200e(?= <@\d| · |\Z)"
)
_TEMPLATES = (
    (re.compile(r"/channels/\d+/messages"), "/channels/{channel_id}/messages"),
    (re.compile(r"/channels/\d+/messages/\d+"), "/channels/{channel_id}/messages/{message_id}"),
    (re.compile(r"/channels/\d+/threads"), "/channels/{channel_id}/threads"),
    (re.compile(r"/webhooks/\d+/\S+"), "/webhooks/{webhook_id}/{webhook_token}"),
    (re.compile(r"/interactions/\S+/callback"), "/interactions/{id}/{token}/callback"),
)
_SIZES = {"title": 256, "description": 4096, "name": 256, "value": 1024, "text": 2048}
_PARTS = {"label": 100, "description": 100, "placeholder": 150, "custom_id": 100, "title": 45}


def harm_in(method: str, path: str, body: Any, guild_id: int) -> Iterator[str]:
    """What is wrong with a request of the bot's: it pings, misleads, breaks out or is refused."""
    if not isinstance(body, dict):
        return
    for pattern, template in _TEMPLATES:
        if pattern.fullmatch(path):
            yield from (f"{at}: {what}" for at, what in limit_problems(method, template, body))
    data: Any = body.get("data") or body
    if body.get("type") == 9:
        yield from _form(data)
        return
    for choice in data.get("choices") or ():
        if not 1 <= len(choice["name"].strip()) <= 100:
            yield f"a choice called {choice['name']!r}"
    message = data.get("message") or data
    name = data.get("name", "x") if "/threads" in path or method == "PATCH" else "x"
    if not 1 <= len(name) <= 100 or not readable_length(name) or "\n" in name:
        yield f"a thread called {name!r}"
    if message.get("content") or message.get("embeds"):
        if message.get("allowed_mentions") not in _NOBODY:
            yield f"it may call: {message.get('allowed_mentions')}"
        yield from harm_in_message(message, guild_id)


def harm_in_message(message: dict[str, Any], guild_id: int) -> Iterator[str]:
    """What is wrong with a message's content, embeds and components."""
    first, _, text = content = (message.get("content") or "").partition("\n")
    # A comment begins with a small line of ours.
    yield from harm_in_text(text if _FIRST_LINE.fullmatch(first) else "".join(content), guild_id)
    embeds: list[Any] = message.get("embeds") or []
    for embed in embeds:
        yield from harm_in_embed(embed, guild_id)
    yield from _sizes(message.get("components") or [])


def harm_in_embed(embed: dict[str, Any], guild_id: int) -> Iterator[str]:
    """What is wrong with one embed."""
    fields: list[Any] = embed.get("fields") or []
    plain = [embed.get("footer") or {}, embed.get("author") or {}]  # no markup works there
    parts = [embed, *fields, *plain]
    for part in parts:
        for name, most in _SIZES.items():
            text = part.get(name)
            if not isinstance(text, str):
                continue
            if len(text) > most or not text.strip():
                yield f"{name} has {len(text)} characters"
            yield from harm_in_characters(text) if part in plain else harm_in_text(text, guild_id)
    if len(fields) > 25:
        yield f"{len(fields)} fields"
    if sum(len(p.get(n) or "") for p in parts for n in _SIZES if isinstance(p.get(n), str)) > 6000:
        yield "more than 6,000 characters"


def harm_in_characters(text: str) -> Iterator[str]:
    """Forbidden effects of single characters, anywhere in a text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        yield "half a character"
    if _UNRULY.search(_TURNED_BACK.sub(r"\g<link>", text)):
        yield "characters that turn or end a line"
    if _TOWER.search(unicodedata.normalize("NFD", text)):
        yield "marks upon marks"


def harm_in_text(text: str, guild_id: int, *, code: bool = True) -> Iterator[str]:
    """Forbidden effects of a text. With `code`, code blocks have no effect."""
    yield from harm_in_characters(text)
    if text.count("```") % 2:
        yield "a block of code that does not end"
    if code:
        text = _CODE.sub("", text)
    if found := _MENTION.search(text):
        yield f"a mention: {found[0]}"
    if _SMALL_PRINT.search(text):
        yield "small print"
    for label, target in _LINK.findall(text):
        if not (target.startswith(f"{_OURS}{guild_id}/") or _PROFILE.fullmatch(target)):
            yield f"a link that hides where it leads: {target[:100]}"
        if HOST in target or "://" in label or not readable_length(label):
            yield f"a link that says something else: [{label[:100]}]({target[:100]})"
    whole = re.findall(rf"\[[^\[\]\n]+\]\({_OURS}{guild_id}/\d+/\d+\)", text)
    if text.count(f"]({_OURS}{guild_id}") != len(whole):
        yield "a link of ours that is cut or broken"


def _form(data: dict[str, Any]) -> Iterator[str]:
    if len(data["title"]) > 45:
        yield f"a form called {data['title']!r}"
    yield from _sizes(data["components"])


def _sizes(components: list[Any]) -> Iterator[str]:
    for part in walk_components(components):
        for each in (part, *(part.get("options") or ())):
            for name, most in _PARTS.items():
                text = each.get(name)
                if isinstance(text, str) and (len(text) > most or not text.strip()):
                    yield f"{name} of {len(text)} characters"
        value = part.get("value")
        if isinstance(value, str) and re.search(r"[\x00-\x08\ud800-\udfff\r]", value):
            yield "a field filled with what can't be typed"


@contextmanager
def trying(name: str) -> Iterator[None]:
    """In the block, one of many texts is tried; a failure names it."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"with the text {name!r}")
        raise


def assert_harmless(card: Card) -> None:
    """A card calls nobody, hides nothing, and keeps its own parts together."""
    assert pings(card.message) == []
    if card.kind == "comment":
        assert card.message.flags.suppress_embeds, "addresses are previewed"
        found = list(harm_in_comment(card.message.content, card.guild.id))
        assert not found, found
        return
    for embed in card.message.embeds:
        found = list(harm_in_embed(dict(embed.to_dict()), card.guild.id))
        # Nothing works even in blocks of code: Discord's clients don't agree where one ends.
        found += harm_in_text(embed.description or "", card.guild.id, code=False)
        assert not found, found
    found = list(harm_in_lines(card.message.embeds[0]))
    assert not found, found


def harm_in_lines(embed: discord.Embed) -> Iterator[str]:
    """What is wrong with a card's own lines, which say what they always say: the person first, the
    facts last."""
    first, last = embed.author.name or "", embed.footer.text or ""
    if not _AUTHOR_LINE.fullmatch(first):
        yield f"the first line says {first!r}"
    if not _LAST_LINE.fullmatch(last):
        yield f"the last line says {last!r}"


def harm_in_comment(content: str, guild_id: int) -> Iterator[str]:
    """What is wrong with a comment's message, which stands outside a box."""
    first, _, text = content.partition("\n")
    if not _FIRST_LINE.fullmatch(first):
        yield f"the first line says {first!r}"
    if len(content) > 2000 or not text.strip():
        yield f"a message of {len(content)} characters"
    yield from harm_in_characters(first)
    yield from harm_in_text(text, guild_id, code=False)
    if _EVERYBODY.search(content):
        yield "it names everybody"
    if found := _INVITATION.search(text):
        yield f"an invitation: {found[0]}"
