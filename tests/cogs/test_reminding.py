"""What the bot brings up by itself, as members see it."""

from __future__ import annotations

import discord
import pytest
from simcord import Env, GuildHandle, MemberActor

from tests.support.server import Server, said, told
from tests.support.time import hours_pass

pytestmark = pytest.mark.parametrize("channel_kind", ["forum"], indirect=True)


def mails(person: MemberActor) -> list[discord.Message]:
    """The direct messages somebody got from the bot."""
    return person.user.dm_channel.history()


async def test_helpers_are_told_once_of_a_question_that_waits(
    server: Server,
    guild: GuildHandle,
    alice: MemberActor,
    bob: MemberActor,
    carol: MemberActor,
    owner: MemberActor,
    env: Env,
) -> None:
    """One reply is not enough; two people's are."""
    role = guild.create_role("Helpers")
    await owner.slash(server.lounge, "settings set", name="helper_role", value=str(role.id))
    question = await server.ask(alice, "How do I fall asleep after a night shift?")
    replied = await server.ask(alice, "What helps against stage fright before a talk?")
    heard = await server.ask(alice, "Where do I find a quiet place to read at work?")
    await server.answer(bob, replied, "Rehearse aloud, in the very room if you can.")
    for person, text in (
        (bob, "In the library of the town."),
        (carol, "In the park behind the station."),
    ):
        await server.answer(person, heard, text)

    for _ in range(2):
        await hours_pass(env, 25)
        for card, times in ((question, 1), (replied, 1), (heard, 0)):
            texts = [message.content for message in card.thread.history()]
            assert sum(f"<@&{role.id}>" in text for text in texts) == times
            assert sum("waiting for 24 hours" in text for text in texts) == times


async def test_an_asker_with_a_good_answer_is_nudged_once(
    server: Server, alice: MemberActor, bob: MemberActor, carol: MemberActor, env: Env
) -> None:
    question = await server.ask(alice, "How do I fall asleep after a night shift?", how=["notify"])
    answer = await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    await carol.react(answer.message, "⬆️")
    await hours_pass(env, 1)  # she hears of the answer
    before = len(mails(alice))
    await hours_pass(env, 49)
    (nudge,) = mails(alice)[before:]
    assert "Did an answer help?" in said(nudge)
    await hours_pass(env, 49)
    assert len(mails(alice)) == before + 1
    assert "Did an answer help?" in told(await alice.slash(server.lounge, "inbox"))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_digest_comes_at_its_hour_and_can_be_stopped(
    server: Server, alice: MemberActor, bob: MemberActor, env: Env
) -> None:
    await bob.slash(server.lounge, "notifications", digest="daily", hour=9, timezone="UTC")
    await server.ask(alice, "How do I fall asleep after a night shift?")
    await hours_pass(env, 8)  # the simulated day begins at midnight
    assert mails(bob) == []
    await hours_pass(env, 2)
    (digest,) = mails(bob)
    assert "News from Mind & Wellness" in said(digest)
    assert "How do I fall asleep" in said(digest)
    assert "You won't get more digests" in told(await bob.user.click(digest, label="Stop digests"))
    await server.ask(alice, "What helps against stage fright before a talk?")
    await hours_pass(env, 48)
    assert len(mails(bob)) == 1


async def test_figures_with_a_picture(
    server: Server, alice: MemberActor, bob: MemberActor, owner: MemberActor, env: Env
) -> None:
    question = await server.ask(alice, "How do I fall asleep after a night shift?")
    await hours_pass(env, 2.02)
    answer = await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    await server.choose(alice, answer)
    reply = await owner.slash(server.lounge, "stats")
    text = told(reply)
    assert "1 (100%)" in text
    assert "2 hours" in text
    assert "Heard by two within a day" in text
    assert reply.response is not None
    assert [a.filename for a in reply.response.attachments] == ["activity.png"]
    profile = await bob.slash(server.lounge, "profile")
    assert profile.response is not None
    assert [a.filename for a in profile.response.attachments] == ["points.png"]
