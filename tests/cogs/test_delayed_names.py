"""One anonymous name in a question, also for what waits to appear: as its author sees it."""

from __future__ import annotations

import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.cogs.test_anonymous import Person, answered, commented, posted, to_the_name
from tests.cogs.test_delaying import DELAY, LATER, pass_delay, take_back
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, reply_of, sentence
from tests.support.server import Card, Server

MINE = "Your name in this question is {}."


@pytest.fixture(autouse=True)
async def on(configure: Configure) -> None:
    """Anonymous posts are on, and appear later."""
    await configure("anonymous", "on")
    await configure("anonymous_delay", str(DELAY))


@pytest.fixture
async def question(server: Server, bob: Person) -> Card:
    """What Bob asked by name."""
    return await server.ask(bob, "Which bread is best with cheese?")


def by(server: Server, kind: str) -> list[str]:
    return [card.by for card in server.cards() if card.kind == kind]


async def test_no_other_name_is_offered_to_whoever_has_a_post_that_waits(
    env: simcord.Env, server: Server, question: Card, alice: Person, carol: Person
) -> None:
    done = await posted(alice, await answered(alice, question), "Quiet Otter")
    assert sentence(done).startswith(f"{LATER} {MINE.format('Quiet Otter')}")
    done = await commented(server, alice, question, "Rye, for example.")
    assert sentence(done).startswith(LATER), "nothing is asked: they have a name in it"
    assert MINE.format("Quiet Otter") in sentence(done)
    others = await to_the_name(carol, await answered(carol, question, "Toast, I'd say. It's warm."))
    assert "Post as Quiet Otter" not in buttons(others)
    sentence(await posted(carol, others, "Brave Fox"))
    await pass_delay(env)
    assert sorted(by(server, "answer")) == ["Brave Fox", "Quiet Otter"]
    (comment,) = [card for card in server.cards() if card.kind == "comment"]
    assert "Quiet Otter · anonymous" in comment.small_line


@on_sqlite
@in_a_forum
class TestTwoStepsAtOnce:
    """Both forms were sent, and both names are offered, before either is posted."""

    async def test_the_second_is_told_which_name_it_has(
        self, env: simcord.Env, server: Server, question: Card, alice: Person
    ) -> None:
        first = await to_the_name(alice, await answered(alice, question))
        second = await to_the_name(alice, await commented(server, alice, question, "Rye, I'd say."))
        sentence(await posted(alice, first, "Quiet Otter"))
        (label,) = [each for each in buttons(second) if each.startswith("Post as")]
        assert label != "Post as Quiet Otter"
        done = await alice.click(reply_of(second), label=label)
        assert MINE.format("Quiet Otter") in sentence(done)
        await pass_delay(env)
        (comment,) = [card for card in server.cards() if card.kind == "comment"]
        assert "Quiet Otter · anonymous" in comment.small_line
        assert by(server, "answer") == ["Quiet Otter"]

    async def test_no_other_name_can_be_chosen(
        self, server: Server, question: Card, alice: Person
    ) -> None:
        second = await to_the_name(alice, await commented(server, alice, question, "Rye, I'd say."))
        sentence(await posted(alice, await answered(alice, question), "Quiet Otter"))
        form = await alice.click(reply_of(second), label="Choose another name")
        offered = await alice.submit_modal(form, {"name": "Brave Fox"})
        assert "Post as Quiet Otter" in buttons(offered)
        assert "Post as Brave Fox" not in buttons(offered)

    async def test_it_appears_at_once_where_the_delay_was_turned_off(
        self,
        env: simcord.Env,
        server: Server,
        question: Card,
        alice: Person,
        configure: Configure,
    ) -> None:
        sentence(await posted(alice, await answered(alice, question), "Quiet Otter"))
        await configure("anonymous_delay", "0")
        done = await commented(server, alice, question, "Rye, for example.")
        assert sentence(done).startswith("Comment posted as #1.1.")
        await pass_delay(env)
        (comment,) = [card for card in server.cards() if card.kind == "comment"]
        assert "Quiet Otter · anonymous" in comment.small_line
        assert by(server, "answer") == ["Quiet Otter"]

    async def test_what_is_taken_back_holds_no_name(
        self, env: simcord.Env, server: Server, question: Card, alice: Person
    ) -> None:
        done = await posted(alice, await answered(alice, question), "Quiet Otter")
        sentence(await take_back(alice, done))
        done = await posted(
            alice, await commented(server, alice, question, "Rye, I'd say."), "Shy Owl"
        )
        assert MINE.format("Shy Owl") in sentence(done)
        await pass_delay(env)
        (comment,) = [card for card in server.cards() if card.kind == "comment"]
        assert "Shy Owl · anonymous" in comment.small_line
