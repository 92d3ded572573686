"""Tags that are only used in closed channels: members who can't read there can't tell that they
exist."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import Invalid, Missing, NotFound, Problem
from bot.domain.notices import FollowKind
from bot.domain.ranking import View
from bot.usecases import categories, following, listing, tagging
from bot.usecases.publishing import record_shown
from bot.usecases.tagging import TagForm
from tests.store.forum import CHANNEL, Forum

CLOSED = 666
HERE = [CHANNEL]


@pytest.fixture
async def secret(forum: Forum, bob: Actor) -> int:
    """Bob's question with the tag *layoffs*, in a channel that only few can read."""
    await categories.add_category(
        forum.db, forum.manager, "Board", categories.CategoryForm(channel_id=CLOSED), now=forum.now
    )
    return await _asked(forum, bob, "layoffs", CLOSED)


async def _asked(forum: Forum, person: Actor, tags: str, home_id: int = CHANNEL) -> int:
    asked = await forum.ask(person, tags=tags)
    await record_shown(forum.db, forum.guild_id, asked, home_id=home_id)
    return asked


async def _lead(forum: Forum, by: Actor, tag: str, target: str) -> str:
    made = await tagging.add_synonym(forum.db, by, tag, target, channels=HERE, now=forum.now)
    return made.target


async def _listed(forum: Forum, by: Actor, channels: list[int]) -> dict[str, tuple[str, int]]:
    found, _ = await tagging.list_synonyms(forum.db, by, channels=channels)
    return {each.tag: (each.target, each.left) for each in found}


@pytest.mark.usefixtures("secret")
class TestSynonyms:
    async def test_one_of_a_closed_tag_is_none(self, forum: Forum, moderator: Actor) -> None:
        await tagging.add_synonym(forum.db, forum.manager, "cuts", "layoffs", now=forum.now)
        assert await _listed(forum, moderator, [CHANNEL, CLOSED]) == {"cuts": ("layoffs", 0)}
        assert await _listed(forum, moderator, HERE) == {}
        with pytest.raises(NotFound) as refused:
            await tagging.remove_synonym(forum.db, moderator, "cuts", channels=HERE, now=forum.now)
        assert refused.value.reason is Missing.SYNONYM
        assert await _lead(forum, moderator, "scissors", "cuts") == "cuts"
        assert await _listed(forum, moderator, HERE) == {"scissors": ("cuts", 0)}

    async def test_a_closed_tag_is_not_said_to_be_in_use(
        self, forum: Forum, moderator: Actor
    ) -> None:
        assert await _lead(forum, moderator, "layoffs", "sleep") == "sleep"
        assert await _listed(forum, moderator, HERE) == {"layoffs": ("sleep", 0)}
        there = await _listed(forum, moderator, [CHANNEL, CLOSED])
        assert there == {"layoffs": ("sleep", 1)}, "whoever reads there can merge the rest"

    async def test_a_synonym_of_a_tag_that_one_cannot_see_becomes_a_tag(
        self, forum: Forum, moderator: Actor
    ) -> None:
        await tagging.add_synonym(forum.db, forum.manager, "cuts", "layoffs", now=forum.now)
        assert await _lead(forum, moderator, "layoffs", "cuts") == "cuts"
        assert await _listed(forum, forum.manager, HERE) == {"layoffs": ("cuts", 0)}

    async def test_ones_own_question_may_be_known(self, forum: Forum, bob: Actor) -> None:
        with pytest.raises(Invalid) as refused:
            await _lead(forum, forum.member(bob.user_id, is_moderator=True), "layoffs", "sleep")
        assert refused.value.reason is Problem.TAG_IN_USE

    async def test_typing_a_synonym_reveals_no_tag_that_one_cannot_see(
        self, forum: Forum, alice: Actor
    ) -> None:
        db, now = forum.db, forum.now
        await tagging.add_synonym(db, forum.manager, "cuts", "layoffs", now=now)
        followed = await following.follow(db, alice, FollowKind.TAG, "cuts", channels=HERE, now=now)
        assert followed.key == "cuts"
        assert await following.unfollow(db, alice, FollowKind.TAG, "cuts", now=now)
        asked = await forum.ask(alice, tags="cuts", channels=HERE)
        assert (await forum.card(asked)).tags == ("cuts",)
        again = await forum.edit(alice, asked, "More.", tags="sleep cuts", channels=HERE)
        assert again.tags == ("sleep", "cuts")
        form = TagForm(again.version, "cuts work")
        retagged = await tagging.retag_question(db, alice, asked, form, channels=HERE, now=now)
        assert retagged.tags == ("cuts", "work")
        told = await forum.ask(alice, tags="cuts", channels=[*HERE, CLOSED])
        assert (await forum.card(told)).tags == ("layoffs",)

    async def test_a_follow_from_before_ends(self, forum: Forum, alice: Actor) -> None:
        db, now, tag = forum.db, forum.now, FollowKind.TAG
        await tagging.add_synonym(db, forum.manager, "cuts", "layoffs", now=now)
        await following.follow(db, alice, tag, "cuts", channels=[*HERE, CLOSED], now=now)
        assert await following.unfollow(db, alice, tag, "cuts", now=now)
        assert await following.follows(db, alice, channels=HERE) == []


