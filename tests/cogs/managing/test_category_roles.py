"""Categories that are for a role: who may ask in them, and how the others are told."""

from __future__ import annotations

import pytest
import simcord

from bot.usecases import browsing
from data.database import Database
from tests.support.kinds import SIMPLE
from tests.support.replies import fields, filled, open_again, post_mine, sentence
from tests.support.server import Server, told
from tests.support.simulator import Locales

TITLE = "How do I sleep after a night shift?"
DETAILS = "I work nights this month, and lie awake until noon."


@pytest.fixture
def nurses(server: Server) -> simcord.RoleHandle:
    """A role that one can have."""
    return server.guild.create_role("Nurses")


@pytest.fixture
def nora(
    env: simcord.Env, guild: simcord.GuildHandle, nurses: simcord.RoleHandle
) -> simcord.MemberActor:
    """Nora, who has it."""
    return guild.add_member(env.create_user("nora"), roles=[nurses])


@pytest.fixture
async def wards(
    server: Server, owner: simcord.MemberActor, db: Database, nurses: simcord.RoleHandle
) -> str:
    """The category Wards, where nurses may ask. Returns its row, as it is sent."""
    reply = await owner.slash(server.lounge, "category add", name="Wards", role=nurses)
    assert sentence(reply) == (
        f"Added **Wards**.\nOnly <@&{nurses.id}> and moderators can ask in this category."
    )
    return await row(db, server, "Wards")


async def row(db: Database, server: Server, name: str) -> str:
    known = await browsing.categories_of(db, server.guild.id)
    return next(str(c.category_id) for c in known if c.name == name)


async def offered(server: Server, person: simcord.MemberActor) -> list[str]:
    """The categories that the form of /ask offers."""
    form = fields(await person.slash(server.lounge, "ask"))
    return [option["label"] for option in form["category"]["options"]]


async def may_ask(server: Server, person: simcord.MemberActor, category: str) -> bool:
    """Whether a person gets a question into a category, named with the command."""
    title = f"What would {person.name} ask about {category}?"
    form = await person.slash(server.lounge, "ask", category=category)
    if form.modal is None:
        assert "Only members with the role" in sentence(form)
        return False
    reply = await post_mine(
        person, await person.submit_modal(form, {**filled(form), "title": title})
    )
    return "Your question" in sentence(reply)


