"""`/history`: what edits changed, page by page, and the way back for moderators."""

from __future__ import annotations

import discord
import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.forgery import press
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.people import named
from tests.support.replies import buttons, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import Locales, set_permissions

pytestmark = in_a_forum

FIRST = "Dark curtains, and no screens before bed."


async def edit(
    person: simcord.MemberActor, server: Server, number: str, **values: str
) -> simcord.InteractionResult:
    """A person changes some fields of a post."""
    shown = await person.slash(server.lounge, "edit", post=number)
    assert shown.modal is not None
    given = {
        part["component"]["custom_id"]: part["component"].get("value") or ""
        for part in shown.modal["components"]
    }
    return await person.submit_modal(shown, given | values)


@pytest.fixture
async def edited(
    server: Server, bob: simcord.MemberActor, moderator: simcord.MemberActor, answer: Card
) -> Card:
    """Bob's answer, edited by him and then by a moderator."""
    await edit(bob, server, "#1.1", answer=FIRST + "\nAnd earplugs.", reason="more of it")
    await edit(moderator, server, "#1.1", answer=FIRST + "\nAnd good earplugs.")
    return answer


async def test_what_was_changed_by_whom_when_and_why(
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    edited: Card,
) -> None:
    latest = await bob.slash(server.lounge, "history", post="#1.1")
    text = sentence(latest)
    assert "#1.1: edit 2 of 2" in text
    assert f"by {named(moderator)}, <t:" in text
    assert "```diff\n  " + FIRST + "\n- And earplugs.\n+ And good earplugs.\n```" in text
    assert list(buttons(latest)) == ["Previous", "Next"]

    first = await bob.click(reply_of(latest), label="Next")
    text = told(first)
    assert "#1.1: edit 1 of 2" in text
    assert f"by {named(bob)}, <t:" in text
    assert "> more of it" in text
    assert "+ And earplugs." in text
    assert "good" not in text


async def test_the_pages_survive_a_restart(
    server: Server, restart: Restart, bob: simcord.MemberActor, edited: Card
) -> None:
    latest = await bob.slash(server.lounge, "history", post="#1.1")
    await restart()
    first = await bob.click(reply_of(latest), label="Next")
    assert "edit 1 of 2" in told(first)
    latest = await bob.click(reply_of(first), label="Previous")
    assert "edit 2 of 2" in told(latest)


@on_sqlite
async def test_title_and_tags_have_their_own_place(
    server: Server, alice: simcord.MemberActor, question: Card
) -> None:
    await edit(alice, server, "#1", title="How does one sleep by day?", tags="sleep, noise")
    await edit(alice, server, "#1", tags="sleep, shifts")

    latest = await alice.slash(question.thread, "history")
    (tags,) = reply_of(latest).message.embeds[0].fields
    assert (tags.name, tags.value) == ("Tags", "```diff\n- noise\n+ shifts\n```")
    first = await alice.click(reply_of(latest), label="Next")
    title, tags = reply_of(first).message.embeds[0].fields
    assert title.name == "Title"
    assert title.value == (
        "```diff\n- How do I sleep after a night shift?\n+ How does one sleep by day?\n```"
    )
    assert tags.value == "```diff\n+ sleep, noise\n```"


@on_sqlite
async def test_from_the_more_menu_where_there_is_any(
    server: Server,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    question: Card,
    edited: Card,
) -> None:
    menu = await bob.click(question.message, custom_id=question.control("more"))
    assert "History" not in buttons(menu)
    menu = await bob.click(edited.message, custom_id=edited.control("more"))
    shown = await bob.click(reply_of(menu), label="History")
    assert "edit 2 of 2" in told(shown)

    never = await alice.slash(server.lounge, "history", post="#1")
    assert sentence(never) == "#1 hasn't been edited."


