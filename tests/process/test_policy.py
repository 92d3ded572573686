"""`askwell policy`: the documents that an owner adopts, and what the command refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from bot.cli import _parser
from bot.domain.actors import Actor
from bot.domain.rules import SETTINGS, Rules
from bot.i18n import texts_for
from bot.policy import PRIVACY, RISKS, TERMS, Forum, documents_of
from bot.usecases import guilds
from bot.usecases.personas import MemberSeal
from cogs.ui.policy import Circumstances, policy_sections
from cogs.ui.setting_titles import setting_title
from data import personas
from data.database import Database
from data.types import EPOCH
from tests.process.running import ROOT, ran
from tests.support.databases import Databases
from tests.support.keys import SEALING

GUILD = 123456789012345678
NAMES = (PRIVACY, TERMS, RISKS)
DAY = date(2026, 11, 28)
ID = "123456789012345678"
# What a setting makes the risk assessment say: settings, what it says with them and without.
ASSESSED: Final[list[tuple[dict[str, str], str, str]]] = [
    ({"helplines": "116 123"}, "gets this server's helplines", "**No helplines are set**"),
    (
        {"moderators_channel": ID},
        "Reports are cards in the moderators' channel.",
        "reports wait in `/queue` and under the bell.",
    ),
    ({"moderators_channel": ID}, "**No role for reports is set**", "so a worry calls nobody"),
    (
        {"moderators_channel": ID, "report_role": ID},
        "or the role for reports where nobody is.",
        "so a worry calls nobody",
    ),
    ({"unanswered_hours": "5"}, "whoever is on `/duty` once, after 5 hours.", "after 24 hours."),
    ({"unanswered_hours": "0"}, "Nobody is called for a question that waits", "after 24 hours."),
    ({"helper_role": ID}, "`/duty`, or the helper role once", "whoever is on `/duty` once"),
    ({"blocked_words": "cure"}, "that this server blocks go back", "No words are blocked"),
    (
        {"blocked_words": "cure", "blocked_words_do": "hold"},
        "that this server blocks wait until a moderator approves",
        "No words are blocked",
    ),
    (
        {"blocked_words": "cure", "blocked_words_do": "flag"},
        "that this server blocks are reported",
        "No words are blocked",
    ),
    ({"flags_to_hide": "0"}, "Reports alone hide nothing", "5 reports hide a post"),
    ({"flags_to_hide": "1"}, "1 report hides a post", "5 reports hide a post"),
    ({"report_account_days": "9"}, "from accounts of 9 days or more", "of 7 days or more"),
    ({"report_member_days": "9"}, "memberships of 9 days or more", "memberships of 1 day or more"),
    ({"hold_points": "50"}, "first posts wait until a moderator", "first posts appear at once"),
    ({"hold_days": "5"}, "first posts wait until a moderator", "first posts appear at once"),
    ({"anonymous": "on"}, "Members can post anonymously", "**no new posts are anonymous**"),
    ({"anonymous": "on"}, "on an anonymous post keeps its author", "no new posts are anonymous"),
    ({"anonymous": "on"}, "is in neither the database nor its backups", "no new posts are anonym"),
    ({"anonymous": "on"}, "**Two who agree to abuse that can.**", "no new posts are anonymous"),
    (
        {"anonymous": "on", "anonymous_delay": "10"},
        "after a random time of at most 10 minutes.",
        "no new posts are anonymous",
    ),
    (
        {"anonymous": "on", "anonymous_delay": "0"},
        "**whoever sees who is online may guess**",
        "no new posts are anonymous",
    ),
    (
        {"anonymous": "on", "unsealing": "off"},
        "No moderators can see who wrote an anonymous post",
        "no new posts are anonymous",
    ),
    ({"voting": "private"}, "Votes are private", "Discord shows who voted with a reaction."),
    ({"downvotes": "off"}, "Downvotes are off.", "Downvotes are on"),
    ({"min_account_days": "9"}, "Votes need an account of 9 days", "New accounts can vote at once"),
    ({"min_member_days": "9"}, "a membership of 9 days.", "New accounts can vote at once"),
    ({"limit.questions": "3"}, "can ask 3 questions", "can ask 10 questions"),
    ({"limit.answers": "3"}, "post 3 answers an hour", "post 25 answers an hour"),
    ({"limit.reports": "3"}, "send 3 reports", "send 10 reports"),
    ({"duty_hours": "5"}, "Duty ends by itself after 5 hours.", "after 12 hours."),
    ({"duty_hours": "0"}, "Duty doesn't end by itself.", "after 12 hours."),
]


def documents(
    settings: Mapping[str, str], contact: str = "", *, sealed: bool = False
) -> Mapping[str, str]:
    forum = Forum(Rules.of(settings), contact, on_postgresql=False, day=DAY, sealed=sealed)
    return documents_of(forum)


@pytest.mark.parametrize(("settings", "with_it", "without"), ASSESSED)
def test_the_assessment_says_what_is_set(
    settings: dict[str, str], with_it: str, without: str
) -> None:
    assert with_it in documents(settings)[RISKS]
    assert with_it not in documents({})[RISKS]
    assert without not in documents(settings)[RISKS]
    assert without in documents({})[RISKS]


def test_no_other_setting_changes_the_assessment() -> None:
    other = {"on": "off", "off": "on", "public": "private", "refuse": "hold"}
    changing = set[str]()
    for each in SETTINGS.values():
        base = {"blocked_words": "cure"} if each.name == "blocked_words_do" else {}
        base |= {"moderators_channel": ID} if each.name == "report_role" else {}
        base |= {"anonymous": "on"} if each.name in ("anonymous_delay", "unsealing") else {}
        changed = {**base, each.name: other.get(each.default, "6")}
        if each.name != "locale" and documents(changed)[RISKS] != documents(base)[RISKS]:
            changing.add(each.name)
    assert changing == {name for settings, _, _ in ASSESSED for name in settings}


@pytest.mark.parametrize("locale", ["en", "de"])
def test_the_privacy_policy_says_what_members_read_in_discord(locale: str) -> None:
    settings = {"locale": locale, "helplines": "116 123", "hold_days": "2"}
    text, t = documents(settings)[PRIVACY], texts_for(locale)
    about = Circumstances(Rules.of(settings), "", on_postgresql=False, command=lambda n: f"`/{n}`")
    for section in policy_sections(about, t):
        assert f"## {section.title}\n" in text
        assert all(f"- {line}" in text for line in section.lines if line)


def test_terms_have_the_helplines_and_how_posts_are_moderated() -> None:
    with_some = documents({"helplines": "116 123\n112", "flags_to_hide": "0"})[TERMS]
    assert "Helplines\n\n> 116 123\n> 112\n" in with_some
    assert "can hide a post" not in with_some
    assert "Helplines" not in documents({})[TERMS]
    assert "5 reports can hide a post until a moderator checks it." in documents({})[TERMS]


def test_terms_tell_of_anonymous_posts_where_there_are_some() -> None:
    for settings, told in (
        ({}, (False, False)),
        ({"anonymous": "on"}, (True, True)),
        ({"anonymous": "on", "unsealing": "off"}, (True, False)),
    ):
        text = documents(settings)[TERMS]
        assert ("You can post anonymously." in text) is told[0]
        assert ("Two moderators together can see who wrote" in text) is told[1]


def test_earlier_anonymous_posts_are_told_of_where_there_are_no_new_ones() -> None:
    text, before = documents({}, sealed=True), documents({})
    assert "Earlier anonymous posts stay so." in text[TERMS]
    assert "You can post anonymously." not in text[TERMS]
    assert "Two moderators together can see who wrote" in text[TERMS]
    off = documents({"unsealing": "off"}, sealed=True)
    assert "Two moderators together can see who wrote" not in off[TERMS] + off[RISKS]
    assert "No moderators can see who wrote an anonymous post" in off[RISKS]
    for sentence in (
        "Earlier ones are. No member and no moderator alone can see who it was.",
        "Who has both the key of anonymous posts and the database: [FILL IN]",
        "is sealed with a key that is in neither the database nor its backups.",
        "Two moderators together can see who wrote an anonymous post",
    ):
        assert sentence in text[RISKS]
        assert sentence not in before[RISKS]
    assert "no new posts are anonymous" in text[RISKS]
    assert "New posts can't be anonymous now." in text[PRIVACY]


@pytest.mark.parametrize("name", NAMES)
def test_each_says_that_it_is_no_legal_advice_and_has_blanks_or_the_contact(name: str) -> None:
    assert "It isn't legal advice" in documents({})[name]
    assert "[FILL IN: " in documents({})[name]
    assert "reached]" in documents({})[name]
    named = documents({}, "privacy@harbour.example")[name]
    assert "privacy@harbour.example" in named
    assert "reached]" not in named


@pytest.mark.parametrize("name", NAMES)
def test_settings_that_are_named_exist(name: str) -> None:
    titles = {setting_title(each, texts_for("en")) for each in SETTINGS}
    text = documents({})[name] + documents({"anonymous": "on"})[name]
    named = re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", text)
    assert set(named) - titles <= {"I'm worried about this person", "Pass"}


def test_commands_of_the_command_line_that_are_named_exist() -> None:
    named = {
        found for text in documents({}).values() for found in re.findall(r"`askwell (\w+)", text)
    }
    assert named
    help_ = _parser().format_help()
    assert all(re.search(rf"^    {name} ", help_, re.MULTILINE) for name in named)


def test_the_command_of_the_page_for_owners_is_one() -> None:
    page = (ROOT / "docs" / "owners.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^askwell (policy .+)$", page, re.MULTILINE)
    chosen = _parser().parse_args(line.split())
    assert (chosen.folder, chosen.guild, chosen.force) == (Path("drafts"), GUILD, False)
    assert all(f"| `{name}` |" in page for name in NAMES)


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
async def home(tmp_path: Path, databases: Databases) -> Path:
    """A folder with a database at the default place, and in it a server that speaks German."""
    db = Database(databases.new("sqlite"))
    await db.open()
    manager = Actor(GUILD, 1, is_manager=True)
    for name, value in {"locale": "de", "helplines": "116 123", "voting": "private"}.items():
        await guilds.change_setting(db, manager, name, value, now=EPOCH)
    await db.close()
    assert db.path is not None
    (tmp_path / "var").mkdir()
    db.path.rename(tmp_path / "var" / "askwell.sqlite3")
    return tmp_path


async def test_without_a_server_it_is_of_the_defaults(tmp_path: Path) -> None:
    ended = await ran(tmp_path, "policy")
    assert (ended.code, ended.err) == (0, "")
    assert "They are drafts and no legal advice" in ended.out
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(NAMES)
    assert "If you vote with a reaction" in (tmp_path / PRIVACY).read_text()


async def test_with_a_server_it_is_of_its_settings(home: Path) -> None:
    env = {"OPERATOR_CONTACT": "privacy@harbour.example"}
    ended = await ran(home, "policy", "out", "--guild", str(GUILD), env=env)
    assert (ended.code, ended.err) == (0, "")
    privacy = (home / "out" / PRIVACY).read_text()
    assert "Deine Stimmen sind privat" in privacy
    assert "Fragen zu deinen Daten: privacy@harbour.example" in privacy
    assert "gets this server's helplines" in (home / "out" / RISKS).read_text()
    assert "> 116 123" in (home / "out" / TERMS).read_text()


async def test_who_wrote_anonymously_before_is_told_of(home: Path) -> None:
    terms, said = home / "out" / TERMS, "Frühere anonyme Beiträge bleiben anonym."
    assert (await ran(home, "policy", "out", "--guild", str(GUILD))).code == 0
    assert said not in terms.read_text()
    db = Database(f"sqlite+aiosqlite:///{home / 'var' / 'askwell.sqlite3'}")
    await db.open()
    async with db.write() as tx:
        await personas.begin_sealing(tx, GUILD, MemberSeal(SEALING, GUILD, 7))
    await db.close()
    assert (await ran(home, "policy", "out", "--force", "--guild", str(GUILD))).code == 0
    assert said in terms.read_text()


async def test_what_is_there_is_kept_unless_it_is_forced(tmp_path: Path) -> None:
    (tmp_path / TERMS).write_text("filled in")
    refused = await ran(tmp_path, "policy")
    assert (refused.code, refused.out) == (78, "")
    assert "terms.md in .: there already" in refused.err
    assert (tmp_path / TERMS).read_text() == "filled in"
    assert not (tmp_path / PRIVACY).exists()
    assert (await ran(tmp_path, "policy", "--force")).code == 0
    assert "filled in" not in (tmp_path / TERMS).read_text()
    assert not list(tmp_path.glob("*.part"))


async def test_what_can_not_be_written_is_named(home: Path) -> None:
    (home / "file").write_text("")
    for env, arguments, why in (
        ({}, ("--guild", "987654321098765432"), "The database has no server 987654321098765432."),
        (
            {"DATABASE_URL": "sqlite:///new.sqlite3"},
            ("--guild", str(GUILD)),
            "There is no database",
        ),
        ({}, ("file",), "file can't be written"),
        ({"OPERATOR_CONTACT": "a" * 201}, (), "OPERATOR_CONTACT: must be one line of at most 200"),
    ):
        ended = await ran(home, "policy", *arguments, env=env)
        assert (ended.code, ended.out) == (78, ""), ended.err
        assert why in ended.err
    assert not (home / "new.sqlite3").exists()
    assert not (home / PRIVACY).exists()
