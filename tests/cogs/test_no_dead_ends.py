"""What one can do next is offered: by selects, controls and buttons."""

from __future__ import annotations

from typing import Any

import simcord
from simcord.components import walk_components

from bot.usecases import following
from data.database import Database
from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.homes import row
from tests.support.kinds import SIMPLE
from tests.support.people import named
from tests.support.replies import buttons, fields, reply_of, sentence
from tests.support.server import Card, Server
from tests.support.simulator import Locales

pytestmark = SIMPLE

FIRST = "Dark curtains, and no screens before bed."


def selects(result: simcord.InteractionResult) -> dict[str, dict[str, Any]]:
    """The selects under a reply, by their custom ids."""
    parts = walk_components(reply_of(result).components)
    return {part["custom_id"]: part for part in parts if part.get("type") in (3, 5, 6, 8)}


def chosen(select: dict[str, Any]) -> list[str]:
    """What is chosen in a select."""
    return [each["value"] for each in select["options"] if each.get("default")]


async def more(person: simcord.MemberActor, card: Card) -> simcord.InteractionResult:
    return await person.click(card.message, custom_id=card.control("more"))


# --- lists ---------------------------------------------------------------------------------------


async def test_a_list_changes_its_view_and_category(
    server: Server,
    question: Card,
    answer: Card,
    owner: simcord.MemberActor,
    bob: simcord.MemberActor,
    restart: Restart,
) -> None:
    await owner.slash(server.lounge, "category add", name="Bread")
    bread = await row(server, "Bread")
    await server.ask(bob, "Which bread is best with soup?", category=bread)
    listed = await bob.slash(server.lounge, "questions")
    assert {"qa:1:list.view:0", "qa:1:list.category:newest:0"} == {*selects(listed)}
    await restart()
    listed = await bob.select(reply_of(listed), ["unanswered"], custom_id="qa:1:list.view:0")
    assert "Unanswered questions" in sentence(listed)
    assert "night shift" not in sentence(listed)
    listed = await bob.select(
        reply_of(listed), [bread], custom_id="qa:1:list.category:unanswered:0"
    )
    assert "Unanswered questions · Bread" in sentence(listed)
    action = f"qa:1:list.view:{bread}"
    assert chosen(selects(listed)[action]) == ["unanswered"]
    listed = await bob.select(reply_of(listed), ["newest"], custom_id=action)
    assert "Newest questions · Bread" in sentence(listed)
    assert "Which bread" in sentence(listed)


