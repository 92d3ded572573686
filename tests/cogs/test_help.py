"""`/help` and `/about`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import simcord

from tests.support.forgery import press
from tests.support.kinds import SIMPLE, on_sqlite
from tests.support.replies import buttons, sentence
from tests.support.server import Server, told
from tests.support.simulator import Locales

Configure = Callable[..., Awaitable[None]]
Restart = Callable[[], Awaitable[Any]]


class TestInAServer:
    pytestmark = SIMPLE

    async def test_members_see_how_it_works_and_what_they_may_use(
        self, server: Server, env: simcord.Env, alice: simcord.MemberActor
    ) -> None:
        text = sentence(await alice.slash(server.lounge, "help"))
        ids = {command.name: command.id for command in await env.bot.tree.fetch_commands()}  # type: ignore[attr-defined]
        assert "Welcome. Ask anything" in text
        assert (
            f"Ask a question with </ask:{ids['ask']}>. It appears in <#{server.channel.id}>" in text
        )
        assert f"</profile:{ids['profile']}>" in text
        assert "Vote with ⬆️ ⬇️ below a card" in text
        assert "**Post as answer**" in text
        assert "**Forum profile**" in text
        assert "/setup" not in text
        assert "/settings" not in text

    async def test_managers_find_theirs_one_click_away(
        self, server: Server, owner: simcord.MemberActor, restart: Restart
    ) -> None:
        shown = await owner.slash(server.lounge, "help")
        assert "</setup:" not in sentence(shown)
        await restart()
        assert shown.response is not None
        managing = told(await owner.click(shown.response, label="Commands for managers"))
        for name in ("setup", "settings show", "settings set", "category add", "recount"):
            assert f"</{name}:" in managing
        back = told(await owner.click(shown.response, label="Commands"))
        assert "How Askwell works" in back

    async def test_others_do_not_get_there(
        self, server: Server, alice: simcord.MemberActor
    ) -> None:
        shown = await alice.slash(server.lounge, "help")
        assert not [name for name in buttons(shown) if name.startswith("Commands")]
        assert shown.response is not None
        for forged, why in (
            ("qa:1:help:managers", "You need the *Manage Server* permission"),
            ("qa:1:help:moderators", "Only moderators"),
            ("qa:1:help:gods", "couldn't read that"),
            ("qa:1:help", "couldn't read that"),
        ):
            assert why in sentence(await press(alice, shown.response.message, forged))

    async def test_private_voting_is_told_as_it_is(
        self, server: Server, alice: simcord.MemberActor, configure: Configure
    ) -> None:
        await configure("voting", "private")
        assert "Nobody sees who voted." in sentence(await alice.slash(server.lounge, "help"))

    async def test_the_longest_welcome_fits(
        self,
        server: Server,
        owner: simcord.MemberActor,
        locales: Locales,
        configure: Configure,
    ) -> None:
        locales.speaks(owner, "de")
        await configure("welcome", "Wir sind füreinander da. " * 59)
        assert "füreinander" in sentence(await owner.slash(server.lounge, "help"))

    async def test_a_welcome_pings_nobody(
        self, server: Server, alice: simcord.MemberActor, configure: Configure
    ) -> None:
        await configure("welcome", "Hello @everyone and <@1>, [click](https://example.org)")
        text = sentence(await alice.slash(server.lounge, "help"))
        assert "<@1>" not in text
        assert "click (<https://example.org>)" in text

    async def test_about(self, server: Server, alice: simcord.MemberActor) -> None:
        text = sentence(await alice.slash(server.lounge, "about"))
        assert "a Q&A forum inside Discord" in text
        assert "**Privacy.**" in text
        assert "</privacy policy:" in text
        assert "Questions about your data? Ask <@" in text
        assert "https://discord.com/oauth2/authorize?client_id=" in text


@on_sqlite
async def test_before_it_is_set_up(
    env: simcord.Env,
    lounge: simcord.ChannelHandle,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
) -> None:
    assert "Start with </setup:" in sentence(await owner.slash(lounge, "help"))
    assert "Ask someone who can manage the server to run" in sentence(
        await alice.slash(lounge, "help")
    )


@on_sqlite
async def test_without_the_ids_commands_are_named(
    env: simcord.Env, lounge: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    env.bot.command_ids.clear()  # type: ignore[attr-defined]
    text = sentence(await alice.slash(lounge, "help"))
    assert "`/ask` Ask a question." in text
