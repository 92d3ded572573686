"""`/search`, as members see it."""

from __future__ import annotations

import pytest
from simcord import MemberActor

from bot.app import Askwell
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import buttons, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import set_permissions

TITLE = "How do I sleep after a night shift?"


async def test_search_finds_posts(
    server: Server, alice: MemberActor, bob: MemberActor, question: Card, answer: Card
) -> None:
    text = sentence(await bob.slash(server.lounge, "search", query="curtains"))

    link = f"https://discord.com/channels/{server.guild.id}/{answer.channel_id}/{answer.message_id}"
    assert f"#1.1 [{TITLE}]({link})" in text
    assert "An answer · 0 votes" in text
    assert "> Dark **curtains**, and no screens before bed." in text

    await server.choose(alice, answer)
    text = sentence(await bob.slash(server.lounge, "search", query="nights"))
    assert f"#1 [{TITLE}]" in text
    assert "0 votes · 1 answer · ✅ solved" in text
    assert "I work **nights** this month" in text


@on_sqlite
@in_a_forum
async def test_nothing_found_says_what_to_do(server: Server, alice: MemberActor) -> None:
    text = sentence(await alice.slash(server.lounge, "search", query="gardening"))
    assert "No results." in text
    assert "/ask" in text

    text = sentence(await alice.slash(server.lounge, "search", query='-"?" !!'))
    assert text.startswith("Your search can't be empty.")


@on_sqlite
@in_a_forum
async def test_filters_are_named_below(
    server: Server, alice: MemberActor, bob: MemberActor, question: Card, answer: Card
) -> None:
    await server.ask(bob, "Is a nap before the night shift wise?", tags="naps")
    text = told(await alice.slash(server.lounge, "search", query="night", tag="naps"))
    assert "#2" in text
    assert "#1" not in text
    assert "#naps" in text
    text = told(await alice.slash(server.lounge, "search", query="night", author=bob))
    assert "#2" in text
    assert "#1 " not in text
    text = told(
        await alice.slash(server.lounge, "search", query="night", solved=False, sort="newest")
    )
    assert text.index("#2") < text.index("#1 ")
    assert "not solved · newest" in text


@on_sqlite
@in_a_forum
async def test_markdown_and_mentions_do_no_harm(server: Server, alice: MemberActor) -> None:
    await server.ask(
        alice,
        "What about @everyone and [this](https://evil.example)?",
        "`x` **apple** ~~n~~ ||y||",
    )
    text = sentence(await alice.slash(server.lounge, "search", query="apple"))
    assert "[this](" not in text
    assert "> x **apple** n ||y||" in text


@on_sqlite
@in_a_forum
async def test_pages_survive_a_restart(
    server: Server, alice: MemberActor, bob: MemberActor, restart
) -> None:
    for n in range(1, 8):
        await server.ask(alice, f"A long question about apples, number {n}")
    page = await alice.slash(server.lounge, "search", query="apples" + " and pears" * 15)
    assert page.response is not None
    assert "No results with all of these words" in told(page)
    page = await alice.slash(server.lounge, "search", query="apples", sort="newest")
    assert page.response is not None
    assert "number 7" in told(page)
    assert "number 2" not in told(page)
    assert all(len(one) <= 100 for one in buttons(page).values())
    await restart()
    await alice.click(page.response.message, label="Next")
    assert "number 2" in told(page)
    assert "Page 2" in told(page)
    await alice.click(page.response.message, label="Previous")
    assert "number 7" in told(page)


@on_sqlite
@in_a_forum
async def test_a_long_search_is_remembered_until_the_bot_restarts(
    server: Server, alice: MemberActor, restart
) -> None:
    for n in range(1, 8):
        await server.ask(alice, f"A long question about apples, number {n}")
    query = "apples " + "or pears " * 20
    page = await alice.slash(server.lounge, "search", query=query, sort="newest")
    assert page.response is not None
    await alice.click(page.response.message, label="Next")
    assert "number 2" in told(page)
    await restart()
    gone = await alice.click(page.response.message, label="Previous")
    assert "Please search again" in told(gone)


@on_sqlite
@in_a_forum
async def test_searching_waits_for_no_writer(
    bot: Askwell, server: Server, alice: MemberActor
) -> None:
    for n in range(1, 8):
        await server.ask(alice, f"A long question about apples, number {n}")
    async with bot.db.write():
        for query in ("apples", "apples " + "or pears " * 20):
            page = await alice.slash(server.lounge, "search", query=query)
            assert page.response is not None
            await alice.click(page.response.message, label="Next")
            assert "Page 2" in told(page)


async def test_misspelt_words_find_and_one_can_search_for_them_all_the_same(
    server: Server, alice: MemberActor, bob: MemberActor, restart
) -> None:
    await server.ask(alice, "How do I fall asleep with racing thoughts?")
    page = await bob.slash(server.lounge, "search", query="asleap toughts")
    assert page.response is not None
    text = told(page)
    assert "Showing results for asleep thoughts" in text
    assert "How do I fall asleep with racing thoughts?" in text

    await restart()
    await bob.click(page.response.message, label="Search for exactly what I typed")
    text = told(page)
    assert "Showing results" not in text
    assert "No results." in text
    assert list(buttons(page)) == ["Ask this"]


@on_sqlite
@in_a_forum
async def test_pages_and_filters_of_a_corrected_search(server: Server, alice: MemberActor) -> None:
    for n in range(1, 8):
        await server.ask(alice, f"A long question about apples, number {n}")
    long = "~~aples~~ " + "long " * 20
    for query in ("aples", long):
        page = await alice.slash(server.lounge, "search", query=query, sort="newest")
        assert page.response is not None
        assert "number 7" in told(page)
        assert all(len(one) <= 100 for one in buttons(page).values())
        await alice.click(page.response.message, label="Next")
        assert "number 1" in told(page)
        assert "Showing results for" in told(page)
        await alice.click(page.response.message, label="Search for exactly what I typed")
        assert "Showing results for" not in told(page)


@on_sqlite
@pytest.mark.parametrize("command", ["search", "ask"])
async def test_only_channels_one_can_read(
    server: Server,
    alice: MemberActor,
    bob: MemberActor,
    question: Card,
    sleep: str,
    command: str,
) -> None:
    """Bob may ask in the category Sleep, which has a channel of its own."""
    set_permissions(server.env, server.channel, bob.id, view_channel=False)
    if command == "search":
        assert "No results" in told(await bob.slash(server.lounge, "search", query="shift"))
        assert TITLE in told(await alice.slash(server.lounge, "search", query="shift"))
    else:
        shown = await bob.slash(server.lounge, "ask", title="Sleep after the night shift")
        assert shown.modal is not None, "nothing similar is shown: the form comes at once"
    for typed in ("", "1", "night"):
        offered = await bob.autocomplete(server.lounge, "answer", "question", typed)
        assert offered == []


@in_a_forum
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("C++", {"C++"}),
        ("C#", {"C#"}),
        ("C", {"plain C"}),
        (".NET", {".NET"}),
        ("node.js", {"node.js"}),
        ("node", {"node.js", "a node"}),
    ],
)
async def test_names_with_punctuation_are_told_apart(
    server: Server, alice: MemberActor, carol: MemberActor, query: str, found: set[str]
) -> None:
    names = ("C++", "C#", "plain C", ".NET", "node.js", "a node", "a network")
    for name in names:
        await server.ask(alice, f"How do I read a large file in {name} quickly?")
    shown = told(await carol.slash(server.lounge, "search", query=query))
    assert {name for name in names if f"file in {name} quickly" in shown} == found