class TestMerging:
    @pytest.mark.usefixtures("secret")
    async def test_a_tag_that_one_cannot_see_cannot_be_merged(
        self, forum: Forum, moderator: Actor
    ) -> None:
        for merge in (
            tagging.merge_to_confirm(forum.db, moderator, "layoffs", "sleep", channels=HERE),
            tagging.start_merge(
                forum.db, moderator, "layoffs", "sleep", channels=HERE, now=forum.now
            ),
        ):
            with pytest.raises(NotFound) as refused:
                await merge
            assert refused.value.reason is Missing.TAG
        assert await _listed(forum, forum.manager, [CHANNEL, CLOSED]) == {}

    async def test_a_tag_that_is_used_here_too_is_merged_everywhere(
        self, forum: Forum, moderator: Actor, alice: Actor, bob: Actor, secret: int
    ) -> None:
        """A tag is shared by all, but they only see the number of questions that they can read."""
        db, now = forum.db, forum.now
        public = await _asked(forum, alice, "layoffs")
        asked = await tagging.merge_to_confirm(db, moderator, "layoffs", "cuts", channels=HERE)
        assert asked.left == 1
        merge = await tagging.start_merge(db, moderator, "layoffs", "cuts", channels=HERE, now=now)
        assert merge.left == 1
        while await tagging.merge_some(db, moderator, merge.tag, now=now):
            pass
        assert await tagging.left_to_merge(db, moderator, "layoffs", channels=HERE) == 0
        for post in (public, secret):
            assert (await forum.card(post)).tags == ("cuts",)

    @pytest.mark.usefixtures("secret")
    async def test_a_closed_tag_may_be_merged_into(
        self, forum: Forum, moderator: Actor, alice: Actor
    ) -> None:
        """To them it is a new tag, and its synonyms are tags like others."""
        db, now = forum.db, forum.now
        await tagging.add_synonym(db, forum.manager, "cuts", "layoffs", now=now)
        public = await _asked(forum, alice, "firing")
        merge = await tagging.start_merge(db, moderator, "firing", "cuts", channels=HERE, now=now)
        assert merge.target == "cuts"
        await tagging.merge_some(db, moderator, "firing", now=now)
        assert (await forum.card(public)).tags == ("cuts",)


class TestChannelsOfBefore:
    """Questions stay where they are when their category gets another channel."""

    async def test_the_tags_of_questions_that_stand_there_are_closed(
        self, forum: Forum, moderator: Actor, alice: Actor, bob: Actor
    ) -> None:
        await _asked(forum, bob, "layoffs", home_id=CLOSED)  # which is nobody's channel by now
        await _asked(forum, bob, "layoffs", home_id=999)
        await _asked(forum, alice, "sleep", home_id=CHANNEL)
        who: dict[str, Any] = {"reader_id": moderator.user_id}
        tags, _ = await listing.list_tags(forum.db, forum.guild_id, channels=HERE, **who)
        assert tags == [("sleep", 1)]
        most = await tagging.most_used(forum.db, forum.guild_id, channels=HERE, **who)
        assert most == ["sleep"]
        everywhere = [CHANNEL, CLOSED, 999]
        tags, _ = await listing.list_tags(forum.db, forum.guild_id, channels=everywhere, **who)
        assert tags == [("layoffs", 2), ("sleep", 1)]
        await tagging.add_synonym(forum.db, forum.manager, "cuts", "layoffs", now=forum.now)
        wanted = listing.Selection(View.NEWEST, tag="cuts")
        for channels, tag in ((HERE, "cuts"), ([CHANNEL, 999], "layoffs")):
            found = await listing.list_questions(
                forum.db, forum.guild_id, wanted, channels=channels, **who
            )
            assert found.tag == tag

    async def test_before_a_question_is_shown_its_home_is_the_one_it_will_have(
        self, forum: Forum, bob: Actor, moderator: Actor
    ) -> None:
        await categories.add_category(
            forum.db,
            forum.manager,
            "Board",
            categories.CategoryForm(channel_id=CLOSED),
            now=forum.now,
        )
        await forum.ask(bob, tags="layoffs")
        tags, _ = await listing.list_tags(
            forum.db, forum.guild_id, channels=HERE, reader_id=moderator.user_id
        )
        assert tags == []
