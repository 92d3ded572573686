"""Members who act anonymously, without Discord, and what a thief of the database finds of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.actors import Actor
from bot.domain.sealed import Persona
from bot.usecases import personas
from tests.store.forum import Forum
from tests.support.keys import SEALING

ALICE = 803_517_246_019_358_721
"""An id that is found in no other number."""

Contents = Mapping[str, list[tuple[Any, ...]]]


def member(forum: Forum, user_id: int = ALICE, **rights: Any) -> Actor:
    """A member of an installation that has a key."""
    seal = personas.seal_of(SEALING, forum.guild_id, user_id)
    return replace(forum.member(user_id, **rights), seal=seal)


async def anonymous(forum: Forum, person: Actor, post: int | None = None, name: str = "") -> Actor:
    """A person as the anonymous author who they are in a post's question, or are about to be in it
    or in a new one (None)."""
    known = None if post is None else (await themselves(forum, person, post)).persona
    if known is not None:
        return await personas.anonymous(forum.db, replace(person, persona=known))
    return await personas.author(forum.db, person, name, asks=post is None)


async def persona_of(forum: Forum, person: Actor, post: int) -> Persona:
    """Who a person is in a post's question, if they have written in it."""
    found = await personas.persona_in(forum.db, person, (await forum.card(post)).number)
    assert found is not None
    return found


async def themselves(forum: Forum, person: Actor, post: int) -> Actor:
    """A person by name, who may have written anonymously in a post's question."""
    number = (await forum.card(post)).number
    return replace(person, persona=await personas.persona_in(forum.db, person, number))


def rows_with(found: Contents, user_id: int) -> set[tuple[str, tuple[Any, ...]]]:
    """The rows that an id stands in, in whatever form."""
    return {
        (table, row)
        for table, rows in found.items()
        for row in rows
        if any(_names(value, user_id) for value in row)
    }


def _names(value: Any, user_id: int) -> bool:
    forms = (user_id.to_bytes(8), user_id.to_bytes(8, "little"))
    if isinstance(value, bytes):
        return any(form in value or form.hex().encode() in value for form in forms)
    return any(form in str(value) for form in (str(user_id), *(form.hex() for form in forms)))
