"""Drafts are kept for the member who typed them."""

from __future__ import annotations

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import Missing, NotFound
from bot.usecases.drafts import Draft, drop_draft, drop_old_drafts, keep_draft, open_draft
from data.database import Database
from tests.store.forum import Forum

DRAFT = Draft(
    "qa:1:edit.form:9007199254740993:1234",
    {"title": "Wie schläft man? 🌙", "details": "a\x00\ud800'\"\n", "how": ["notify"]},
)


async def test_a_draft_comes_back_as_it_was_typed(db: Database) -> None:
    """Also half a surrogate pair and a NUL, which the post itself would not be made of."""
    forum = Forum(db)
    kept = await keep_draft(db, forum.guild_id, 1, DRAFT, now=forum.now)
    assert await open_draft(db, forum.guild_id, 1, kept) == DRAFT


async def test_only_its_author_can_open_a_draft(forum: Forum) -> None:
    kept = await keep_draft(forum.db, forum.guild_id, 1, DRAFT, now=forum.now)
    for guild_id, user_id, draft in (
        (forum.guild_id, 2, kept),
        (forum.guild_id + 1, 1, kept),
        (forum.guild_id, 1, kept + 1),
    ):
        with pytest.raises(NotFound, match=Missing.DRAFT):
            await open_draft(forum.db, guild_id, user_id, draft)


async def test_a_draft_is_kept_for_a_week(forum: Forum) -> None:
    kept = await keep_draft(forum.db, forum.guild_id, 1, DRAFT, now=forum.now)
    forum.later(days=7)
    await keep_draft(forum.db, forum.guild_id, 2, DRAFT, now=forum.now)
    assert await open_draft(forum.db, forum.guild_id, 1, kept) == DRAFT
    forum.later()
    await keep_draft(forum.db, forum.guild_id, 2, DRAFT, now=forum.now)
    with pytest.raises(NotFound, match=Missing.DRAFT):
        await open_draft(forum.db, forum.guild_id, 1, kept)


async def test_only_ones_own_draft_is_erased_or_replaced(forum: Forum) -> None:
    kept = await keep_draft(forum.db, forum.guild_id, 1, DRAFT, now=forum.now)
    for guild_id, user_id in ((forum.guild_id, 2), (forum.guild_id + 1, 1)):
        await drop_draft(forum.db, guild_id, user_id, kept)
        other = Draft("qa:1:ask.form")
        assert kept != await keep_draft(
            forum.db, guild_id, user_id, other, now=forum.now, instead_of=kept
        )
    assert await open_draft(forum.db, forum.guild_id, 1, kept) == DRAFT
    await drop_draft(forum.db, forum.guild_id, 1, kept)
    with pytest.raises(NotFound, match=Missing.DRAFT):
        await open_draft(forum.db, forum.guild_id, 1, kept)


async def test_old_drafts_go_though_nobody_keeps_another(forum: Forum) -> None:
    kept = await keep_draft(forum.db, forum.guild_id, 1, DRAFT, now=forum.now)
    forum.later(days=7)
    await drop_old_drafts(forum.db, forum.now)
    assert await open_draft(forum.db, forum.guild_id, 1, kept) == DRAFT
    forum.later()
    await drop_old_drafts(forum.db, forum.now)
    with pytest.raises(NotFound, match=Missing.DRAFT):
        await open_draft(forum.db, forum.guild_id, 1, kept)


async def test_the_newest_twenty_of_a_member_are_kept(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    async def keep(person: Actor, text: str) -> int:
        draft = Draft("qa:1:ask.form", {"title": text})
        who = (forum.guild_id, person.user_id)
        return await keep_draft(forum.db, *who, draft, now=forum.later(seconds=1))

    bobs = await keep(bob, "Bob's")
    made = [await keep(alice, str(n)) for n in range(25)]
    for gone in made[:5]:
        with pytest.raises(NotFound):
            await open_draft(forum.db, forum.guild_id, alice.user_id, gone)
    for there in made[5:]:
        await open_draft(forum.db, forum.guild_id, alice.user_id, there)
    await open_draft(forum.db, forum.guild_id, bob.user_id, bobs)
