"""Tags: suggested, changed, merged, and the words that stand for them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import simcord

from bot.app import Askwell
from bot.usecases import tagging
from tests.support.forgery import press
from tests.support.kinds import SIMPLE, in_a_forum, on_sqlite
from tests.support.replies import buttons, fields, filled, open_again, pings, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import Locales

Configure = Callable[..., Awaitable[None]]
Restart = Callable[[], Awaitable[Any]]


async def merge(
    server: Server, person: simcord.MemberActor, tag: str, into: str
) -> simcord.InteractionResult:
    """A person merges a tag into another, and is sure."""
    asked = await person.slash(server.lounge, "tag merge", tag=tag, into=into)
    return await person.click(reply_of(asked), label="Merge")


def tags_of(card: Card) -> str:
    """What a question's card ends with."""
    return card.small_line.removesuffix(" · edited").rpartition(" · ")[2]


async def offered(
    person: simcord.MemberActor, server: Server, command: str, option: str, typed: str
) -> list[str]:
    choices = await person.autocomplete(server.lounge, command, option, typed)
    return [choice["value"] for choice in choices]


class TestRetagging:
    async def test_a_member_with_the_points_changes_the_tags_alone(
        self,
        server: Server,
        question: Card,
        alice: simcord.MemberActor,
        carol: simcord.MemberActor,
        configure: Configure,
    ) -> None:
        refused = sentence(await carol.slash(question.thread, "retag", tags="sleep"))
        why = "Changing tags on other members' questions requires 500 points. You have 100."
        assert refused.startswith(why)
        await configure("privilege.retag", "100")

        reply = await carol.slash(question.thread, "retag", tags="Sleep, night shift")

        assert sentence(reply).startswith("Saved. Tags on #1: `sleep` `night-shift`\nGo to #1")
        text = question.text()
        assert "#sleep #night-shift" in text
        assert f"edited by {carol.name}" in text
        assert "I work nights this month" in text
        history = sentence(await alice.slash(question.thread, "history"))
        assert "Tags" in history
        assert "night-shift" in history
        again = await carol.slash(question.thread, "retag", tags="sleep,night-shift")
        assert sentence(again).startswith("No changes to #1.")
        none = await carol.slash(server.lounge, "retag", post="#1", tags=",")
        assert sentence(none).startswith("Removed all tags from #1.")
        assert "#sleep" not in question.text()

    @on_sqlite
    @in_a_forum
    async def test_from_the_more_menu(
        self,
        question: Card,
        alice: simcord.MemberActor,
        bob: simcord.MemberActor,
        configure: Configure,
        restart: Restart,
    ) -> None:
        menu = await bob.click(question.message, label="⋯")
        assert "Change tags" not in buttons(menu)
        await configure("privilege.retag", "0")
        await alice.slash(question.thread, "retag", tags="sleep")

        menu = await bob.click(question.message, label="⋯")
        assert "Edit" not in buttons(menu)
        await restart()
        shown = await bob.click(reply_of(menu), label="Change tags")
        assert list(fields(shown)) == ["tags", "reason"]
        assert filled(shown) == {"tags": "sleep", "reason": ""}
        reply = await bob.submit_modal(shown, {"tags": "sleep, work", "reason": "Found by more"})
        assert "Saved. Tags on #1: `sleep` `work`" in sentence(reply)
        assert "#sleep #work" in question.text()
        history = sentence(await alice.slash(question.thread, "history"))
        assert "Found by more" in history

    @on_sqlite
    @in_a_forum
    async def test_an_answer_has_no_tags(
        self, server: Server, answer: Card, question: Card, moderator: simcord.MemberActor
    ) -> None:
        menu = await moderator.click(answer.message, label="⋯")
        assert "Change tags" not in buttons(menu)
        await moderator.slash(server.lounge, "retag", post="#1.1", tags="sleep")
        assert "#sleep" in question.text(), "an answer stands for its question"

    @on_sqlite
    @in_a_forum
    @pytest.mark.parametrize(
        ("typed", "why"),
        [
            ("a, b, c, d, e, f", "That's too many tags. The maximum is 5."),
            ("z" * 31, "A tag can have at most 30 characters. You entered 31."),
        ],
    )
    async def test_what_is_refused_comes_back(
        self, server: Server, question: Card, alice: simcord.MemberActor, typed: str, why: str
    ) -> None:
        refused = await alice.slash(question.thread, "retag", tags=typed)
        assert sentence(refused).startswith(f"{why} Nothing you typed is lost.")
        form = await open_again(alice, refused)
        assert filled(form)["tags"] == typed
        reply = await alice.submit_modal(form, {"tags": "sleep", "reason": ""})
        assert "Saved. Tags on #1: `sleep`" in sentence(reply)

    @on_sqlite
    @in_a_forum
    async def test_two_at_once(
        self, question: Card, alice: simcord.MemberActor, moderator: simcord.MemberActor
    ) -> None:
        menu = await alice.click(question.message, label="⋯")
        shown = await alice.click(reply_of(menu), label="Change tags")
        await moderator.slash(question.thread, "retag", tags="theirs")
        refused = await alice.submit_modal(shown, {"tags": "mine", "reason": ""})
        assert "Someone else edited this post while you were editing it." in sentence(refused)
        form = await open_again(alice, refused)
        assert filled(form)["tags"] == "mine"
        await alice.submit_modal(form, filled(form))
        assert "#mine" in question.text()

    @on_sqlite
    @in_a_forum
    async def test_nothing_of_it_pings_or_breaks_the_card(
        self, server: Server, question: Card, alice: simcord.MemberActor
    ) -> None:
        hostile = "@everyone, <@1>, `**x**`, \u202eevil, نوم"
        reply = await alice.slash(question.thread, "retag", tags=hostile)
        assert "@everyone" not in sentence(reply)
        assert pings(question.message) == []
        assert question.small_line.removesuffix(" · edited").endswith("#everyone #1 #x #evil #نوم")
        listed = await alice.slash(server.lounge, "questions", tag="نوم")
        assert "#1 " in told(listed)


