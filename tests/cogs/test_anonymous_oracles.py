"""Two moderators look for an anonymous author by all that they can do. They see the same whether it
was Alice or Bob."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
import simcord
from sqlalchemy import update

from bot.app import Askwell
from bot.domain.actors import Actor
from data.models import ModeratorRow
from tests.support import pictures
from tests.support.kinds import on_sqlite
from tests.support.replies import filled, reply_of, sentence
from tests.support.reports import report, shown_in
from tests.support.server import said, told
from tests.support.two_worlds import World, same, to_the_minute, two_worlds, write

pytestmark = on_sqlite
Worlds = tuple[World, World]
_SUSPECTS = ("alice", "bob")
_MODERATORS = ("mona", "mel")


async def _backdate(bot: Askwell, actor: Actor, since: datetime) -> None:
    async with bot.db.write() as tx:
        theirs = (ModeratorRow.guild_id == actor.guild_id, ModeratorRow.user_id == actor.user_id)
        await tx.execute(update(ModeratorRow).where(*theirs).values(since=since))


@pytest.fixture
async def worlds(env: simcord.Env) -> Worlds:
    """The two worlds."""
    return await two_worlds(env)


async def test_the_comparison_would_notice(worlds: Worlds) -> None:
    await same(worlds, ("mona", "profile", {"member": "@alice"}))
    first = worlds[0]
    await first.people["carol"].slash(first.server.lounge, "vote", post="#2", direction="up")
    with pytest.raises(AssertionError):
        await same(worlds, ("mona", "profile", {"member": "@alice"}))
    said = [world.masked(f"<@{world.people[world.author].id}>") for world in worlds]
    assert said == ["<@@alice>", "<@@bob>"]


async def test_the_cards(worlds: Worlds) -> None:
    first, second = worlds
    assert first.shown() == second.shown()
    assert any("Quiet Otter" in card for card in first.shown())


@pytest.mark.parametrize("suspect", _SUSPECTS)
async def test_hiding_all_posts_of_a_member(worlds: Worlds, suspect: str) -> None:
    [preview] = await same(worlds, ("mona", "hide", {"member": f"@{suspect}"}))
    assert "2" in preview, "their question and their answer by name"
    first, second = worlds
    for world in worlds:
        shown = await world.people["mona"].slash(
            world.server.lounge, "hide", member=world.people[suspect]
        )
        assert shown.response is not None
        await world.people["mona"].click(shown.response, label="Hide 2 posts")
        await world.env.advance_time(10)
    assert first.shown() == second.shown()
    assert any("Quiet Otter" in card for card in first.shown())
    await same(
        worlds,
        ("mel", "show", {"member": f"@{suspect}"}),
        ("mel", "queue", {"view": "hidden"}),
        ("mel", "audit", {}),
    )


async def test_blocking_and_unblocking_members(worlds: Worlds) -> None:
    for suspect in _SUSPECTS:
        await same(
            worlds,
            ("mona", "unblock", {"member": f"@{suspect}"}),
            ("mona", "block", {"member": f"@{suspect}", "for": "1h", "reason": "a test"}),
            ("mel", "profile", {"member": f"@{suspect}"}),
            ("mel", "unblock", {"member": f"@{suspect}"}),
        )


async def test_blocking_and_unblocking_the_author_of_a_post(worlds: Worlds) -> None:
    blocked, *_ = await same(
        worlds,
        ("mona", "block", {"post": "#4", "for": "for_good", "reason": "a test"}),
        ("mel", "unblock", {"member": "@alice"}),
        ("mel", "unblock", {"member": "@bob"}),
        ("mel", "audit", {}),
    )
    assert "can't post anonymously any more" in blocked
    for suspect in _SUSPECTS:  # by name they go on
        for world in worlds:
            card = await world.server.comment(
                world.people[suspect], world.posts["carols"], f"That helped me, says {suspect}."
            )
            assert suspect in card.by
    lifted, again = await same(
        worlds,
        ("mel", "unblock", {"post": "#4"}),
        ("mel", "unblock", {"post": "#4"}),
    )
    assert lifted == again
    for world in worlds:
        assert await write(world, world.posts["carols"], comment=True, body="I'm here again.")
    # Of a post whose author wasn't blocked they read the same.
    other = (await same(worlds, ("mel", "unblock", {"post": "#1.3"})))[0]
    assert other == lifted


async def test_where_newcomers_are_held_all_are(env: simcord.Env) -> None:
    first, second = worlds = await two_worlds(env)
    for world in worlds:
        owner, lounge = world.people["owner"], world.server.lounge
        await owner.slash(lounge, "bonus", member=world.people["alice"], points=5000, reason="x")
        await owner.slash(lounge, "settings set", name="hold_points", value="2000")
        # Alice isn't a newcomer, and Bob is.
        await write(world, world.posts["carols"], body="Nobody is to see this at once.")
    assert first.shown() == second.shown()
    assert not any("at once" in card for card in first.shown())
    [queue, _] = await same(worlds, ("mona", "queue", {}), ("mel", "queue", {"view": "held"}))
    assert "Nobody is to see this at once." in queue


async def test_points_profiles_titles_and_badges(worlds: Worlds) -> None:
    for world in worlds:
        for voter in ("carol", "mona", "mel"):
            for post in ("#4", "#1.3"):
                await world.people[voter].slash(
                    world.server.lounge, "vote", post=post, direction="up"
                )
        await world.env.advance_time(60)  # cards that rest are edited
        await world.people["owner"].slash(
            world.server.lounge, "settings set", name="titles", value="0 New, 120 Known, 500 Old"
        )
    for suspect in _SUSPECTS:
        for moderator in _MODERATORS:
            await same(worlds, (moderator, "profile", {"member": f"@{suspect}"}))
        own: list[str] = []
        for world in worlds:  # but for their bell, which is theirs
            shown = await world.people[suspect].slash(world.server.lounge, "points")
            own.append(world.masked(told(shown)))
        assert own[0] == own[1]
    board = (await same(worlds, ("mona", "leaderboard", {})))[0]
    assert "Quiet Otter" not in board
    await same(worlds, ("mel", "leaderboard", {"period": "week"}))


async def test_search(worlds: Worlds) -> None:
    everybody = (await same(worlds, ("mona", "search", {"query": "cry night"})))[0]
    assert "May I cry here at night?" in everybody
    for suspect in _SUSPECTS:
        for query in ("cry night", "counting thousand", "nobody knows", "curtains", "milk"):
            found = (
                await same(worlds, ("mel", "search", {"query": query, "author": f"@{suspect}"}))
            )[0]
            assert "cry" not in found or query == "cry night"


async def test_lists(worlds: Worlds) -> None:
    views = ("newest", "active", "hot", "votes", "unanswered", "waiting", "unsolved")
    for view in views:
        known = await same(worlds, ("mona", "questions", {"view": view}))
        assert "May I cry here at night?" in known[0] or view in ("unanswered", "waiting")
    await same(worlds, ("mona", "questions", {"view": "mine"}))
    await same(worlds, ("mel", "history", {"post": "#4"}), ("mel", "categories", {}))


async def test_limits(worlds: Worlds) -> None:
    replies: list[str] = []
    for world in worlds:
        owner, lounge = world.people["owner"], world.server.lounge
        await owner.slash(lounge, "settings set", name="limit.questions", value="2")
        before = world.shown()
        refused = await world.server.try_to_ask(
            world.people[world.author], "Do I get an answer to this question?", "Well?"
        )
        assert refused.response is not None
        assert refused.response.ephemeral, "nobody else sees that they have asked twice"
        replies.append(await world.read(refused))
        assert world.shown() == before
    assert replies[0] == replies[1]
    await same(worlds, ("mona", "audit", {}), ("mona", "queue", {}))


async def test_the_queue_and_reports(worlds: Worlds) -> None:
    for world in worlds:
        for post in ("question", "answer", "comment"):
            await report(world.people["carol"], world.posts[post], "Who is that?")
        await world.env.advance_time(5)
    first, second = worlds
    assert first.told_moderators() == second.told_moderators()
    assert len(first.told_moderators()) >= 3
    queue = (await same(worlds, ("mona", "queue", {}), ("mel", "queue", {"view": "reported"})))[0]
    assert "Quiet Otter" in queue
    await same(worlds, ("mel", "inbox", {}))
    read = [
        await world.read(await world.people["mel"].click(message, label=label))
        for world in worlds
        for message in shown_in(world.reports)
        for label in ("Read it", "Block author…")
        if "Reported" in said(message)
    ]
    half = len(read) // 2
    assert read[:half] == read[half:]
    assert half


async def test_the_audit_log_and_its_table(worlds: Worlds) -> None:
    await same(
        worlds,
        ("mona", "hide", {"post": "#4"}),
        ("mel", "show", {"post": "#4"}),
        ("mona", "close", {"question": "#4", "reason": "other", "note": "Enough."}),
        ("mel", "reopen", {"question": "#4"}),
        ("mona", "block", {"post": "#4"}),
        ("mel", "unblock", {"post": "#4"}),
    )
    log = (await same(worlds, ("mona", "audit", {}), ("mel", "audit", {"post": "#4"})))[0]
    assert "@alice" not in log
    assert "@bob" not in log
    tables: list[str] = []
    for world in worlds:
        shown = await world.people["mona"].slash(world.server.lounge, "audit")
        assert shown.response is not None
        tables.append(
            await world.read(await world.people["mona"].click(shown.response, label="CSV"))
        )
    assert tables[0] == tables[1]
    assert ",unblock,#4," in tables[0]


async def test_statistics(worlds: Worlds) -> None:
    await same(worlds, ("owner", "stats", {}))


async def test_exports_of_others(worlds: Worlds) -> None:
    for person in ("mona", "mel", "carol", "owner"):
        got = (await same(worlds, (person, "privacy export", {})))[0]
        assert "Quiet Otter" not in got or person == "carol"


@pytest.mark.parametrize("moderator", _MODERATORS)
async def test_suggestions(worlds: Worlds, moderator: str) -> None:
    for command, option, more in (
        ("answer", "question", {}),
        ("edit", "post", {}),
        ("delete", "post", {}),
        ("close", "question", {"reason": "other"}),
        ("best", "answer", {}),
        ("vote", "post", {"direction": "up"}),
    ):
        for typed in ("", "cry", "#4", "Quiet"):
            offered = [
                world.masked(
                    str(
                        await world.people[moderator].autocomplete(
                            world.server.lounge, command, option, typed, **more
                        )
                    )
                )
                for world in worlds
            ]
            assert offered[0] == offered[1], (command, typed)


async def test_menus_of_others(worlds: Worlds) -> None:
    for name in (*_MODERATORS, "carol"):
        for post in ("question", "answer"):
            menus = [
                await world.read(
                    await world.people[name].click(
                        world.posts[post].message, custom_id=world.posts[post].control("more")
                    )
                )
                for world in worlds
            ]
            assert menus[0] == menus[1], (name, post)


async def test_a_request_to_unseal(worlds: Worlds) -> None:
    why = "They threaten another member with violence."
    refused, *_ = await same(
        worlds,
        ("mona", "unseal", {"post": "#4", "reason": why}),
        ("mel", "unseal", {"post": "#4", "reason": why}),
    )
    assert refused.startswith("You can take part from")
    for world in worlds:
        bot, guild_id = world.env.bot, world.server.guild.id
        assert isinstance(bot, Askwell)
        for name in _MODERATORS:
            actor = Actor(guild_id, world.people[name].id, is_moderator=True)
            # As if the week were over.
            await _backdate(bot, actor, world.env.now() - timedelta(days=8))
    asked, *_ = await same(
        worlds,
        ("mona", "unseal", {"post": "#4", "reason": why}),
        ("mona", "unseal", {"post": "#4", "reason": why}),
        ("mel", "queue", {}),
        ("mel", "audit", {"kind": "unseal"}),
        ("mona", "profile", {"member": "@alice"}),
    )
    assert asked.startswith("Asked.")


async def _shows(world: World, *files: tuple[str, bytes]) -> list[str]:
    """The author answers with files, by the form; all that the bot asks of Discord meanwhile."""
    await to_the_minute(world.env)
    start = len(world.env.http_requests)
    me = world.people[world.author]
    form = await me.slash(world.posts["carols"].thread, "answer")
    typed = {
        "answer": "That is what I see there, each day.",
        "how": ["anonymous"],
        "files": list(files),
    }
    world.shows.append(await world.read(await me.submit_modal(form, typed)))
    await world.env.advance_time(60)
    return world.requests(start)


def _attached(world: World) -> list[tuple[str, bytes | None]]:
    cdn = world.env.backend.cdn
    return [
        (file.filename, cdn.get(file.url))
        for card in world.server.cards()
        for file in card.message.attachments
    ]


async def test_pictures(worlds: Worlds) -> None:
    """Each with a name and a camera of their own, and the same to see."""
    drawn = pictures.image()
    sent: list[list[str]] = []
    for world in worlds:
        exif = pictures.exif()
        exif[0x0110] = world.author * 20  # the camera's name
        photo = (f"{world.author}.jpg", pictures.saved(drawn, "JPEG", exif=exif))
        note = pictures.PngImagePlugin.PngInfo()
        note.add_text("Author", world.author)
        other = (f"{world.author}s.png", pictures.saved(drawn, "PNG", pnginfo=note))
        sent.append(await _shows(world, photo, other))
    first, second = worlds
    assert sent[0] == sent[1]
    assert first.shown() == second.shown()
    assert first.shows == second.shows
    assert _attached(first) == _attached(second)
    assert [name for name, _ in _attached(first)] == ["picture-1.jpg", "picture-2.png"], first.shows


@pytest.mark.parametrize("fault", ["kind", "moves", "damaged"])
async def test_pictures_that_are_refused(worlds: Worlds, fault: str) -> None:
    sent: list[list[str]] = []
    for world in worlds:
        name, content = {
            "kind": (".pdf", b"%PDF-1.7"),
            "moves": (".gif", pictures.animated("GIF")),
            "damaged": (".png", pictures.PNG[:99]),
        }[fault]
        sent.append(await _shows(world, (world.author + name, content)))
    first, second = worlds
    assert sent[0] == sent[1]
    assert first.shown() == second.shown()
    assert first.shows == second.shows
    assert "Nothing you typed is lost." in first.shows[0]
    assert _attached(first) == _attached(second) == []


_ME = "I do, a lot, and longer than anybody knows."


async def _edits(world: World, post: str, field: str) -> None:
    me = world.people[world.author]
    form = await world.server.menu(me, world.posts[post], "edit")
    sentence(await me.submit_modal(form, filled(form) | {field: _ME}))


async def _deletes(world: World) -> None:
    me = world.people[world.author]
    asked = await me.slash(world.server.lounge, "delete", post="#1.4")
    sentence(await me.click(reply_of(asked), label="Delete"))


async def _chooses(world: World) -> None:
    sentence(await world.server.choose(world.people[world.author], world.posts["helped"]))


async def _closes(world: World) -> None:
    me, thread = world.people[world.author], world.posts["question"].thread
    sentence(await me.slash(thread, "close", reason="other", note="Thank you."))


async def _answers(world: World) -> None:
    await write(world, world.posts["carols"], body="And reading a very dull book, of course.")


async def _comments(world: World) -> None:
    await write(world, world.posts["question"], comment=True, body="Thank you, carol.")


_ACTS: tuple[Callable[[World], Awaitable[None]], ...] = (
    _answers,
    _comments,
    lambda world: _edits(world, "question", "details"),
    lambda world: _edits(world, "answer", "answer"),
    _deletes,
    _chooses,
    _closes,
)
_READ: tuple[tuple[str, dict[str, str]], ...] = (
    ("profile", {"member": "@alice"}),
    ("profile", {"member": "@bob"}),
    ("questions", {"view": "newest"}),
    ("search", {"query": "cry night"}),
    ("inbox", {}),
    ("history", {"post": "#4"}),
    ("history", {"post": "#1.3"}),
)


async def _read_by(worlds: Worlds, name: str, command: str, options: dict[str, str]) -> None:
    """What somebody reads, and the menus of what was written anonymously."""
    await same(worlds, (name, command, options))
    for post in ("question", "answer"):
        menus = [
            await world.read(
                await world.people[name].click(
                    world.posts[post].message, custom_id=world.posts[post].control("more")
                )
            )
            for world in worlds
        ]
        assert menus[0] == menus[1], (name, post)


async def test_all_that_an_author_does_is_the_same_for_nine_others(env: simcord.Env) -> None:
    worlds = await two_worlds(env)
    more = ("dave", "erin", "fred", "gina", "hank")
    users = [env.create_user(f"the {name}") for name in more]
    for world in worlds:
        for name, user in zip(more, users, strict=True):
            world.people[name] = world.server.guild.add_member(user)
    others = [name for name in worlds[0].people if name not in _SUSPECTS]
    assert len(others) == 9
    for step, act in enumerate(_ACTS):
        before = worlds[0].shown()
        sent: list[list[str]] = []
        for world in worlds:
            await to_the_minute(env)
            start = len(env.http_requests)
            await act(world)
            await env.advance_time(60)
            sent.append(world.requests(start))
        assert sent[0] == sent[1], step
        assert worlds[0].shown() == worlds[1].shown() != before, step
        for turn, name in enumerate(others):
            await _read_by(worlds, name, *_READ[(step + turn) % len(_READ)])
