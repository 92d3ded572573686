"""Looking through the forum, as members see it."""

from __future__ import annotations

import discord
import pytest
from simcord import GuildHandle, MemberActor

from tests.support.forgery import press
from tests.support.server import Server, told
from tests.support.simulator import set_permissions


async def test_the_views_show_what_they_say(
    server: Server, alice: MemberActor, bob: MemberActor, carol: MemberActor
) -> None:
    first = await server.ask(alice, "How do I fall asleep after a night shift?", tags="sleep")
    await server.ask(bob, "What helps against stage fright before a talk?", tags="fear, work")
    third = await server.ask(alice, "Is it normal to cry in therapy sessions?")
    await server.env.advance_time(60)
    answer = await server.answer(bob, first, "Dark curtains, and no screens before bed.")
    await server.choose(alice, answer)
    await carol.react(third.message, "⬆️")

    async def shown(**options: str) -> list[int]:
        text = told(await carol.slash(server.lounge, "questions", **options))
        places = {n: text.find(f"#{n} ") for n in (1, 2, 3)}
        return sorted((n for n in places if places[n] >= 0), key=lambda n: places[n])

    assert await shown() == [3, 2, 1]
    assert await shown(view="active") == [1, 3, 2]
    assert await shown(view="votes") == [3, 2, 1]
    assert await shown(view="hot") == [3, 1, 2] or await shown(view="hot") == [1, 3, 2]
    assert await shown(view="unanswered") == [3, 2]
    assert await shown(view="unsolved") == [3, 2]
    assert await shown(view="waiting") == [2, 3]
    assert await shown(view="mine") == []
    assert await shown(tag="sleep") == [1]
    mine = told(await alice.slash(server.lounge, "questions", view="mine"))
    assert "Your questions" in mine
    assert "#2 " not in mine
    assert "✅ solved" in mine
    assert "1 answer" in mine


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_pages_survive_a_restart(server: Server, alice: MemberActor, restart) -> None:
    owner_limits = [f"Question number {n} of the long list" for n in range(1, 13)]
    for title in owner_limits[:10]:
        await server.ask(alice, title)
    await server.env.advance_time(3700)  # the next hour
    for title in owner_limits[10:]:
        await server.ask(alice, title)
    page = await alice.slash(server.lounge, "questions", view="newest")
    assert page.response is not None
    assert "#12 " in told(page)
    assert "#2 " not in told(page)
    await restart()
    await alice.click(page.response.message, label="Next")
    assert "#2 " in told(page)
    assert "#12 " not in told(page)
    assert "Page 2" in told(page)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["text"], indirect=True)
async def test_posts_in_unreadable_channels_are_not_listed(
    server: Server, guild: GuildHandle, alice: MemberActor, carol: MemberActor, owner: MemberActor
) -> None:
    hidden = discord.PermissionOverwrite(view_channel=False)
    shown = discord.PermissionOverwrite(view_channel=True)
    bot_user = server.env.bot.user
    assert bot_user is not None
    closed = guild.create_text_channel(
        "staff", overwrites={guild.default_role: hidden, bot_user: shown}
    )
    await owner.slash(server.lounge, "setup", channel=closed)
    set_permissions(server.env, closed, alice.id, view_channel=True)
    await server.ask(alice, "How do I fall asleep after a night shift?")
    set_permissions(server.env, closed, alice.id, view_channel=False)
    assert "#1 " not in told(await carol.slash(server.lounge, "questions"))
    assert "#1 " in told(await owner.slash(server.lounge, "questions"))
    # One's own are shown to oneself.
    assert "#1 " in told(await alice.slash(server.lounge, "questions"))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_categories_and_tags(server: Server, alice: MemberActor, owner: MemberActor) -> None:
    await server.ask(alice, "How do I fall asleep after a night shift?", tags="sleep, work")
    await server.ask(alice, "What helps against stage fright before a talk?", tags="work")
    tags = told(await alice.slash(server.lounge, "tags"))
    assert tags.index("`work` 2") < tags.index("`sleep` 1")
    categories = told(await alice.slash(server.lounge, "categories"))
    assert "**General** · 0 questions" in categories
    offered = await alice.autocomplete(server.lounge, "questions", "tag", "sl")
    assert [choice["value"] for choice in offered] == ["sleep"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
async def test_what_is_beyond_the_last_page_says_so(server: Server, alice: MemberActor) -> None:
    """As a page is that was the last one until questions were deleted."""
    await server.ask(alice, "How do I fall asleep after a night shift?", tags="sleep")
    page = await alice.slash(server.lounge, "questions")
    assert page.response is not None
    for beyond in ("list:newest:0:7", "tags:7", "board:week:7", "board:all:7", "points:7"):
        shown = told(await press(alice, page.response.message, f"qa:1:{beyond}"))
        assert "Nothing more to show." in shown, beyond
    empty = await alice.slash(server.lounge, "questions", tag="work")
    assert "None yet." in told(empty)
    assert "Page" not in told(await alice.slash(server.lounge, "tags"))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)
async def test_nothing_that_waits_is_good_news(
    server: Server, alice: MemberActor, bob: MemberActor
) -> None:
    question = await server.ask(alice, "How do I fall asleep after a night shift?")
    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    reply = told(await alice.slash(server.lounge, "questions", view="unanswered"))
    assert "Nothing here needs an answer right now" in reply