class TestSuggestions:
    pytestmark = SIMPLE

    async def test_every_option_for_a_tag_offers_the_most_used_first(
        self, server: Server, alice: simcord.MemberActor, moderator: simcord.MemberActor
    ) -> None:
        await server.ask(alice, "How do I fall asleep at noon?", tags="sleep, slow")
        await server.ask(alice, "How can I slow down after work?", tags="slow")
        await moderator.slash(server.lounge, "tag synonym", tag="slumber", target="sleep")
        for command, option in (
            ("search", "tag"),
            ("questions", "tag"),
            ("follow", "tag"),
            ("unfollow", "tag"),
            ("retag", "tags"),
            ("tag synonym", "tag"),
            ("tag synonym", "target"),
            ("tag merge", "tag"),
            ("tag merge", "into"),
        ):
            found = await offered(moderator, server, command, option, "SL")
            assert found == ["slow", "sleep", "sleep"], command
        [choice] = await alice.autocomplete(server.lounge, "search", "tag", "slum")
        assert choice == {"name": "slumber → sleep", "value": "sleep"}
        assert await offered(moderator, server, "tag unsynonym", "tag", "") == ["slumber"]
        assert await offered(alice, server, "questions", "tag", "zzz") == []

    async def test_several_tags_one_after_the_other(
        self, server: Server, alice: simcord.MemberActor
    ) -> None:
        question = await server.ask(alice, "How do I fall asleep at noon?", tags="sleep, work")
        await server.ask(alice, "How can I slow down after work?", tags="slow")
        begun = await offered(alice, server, "retag", "tags", "work, sl")
        assert begun == ["work, sleep", "work, slow"]
        assert await offered(alice, server, "retag", "tags", "sleep,sl") == ["sleep, slow"]
        first = await alice.autocomplete(question.thread, "retag", "tags", "")
        assert first[0]["value"] == "sleep, work", "what the question has now"
        long = ", ".join(f"{letter * 30}" for letter in "abcd") + ", sl"
        assert await offered(alice, server, "retag", "tags", long) == []

    async def test_the_form_of_a_question_names_tags_in_use(
        self, server: Server, alice: simcord.MemberActor
    ) -> None:
        def hint(shown: simcord.InteractionResult) -> str:
            return fields(shown)["tags"]["placeholder"]

        shown = await alice.slash(server.lounge, "ask")
        assert hint(shown) == "Up to five, separated by commas: sleep, panic attack"
        await server.ask(alice, "How do I fall asleep at noon?", tags="work, night-shift")
        await server.ask(alice, "How can I slow down after work?", tags="work")
        shown = await alice.slash(server.lounge, "ask")
        assert hint(shown) == "Up to five, separated by commas: work, night-shift"
        for letters in ("abcde", "fghij"):
            tags = ", ".join(letter * 30 for letter in letters)
            await server.ask(alice, f"Which words are very long, {letters}?", tags=tags)
        long = hint(await alice.slash(server.lounge, "ask"))
        assert len(long) <= 100
        assert long.startswith("Up to five, separated by commas: work, aaaaa")

    async def test_pages_of_a_tag_in_any_script(
        self, server: Server, alice: simcord.MemberActor, moderator: simcord.MemberActor
    ) -> None:
        for number in range(11):
            await server.ask(moderator, f"A question of many, number {number}", tags="नींद")
        first = await alice.slash(server.lounge, "questions", tag="नींद")
        await alice.click(reply_of(first), label=list(buttons(first))[-1])
        assert "A question of many, number 0" in told(first)