async def test_moderators_can_go_back(
    env: simcord.Env,
    server: Server,
    moderator: simcord.MemberActor,
    edited: Card,
) -> None:
    latest = await moderator.slash(server.lounge, "history", post="#1.1")
    first = await moderator.click(reply_of(latest), label="Next")
    done = await moderator.click(reply_of(first), label="Restore the version before this edit")

    assert "Restored #1.1 to version 1." in sentence(done)
    assert "earplugs" not in edited.text()
    assert FIRST in edited.text()
    assert f"edited by {moderator.name}" in edited.text()
    latest = await moderator.slash(server.lounge, "history", post="#1.1")
    assert "edit 3 of 3" in told(latest)
    assert "> Back to version 1" in told(latest)
    assert "- And good earplugs." in told(latest)
    await assert_consistent(env.bot.db)  # type: ignore[attr-defined]


@on_sqlite
async def test_an_old_page_goes_back_to_nothing_that_was_not_looked_at(
    server: Server,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    edited: Card,
) -> None:
    latest = await moderator.slash(server.lounge, "history", post="#1.1")
    await edit(bob, server, "#1.1", answer=FIRST + "\nAnd a mask for the eyes.")

    refused = await moderator.click(reply_of(latest), label="Restore the version before this edit")
    assert "Someone else edited this post" in sentence(refused)
    assert "mask" in edited.text()


@on_sqlite
async def test_others_can_not(
    server: Server, bob: simcord.MemberActor, carol: simcord.MemberActor, edited: Card
) -> None:
    shown = await bob.slash(server.lounge, "history", post="#1.1")
    assert "Restore the version before this edit" not in buttons(shown)
    for person in (bob, carol):
        forged = await press(person, edited.message, f"qa:1:revert:{edited.post_id}:1:3")
        assert sentence(forged) == "Only moderators can do this."
    assert "good earplugs" in edited.text()


@on_sqlite
async def test_earlier_versions_are_not_for_everybody(
    server: Server, carol: simcord.MemberActor, configure: Configure, edited: Card
) -> None:
    said = "Only the author and moderators can see earlier versions."
    await configure("privilege.edit_others", "0")  # no points bring it
    menu = await carol.click(edited.message, custom_id=edited.control("more"))
    assert "History" not in buttons(menu)
    for refused in (
        await carol.slash(server.lounge, "history", post="#1.1"),
        await press(carol, edited.message, f"qa:1:history:{edited.post_id}:0"),
    ):
        assert sentence(refused) == said


@on_sqlite
async def test_a_version_that_is_not_there(
    server: Server, moderator: simcord.MemberActor, edited: Card
) -> None:
    forged = await press(moderator, edited.message, f"qa:1:revert:{edited.post_id}:7:3")
    assert sentence(forged) == "That version of the post no longer exists."
    beyond = await press(moderator, edited.message, f"qa:1:history:{edited.post_id}:99")
    assert "edit 1 of 2" in told(beyond)


@on_sqlite
async def test_only_of_posts_one_can_see(
    env: simcord.Env,
    server: Server,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    edited: Card,
) -> None:
    everyone = server.guild.id
    set_permissions(env, server.channel, everyone, view_channel=False)
    refused = await carol.slash(server.lounge, "history", post="#1.1")
    assert sentence(refused) == "There's no post #1.1 in this server. Check its number or link."
    set_permissions(env, server.channel, everyone, view_channel=True)

    await moderator.slash(server.lounge, "hide", post="#1.1")
    refused = await bob.slash(server.lounge, "history", post="#1.1")
    assert "There's no post #1.1 in this server. Check its number or link." in sentence(refused)


@on_sqlite
async def test_hostile_texts_stay_within_their_block(
    server: Server, bob: simcord.MemberActor, answer: Card
) -> None:
    text = "```\nnot closed, and\n@everyone\n" + "".join(
        f"line {n} {'x' * 80}\n" for n in range(40)
    )
    await edit(bob, server, "#1.1", answer=text)

    shown = await bob.slash(server.lounge, "history", post="#1.1")
    embed: discord.Embed = reply_of(shown).message.embeds[0]
    assert embed.description is not None
    assert embed.description.count("```") == 2
    assert len(embed.description) <= 4096
    assert "more lines" in embed.description
    assert reply_of(shown).message.mention_everyone is False


@on_sqlite
async def test_in_german(
    server: Server, locales: Locales, bob: simcord.MemberActor, edited: Card
) -> None:
    locales.speaks(bob, "de")
    shown = await bob.slash(server.lounge, "history", post="#1.1")
    assert "edit 2 of 2" not in told(shown)
