"""Members as the use cases see them: no Discord here."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from bot.domain.actors import Actor
from data.database import Database
from data.models import AuditRow
from tests.store.forum import Forum


@pytest.fixture
async def forum(db: Database) -> Forum:
    """A server that is set up, with all settings at their defaults."""
    return await Forum(db).open()


@pytest.fixture
async def elsewhere(db: Database) -> Forum:
    """Another server in the same database."""
    return await Forum(db, guild_id=200).open()


@pytest.fixture
async def since_setup(forum: Forum) -> Forum:
    """The same server, whose audit log holds nothing of its setup any more."""
    async with forum.db.write() as tx:
        await tx.execute(delete(AuditRow))
    return forum


@pytest.fixture
def alice(forum: Forum) -> Actor:
    """Alice, who asks."""
    return forum.member(1)


@pytest.fixture
def bob(forum: Forum) -> Actor:
    """Bob, who answers."""
    return forum.member(2)


@pytest.fixture
def carol(forum: Forum) -> Actor:
    """Carol, who votes."""
    return forum.member(3)


@pytest.fixture
def moderator(forum: Forum) -> Actor:
    """Mona, a moderator."""
    return forum.member(4, is_moderator=True)


@pytest.fixture
async def question(forum: Forum, alice: Actor) -> int:
    """Alice's question."""
    return await forum.ask(alice, "How do I sleep after a night shift?", "I lie awake.")


@pytest.fixture
async def answer(forum: Forum, bob: Actor, question: int) -> int:
    """Bob's answer to it."""
    return await forum.answer(bob, question, "Dark curtains, and no screens before bed.")