async def test_only_members_with_the_role_ask_in_a_category(
    server: Server,
    wards: str,
    nora: simcord.MemberActor,
    moderator: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    for person in (nora, moderator):
        card = await server.ask(person, f"{TITLE} ({person.name})", category=wards)
        assert "Wards" in card.text()
    assert await offered(server, nora) == ["General", "Wards", "No category"]
    assert await offered(server, bob) == ["General", "No category"]
    assert not await may_ask(server, bob, "Wards")
    assert len(server.cards()) == 2


async def test_the_role_can_go_while_the_form_is_open(
    server: Server,
    env: simcord.Env,
    wards: str,
    nora: simcord.MemberActor,
    nurses: simcord.RoleHandle,
) -> None:
    shown = await nora.slash(server.lounge, "ask")
    env.backend.remove_member_role(server.guild.id, nora.id, nurses.id)
    values = {"title": TITLE, "details": DETAILS, "category": [wards], "tags": "sleep"}
    refused = await nora.submit_modal(shown, values)
    assert sentence(refused).startswith(
        f"Only members with the role <@&{nurses.id}> can ask in **Wards**. Choose another "
        "category. Nothing you typed is lost."
    )
    assert not server.cards()
    again = await open_again(nora, refused)
    assert filled(again) == values | {"category": [], "how": []}
    await nora.submit_modal(again, filled(again))
    [card] = server.cards()
    assert DETAILS in card.text()


class TestOnce:
    """What depends neither on the database nor on the kind of channel."""

    pytestmark = SIMPLE

    async def test_a_category_that_is_typed_into_the_command(
        self, server: Server, wards: str, nurses: simcord.RoleHandle, bob: simcord.MemberActor
    ) -> None:
        assert await bob.autocomplete(server.lounge, "ask", "category", "war") == []
        refused = await bob.slash(server.lounge, "ask", title=TITLE, category="wards")
        assert f"Only members with the role <@&{nurses.id}> can ask" in sentence(refused)
        again = await open_again(bob, refused)
        assert filled(again)["title"] == TITLE

    async def test_it_is_still_there_to_read(
        self, server: Server, wards: str, nurses: simcord.RoleHandle, bob: simcord.MemberActor
    ) -> None:
        for command in ("search", "questions"):
            found = await bob.autocomplete(server.lounge, command, "category", "war")
            assert [choice["name"] for choice in found] == ["Wards"]
        text = told(await bob.slash(server.lounge, "categories"))
        assert f"**Wards** · 0 questions · only <@&{nurses.id}> can ask" in text

    async def test_those_below_are_for_the_same_role_unless_they_say_otherwise(
        self,
        server: Server,
        db: Database,
        owner: simcord.MemberActor,
        wards: str,
        nurses: simcord.RoleHandle,
        nora: simcord.MemberActor,
        bob: simcord.MemberActor,
    ) -> None:
        guests = server.guild.create_role("Guests")
        gail = server.guild.add_member(server.env.create_user("gail"), roles=[guests])
        everyone = server.guild.default_role
        for name, options in (
            ("Nights", {}),
            ("Visits", {"role": guests}),
            ("Open", {"role": everyone}),
        ):
            reply = await owner.slash(
                server.lounge, "category add", name=name, parent="Wards", **options
            )
            assert "Added " in sentence(reply)
        assert "**Open** · 0 questions · everyone can ask" in told(
            await owner.slash(server.lounge, "category list")
        )
        allowed = {
            person.name: [
                n for n in ("Nights", "Visits", "Open") if await may_ask(server, person, n)
            ]
            for person in (nora, gail, bob)
        }
        assert allowed == {"nora": ["Nights", "Open"], "gail": ["Visits", "Open"], "bob": ["Open"]}

    async def test_the_role_is_changed_and_taken_back(
        self, server: Server, owner: simcord.MemberActor, wards: str, bob: simcord.MemberActor
    ) -> None:
        guests = server.guild.create_role("Guests")
        lounge = server.lounge
        changed = await owner.slash(lounge, "category change", category="Wards", role=guests)
        assert f"Only <@&{guests.id}> and moderators can ask in this category." in sentence(changed)
        assert not await may_ask(server, bob, "Wards")
        back = await owner.slash(lounge, "category reset", category="Wards", part="role")
        assert sentence(back) == (
            "Saved your changes to **Wards**.\nEveryone can ask in this category."
        )
        assert await may_ask(server, bob, "Wards")

    async def test_a_role_that_is_gone_lets_nobody_in(
        self,
        server: Server,
        env: simcord.Env,
        owner: simcord.MemberActor,
        wards: str,
        nurses: simcord.RoleHandle,
        nora: simcord.MemberActor,
    ) -> None:
        env.backend.delete_role(server.guild.id, nurses.id)
        await env.settle()
        assert not await may_ask(server, nora, "Wards")
        text = told(await owner.slash(server.lounge, "setup"))
        assert "⚠️ The role that can ask in **Wards** no longer exists" in text

    async def test_emoji_and_description_are_taken_back(
        self, server: Server, owner: simcord.MemberActor
    ) -> None:
        lounge = server.lounge
        options = {"name": "Sleep", "emoji": "😴", "description": "Falling asleep"}
        await owner.slash(lounge, "category add", **options)
        for part in ("emoji", "description"):
            sentence(await owner.slash(lounge, "category reset", category="Sleep", part=part))
        text = told(await owner.slash(lounge, "category list"))
        assert "**Sleep** · 0 questions" in text
        assert "😴" not in text
        assert "Falling asleep" not in text

    async def test_in_german(
        self,
        server: Server,
        locales: Locales,
        wards: str,
        nurses: simcord.RoleHandle,
        bob: simcord.MemberActor,
    ) -> None:
        locales.speaks(bob, "de")
        refused = await bob.slash(server.lounge, "ask", category="Wards")
        assert sentence(refused).startswith(
            f"In **Wards** können nur Mitglieder mit der Rolle <@&{nurses.id}> fragen."
        )
