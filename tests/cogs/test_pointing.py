"""Commands without a post: the only one they can mean, or a choice."""

from __future__ import annotations

from typing import Any

import simcord
from simcord.components import walk_components

from tests.conftest import Restart
from tests.support.kinds import SIMPLE
from tests.support.replies import buttons, fields, reply_of, sentence
from tests.support.server import Card, Server, told

pytestmark = SIMPLE

FIRST = "Dark curtains, and no screens before bed."
SECOND = "A fixed ritual: tea, a page of a book, lights out."


def options(result: simcord.InteractionResult) -> dict[str, str]:
    """What the select under a reply offers: label → value."""
    return {each["label"]: each["value"] for each in _select(result)["options"]}


def _select(result: simcord.InteractionResult) -> dict[str, Any]:
    parts = walk_components(reply_of(result).components)
    (found,) = (part for part in parts if part.get("type") == 3)
    return found


async def choose(
    person: simcord.MemberActor, result: simcord.InteractionResult, label: str
) -> simcord.InteractionResult:
    """A person chooses what begins with these words."""
    (value,) = (v for name, v in options(result).items() if name.startswith(label))
    return await person.select(reply_of(result), [value], custom_id=_select(result)["custom_id"])


async def test_the_best_answer_is_chosen_among_the_threads(
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    await server.answer(carol, question, SECOND)
    asked = await alice.slash(question.thread, "best")
    assert sentence(asked) == "Which answer helped most?"
    assert list(options(asked)) == [f"#1.2 {SECOND}", f"#1.1 {FIRST}"]

    chosen = await choose(alice, asked, "#1.1")
    assert sentence(chosen).startswith("#1.1 is now the best answer.")
    assert answer.pinned


async def test_from_anywhere_it_is_an_answer_to_ones_own_question(
    server: Server,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    none = await bob.slash(server.lounge, "best")
    assert sentence(none) == "Your open questions have no answers yet."
    other = await server.ask(bob, "How do I wake up early?")
    refused = await alice.slash(other.thread, "best")
    assert sentence(refused) == "This question has no answers yet."

    only = await alice.slash(server.lounge, "best")
    assert sentence(only).startswith("#1.1 is now the best answer.")
    assert answer.pinned


async def test_in_a_thread_edit_means_ones_newest_post_there(
    server: Server, question: Card, answer: Card, bob: simcord.MemberActor
) -> None:
    await server.answer(bob, question, SECOND)
    shown = await bob.slash(question.thread, "edit")
    assert fields(shown)["answer"]["value"] == SECOND
    asked = await bob.slash(question.thread, "delete")
    assert sentence(asked).startswith("Delete #1.2?")
    edited = await bob.slash(question.thread, "history")
    assert sentence(edited) == "#1.2 hasn't been edited."


async def test_elsewhere_ones_posts_are_offered(
    server: Server,
    question: Card,
    answer: Card,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    await server.ask(bob, "How do I wake up early?")
    asked = await bob.slash(server.lounge, "edit")
    assert list(options(asked)) == ["#2 How do I wake up early?", f"#1.1 {FIRST}"]
    shown = await choose(bob, asked, "#1.1")
    assert fields(shown)["answer"]["value"] == FIRST

    asked = await bob.slash(server.lounge, "delete")
    assert sentence(await choose(bob, asked, "#1.1")).startswith("Delete #1.1?")
    nothing = await carol.slash(server.lounge, "edit")
    assert sentence(nothing) == "You haven't posted anything here yet."


async def test_pages_of_posts_outlive_a_restart(
    server: Server, bob: simcord.MemberActor, owner: simcord.MemberActor, restart: Restart
) -> None:
    await owner.slash(server.lounge, "settings set", name="limit.questions", value="100")
    for number in range(27):
        await server.try_to_ask(bob, f"How does thing {number} work?")
    asked = await bob.slash(server.lounge, "delete")
    assert len(options(asked)) == 25
    assert list(buttons(asked)) == ["Previous", "Next"]
    await restart()
    second = await bob.click(reply_of(asked), label="Next")
    assert list(options(second)) == ["#2 How does thing 1 work?", "#1 How does thing 0 work?"]
    assert sentence(await choose(bob, second, "#1")).startswith("Delete #1?")


async def test_every_command_that_takes_a_post_offers_some(
    server: Server, question: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    await server.ask(bob, "How do I wake up early?")
    for command, given in (
        ("answer", {}),
        ("comment", {}),
        ("vote", {"direction": "up"}),
        ("close", {"reason": "other"}),
        ("retag", {"tags": "sleep, work"}),
        ("move", {"category": "none"}),
    ):
        asked = await bob.slash(server.lounge, command, **given)
        assert [label[:2] for label in options(asked)] == ["#2", "#1"], command
        assert "number" not in told(asked), command
        done = await choose(bob, asked, "#1" if command == "vote" else "#2")
        if command == "retag":
            assert fields(done)["tags"]["value"] == "sleep, work"
        elif done.modal is None:
            assert "#" in sentence(done), command
    assert "Reopened #2." in sentence(await bob.slash(server.lounge, "reopen"))


async def test_moderators_are_offered_what_to_hide_and_to_show(
    server: Server,
    question: Card,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    env: simcord.Env,
) -> None:
    asked = await moderator.slash(server.lounge, "hide", reason="spam")
    assert list(options(asked)) == ["#1 How do I sleep after a night shift?"]
    assert sentence(await choose(moderator, asked, "#1")).startswith("#1 is hidden.")
    asked = await moderator.slash(server.lounge, "show")
    assert sentence(await choose(moderator, asked, "#1")) == "The post is shown again."
    assert sentence(await moderator.slash(server.lounge, "show")) == "No hidden posts."


async def test_a_note_is_kept_while_the_question_is_chosen(
    server: Server, question: Card, alice: simcord.MemberActor
) -> None:
    other = await server.ask(alice, "How do I wake up early?")
    asked = await alice.slash(server.lounge, "close", reason="other", note="It is solved.")
    assert "Closed #2." in sentence(await choose(alice, asked, "#2"))
    assert "It is solved." in other.text()


async def test_a_duplicates_original_is_chosen(
    server: Server, question: Card, alice: simcord.MemberActor, moderator: simcord.MemberActor
) -> None:
    again = await server.ask(alice, "Night shift: how do I sleep after it?")
    asked = await moderator.slash(again.thread, "close", reason="duplicate", note="See there.")
    assert sentence(asked).startswith("Which question does #2 duplicate?")
    assert list(options(asked)) == ["#1 How do I sleep after a night shift?"]
    assert list(buttons(asked)) == ["Another question"]

    assert "Closed #2." in sentence(await choose(moderator, asked, "#1"))
    assert "See there." in again.text()
    assert "#1 [How do I sleep after a night shift?]" in again.text()


async def test_any_other_original_is_typed(
    server: Server, question: Card, alice: simcord.MemberActor, moderator: simcord.MemberActor
) -> None:
    again = await server.ask(alice, "Which bread is best with soup?")
    asked = await moderator.slash(again.thread, "close", reason="duplicate")
    assert sentence(asked).startswith("I found no question like #2.")
    form = await moderator.click(reply_of(asked), label="Another question")
    refused = await moderator.submit_modal(form, {"original": "#99", "note": "Look."})
    assert "That isn't a post in this server." in sentence(refused)
    form = await moderator.click(reply_of(refused), label="Open the form again")
    assert fields(form)["note"]["value"] == "Look."
    assert "Closed #2." in sentence(
        await moderator.submit_modal(form, {"original": "#1", "note": "Look."})
    )
