"""Tags: synonyms, merging and retagging, and that every list agrees about them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem, Refusal
from bot.domain.notices import FollowKind, NoticeKind
from bot.domain.outbox import Priority
from bot.domain.ranking import View
from bot.usecases import following, listing, reporting, revising, searching, tagging
from bot.usecases.listing import Selection
from bot.usecases.publishing import record_shown
from bot.usecases.tagging import TagForm
from data.models import Base, Post, PostTag, PostText, TagSynonym
from tests.store.faults import counted
from tests.store.forum import CHANNEL, Forum


async def lead(forum: Forum, tag: str, target: str, by: Actor | None = None) -> str:
    """A moderator makes a tag a synonym; returns what it leads to."""
    who = by or forum.manager
    made = await tagging.add_synonym(forum.db, who, tag, target, now=forum.now)
    return made.target


async def merge(forum: Forum, tag: str, into: str, by: Actor | None = None) -> int:
    """A moderator merges a tag into another, to the end; returns how many questions moved."""
    who, moved = by or forum.manager, 0
    made = await tagging.start_merge(forum.db, who, tag, into, now=forum.now)
    while some := await tagging.merge_some(forum.db, who, made.tag, now=forum.now):
        moved += some
    return moved


async def retag(forum: Forum, person: Actor, question: int, tags: str, **form: Any) -> None:
    version = form.pop("version", (await forum.card(question)).version)
    text = TagForm(version, tags, **form)
    await tagging.retag_question(forum.db, person, question, text, now=forum.now)


async def synonyms(forum: Forum) -> dict[str, str]:
    async with forum.db.read() as tx:
        query = select(TagSynonym.tag, TagSynonym.target)
        rows = await tx.rows(query.where(TagSynonym.guild_id == forum.guild_id))
    return {row[0]: row[1] for row in rows}


async def tagged(forum: Forum, tag: str) -> set[int]:
    """The questions that `/questions tag:` lists, over all pages."""
    found: set[int] = set()
    for page in range(100):
        listed = await listing.list_questions(
            forum.db,
            forum.guild_id,
            Selection(View.NEWEST, tag=tag, page=page),
            channels=[],
            reader_id=1,
        )
        found |= {line.post_id for line in listed.lines}
        if not listed.more:
            break
    return found


async def searched(forum: Forum, words: str, tag: str | None = None) -> set[int]:
    """The questions that `/search` finds, over all pages, by their numbers' rows."""
    numbers: set[str] = set()
    for page in range(100):
        wanted = searching.Search(words, tag=tag, page=page)
        found = await searching.search_posts(
            forum.db, forum.guild_id, wanted, channels=[], reader_id=1
        )
        numbers |= {each.reference for each in found.findings}
        if not found.more:
            break
    async with forum.db.read() as tx:
        rows = await tx.rows(select(Post.number, Post.id).where(Post.guild_id == forum.guild_id))
    by_number = {f"#{row[0]}": row[1] for row in rows}
    return {by_number[number] for number in numbers}


async def used(forum: Forum) -> dict[str, int]:
    """What `/tags` says, over all pages."""
    found: dict[str, int] = {}
    for page in range(100):
        tags, more = await listing.list_tags(forum.db, forum.guild_id, page=page)
        found |= dict(tags)
        if not more:
            break
    return found