class TestSynonyms:
    async def test_who_types_a_synonym_gets_the_tag_everywhere(
        self, server: Server, alice: simcord.MemberActor, moderator: simcord.MemberActor
    ) -> None:
        reply = await moderator.slash(server.lounge, "tag synonym", tag="Insomnia", target="sleep")
        assert sentence(reply) == "Saved. Anyone who types `insomnia` now gets `sleep`."

        question = await server.ask(alice, "How do I rest after a night shift?", tags="insomnia")
        assert tags_of(question) == "#sleep"
        shown = await alice.slash(question.thread, "edit")
        await alice.submit_modal(shown, filled(shown) | {"tags": "work, insomnia"})
        assert tags_of(question) == "#work #sleep"
        retagged = await alice.slash(question.thread, "retag", tags="insomnia")
        assert "`sleep`" in sentence(retagged)

        listed = told(await alice.slash(server.lounge, "questions", tag="insomnia"))
        assert "#1 " in listed
        assert "#sleep" in listed
        found = told(await alice.slash(server.lounge, "search", query="rest", tag="insomnia"))
        assert "#1 " in found
        assert "#sleep" in found
        followed = sentence(await alice.slash(server.lounge, "follow", tag="insomnia"))
        assert "You're following the tag `sleep`." in followed

    @on_sqlite
    @in_a_forum
    async def test_a_list_of_them_page_by_page(
        self,
        server: Server,
        moderator: simcord.MemberActor,
        alice: simcord.MemberActor,
        restart: Restart,
    ) -> None:
        empty = sentence(await moderator.slash(server.lounge, "tag list"))
        assert "No synonyms yet." in empty
        for tag, target in (("insomnia", "slumber"), ("slumber", "sleep")):
            await moderator.slash(server.lounge, "tag synonym", tag=tag, target=target)
        listed = sentence(await moderator.slash(server.lounge, "tag list"))
        assert "`sleep` ← `insomnia`, `slumber`" in listed
        for number in range(25):
            await moderator.slash(
                server.lounge, "tag synonym", tag=f"word{number:02}", target=f"tag{number:02}"
            )
        first = await moderator.slash(server.lounge, "tag list")
        assert "`word24`" not in sentence(first)
        await restart()
        await moderator.click(reply_of(first), label="Next")
        assert "`tag24` ← `word24`" in told(first)
        assert "Page 2" in told(first)

        gone = await moderator.slash(server.lounge, "tag unsynonym", tag="insomnia")
        assert sentence(gone) == "Removed the synonym. `insomnia` is a separate tag again."
        again = await moderator.slash(server.lounge, "tag unsynonym", tag="insomnia")
        assert sentence(again).startswith("That isn't a synonym. </tag list:")

    @on_sqlite
    @in_a_forum
    async def test_invalid_synonyms_are_refused(
        self, server: Server, moderator: simcord.MemberActor, alice: simcord.MemberActor
    ) -> None:
        await server.ask(alice, "How do I rest after a night shift?", tags="sleep")
        await moderator.slash(server.lounge, "tag synonym", tag="insomnia", target="sleep")

        async def refused(tag: str, target: str) -> str:
            reply = await moderator.slash(server.lounge, "tag synonym", tag=tag, target=target)
            return sentence(reply)

        assert "Both of these are the same tag: sleep." in await refused("sleep!", "SLEEP")
        assert "Questions already use the tag sleep (1). </tag merge:" in await refused(
            "sleep", "rest"
        )
        assert "insomnia is already a synonym of sleep" in (
            sentence(
                await moderator.slash(server.lounge, "tag merge", tag="sleep", into="insomnia")
            )
        )
        assert "too many tags. The maximum is 1." in await refused("a, b", "sleep")
        assert "A tag can't be empty" in await refused("***", "sleep")


