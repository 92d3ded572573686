"""How members' names are stored and shown, so that none has any effect."""

from __future__ import annotations

import re

import pytest

from bot.domain.names import NAME_MAX, avatar_address, plain_name, readable_name, show_name
from cogs.ui.people import person, person_to_judge
from tests.support.harm import harm_in_text
from tests.support.hostile import hostile_texts

FAMILY = "👩\u200d👩\u200d👧\u200d👦"
UNSEEN = (
    "",
    "  ",
    "\u200b",
    "\u200b\u2060\ufeff",
    "\u3164\u2800",
    "\u0301",
    "\u202e",
    "\U000e0041",
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Noor", "Noor"),
        ("noor_k", "noor\\_k"),
        ("@everyone", "@\u200beveryone"),
        ("@HERE", "@\u200bHERE"),
        ("<@1>", "<\u200b@1>"),
        ("<:hi:123456789012345678>", "<\u200b:hi:123456789012345678>"),
        ("[x](https://evil.example)", "(x)(https: //evil.example)"),
        ("https://evil.example", "https: //evil.example"),
        ("||boo||", "\\|\\|boo\\|\\|"),
        ("|||", "\\|\\|\\|"),
        ("**bold** `code`", "\\*\\*bold\\*\\* \\`code\\`"),
        ("-# small", "\\\u200b-# small"),
        ("# big", "\\# big"),
        ("two\nlines\r\u2028more", "two lines more"),
        ("\u202eroon", "roon"),
        ("Z" + "\u0301" * 40, "Z" + "\u0301" * 4),
        ("نور", "نور"),
        ("😴" * 32, "😴" * 32),
    ],
)
def test_a_name_is_shown_as_plain_text(name: str, shown: str) -> None:
    assert show_name(name) == shown


@pytest.mark.parametrize("name", UNSEEN)
def test_an_unreadable_name_is_not_kept(name: str) -> None:
    assert readable_name(name) == ""
    assert show_name(name) == ""
    assert readable_name(name, None, "noor") == "noor"
    assert person(7, name) == "<@7>"
    assert person_to_judge(7, name) == "<@7>"


def test_the_first_name_that_can_be_read_is_kept() -> None:
    assert readable_name("Nights", "Noor", "noor") == "Nights"
    assert readable_name("\u200b", "Noor", "noor") == "Noor"


@pytest.mark.parametrize("name", ["x" * 4000, FAMILY * 32, "ab " * 400, "\x00\ud83d" + "y" * 99])
def test_no_name_is_long(name: str) -> None:
    kept = readable_name(name)
    assert 0 < len(kept) <= NAME_MAX
    assert len(person(7, name)) < 200
    kept.encode()  # half a character can't be stored


def test_a_name_leads_to_the_profile_and_moderators_have_the_mention_beside_it() -> None:
    assert person(7, "Noor") == "[Noor](https://discord.com/users/7)"
    assert person_to_judge(7, "Noor") == "Noor <@7>"


def test_a_right_to_left_name_does_not_reverse_figures() -> None:
    assert person(7, "نور").endswith("](https://discord.com/users/7)\u200e")
    assert person_to_judge(7, "נור") == "נור\u200e <@7>"


def test_hostile_names_have_no_effect() -> None:
    found: list[str] = []
    for text in hostile_texts(600):
        name = text[:32]
        shown = person(7, readable_name(name))
        if shown != "<@7>" and not re.fullmatch(
            r"\[[^\[\]\n]+\]\(https://discord\.com/users/7\)\u200e?", shown
        ):
            found.append(f"{name!r}: {shown!r}")
        harm = harm_in_text(show_name(name), 1, code=False)
        found += [f"{name!r}: {each}" for each in harm]
    assert not found, "\n".join(found[:20])


@pytest.mark.parametrize(
    ("stored", "address"),
    [
        ("0a1b2c", "https://cdn.discordapp.com/avatars/80351110224678912/0a1b2c.png?size=64"),
        ("a_0a1b", "https://cdn.discordapp.com/avatars/80351110224678912/a_0a1b.png?size=64"),
        (
            "s/0a1b2c",
            "https://cdn.discordapp.com/guilds/7/users/80351110224678912/avatars/0a1b2c.png?size=64",
        ),
        ("-", "https://cdn.discordapp.com/embed/avatars/5.png"),
        ("", ""),
        ("../../0a1b", ""),
        ("0a1b?x", ""),
    ],
)
def test_where_an_avatar_is(stored: str, address: str) -> None:
    assert avatar_address(7, 80351110224678912, stored) == address


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Noor", "Noor"),
        ("Noor · 9.9k points · Expert", "Noor 9.9k points Expert"),
        ("**Noor**", "**Noor**"),
        ("\u202eroon", "roon"),
        ("\u200b", ""),
    ],
)
def test_a_name_among_facts_looks_like_no_fact(name: str, shown: str) -> None:
    assert plain_name(name) == shown