class TestSynonyms:
    async def test_who_types_a_synonym_gets_the_tag(
        self, forum: Forum, alice: Actor, question: int
    ) -> None:
        await lead(forum, "Insomnia", "sleep")
        asked = await forum.ask(alice, tags="work insomnia sleep")
        assert (await forum.card(asked)).tags == ("work", "sleep")
        await forum.edit(alice, question, "I lie awake.", tags="insomnia")
        assert (await forum.card(question)).tags == ("sleep",)
        assert await tagged(forum, "insomnia") == {asked, question}
        assert await searched(forum, "thing OR shift work", tag="insomnia") == {asked, question}

    async def test_an_edit_that_only_says_the_synonym_changes_nothing(
        self, forum: Forum, alice: Actor
    ) -> None:
        await lead(forum, "insomnia", "sleep")
        asked = await forum.ask(alice, details="I lie awake.", tags="sleep")
        card = await forum.edit(alice, asked, "I lie awake.", tags="insomnia")
        assert (card.version, card.edited_by) == (1, None)

    async def test_chains_collapse(self, forum: Forum) -> None:
        assert await lead(forum, "a", "b") == "b"
        assert await lead(forum, "b", "c") == "c"
        assert await lead(forum, "d", "a") == "c"
        assert await synonyms(forum) == {"a": "c", "b": "c", "d": "c"}

    @pytest.mark.parametrize(
        ("tag", "target", "why"),
        [
            ("b", "b", Problem.SAME_TAG),
            ("b", "a", Problem.LEADS_BACK),
            ("", "b", Problem.EMPTY),
            ("a, b", "c", Problem.TOO_MANY),
            ("x" * 31, "c", Problem.TOO_LONG),
        ],
    )
    async def test_no_circles_and_just_one_tag(
        self, forum: Forum, tag: str, target: str, why: Problem
    ) -> None:
        await lead(forum, "a", "b")
        with pytest.raises(Invalid) as refused:
            await lead(forum, tag, target)
        assert refused.value.reason is why
        assert await synonyms(forum) == {"a": "b"}

    async def test_a_tag_that_questions_carry_has_to_be_merged(
        self, forum: Forum, alice: Actor
    ) -> None:
        await forum.ask(alice, tags="insomnia")
        with pytest.raises(Invalid) as refused:
            await lead(forum, "insomnia", "sleep")
        assert refused.value.reason is Problem.TAG_IN_USE
        assert refused.value.data == {"name": "insomnia", "number": 1}

    async def test_a_synonym_can_be_led_elsewhere_and_taken_away(
        self, forum: Forum, alice: Actor
    ) -> None:
        await lead(forum, "a", "b")
        await lead(forum, "a", "c")
        assert await synonyms(forum) == {"a": "c"}
        assert await tagging.remove_synonym(forum.db, forum.manager, "A", now=forum.now) == "a"
        with pytest.raises(NotFound) as refused:
            await tagging.remove_synonym(forum.db, forum.manager, "a", now=forum.now)
        assert refused.value.reason is Missing.SYNONYM
        asked = await forum.ask(alice, tags="a")
        assert (await forum.card(asked)).tags == ("a",)

    async def test_going_back_to_what_was_said_says_it_in_todays_words(
        self, forum: Forum, alice: Actor, moderator: Actor
    ) -> None:
        asked = await forum.ask(alice, details="I lie awake.", tags="insomnia")
        await retag(forum, alice, asked, "work")
        await lead(forum, "insomnia", "sleep")
        first = revising.Revert(1, version=2, reason="")
        card = await revising.go_back(forum.db, moderator, asked, first, now=forum.now)
        assert card.tags == ("sleep",)
        assert await used(forum) == {"sleep": 1}

    async def test_followers_of_a_synonym_follow_the_tag(
        self, forum: Forum, alice: Actor, bob: Actor, carol: Actor
    ) -> None:
        for person, tag in ((bob, "insomnia"), (carol, "sleep"), (carol, "insomnia")):
            await following.follow(forum.db, person, FollowKind.TAG, tag, now=forum.now)
        await lead(forum, "insomnia", "sleep")
        for person in (bob, carol):
            mine = await following.follows(forum.db, person, channels=[])
            assert [f.key for f in mine] == ["sleep"]
        asked = await forum.ask(alice, tags="insomnia")
        await record_shown(forum.db, forum.guild_id, asked, home_id=CHANNEL)
        inbox = await following.open_inbox(forum.db, bob, 0, channels=[CHANNEL], now=forum.now)
        assert [(n.kind, n.post.post_id) for n in inbox.notices] == [(NoticeKind.ASKED, asked)]
        followed = await following.follow(
            forum.db, alice, FollowKind.TAG, "insomnia", now=forum.now
        )
        assert followed.key == "sleep"
        assert await following.unfollow(forum.db, alice, FollowKind.TAG, "insomnia", now=forum.now)


