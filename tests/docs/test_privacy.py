"""`docs/privacy.md` names every column that holds something of a person."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from bot import backing_up
from bot.domain import appeals, audit
from bot.usecases import consenting, leaving, mailing, refusing, removing
from data import drafts
from data.models import Base

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
_ROW = re.compile(
    r"^\| `(?P<table>\w+)` \| (?P<columns>[^|]+) \| [^|]+ \| (?P<until>[^|]+) \|$", re.MULTILINE
)

# Of servers, of the forum's order, and of what the bot shows: nothing in these is a person's. What
# stands beside a person's id in a row, and says something of them, is on the page.
OF_NOBODY: Final = {
    "anonymous_slots": "guild_id",
    "appeals": "id guild_id about post_id decision alone channel_id message_id shown times",
    "attachment_pieces": "post_id position number",
    "attachments": "post_id position guild_id kept",
    "audit": "id guild_id post_id",
    "blocks": "guild_id",
    "bonuses": "id guild_id",
    "categories": (
        "id guild_id parent_id name name_key emoji description position forum_tag_id channel_id"
        " ask_role_id created_at"
    ),
    "claims": "guild_id kind key",
    "consents": "message_id guild_id channel_id until shown_id ended",
    "continuations": "post_id position guild_id message_id shown",
    "counted_posts": "post_id guild_id home_id",
    "deflections": "guild_id day times",
    "draft_file_pieces": "file_id number",
    "draft_files": "id guild_id kept",
    "drafts": "id guild_id",
    "duty": "guild_id",
    "erasing": "guild_id",
    "erasures": "guild_id",
    "flags": "post_id guild_id counts",
    "follows": "guild_id",
    "guilds": "id settings last_number absences created_at left_at erasing unsealing_from",
    "hints": "guild_id",
    "hourly_counts": "guild_id",
    "inbox_marks": "guild_id",
    "ledger": "post_id reason guild_id points",
    "members": "guild_id",
    "moderators_messages": "guild_id name channel_id message_id shown times",
    "names": "guild_id",
    "notices": "id guild_id post_id",
    "outbox": "kind key guild_id revision priority attempts due_at created_at failed refused",
    "personas": "guild_id question_number",
    "places": (
        "post_id guild_id channel_id message_id thread_id home_id pinned shown compared"
    ),
    "post_blocks": "guild_id",
    "post_tags": "guild_id post_id",
    "post_texts": "post_id guild_id",
    "posts": (
        "id guild_id kind status number sub_number question_id parent_id category_id up_votes"
        " down_votes score answer_count comment_count repliers last_sub_number best_answer_id"
        " version close_reason duplicate_of duplicate_linked unanswered_told_at from_message"
    ),
    "preferences": "guild_id",
    "presences": "guild_id",
    "moderators": "guild_id",
    "receipts": "id guild_id",
    "refreshes": "guild_id cause about after_id asked_at",
    "refused_votes": "guild_id",
    "removals": "post_id guild_id chosen_at erase_at erased",
    "report_cards": (
        "post_id guild_id waiting reported_at decision hidden_for channel_id message_id shown times"
    ),
    "revisions": "post_id number guild_id",
    "round_ups": "guild_id due_at changed_at channel_id tried_at",
    "signs": (
        "kind key guild_id what channel_id reply_to post_id until ended home_id shown_in shown_id"
        " shown pinned"
    ),
    "sweep_posts": "sweep_id post_id guild_id position",
    "sweeps": "id guild_id kind audit_id",
    "tag_synonyms": "guild_id tag target",
    "title_words": "guild_id post_id weight",
    "unseal_requests": "post_id guild_id channel_id message_id shown times",
    "upkeep": "name value",
    "uncounted_posts": "guild_id post_id",
    "unwanted_reactions": "id post_id guild_id",
    "votes": "post_id guild_id",
    "waiting": "guild_id",
    "word_keys": "guild_id",
    "written_words": "guild_id home_id posts",
}  # fmt: skip
NO_MODEL: Final = {"post_words"}  # each database stores it in its own way


QUESTIONS: Final = (
    "Where is what I wrote at night, and when is it gone?",
    "Who can see that it was me?",
    "How do I get everything deleted, and what stays?",
    "I left the server. What then?",
)
_FROM_HERE: Final = "**From here on, this page is for people who run the bot, or check it.**"


def test_the_page_begins_with_the_questions_of_members() -> None:
    members, others = PAGE.split(_FROM_HERE)
    headings = re.findall(r"^## (.+)$", members, re.MULTILINE)
    assert headings == [*QUESTIONS, "At a glance"]
    first = members[: members.index("\n## ")]
    assert tuple(re.findall(r"^- \[(.+)\]\(#", first, re.MULTILINE)) == QUESTIONS
    assert "## Every column that holds something of a person" in others


def test_members_read_short_sentences() -> None:
    members, _ = PAGE.split(_FROM_HERE)
    blocks = re.split(r"\n\n|\n(?=- |#)", members)
    texts = [" ".join(each.split()) for each in blocks if not each.startswith("|")]
    for text in texts:
        for sentence in re.split(r"(?<=[.:?!])\W* ", text):
            assert len(sentence.split()) <= 25, sentence


def told() -> dict[str, set[str]]:
    """The columns on the page, by table."""
    found: dict[str, set[str]] = {}
    for row in _ROW.finditer(PAGE):
        columns = re.findall(r"`(\w+)`", row["columns"])
        assert not found.get(row["table"], set()) & set(columns), "a column is on the page twice"
        found.setdefault(row["table"], set()).update(columns)
    return found


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_each_column_is_on_the_page_or_of_nobody(table: str) -> None:
    columns = {column.name for column in Base.metadata.tables[table].columns}
    of_persons, of_nobody = told().get(table, set()), set(OF_NOBODY.get(table, "").split())
    assert not of_persons & of_nobody
    assert of_persons | of_nobody == columns


def test_no_table_is_told_of_that_is_not_there() -> None:
    assert set(told()) - NO_MODEL <= set(Base.metadata.tables)
    assert set(OF_NOBODY) <= set(Base.metadata.tables)


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_an_id_of_a_person_or_their_words_are_never_of_nobody(table: str) -> None:
    """A name that can only mean a person, whatever the list above says."""
    persons = re.compile(r"^(user|voter|author|actor|subject|member|person|writer|asker)_id$|_by$")
    words = {"body", "title", "words", "values", "said", "reason_text", "close_note", "content"}
    for name in OF_NOBODY.get(table, "").split():
        assert not persons.search(name), name
        assert name not in words, name


def _until(table: str, column: str) -> str:
    (until,) = (
        row["until"]
        for row in _ROW.finditer(PAGE)
        if row["table"] == table and f"`{column}`" in row["columns"]
    )
    return until


def test_the_times_are_those_of_the_code() -> None:
    assert f"{drafts.DRAFTS_KEPT.days} days" in _until("drafts", "values")
    assert f"{mailing.KEPT.days} days" in _until("notices", "kind")
    assert f"posts': {mailing.SEALED_KEPT.days})" in _until("notices", "kind")
    assert f"{refusing.LASTS.days} days" in _until("refused_votes", "reason")
    assert f"{appeals.WORDS_KEPT.days} days" in _until("appeals", "words")
    assert consenting.LASTS.days == 1
    assert "a day" in _until("consents", "said")
    assert audit.KEPT.days == appeals.KEPT.days == 365
    assert "a year" in _until("audit", "before")
    assert f"{leaving.KEPT.days} days after you left" in _until("names", "name")
    assert f"after {removing.GRACE.days} days" in PAGE
    days = removing.GRACE.days + backing_up.KEPT_FOR.days
    assert f"after at most {days} days it should be gone everywhere" in PAGE.replace("\n", " ")
