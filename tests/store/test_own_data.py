"""A member's own data: all of it, and nothing of others."""

from __future__ import annotations

import json

import pytest

from bot.domain.actors import Actor
from bot.i18n import texts_for
from bot.usecases import forgetting, own_data
from cogs.ui.own_data import LARGEST, files_of, html_of, json_of
from tests.store.forum import Forum
from tests.store.test_forgetting import NAME, NOOR, WORDS, everything_of, persons

# Whose columns hold others' acts, or what passes within minutes.
NOT_OWN = {
    "outbox": "what is about to be sent is in the inbox as well",
    "unwanted_reactions": "minutes",
    "signs": "a passing message",
    "hourly_counts": "how often within an hour",
    "claims": "an hour",
    "sweeps": "the same act is in the audit log",
    "report_cards": "the same act is in the audit log",
    "post_blocks": "whom a moderator blocked is in the audit log",
    "unseal_requests": "what a moderator asked is in the audit log",
}


@pytest.fixture
def noor(forum: Forum) -> Actor:
    """Who asks for her data."""
    return forum.member(NOOR, name=NAME, is_moderator=True)


async def test_everything_of_theirs_is_in_it(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await everything_of(forum, noor, alice, bob)
    data = await own_data.own_data(forum.db, forum.guild_id, NOOR, now=forum.now)
    sections = set(data) - {"version", "server", "member", "written at"}
    assert len(sections) == 23
    assert [each["post"] for each in data["posts"]] == ["#2", "#1.2", "#1.3"]
    (question, answer, _comment) = data["posts"]
    assert (question["title"], question["tags"]) == (f"What did {WORDS} mean?", WORDS.lower())
    (before,) = answer["earlier versions"]
    assert before["body"] == f"Ask {WORDS} about it."
    assert answer["files"] == [f"{WORDS}.png"]
    assert {each["post"] for each in data["votes"]} == {"#1", "#1.1"}
    assert data["reports"][0]["reason"] == f"{WORDS} again"
    assert data["name"] == [{"name": NAME, "avatar": "a_0123"}] or data["name"][0]["name"] == NAME
    assert data["appeals"][0]["words"] == WORDS
    assert data["drafts"][0]["values"] == {"title": f"{WORDS} and me"}


async def test_nothing_of_others_is_in_it(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await everything_of(forum, noor, alice, bob)
    data = await own_data.own_data(forum.db, forum.guild_id, NOOR, now=forum.now)
    said = json_of(data).decode()
    for words in ("sleep at night", "Walk in the evening", "It meant that it was late"):
        assert words not in said
    assert "Member 1" not in said


def test_no_table_is_left_out() -> None:
    """A table with an id of members is in it, or there is a reason."""
    tables = {name.split(".")[0] for name in persons()}
    query_of = {
        column.table.name
        for query in own_data.own.queries(1, 2).values()
        for column in query.selected_columns
        if hasattr(column, "table")
    }
    assert tables - query_of - set(NOT_OWN) == {"posts", "revisions"} - query_of


async def test_it_is_empty_after_an_erasure(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await everything_of(forum, noor, alice, bob)
    await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=False, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, NOOR, sealing=None, now=forum.now)
    data = await own_data.own_data(forum.db, forum.guild_id, NOOR, now=forum.now)
    assert set(data) == {"version", "server", "member", "written at"}


async def test_it_is_read_in_portions(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await everything_of(forum, noor, alice, bob)
    whole = await own_data.own_data(forum.db, forum.guild_id, NOOR, now=forum.now)
    monkeypatch.setattr(own_data, "_POSTS", 1)
    monkeypatch.setattr(own_data.own, "PORTION", 1)
    assert await own_data.own_data(forum.db, forum.guild_id, NOOR, now=forum.now) == whole


def test_a_page_does_nothing_that_was_typed() -> None:
    data = {"written at": "now", "posts": [{"post": "#1", "body": "<script>alert(1)</script>"}]}
    page = html_of(data, "<b>", texts_for("en")).decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;b&gt;" in page


def test_large_data_is_packed() -> None:
    data = {"written at": "now", "posts": [{"post": "#1", "body": "x" * LARGEST}]}
    (packed,) = files_of(data, "Home", texts_for("en"))
    assert packed.filename == "askwell-data.zip"
    two = files_of({"written at": "now"}, "Home", texts_for("en"))
    assert [each.filename for each in two] == ["askwell-data.json", "askwell-data.html"]
    assert json.loads(two[0].fp.read()) == {"written at": "now"}