class TestMerging:
    async def test_every_question_gets_the_other_tag_once(
        self, forum: Forum, alice: Actor, question: int
    ) -> None:
        one = await forum.ask(alice, "Why can't I rest at night?", tags="insomnia work")
        both = await forum.ask(alice, "Why do I wake so early?", tags="sleep fear insomnia")
        await forum.clear_jobs()
        assert await merge(forum, "insomnia", "sleep") == 2
        assert (await forum.card(one)).tags == ("sleep", "work")
        assert (await forum.card(both)).tags == ("sleep", "fear")
        assert await used(forum) == {"sleep": 2, "work": 1, "fear": 1}
        assert await synonyms(forum) == {"insomnia": "sleep"}
        assert await searched(forum, "sleep") == {one, both, question}, "by its new words"
        assert await searched(forum, "insomnia") == set()
        jobs = await forum.jobs()
        assert {(job.key, job.priority) for job in jobs} == {
            (one, Priority.BULK),
            (both, Priority.BULK),
        }

    async def test_it_is_no_edit_by_anybody(
        self, forum: Forum, alice: Actor, bob: Actor, moderator: Actor
    ) -> None:
        """No revision, no "edited by", and whoever edited before has not renamed the tag."""
        asked = await forum.ask(alice, details="I lie awake.", tags="insomnia")
        await forum.edit(moderator, asked, "I lie awake all night.")
        before = await forum.card(asked)
        form = {"tags": "insomnia", "version": before.version}  # opened before the merge
        await merge(forum, "insomnia", "sleep")
        card = await forum.card(asked)
        assert (card.version, card.edited_by) == (before.version, moderator.user_id)
        _, edit = await revising.edit_of(forum.db, alice, asked)
        assert edit is not None
        assert (edit.number, edit.before.tags, edit.after.tags) == (1, ("sleep",), ("sleep",))
        same = await forum.edit(alice, asked, "I lie awake all night.", **form)
        assert same.version == before.version

    async def test_a_merge_that_is_cut_off_is_taken_up_again(
        self, forum: Forum, alice: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tagging, "BATCH", 2)
        asked = {await forum.ask(alice, tags="insomnia") for _ in range(5)}
        by, now = forum.manager, forum.now
        await tagging.start_merge(forum.db, by, "insomnia", "sleep", now=now)
        assert await tagging.merge_some(forum.db, by, "insomnia", now=now) == 2
        assert await used(forum) == {"insomnia": 3, "sleep": 2}
        new = await forum.ask(alice, tags="insomnia")
        assert (await forum.card(new)).tags == ("sleep",), "the synonym is there from the start"
        [left], _ = await tagging.list_synonyms(forum.db, by)
        assert (left.tag, left.target, left.left) == ("insomnia", "sleep", 3)

        assert await merge(forum, "insomnia", "sleep") == 3
        assert await tagged(forum, "sleep") == {*asked, new}
        with pytest.raises(NotFound) as refused:
            await merge(forum, "insomnia", "sleep")
        assert refused.value.reason is Missing.TAG

    async def test_a_target_that_is_merged_meanwhile_takes_the_rest_along(
        self, forum: Forum, alice: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tagging, "BATCH", 1)
        for _ in range(3):
            await forum.ask(alice, tags="a")
        await tagging.start_merge(forum.db, forum.manager, "a", "b", now=forum.now)
        await tagging.merge_some(forum.db, forum.manager, "a", now=forum.now)
        assert await merge(forum, "b", "c") == 1
        while await tagging.merge_some(forum.db, forum.manager, "a", now=forum.now):
            pass
        assert await used(forum) == {"c": 3}
        assert await synonyms(forum) == {"a": "c", "b": "c"}

    async def test_a_synonym_taken_away_meanwhile_ends_the_merge(
        self, forum: Forum, alice: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tagging, "BATCH", 1)
        for _ in range(2):
            await forum.ask(alice, tags="a")
        await tagging.start_merge(forum.db, forum.manager, "a", "b", now=forum.now)
        await tagging.merge_some(forum.db, forum.manager, "a", now=forum.now)
        await tagging.remove_synonym(forum.db, forum.manager, "a", now=forum.now)
        assert await tagging.merge_some(forum.db, forum.manager, "a", now=forum.now) == 0
        assert await used(forum) == {"a": 1, "b": 1}

    async def test_a_hidden_question_comes_back_with_the_other_tag(
        self, forum: Forum, alice: Actor, moderator: Actor
    ) -> None:
        asked = await forum.ask(alice, tags="insomnia work")
        shown = await forum.ask(alice, tags="insomnia")
        await forum.hide(asked)
        assert await merge(forum, "insomnia", "sleep") == 1
        await reporting.show_post(forum.db, moderator, asked, now=forum.now)
        assert (await forum.card(asked)).tags == ("sleep", "work")
        assert await tagged(forum, "sleep") == {asked, shown}
        assert await used(forum) == {"sleep": 2, "work": 1}

    async def test_people_go_on_asking_and_editing_meanwhile(
        self, forum: Forum, moderator: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tagging, "BATCH", 2)
        before = [await forum.ask(moderator, tags="insomnia") for _ in range(6)]
        again = [merge(forum, "insomnia", "sleep") for _ in range(2)]  # two moderators
        asked = [forum.ask(moderator, tags="insomnia work") for _ in range(6)]
        edits = [forum.edit(moderator, q, "Other words.", tags="insomnia day") for q in before[:3]]
        one, two, *done = await asyncio.gather(*again, *asked, *edits, return_exceptions=True)
        assert not [each for each in done if isinstance(each, BaseException)]
        for each in (one, two):  # whoever came when all was done is told that there is nothing
            assert isinstance(each, int | NotFound), each
        assert await used(forum) == {"sleep": 12, "work": 6, "day": 3}
        await forum.assert_consistent()

    async def test_another_server_keeps_its_tags(
        self, forum: Forum, elsewhere: Forum, alice: Actor
    ) -> None:
        theirs = await elsewhere.ask(elsewhere.member(1), tags="insomnia")
        who = elsewhere.member(2)
        await following.follow(forum.db, who, FollowKind.TAG, "insomnia", now=forum.now)
        await forum.ask(alice, tags="insomnia")
        await merge(forum, "insomnia", "sleep")
        assert (await elsewhere.card(theirs)).tags == ("insomnia",)
        assert await used(elsewhere) == {"insomnia": 1}
        again = await elsewhere.ask(elsewhere.member(1), tags="insomnia")
        assert (await elsewhere.card(again)).tags == ("insomnia",)
        mine = await following.follows(forum.db, who, channels=[])
        assert [f.key for f in mine] == ["insomnia"]
        assert await tagging.list_synonyms(forum.db, elsewhere.manager) == ([], False)
        assert await tagging.suggest_tags(forum.db, elsewhere.guild_id, "s", 25) == []

    async def test_a_step_of_a_merge_runs_exactly_these_statements(
        self, forum: Forum, alice: Actor
    ) -> None:
        """However many questions it has, it is done in small transactions."""
        for _ in range(9):
            await forum.ask(alice, tags="insomnia")
        await tagging.start_merge(forum.db, forum.manager, "insomnia", "sleep", now=forum.now)
        with counted(forum.db) as statements:
            await tagging.merge_some(forum.db, forum.manager, "insomnia", now=forum.now)
        listed = "\n".join(" ".join(each.split())[:100] for each in statements)
        assert len(statements) == 18, listed


