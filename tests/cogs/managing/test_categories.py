"""Categories: added, listed, renamed and removed, with the forum's tags beside them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import simcord

from bot.domain.cards import Category
from bot.usecases import browsing
from data.database import Database
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.replies import buttons, fields, sentence
from tests.support.server import Server, told
from tests.support.simulator import at_once, bot_user_id, set_permissions

pytestmark = on_sqlite
Restart = Callable[[], Awaitable[Any]]


async def known(db: Database, server: Server) -> dict[str, Category]:
    return {c.name: c for c in await browsing.counted_categories(db, server.guild.id)}


def tags(env: simcord.Env, server: Server) -> dict[str, int]:
    stored = env.backend.get_channel(server.channel.id)
    return {tag["name"]: int(tag["id"]) for tag in stored.available_tags}


async def add(
    server: Server, owner: simcord.MemberActor, name: str, **options: str
) -> simcord.InteractionResult:
    return await owner.slash(server.lounge, "category add", name=name, **options)


@in_a_forum
async def test_a_category_gets_a_tag(
    server: Server, env: simcord.Env, db: Database, owner: simcord.MemberActor
) -> None:
    reply = await add(
        server, owner, "Sleep", emoji="😴", description="Falling asleep and staying so"
    )
    assert sentence(reply) == "Added **Sleep**."
    assert list(tags(env, server)) == ["Solved", "General", "Sleep"]
    assert (await known(db, server))["Sleep"].forum_tag_id == tags(env, server)["Sleep"]
    listed = sentence(await owner.slash(server.lounge, "category list"))
    assert "😴 **Sleep** · 0 questions" in listed
    assert "Falling asleep and staying so" in listed


@in_a_forum
async def test_nested_categories(server: Server, db: Database, owner: simcord.MemberActor) -> None:
    await add(server, owner, "Relationships")
    offered = await owner.autocomplete(server.lounge, "category add", "parent", "rela")
    assert [choice["name"] for choice in offered] == ["Relationships"]
    await add(server, owner, "Family", parent=offered[0]["value"])
    await add(server, owner, "Siblings", parent="Relationships › Family")
    listed = sentence(await owner.slash(server.lounge, "category list"))
    assert "\n\u2003**Family**" in listed
    assert "\n\u2003\u2003**Siblings**" in listed
    await add(server, owner, "Twins", parent="siblings")
    assert "at most 4 levels" in sentence(await add(server, owner, "Too deep", parent="Twins"))


@in_a_forum
@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("General", {}, "There's already a category called General. Choose another name."),
        ("GENERAL", {}, "There's already a category called"),
        ("\u2800\u2800", {}, "The name can't be empty"),
        ("Sleep", {"emoji": "zzz"}, "The emoji must be a single emoji"),
        ("Sleep", {"emoji": "<:zz:123456789012345678>"}, "it's from another server"),
        ("Sleep", {"parent": "Nowhere"}, "category no longer exists"),
    ],
)
async def test_what_cannot_be_a_category(
    server: Server,
    db: Database,
    owner: simcord.MemberActor,
    name: str,
    options: dict[str, str],
    why: str,
) -> None:
    assert why in sentence(await add(server, owner, name, **options))
    assert list(await known(db, server)) == ["General"]


@in_a_forum
async def test_a_name_cannot_break_out_of_the_list(
    server: Server, owner: simcord.MemberActor
) -> None:
    reply = await add(server, owner, "**<@1> [x](y)")
    assert "<@1>" not in sentence(reply)
    assert "\\*\\*" in sentence(reply)


@in_a_forum
async def test_renaming_keeps_the_tag_and_its_questions(
    server: Server,
    env: simcord.Env,
    db: Database,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    general = (await known(db, server))["General"]
    card = await server.ask(
        alice, "Where do I find a therapist?", category=str(general.category_id)
    )
    reply = await owner.slash(
        server.lounge, "category change", category="general", name="Finding help", emoji="🧭"
    )
    assert sentence(reply) == "Renamed **General** to **Finding help**."
    assert tags(env, server)["Finding help"] == general.forum_tag_id
    await env.advance_time(5)
    assert "🧭 Finding help" in card.text()
    assert env.backend.get_channel(card.thread.id).applied_tags == [general.forum_tag_id]

    nothing = await owner.slash(server.lounge, "category change", category="Finding help")
    assert "Please choose what to change" in sentence(nothing)
    await add(server, owner, "Sleep")
    taken = await owner.slash(
        server.lounge, "category change", category="Sleep", name="finding HELP"
    )
    assert "There's already a category called" in sentence(taken)


@in_a_forum
async def test_an_empty_category_goes_at_once_with_its_tag(
    server: Server, env: simcord.Env, db: Database, owner: simcord.MemberActor
) -> None:
    await add(server, owner, "Sleep")
    reply = await owner.slash(server.lounge, "category remove", category="Sleep")
    assert sentence(reply) == "Removed **Sleep**."
    assert "Sleep" not in tags(env, server)
    assert "Sleep" not in await known(db, server)


@in_a_forum
async def test_a_category_with_questions_is_asked_about_first(
    server: Server,
    env: simcord.Env,
    db: Database,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    restart: Restart,
) -> None:
    await add(server, owner, "Sleep", parent="General")
    sleep = (await known(db, server))["Sleep"]
    card = await server.ask(
        alice, "How do I sleep after a night shift?", category=str(sleep.category_id)
    )
    parent = await owner.slash(server.lounge, "category remove", category="General")
    assert "There are other categories below this one" in sentence(parent)

    asked = await owner.slash(server.lounge, "category remove", category="Sleep")
    assert sentence(asked).startswith(
        "Remove **Sleep**? It has 1 question. Its questions move to **General**."
    )
    assert "Sleep" in tags(env, server)
    assert list(buttons(asked)) == ["Remove"]
    bot = await restart()
    assert asked.response is not None
    done = await owner.click(asked.response, label="Remove")
    assert told(done) == "Removed **Sleep**. Its questions move to **General**."
    await env.advance_time(5)
    assert "General" in card.text()
    found = await known(bot.db, server)
    assert found["General"].questions == 1
    assert env.backend.get_channel(card.thread.id).applied_tags == [found["General"].forum_tag_id]


@in_a_forum
async def test_a_removed_category_leaves_its_questions_even_where_its_tag_has_to_stay(
    server: Server,
    env: simcord.Env,
    db: Database,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    await add(server, owner, "Sleep", parent="General")
    sleep = (await known(db, server))["Sleep"]
    card = await server.ask(
        alice, "How do I sleep after a night shift?", category=str(sleep.category_id)
    )
    env.inject_error("GET", f"/channels/{server.channel.id}", status=500, code=0)
    asked = await owner.slash(server.lounge, "category remove", category="Sleep")
    assert asked.response is not None
    await owner.click(asked.response, label="Remove")
    await env.advance_time(5)
    assert "Sleep" in tags(env, server)
    general = (await known(db, server))["General"]
    assert env.backend.get_channel(card.thread.id).applied_tags == [general.forum_tag_id]


@in_a_forum
async def test_without_manage_channels_the_category_is_there_without_a_tag(
    server: Server, env: simcord.Env, db: Database, owner: simcord.MemberActor
) -> None:
    set_permissions(env, server.channel, bot_user_id(env), manage_channels=False)
    await env.settle()
    reply = await add(server, owner, "Sleep")
    assert "Added " in sentence(reply)
    assert "*Manage Channels*" in sentence(reply)
    assert (await known(db, server))["Sleep"].forum_tag_id is None


@in_a_forum
async def test_two_managers_at_once_lose_no_tag(
    server: Server, env: simcord.Env, db: Database, owner: simcord.MemberActor
) -> None:
    async with at_once(env):
        for name in ("Sleep", "Food", "Work", "Love"):
            await add(server, owner, name)
    assert set(tags(env, server)) == {"Solved", "General", "Sleep", "Food", "Work", "Love"}
    for name, category in (await known(db, server)).items():
        assert category.forum_tag_id == tags(env, server)[name]


@in_a_forum
async def test_twenty_tags_are_all_a_forum_has(
    server: Server, env: simcord.Env, owner: simcord.MemberActor
) -> None:
    for number in range(18):
        assert "Added " in sentence(await add(server, owner, f"Topic {number}"))
    more = sentence(await add(server, owner, "One more"))
    assert "up to 20 tags, so these categories have none: One more" in more
    assert len(tags(env, server)) == 20


@in_a_text_channel
async def test_a_text_channel_needs_no_tags(
    server: Server, env: simcord.Env, db: Database, owner: simcord.MemberActor
) -> None:
    requests = len(env.http_requests)
    assert "Added " in sentence(await add(server, owner, "Sleep"))
    asked = [r.path for r in env.http_requests[requests:] if r.path.startswith("/channels")]
    assert not asked


@in_a_forum
async def test_a_category_called_solved_is_no_state(
    server: Server, env: simcord.Env, db: Database, owner: simcord.MemberActor
) -> None:
    await add(server, owner, "solved")
    assert (await known(db, server))["solved"].forum_tag_id is None
    assert list(tags(env, server)) == ["Solved", "General"]


@in_a_text_channel
async def test_an_order_and_a_parent_of_ones_choice(
    server: Server, db: Database, owner: simcord.MemberActor
) -> None:
    for name in ("Anxiety", "Sleep", "Work"):
        await add(server, owner, name)
    offered = await owner.autocomplete(server.lounge, "category change", "parent", "paren")
    assert [choice["name"] for choice in offered] == ["No parent category"]

    async def change(category: str, **options: str) -> str:
        reply = await owner.slash(server.lounge, "category change", category=category, **options)
        return sentence(reply)

    assert await change("Work", before="Anxiety") == "Saved your changes to **Work**."
    await change("Sleep", parent="Anxiety")
    found = await browsing.categories_of(db, server.guild.id)
    names = ["/".join((*c.path, c.name)) for c in found]
    assert names == ["General", "Work", "Anxiety", "Anxiety/Sleep"]
    await change("Sleep", parent=offered[0]["value"], before="General")
    assert next(iter(await known(db, server))) == "Sleep"
    assert "can't be below itself" in await change("Work", parent="Work")
    assert "has a different parent" in await change("Work", before="Work")


@in_a_forum
async def test_more_categories_than_a_forum_has_tags_or_a_form_choices(
    server: Server,
    env: simcord.Env,
    db: Database,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    await add(server, owner, "Health")
    for number in range(1, 29):
        await add(server, owner, f"Topic {number}", parent="Health")
    found = await known(db, server)
    assert len(tags(env, server)) == 20
    health = tags(env, server)["Health"]
    assert found["Topic 3"].forum_tag_id == tags(env, server)["Topic 3"]
    assert found["Topic 28"].forum_tag_id == health, "that of the one above"

    # Removing it takes no tag away that others have.
    await add(server, owner, "Last", parent="Health")
    sentence(await owner.slash(server.lounge, "category remove", category="Last"))
    assert tags(env, server)["Health"] == health

    last = str(found["Topic 28"].category_id)
    form = await alice.slash(server.lounge, "ask", category=last)
    select = fields(form)["category"]
    assert len(select["options"]) == 25
    assert [o["value"] for o in select["options"] if o.get("default")] == [last]

    shown = await alice.slash(server.lounge, "categories")
    assert "Topic 28" not in told(shown)
    assert shown.response is not None
    text = told(await alice.click(shown.response, label="Next"))
    assert "Health ›" in text
    assert "Topic 28" in text
    listed = await owner.slash(server.lounge, "category list")
    assert listed.response is not None
    assert "Topic 15" in told(await owner.click(listed.response, label="Next"))


@in_a_forum
async def test_an_emoji_of_the_servers_own(
    server: Server,
    env: simcord.Env,
    db: Database,
    guild: simcord.GuildHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    """It is shown where Discord draws it: not in the small line of a card."""
    made = guild.create_emoji("calm")
    await env.settle()
    emoji = f"<:calm:{made.id}>"
    await add(server, owner, "Calm", emoji=emoji)
    category = str((await known(db, server))["Calm"].category_id)
    question = await server.ask(alice, "How do I keep calm?", category=category)
    assert "· Calm · #1" in question.small_line
    assert f"{emoji} **Calm**" in told(await alice.slash(server.lounge, "categories"))
