"""A question's answers by their votes, from its *More* menu."""

from __future__ import annotations

from simcord import Env, GuildHandle, MemberActor

from tests.cogs.conftest import Configure
from tests.support.forgery import press
from tests.support.kinds import on_sqlite
from tests.support.replies import buttons
from tests.support.server import Card, Server, told
from tests.support.simulator import set_permissions


async def votes(guild: GuildHandle, env: Env, card: Card, up: int, down: int = 0) -> None:
    for n in range(up + down):
        voter = guild.add_member(env.create_user(f"voter-{card.post_id}-{n}"))
        await voter.react(card.message, "⬆️" if n < up else "⬇️")


async def test_answers_are_listed_by_their_votes(
    server: Server,
    env: Env,
    guild: GuildHandle,
    alice: MemberActor,
    bob: MemberActor,
    carol: MemberActor,
    moderator: MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    await configure("privilege.down_vote", "0")
    menu = await alice.click(question.message, label="⋯")
    assert menu.response is not None
    assert "Answers by votes" not in buttons(menu)

    disputed = await server.answer(bob, question, "A long bath, as hot as you can stand it.")
    liked = await server.answer(carol, question, "Dark curtains, and no screens before bed.")
    best = await server.answer(moderator, question, "Ask for a rota with fewer night shifts.")
    await server.answer(bob, question, "Read a dull book until the eyes fall shut.")
    await votes(guild, env, disputed, up=5, down=3)  # both have +2, but here they disagree
    await votes(guild, env, liked, up=2)
    await server.choose(alice, best)

    menu = await alice.click(question.message, label="⋯")
    assert menu.response is not None
    listed = told(await alice.click(menu.response.message, label="Answers by votes"))
    numbers = {"disputed": "#1.1]", "liked": "#1.2]", "best": "#1.3]", "plain": "#1.4]"}
    places = {name: listed.find(number) for name, number in numbers.items()}
    assert min(places.values()) > 0
    assert sorted(places, key=lambda name: places[name]) == ["best", "liked", "disputed", "plain"]
    assert "✅ Best answer" in listed
    assert "+2 votes" in listed
    assert "Dark curtains" in listed
    assert f"/{liked.channel_id}/{liked.message_id}" in listed


@on_sqlite
async def test_five_answers_a_page(
    server: Server, alice: MemberActor, bob: MemberActor, question: Card
) -> None:
    for n in range(1, 7):
        await server.answer(bob, question, f"Answer with the number {n}, long enough to be one.")
    menu = await alice.click(question.message, label="⋯")
    assert menu.response is not None
    message = menu.response.message
    first = told(await alice.click(message, label="Answers by votes"))
    assert "number 5" in first
    assert "number 6" not in first
    second = told(await alice.click(message, label="Next"))
    assert "number 6" in second
    assert "number 1" not in second


@on_sqlite
async def test_a_list_needs_access_to_the_channel(
    server: Server, env: Env, alice: MemberActor, bob: MemberActor, question: Card
) -> None:
    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    shown = await alice.slash(server.lounge, "leaderboard")
    assert shown.response is not None
    set_permissions(env, server.channel, alice.id, view_channel=False)
    forged = await press(alice, shown.response.message, f"qa:1:answers:{question.post_id}:0")
    assert "Dark curtains" not in told(forged)
