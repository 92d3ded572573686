"""`/privacy policy`: each sentence is true for the settings as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

import pytest
import simcord

from bot.backing_up import KEPT_FOR
from bot.domain import appeals, audit
from bot.domain.rules import SETTINGS, Rules
from bot.i18n import LOCALES, texts_for
from bot.policy import Forum, documents_of
from cogs.ui.policy import Circumstances, contact_text, policy_embed, policy_sections
from tests.cogs.conftest import Configure
from tests.support.commands import leaves, synced
from tests.support.kinds import on_sqlite
from tests.support.server import Server, told

EN = texts_for("en")
CHANNEL = "123456789012345678"
# Where a setting changes what is said: a value of it (with others that it needs), and what is said
# with that value alone.
SAID: Final = [
    ({"anonymous": "on"}, "**Anonymous posts** have a made-up name."),
    ({"anonymous": "on"}, "**Who wrote an anonymous post:** until you have it erased"),
    ({"anonymous": "on"}, "Two moderators together can see it. You're told if they do."),
    ({"anonymous": "on", "unsealing": "off"}, "Two moderators together can't see it either."),
    ({"unname_left": "on"}, "From then on, your posts are by “Deleted member”."),
    (
        {"voting": "private"},
        "**Your votes are private:** Askwell shows how many there are, not whose.",
    ),
    ({"voting": "public"}, "If you vote with a reaction, Discord shows that it's yours."),
    ({"offers": "on"}, "If you reply to a card, Askwell reads that to offer posting it."),
    ({"roundup_channel": CHANNEL}, "A weekly summary can name you"),
    ({"hold_points": "50"}, "First posts by new members wait until a moderator approves them."),
    ({"hold_days": "3"}, "First posts by new members wait until a moderator approves them."),
    ({"flags_to_hide": "7"}, "7 reports can hide a post until a moderator checks it."),
    ({"helplines": "116 123"}, "you get this server's helplines in your inbox."),
    ({"blocked_words": "cure"}, "blocks go back to their author."),
    ({"blocked_words": "cure", "blocked_words_do": "hold"}, "blocks wait until a moderator"),
    (
        {"blocked_words": "cure", "blocked_words_do": "flag"},
        "blocks are reported to the moderators.",
    ),
    ({"min_account_days": "1"}, "how old your account and your membership are"),
    ({"min_member_days": "1"}, "how old your account and your membership are"),
    ({"report_account_days": "1"}, "how old your account and your membership are"),
    ({"report_member_days": "1"}, "how old your account and your membership are"),
    ({"hold_days": "1"}, "how old your account and your membership are"),
]
# All of that off.
OFF: Final = {
    "offers": "off",
    "flags_to_hide": "0",
    "report_account_days": "0",
    "report_member_days": "0",
}
ALL: Final = {
    "hold_points": "1000000",
    "hold_days": "3650",
    "flags_to_hide": "1000",
    "helplines": "x",
    "blocked_words": "y",
    "blocked_words_do": "hold",
    "roundup_channel": CHANNEL,
    "unname_left": "on",
    "anonymous": "on",
}


def circumstances(
    settings: Mapping[str, str], contact: str = "Ask me.", *, on_postgresql: bool = False
) -> Circumstances:
    return Circumstances(Rules.of(settings), contact, on_postgresql, lambda name: f"`/{name}`")


def said(settings: Mapping[str, str], *, on_postgresql: bool = False, sealed: bool = False) -> str:
    """All sentences for some settings."""
    about = replace(circumstances(settings, on_postgresql=on_postgresql), sealed=sealed)
    return "\n".join(line for section in policy_sections(about, EN) for line in section.lines)


@pytest.mark.parametrize(("settings", "sentence"), SAID)
def test_what_a_setting_does_is_said_where_it_is_on_alone(
    settings: dict[str, str], sentence: str
) -> None:
    off = {**OFF, "voting": "private" if settings == {"voting": "public"} else "public"}
    assert sentence in said({**off, **settings})
    if settings.get("blocked_words_do") is None:
        assert sentence not in said(off)
    else:
        assert sentence not in said({**off, "blocked_words": "cure"})


def test_no_other_setting_changes_what_is_said() -> None:
    """A setting of which a sentence is made is in the table above."""
    other = {"on": "off", "off": "on", "public": "private", "refuse": "hold", "": "1", "0": "3"}
    changing = set[str]()
    for each in SETTINGS.values():
        if each.name == "locale":  # it is about cards
            continue
        base = {"blocked_words": "cure"} if each.name == "blocked_words_do" else {}
        base |= {"anonymous": "on"} if each.name == "unsealing" else {}
        values = {OFF.get(each.name, each.default), each.default, other.get(each.default, "4")}
        if len({said({**OFF, **base, each.name: value}) for value in values}) > 1:
            changing.add(each.name)
    assert changing == {name for settings, _ in SAID for name in settings}


def test_the_files_of_postgresql_are_told_of_where_it_is_used() -> None:
    sentence = "The database server's own files can hold erased data until it cleans them up."
    assert sentence in said({}, on_postgresql=True)
    assert sentence not in said({})


@pytest.mark.parametrize("unsealing", ["on", "off"])
def test_what_is_sealed_is_told_of_also_where_no_new_posts_are_anonymous(unsealing: str) -> None:
    off, on = {"unsealing": unsealing}, {"unsealing": unsealing, "anonymous": "on"}
    no_more = " New posts can't be anonymous now."
    assert said(on) == said(on, sealed=True) == said(off, sealed=True).replace(no_more, "")
    assert no_more in said(off, sealed=True)
    assert "nonymous" not in said(off)


def test_what_goes_when_a_member_leaves_or_the_bot_is_removed_is_said() -> None:
    assert "preferences, drafts and inbox go after 30 days. Your posts stay." in said({})
    assert "removed from this server:** everything goes after 30 days." in said({})
    about = replace(circumstances({}), removed_days=7)
    lines = [line for section in policy_sections(about, EN) for line in section.lines]
    assert "**If the bot is removed from this server:** everything goes after 7 days." in lines


def test_the_times_are_those_of_the_code() -> None:
    assert f"the day it must go, {KEPT_FOR.days} days later" in said({})
    assert audit.KEPT.days == appeals.KEPT.days == 365
    assert "that you appealed: a year" in said({})


@pytest.mark.parametrize("anonymous", ["on", "off"])
@pytest.mark.parametrize("locale", LOCALES)
def test_it_fits_into_what_discord_takes(locale: str, anonymous: str) -> None:
    t = texts_for(locale)
    contact = contact_text("*" * 200, None, t)
    about = circumstances({**ALL, "anonymous": anonymous}, contact, on_postgresql=True)
    longest = replace(about, sealed=True, command=lambda name: f"</{name}:{CHANNEL}9>")
    embed = policy_embed(longest, "_" * 100, t)
    assert len(embed) <= 6000
    assert len(embed.title or "") <= 256
    assert all(field.value and len(field.value) <= 1024 for field in embed.fields)
    lines = [line for section in policy_sections(longest, t) for line in section.lines]
    assert [f"- {line}" for line in lines] == [
        line for field in embed.fields for line in (field.value or "").split("\n")
    ]


@pytest.mark.parametrize(
    ("contact", "owner_id", "sentence"),
    [
        ("privacy@harbour.example", 7, "Questions about your data: privacy@harbour.example"),
        (
            "https://harbour.example/a_b_c",
            7,
            "Questions about your data: https://harbour.example/a_b_c",
        ),
        ("**me**", 7, r"Questions about your data: \*\*me\*\*"),
        ("", 7, "Questions about your data? Ask <@7>, who owns this server."),
        ("", None, "Questions about your data? Ask the owner of this server."),
    ],
)
def test_whom_to_ask(contact: str, owner_id: int | None, sentence: str) -> None:
    assert contact_text(contact, owner_id, EN) == sentence


@on_sqlite
async def test_members_read_what_holds_in_their_server(
    server: Server, alice: simcord.MemberActor, owner: simcord.MemberActor, configure: Configure
) -> None:
    said_first = told(await alice.slash(server.lounge, "privacy policy"))
    assert "Your privacy in" in said_first
    assert f"Ask <@{owner.id}>, who owns this server." in said_first
    assert re.search(r"</privacy erase:\d+>", said_first)
    assert "5 reports can hide a post" in said_first
    await configure("flags_to_hide", "0")
    assert "can hide a post" not in told(await alice.slash(server.lounge, "privacy policy"))


@on_sqlite
def test_each_command_that_is_named_exists(env: simcord.Env) -> None:
    known = {name for command in synced(env) for name, _ in leaves(command)}
    everything = {**ALL, "voting": "private"}
    for settings in ({}, everything):
        about = Forum(Rules.of(settings), "", on_postgresql=True, day=date(2026, 11, 28))
        for file, text in documents_of(about).items():
            named = set(re.findall(r"`/([a-z ]+)`", text))
            assert named, file
            assert named <= known | {name.split()[0] for name in known}, file