HOSTILE = [
    "@everyone",
    "<@1456074443980800010>",
    "[free money](https://evil.example)",
    "`x`**y**||z||",
    "\u202egnp.exe",
    "z\u0335\u0321\u0354\u0327\u0315\u031b\u0359",
    "نوم",
    "नींद",
    "💤",
    "\u200b\u2800",
    "' OR 1=1 --",
    "qa:1:tag.merge",
    "x" * 60,
    "\x00",
    "\ud83d",
]


@on_sqlite
@in_a_forum
async def test_names_of_tags_that_mean_harm(
    server: Server, alice: simcord.MemberActor, moderator: simcord.MemberActor
) -> None:
    question = await server.ask(alice, "How do I rest after a night shift?", tags="sleep")
    for name in HOSTILE:
        for command, options in (
            ("tag synonym", {"tag": name, "target": "harm"}),
            ("tag synonym", {"tag": "word", "target": name}),
            ("tag list", {}),
            ("tag unsynonym", {"tag": name}),
            ("retag", {"post": "#1", "tags": f"sleep, {name}"}),
            ("questions", {"tag": name}),
            ("search", {"query": "rest", "tag": name}),
            ("follow", {"tag": name}),
            ("tag merge", {"tag": name, "into": "harm"}),
            ("tag merge", {"tag": "harm", "into": name}),
        ):
            said = told(await moderator.slash(server.lounge, command, **options))
            assert said.strip(), (command, options)
            for harm in ("@everyone", "<@145", "](https://evil", "\u202e", "||"):
                assert harm not in said, (command, options)
        for command, option in (("tag merge", "tag"), ("retag", "tags"), ("search", "tag")):
            await offered(moderator, server, command, option, name)
        assert pings(question.message) == []
    assert "#sleep" in question.text()