class TestRetagging:
    async def test_it_is_an_edit_of_the_tags_alone(
        self, forum: Forum, question: int, alice: Actor, bob: Actor
    ) -> None:
        await forum.set("privilege.retag", "0")
        await retag(forum, bob, question, "Sleep, night shift", reason="found by more")
        card, edit = await revising.edit_of(forum.db, alice, question)
        assert card.tags == ("sleep", "night-shift")
        assert (card.version, card.edited_by) == (2, bob.user_id)
        assert edit is not None
        assert (edit.before.tags, edit.after.tags) == ((), ("sleep", "night-shift"))
        assert edit.before.body == edit.after.body == "I lie awake."
        assert (edit.editor_id, edit.reason) == (bob.user_id, "found by more")
        await retag(forum, bob, question, "")
        assert await used(forum) == {}

    async def test_who_may(
        self, forum: Forum, question: int, alice: Actor, bob: Actor, moderator: Actor
    ) -> None:
        await retag(forum, alice, question, "mine")
        await retag(forum, moderator, question, "ours")
        with pytest.raises(Denied) as refused:
            await retag(forum, bob, question, "bob")
        assert refused.value.reason is Denial.NEEDS_POINTS
        assert refused.value.data == {"privilege": "retag", "needed": 500, "have": 100}
        await forum.set("privilege.edit_others", "0")
        await retag(forum, bob, question, "bob")  # who may edit all of it may do this

    async def test_two_at_once(self, forum: Forum, question: int, alice: Actor) -> None:
        await retag(forum, alice, question, "first")
        with pytest.raises(Denied) as refused:
            await retag(forum, alice, question, "second", version=1)
        assert refused.value.reason is Denial.EDITED_MEANWHILE
        await retag(forum, alice, question, "first", version=1)  # nothing to disagree about

    async def test_it_counts_as_an_edit(self, forum: Forum, question: int, alice: Actor) -> None:
        await forum.set("limit.edits", "1")
        await retag(forum, alice, question, "one")
        with pytest.raises(Denied) as refused:
            await retag(forum, alice, question, "two")
        assert refused.value.reason is Denial.HOURLY_LIMIT

    async def test_only_questions_have_tags(
        self, forum: Forum, question: int, answer: int, elsewhere: Forum, moderator: Actor
    ) -> None:
        theirs = await elsewhere.ask(elsewhere.member(1))
        for post in (answer, theirs, 12345):
            form = TagForm(1, "sleep")
            with pytest.raises(NotFound):
                await tagging.retag_question(forum.db, moderator, post, form, now=forum.now)


