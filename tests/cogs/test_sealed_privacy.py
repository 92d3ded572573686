"""`/privacy` of somebody who has written anonymously: what they read, get and erase."""

from __future__ import annotations

import json
from typing import Any

import simcord
from sqlalchemy import select

from bot.app import Askwell
from bot.usecases import personas
from data import personas as kept
from data.database import Database
from data.models import Post
from tests.cogs.conftest import Configure
from tests.cogs.test_privacy import erase
from tests.cogs.test_sealed import NAME, sealed
from tests.support.replies import reply_of
from tests.support.server import Card, Server, told
from tests.support.simulator import Locales

__all__ = ["sealed"]


async def found(env: simcord.Env, person: simcord.MemberActor) -> frozenset[int]:
    """The anonymous authors that a person is."""
    bot = env.bot
    assert isinstance(bot, Askwell)
    seal = personas.seal_of(bot.sealing, person.guild.id, person.id)
    async with bot.db.read() as tx:
        return await kept.numbers_of(tx, person.guild.id, seal)


async def test_the_export_has_their_anonymous_posts_and_warns(
    server: Server, sealed: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    mine = await alice.slash(server.lounge, "privacy export")
    assert "Your anonymous posts are in it: whoever gets the files" in told(mine)
    (file,) = [each for each in reply_of(mine).attachments if each.filename.endswith(".json")]
    data: dict[str, Any] = json.loads(await file.read())
    (post,) = data["anonymous posts"]
    assert (post["as"], post["body"]) == (NAME, "I do.")
    theirs = await bob.slash(server.lounge, "privacy export")
    assert "anonymous" not in told(theirs)


async def test_what_is_sealed_is_told_of_once_anonymous_posts_are_off_again(
    server: Server, sealed: Card, bob: simcord.MemberActor, configure: Configure, locales: Locales
) -> None:
    async def told_in(language: str) -> tuple[str, str]:
        locales.speaks(bob, language)
        policy = told(await bob.slash(server.lounge, "privacy policy"))
        return policy, told(await bob.slash(server.lounge, "about"))

    assert "New posts can't be anonymous now." not in (await told_in("en-US"))[0]
    await configure("anonymous", "off")
    policy, about = await told_in("en-US")
    assert "**Anonymous posts** have a made-up name." in policy
    assert "New posts can't be anonymous now." in policy
    assert "**Who wrote an anonymous post:** until you have it erased" in policy
    assert "Two moderators together can see it. You're told if they do." in policy
    assert "**Anonymous posts.** Who wrote one is sealed." in about
    policy, about = await told_in("de")
    assert "Neue Beiträge können jetzt nicht anonym sein." in policy
    assert "**Anonyme Beiträge.**" in about


async def test_where_nobody_has_written_anonymously_nothing_is_told_of_it(
    server: Server, bob: simcord.MemberActor, configure: Configure
) -> None:
    await configure("anonymous", "on")
    await configure("anonymous", "off")
    for command in ("privacy policy", "about"):
        assert "nonymous" not in told(await bob.slash(server.lounge, command))


async def test_once_erased_nobody_finds_them(
    env: simcord.Env, server: Server, sealed: Card, alice: simcord.MemberActor, db: Database
) -> None:
    assert len(await found(env, alice)) == 1
    preview = await alice.slash(server.lounge, "privacy erase")
    assert "Your anonymous posts, under their made-up names." in told(preview)
    done = await erase(server, alice, "alice", texts=True)
    assert "The texts of your anonymous posts go one by one over three days" in told(done)
    assert await found(env, alice) == frozenset()
    async with db.read() as tx:
        assert await tx.scalar(select(Post.author_id)) is not None
    assert sealed.by == NAME