async def test_many_categories_page_in_their_select(
    server: Server, owner: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    for number in range(27):
        await owner.slash(server.lounge, "category add", name=f"Thing {number:02}")
    action = "qa:1:list.category:newest:0"
    listed = await bob.slash(server.lounge, "questions")
    first = [each["label"] for each in selects(listed)[action]["options"]]
    assert first[0] == "All categories"
    assert first[-1] == "More…"
    assert len(first) <= 25
    listed = await bob.select(reply_of(listed), ["page:1"], custom_id=action)
    second = [each["label"] for each in selects(listed)[action]["options"]]
    assert second[0] == "Back…"
    assert len({*first, *second} - {"More…", "Back…"}) == 27 + 2


async def test_categories_and_tags_open(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    general = await row(server, "General")
    await server.ask(alice, "Which bread is best with soup?", category=general, tags="soup")
    shown = await bob.slash(server.lounge, "categories")
    opened = await bob.select(reply_of(shown), [general], custom_id="qa:1:categories.open")
    assert "Newest questions · 💬 General" in sentence(opened)
    assert "Which bread" in sentence(opened)
    shown = await bob.slash(server.lounge, "tags")
    opened = await bob.select(reply_of(shown), ["soup"], custom_id="qa:1:tags.open")
    assert "Newest questions · #soup" in sentence(opened)


async def test_an_empty_search_asks(
    server: Server, question: Card, bob: simcord.MemberActor, restart: Restart
) -> None:
    found = await bob.slash(server.lounge, "search", query="night shift")
    assert "Ask this" not in buttons(found)
    for query, title in (
        ('-cats "racing mind" calm*', "Racing mind calm"),
        ("unheard " * 20, ("Unheard " + "unheard " * 19)[:150].strip()),
    ):
        found = await bob.slash(server.lounge, "search", query=query)
        form = await bob.click(reply_of(found), label="Ask this")
        assert fields(form)["title"]["value"].strip() == title
    found = await bob.slash(server.lounge, "search", query="racing mind")
    await restart()
    form = await bob.click(reply_of(found), label="Ask this")
    assert fields(form)["title"]["value"] == "Racing mind"


# --- the More menu -------------------------------------------------------------------------------


async def test_a_moderator_hides_in_two_steps(
    server: Server, answer: Card, moderator: simcord.MemberActor, db: Database
) -> None:
    menu = await more(moderator, answer)
    action = f"qa:1:hide.as:{answer.post_id}"
    hidden = await moderator.select(reply_of(menu), ["spam"], custom_id=action)
    assert sentence(hidden).startswith("#1.1 is hidden.")
    assert len(server.cards()) == 1
    shown = await moderator.click(reply_of(hidden), label="Show it again")
    assert sentence(shown) == "The post is shown again."


async def test_a_moderator_closes_as_a_duplicate_in_four_steps(
    server: Server, question: Card, alice: simcord.MemberActor, moderator: simcord.MemberActor
) -> None:
    again = await server.ask(alice, "Night shift: how do I sleep after it?")
    menu = await more(moderator, again)
    offered = await moderator.click(reply_of(menu), label="Duplicate of…")
    done = await moderator.select(
        reply_of(offered),
        [str(question.post_id)],
        custom_id=f"qa:1:duplicate.of:{again.post_id}",
    )
    assert sentence(done).startswith("Closed #2.")
    assert "Duplicates" in question.text()


async def test_closing_and_reopening(
    question: Card, moderator: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    menu = await more(alice, question)
    assert {"Close…", "Duplicate of…", "Move…"} <= {*buttons(menu)}
    assert not {"Lock", "Unlock"} & {*buttons(menu)}
    assert f"qa:1:hide.as:{question.post_id}" not in selects(menu)
    reasons = await alice.click(reply_of(menu), label="Close…")
    assert sentence(reasons) == "Why do you want to close #1?"
    done = await alice.select(
        reply_of(reasons), ["off_topic"], custom_id=f"qa:1:close.as:{question.post_id}"
    )
    assert sentence(done).startswith("Closed #1.")
    menu = await more(moderator, question)
    assert "Close…" not in buttons(menu)
    done = await moderator.click(reply_of(menu), label="Reopen")
    assert sentence(done).startswith("Reopened #1.")


async def test_moving_from_the_menu(
    server: Server, question: Card, alice: simcord.MemberActor, owner: simcord.MemberActor
) -> None:
    await owner.slash(server.lounge, "category add", name="Bread")
    bread = await row(server, "Bread")
    menu = await more(alice, question)
    offered = await alice.click(reply_of(menu), label="Move…")
    action = f"qa:1:move.to:{question.post_id}"
    assert chosen(selects(offered)[action]) == ["none"]
    done = await alice.select(reply_of(offered), [bread], custom_id=action)
    assert sentence(done).startswith("Moved #1 to **Bread**.")
    assert "Bread" in question.text()


async def test_a_thread_is_locked_and_unlocked(
    env: simcord.Env,
    server: Server,
    question: Card,
    moderator: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    menu = await more(moderator, question)
    done = await moderator.click(reply_of(menu), label="Lock")
    assert sentence(done).startswith("The thread of #1 is locked.")
    state = env.backend.channels[question.thread.id].thread_metadata
    assert state is not None
    assert state.locked
    refused = await bob.slash(server.lounge, "answer", question="#1")
    assert sentence(refused).startswith("This question's thread is locked")
    menu = await more(moderator, question)
    done = await moderator.click(reply_of(menu), label="Unlock")
    assert sentence(done).startswith("The thread of #1 is open again.")
    state = env.backend.channels[question.thread.id].thread_metadata
    assert state is not None
    assert not state.locked


# --- following and notifications -----------------------------------------------------------------


async def test_following_by_selects(
    server: Server,
    question: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    restart: Restart,
) -> None:
    await server.ask(alice, "Which bread is best with soup?", tags="soup")
    general = await row(server, "General")
    shown = await bob.slash(server.lounge, "follow")
    shown = await bob.select(reply_of(shown), [general], custom_id="qa:1:follow.category")
    assert sentence(shown).startswith("You're following the category 💬 General.")
    await restart()
    shown = await bob.select(reply_of(shown), ["soup"], custom_id="qa:1:follow.tag")
    assert sentence(shown).startswith("You're following the tag `soup`.")
    shown = await bob.select(reply_of(shown), [alice], custom_id="qa:1:follow.member")
    assert sentence(shown).startswith(f"You're following {named(alice)}.")

    shown = await bob.slash(server.lounge, "unfollow")
    offered = selects(shown)["qa:1:unfollow.chosen"]["options"]
    assert [each["label"] for each in offered] == ["alice", "#soup", "Category: General"]
    shown = await bob.select(reply_of(shown), ["tag:soup"], custom_id="qa:1:unfollow.chosen")
    assert sentence(shown).startswith("You're no longer following this.")
    assert "`soup`" not in sentence(shown)


async def test_notifications_have_a_control_each(
    server: Server, db: Database, bob: simcord.MemberActor, restart: Restart
) -> None:
    shown = await bob.slash(server.lounge, "notifications")
    shown = await bob.click(reply_of(shown), label="Turn on DMs")
    assert "Turn off DMs" in buttons(shown)
    bot = await restart()
    shown = await bob.select(reply_of(shown), ["daily"], custom_id="qa:1:notify.digest")
    hour = "qa:1:notify.hour:"
    shown = await bob.select(reply_of(shown), ["18"], custom_id=hour + "digest_hour")
    assert "daily, at 6 PM" in sentence(shown)
    shown = await bob.select(reply_of(shown), ["22"], custom_id=hour + "quiet_from")
    assert "10 PM to 6 AM" in sentence(shown)
    shown = await bob.select(reply_of(shown), ["7"], custom_id=hour + "quiet_to")
    assert "10 PM to 7 AM" in sentence(shown)
    shown = await bob.select(reply_of(shown), ["none"], custom_id=hour + "quiet_from")
    assert hour + "quiet_to" not in selects(shown)
    wishes = await following.preferences(bot.db, server.guild.id, bob.id)
    assert (wishes.by_message, wishes.digest_hour, wishes.quiet_from) == (True, 18, None)


async def test_a_time_zone_is_chosen_or_its_city_typed(
    server: Server, db: Database, bob: simcord.MemberActor, locales: Locales
) -> None:
    async def zone() -> str:
        return (await following.preferences(db, server.guild.id, bob.id)).timezone

    locales.speaks(bob, "de")
    shown = await bob.slash(server.lounge, "notifications")
    offered = await bob.click(reply_of(shown), label="Zeitzone")
    options = selects(offered)["qa:1:notify.zone.chosen"]["options"]
    assert options[0]["label"] == "Berlin (Europe/Berlin)"
    assert options[0]["description"] == "Dort ist es jetzt 01:00 Uhr"
    await bob.select(reply_of(offered), ["Europe/Vienna"], custom_id="qa:1:notify.zone.chosen")
    assert await zone() == "Europe/Vienna"

    locales.speaks(bob, "en-GB")
    shown = await bob.slash(server.lounge, "notifications")
    offered = await bob.click(reply_of(shown), label="Time zone")
    form = await bob.click(reply_of(offered), label="Enter a city")
    refused = await bob.submit_modal(form, {"zone": "Nowhereville"})
    assert "I don't know that place." in sentence(refused)
    form = await bob.click(reply_of(refused), label="Open the form again")
    several = await bob.submit_modal(form, {"zone": "Sant"})
    assert "America/Santiago" in str(selects(several))
    form = await bob.click(reply_of(several), label="Enter a city")
    done = await bob.submit_modal(form, {"zone": "munich"})
    assert "Berlin (Europe/Berlin)" in sentence(done)
    assert await zone() == "Europe/Berlin"


# --- help, refusals, and the category of a question ----------------------------------------------


async def test_help_has_buttons_that_do_its_steps(
    server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    shown = await bob.slash(server.lounge, "help")
    labels = ["Ask a question", "Find one to answer", "Browse", "Your inbox"]
    assert list(buttons(shown))[:4] == labels
    form = await bob.click(reply_of(shown), label="Ask a question")
    assert "title" in fields(form)
    listed = await bob.click(reply_of(shown), label="Find one to answer")
    assert "Unanswered questions" in sentence(listed)
    inbox = await bob.click(reply_of(shown), label="Your inbox")
    assert "Your inbox" in sentence(inbox)


async def test_commands_in_refusals_are_clickable(
    server: Server, bob: simcord.MemberActor, configure: Configure
) -> None:
    refused = sentence(await bob.slash(server.lounge, "answer"))
    assert refused.startswith("There are no open questions here. Ask one with </ask:")


async def test_the_form_has_no_category_chosen_and_the_likeliest_first(
    server: Server, owner: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    await owner.slash(server.lounge, "category add", name="Sleep")
    sleep = await row(server, "Sleep")
    form = await alice.slash(server.lounge, "ask")
    assert chosen(fields(form)["category"]) == []
    await server.ask(alice, "How do I fall asleep at night?", category=sleep)
    listed = await alice.slash(server.lounge, "ask", title="I never fall asleep at night")
    form = await alice.click(reply_of(listed), label="Ask anyway")
    labels = [each["label"] for each in fields(form)["category"]["options"]]
    assert labels[0] == "Sleep"
    assert chosen(fields(form)["category"]) == []

    done = await alice.submit_modal(form, {"title": "I never fall asleep at night"})
    assert sentence(done).splitlines()[:2] == ["Your question is #2.", "Put it into **Sleep**?"]
    moved = await alice.click(reply_of(done), label="Put it into Sleep")
    assert sentence(moved).startswith("Moved #2 to **Sleep**.")


async def test_who_chose_no_category_is_not_asked(
    server: Server, owner: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    await owner.slash(server.lounge, "category add", name="Sleep")
    sleep = await row(server, "Sleep")
    await server.ask(alice, "How do I fall asleep at night?", category=sleep)
    listed = await alice.slash(server.lounge, "ask", title="I never fall asleep at night")
    form = await alice.click(reply_of(listed), label="Ask anyway")
    typed = {"title": "I never fall asleep at night", "category": ["none"]}
    done = await alice.submit_modal(form, typed)
    assert "Put it into" not in sentence(done)