class TestMerging:
    async def test_all_questions_cards_and_followers_go_along(
        self,
        env: simcord.Env,
        server: Server,
        alice: simcord.MemberActor,
        bob: simcord.MemberActor,
        moderator: simcord.MemberActor,
    ) -> None:
        one = await server.ask(alice, "How do I rest after a night shift?", tags="insomnia")
        two = await server.ask(alice, "Why do I wake so early?", tags="work, insomnia, sleep")
        await bob.slash(server.lounge, "follow", tag="insomnia")

        asked = await moderator.slash(server.lounge, "tag merge", tag="insomnia", into="Sleep")
        assert sentence(asked).startswith(
            "Merge `insomnia` into `sleep`? 2 questions get `sleep` instead"
        )
        assert "#insomnia" in one.text(), "nothing is done before one is sure"
        done = await moderator.click(reply_of(asked), label="Merge")
        assert told(done) == (
            "Merged `insomnia` into `sleep` on 2 questions. Their cards will be updated."
        )
        assert buttons(asked) == {}
        await env.advance_time(10)

        assert tags_of(one) == "#sleep"
        assert tags_of(two) == "#work #sleep"
        assert "edited by" not in one.text(), "nobody edited it"
        tags = told(await alice.slash(server.lounge, "tags"))
        assert "`sleep` 2" in tags
        assert "insomnia" not in tags
        follows = told(await bob.slash(server.lounge, "follow"))
        assert "the tag `sleep`" in follows
        assert "insomnia" not in follows
        three = await server.ask(alice, "How long does a nap have to be?", tags="insomnia")
        assert tags_of(three) == "#sleep"

    @on_sqlite
    @in_a_forum
    async def test_a_long_one_tells_how_far_it_is_and_can_be_taken_up_again(
        self,
        env: simcord.Env,
        server: Server,
        moderator: simcord.MemberActor,
        restart: Restart,
        monkeypatch: pytest.MonkeyPatch,
        logged_errors: list[logging.LogRecord],
    ) -> None:
        monkeypatch.setattr(tagging, "BATCH", 2)
        for number in range(5):
            await server.ask(moderator, f"A question of many, number {number}", tags="insomnia")
        asked = await moderator.slash(server.lounge, "tag merge", tag="insomnia", into="sleep")

        whole, parts = tagging.merge_some, 0

        async def cut_off(*arguments: Any, **named: Any) -> int:
            nonlocal parts
            parts += 1
            if parts > 1:
                raise ValueError("the process was killed")
            return await whole(*arguments, **named)

        monkeypatch.setattr(tagging, "merge_some", cut_off)
        await moderator.click(reply_of(asked), label="Merge")
        monkeypatch.setattr(tagging, "merge_some", whole)
        (logged,) = logged_errors
        assert "the process was killed" in str(logged.exc_info)
        logged_errors.clear()
        await restart()

        listed = sentence(await moderator.slash(server.lounge, "tag list"))
        assert "`sleep` ← `insomnia` ⏳ 3 questions left" in listed
        assert "Run the same /tag merge again" in listed
        monkeypatch.setattr(sys.modules["cogs.tagging"], "PROGRESS_SECONDS", 0)
        before = len(env.http_requests)
        done = await merge(server, moderator, "insomnia", "sleep")
        assert "on 3 questions." in told(done)
        said = [str(request.json) for request in env.http_requests[before:]]
        assert any("Merging `insomnia` into `sleep`: 2 of 3…" in each for each in said)
        tags = told(await moderator.slash(server.lounge, "tags"))
        assert "`sleep` 5" in tags
        nothing = await moderator.slash(server.lounge, "tag merge", tag="insomnia", into="sleep")
        assert "No question has that tag" in sentence(nothing)

    @on_sqlite
    @in_a_forum
    async def test_it_is_for_moderators(
        self,
        env: simcord.Env,
        server: Server,
        alice: simcord.MemberActor,
        owner: simcord.MemberActor,
        moderator: simcord.MemberActor,
    ) -> None:
        """Also where a server lets everybody use the command."""
        question = await server.ask(alice, "How do I rest after a night shift?", tags="insomnia")
        assert isinstance(env.bot, Askwell)
        server.guild.set_command_permissions(env.bot.command_ids["tag"], {alice: True})
        for command, options in (
            ("tag list", {}),
            ("tag merge", {"tag": "insomnia", "into": "sleep"}),
            ("tag synonym", {"tag": "a", "target": "b"}),
            ("tag unsynonym", {"tag": "a"}),
        ):
            refused = await alice.slash(server.lounge, command, **options)
            assert sentence(refused) == "Only moderators can do this."
        for control in ("tag.merge:insomnia:sleep", "tag.list:0"):
            forged = await press(alice, question.message, f"qa:1:{control}")
            assert sentence(forged) == "Only moderators can do this."
        forged = await press(moderator, question.message, "qa:1:tag.merge:insomnia")
        assert "couldn't read that" in sentence(forged)
        assert "#insomnia" in question.text()
        assert "Merged `insomnia` into `sleep`" in told(
            await merge(server, owner, "insomnia", "sleep")
        )


@on_sqlite
@in_a_forum
async def test_in_german(
    server: Server,
    locales: Locales,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    locales.speaks(moderator, "de")
    await server.ask(alice, "How do I rest after a night shift?", tags="insomnia")
    reply = await moderator.slash(server.lounge, "tag synonym", tag="nap", target="sleep")
    assert sentence(reply) == "Gespeichert. Wer `nap` eintippt, bekommt jetzt `sleep`."
    asked = await moderator.slash(server.lounge, "tag merge", tag="insomnia", into="sleep")
    assert sentence(asked).startswith(
        "`insomnia` mit `sleep` zusammenlegen? 1 Frage bekommt stattdessen `sleep`"
    )
    await moderator.click(reply_of(asked), label="Zusammenlegen")
    assert "`insomnia` bei 1 Frage mit `sleep` zusammengelegt." in told(asked)