async def test_members_do_not_decide_over_words(forum: Forum, alice: Actor) -> None:
    await forum.ask(alice, tags="a")
    acts = (
        tagging.add_synonym(forum.db, alice, "x", "y", now=forum.now),
        tagging.remove_synonym(forum.db, alice, "x", now=forum.now),
        tagging.list_synonyms(forum.db, alice),
        tagging.merge_to_confirm(forum.db, alice, "a", "b"),
        tagging.start_merge(forum.db, alice, "a", "b", now=forum.now),
        tagging.merge_some(forum.db, alice, "a", now=forum.now),
    )
    for act in acts:
        with pytest.raises(Denied) as refused:
            await act
        assert refused.value.reason is Denial.NOT_MODERATOR
    manager = forum.member(5, is_manager=True)
    assert await lead(forum, "x", "y", by=manager) == "y"


async def test_suggestions_name_what_a_word_leads_to(forum: Forum, alice: Actor) -> None:
    await forum.ask(alice, tags="sleep slow")
    await forum.ask(alice, tags="slow")
    await lead(forum, "slumber", "sleep")
    found = await tagging.suggest_tags(forum.db, forum.guild_id, "sl", 25)
    assert found == [("slow", "slow"), ("sleep", "sleep"), ("slumber", "sleep")]
    assert await tagging.suggest_tags(forum.db, forum.guild_id, "slu", 25) == [("slumber", "sleep")]
    assert await tagging.suggest_tags(forum.db, forum.guild_id, "%", 25) == []
    everything = await tagging.suggest_tags(forum.db, forum.guild_id, "", 25)
    assert [tag for tag, _ in everything] == ["slow", "sleep"]


WORDS = ["a", "b", "c", "d", "c++", "schlaf", "नींद", "panic-attack"]


@pytest.mark.parametrize("seed", range(4))
async def test_all_lists_agree_after_any_change_of_tags(
    forum: Forum, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random asking, retagging, editing, hiding, showing, merging (also half-way) and synonyms."""
    monkeypatch.setattr(tagging, "BATCH", 2)
    dice = random.Random(seed)
    boss, asked = forum.manager, list[int]()

    def some() -> str:
        return ", ".join(dice.sample(WORDS, dice.randint(0, 5)))

    async def ask() -> None:
        asked.append(await forum.ask(forum.member(1, is_moderator=True), tags=some()))

    async def show() -> None:
        await reporting.show_post(forum.db, boss, dice.choice(asked), now=forum.now)

    async def half_a_merge() -> None:
        pair = dice.sample(WORDS, 2)
        made = await tagging.start_merge(forum.db, boss, *pair, now=forum.now)
        await tagging.merge_some(forum.db, boss, made.tag, now=forum.now)

    async def unsynonym() -> None:
        word = dice.choice(WORDS)
        await tagging.remove_synonym(forum.db, boss, word, now=forum.now)

    for _ in range(8):
        await ask()
    for _ in range(60):
        question = dice.choice(asked)
        pair = dice.sample(WORDS, 2)
        acts = [
            ask,
            lambda q=question: retag(forum, boss, q, some()),
            lambda q=question: retag(forum, boss, q, some()),
            lambda q=question: forum.edit(boss, q, "Other words.", tags=some()),
            lambda q=question: forum.hide(q),
            show,
            lambda p=pair: lead(forum, *p),
            lambda p=pair: merge(forum, *p),
            half_a_merge,
            unsynonym,
        ]
        with suppress(Refusal):
            await dice.choice(acts)()

    async with forum.db.read() as tx:
        rows = await tx.rows(
            select(Post.id, PostText.tags)
            .join(PostText, PostText.post_id == Post.id)
            .where(Post.kind == "question", Post.status == "visible")
        )
        listed = await tx.rows(select(PostTag.post_id, PostTag.tag))
    said = {(row[0], tag) for row in rows for tag in row[1].split()}
    assert sum(len(row[1].split()) for row in rows) == len(said), "no tag twice in a question"
    assert sorted(said) == sorted((row[0], row[1]) for row in listed)
    assert await used(forum) == Counter(tag for _, tag in said)
    led = await synonyms(forum)
    assert not set(led) & set(led.values()), "no synonym leads to a synonym"
    for word in WORDS:
        carry = {post_id for post_id, tag in said if tag == led.get(word, word)}
        assert await tagged(forum, word) == carry
        assert await searched(forum, "thing", tag=word) == carry
    await forum.assert_consistent()


def test_a_merge_knows_all_tables_with_tags() -> None:
    """When adding a table, check what a merge does to it."""
    named = {
        table.name
        for table in Base.metadata.sorted_tables
        if {"tag", "tags"} & set(table.columns.keys())
    }
    assert named == {"post_tags", "post_texts", "revisions", "tag_synonyms"}
