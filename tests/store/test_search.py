"""Similar questions and suggestions: input is words, never syntax."""

from __future__ import annotations

import pytest

from bot.domain.actors import Actor
from bot.usecases.asking import before_it_goes_up, similar_questions
from bot.usecases.browsing import suggest_questions
from data.title_words import frequencies
from tests.store.forum import Forum

NASTY = [
    '"',
    "'",
    "' OR 1=1 --",
    'title : "x',
    "NOT",
    "AND OR NEAR(a b)",
    "sleep*",
    "^sleep",
    "sleep:*",
    "a & b | !c <-> (d",
    "\\",
    "%_",
    "\x00",
    "\ud800",
    "{sleep}",
    "scope : g200",
    "-- ; DROP TABLE posts",
    "💤",
    "x" * 6000,
    "sleep " * 1000,
    "السلام هل تنام",
    "眠れない夜",
    "\u202eelur",
]


NOUNS = (
    *("tea", "coffee", "rain", "wind", "noise", "light", "heat", "work", "music", "yoga"),
    *("sugar", "bread", "running", "reading", "travel", "prayer", "anger", "grief", "snow", "salt"),
)


async def found(forum: Forum, title: str) -> list[str]:
    lines = await similar_questions(forum.db, forum.guild_id, title)
    return [line.title for line in lines]


@pytest.fixture
async def titles(forum: Forum, alice: Actor) -> list[str]:
    titles = [
        "How do I sleep after a night shift?",
        "Sleeping badly before exams, what helps?",
        "How do I tell my partner about therapy?",
        "Warum schläft man über Mittag so gut?",
    ]
    for title in titles:
        await forum.ask(alice, title)
    return titles


async def test_similar_questions_share_words_the_most_alike_first(
    forum: Forum, titles: list[str]
) -> None:
    assert (await found(forum, "I can't sleep after my night shift"))[0] == titles[0]
    assert set(await found(forum, "sleep")) == set(titles[:2]), "also in another form"
    assert await found(forum, "SCHLÄFT man") == [titles[3]]
    assert await found(forum, "gardening") == []
    assert await found(forum, "a ? !") == []


async def test_a_line_says_what_one_wants_to_know(forum: Forum, alice: Actor, answer: int) -> None:
    await forum.choose(alice, answer)
    [line] = await similar_questions(forum.db, forum.guild_id, "night shift")
    assert (line.number, line.score, line.answers, line.solved) == (1, 0, 1, True)


async def test_no_input_is_a_syntax_error(forum: Forum, titles: list[str]) -> None:
    for typed in NASTY:
        for find in (similar_questions, suggest_questions):
            await find(forum.db, forum.guild_id, typed)


async def test_titles_of_another_server_are_never_found(
    forum: Forum, elsewhere: Forum, titles: list[str]
) -> None:
    secret = "How do I sleep with a secret?"
    await elsewhere.ask(elsewhere.member(1), secret)
    for typed in ("sleep secret", f"g{elsewhere.guild_id}", "secret", "#1", "", secret):
        assert secret not in await found(forum, typed)
        suggested = await suggest_questions(forum.db, forum.guild_id, typed)
        assert secret not in {line.title for line in suggested}
    assert await found(elsewhere, "sleep") == [secret]


async def test_suggestions_while_typing(forum: Forum, alice: Actor, titles: list[str]) -> None:
    async def suggested(typed: str) -> list[str]:
        lines = await suggest_questions(forum.db, forum.guild_id, typed)
        return [line.title for line in lines]

    assert await suggested("") == titles[::-1]
    assert await suggested("#3") == [titles[2]]
    assert await suggested("3") == [titles[2]]
    assert await suggested("99") == []
    assert await suggested("nig") == [titles[0]]
    assert await suggested("how ther") == [titles[2]], "every word must be there"
    await forum.delete(alice, (await suggest_questions(forum.db, forum.guild_id, "3"))[0].post_id)
    assert await suggested("3") == []
    assert await suggested("how ther") == []


async def test_common_words_are_counted_no_further_than_needed(
    forum: Forum, elsewhere: Forum, alice: Actor
) -> None:
    for n in range(5):
        await forum.ask(alice, f"Does sleep number {n} need {'tea' if n < 3 else 'milk'}?")
        await elsewhere.ask(elsewhere.member(1), f"Does sleep number {n} need tea elsewhere?")

    async def counted(words: list[str], enough: int) -> list[tuple[str, int]]:
        async with forum.db.read() as tx:
            asked, found = await frequencies(tx, forum.guild_id, words, enough)
        assert asked == 5
        return found

    words = ["sleep", "milk", "tea", "nothing"]
    assert await counted(words, 100) == [("milk", 2), ("tea", 3), ("sleep", 5)]
    assert await counted(words, 3) == [("milk", 2), ("tea", 3), ("sleep", 4)]
    assert await counted(words, 1) == [("milk", 2), ("tea", 3), ("sleep", 5)], "all are common"
    assert await counted(["nothing"], 1) == []


async def shown_before(forum: Forum, title: str) -> list[str]:
    """What somebody is shown who is about to ask."""
    found = await before_it_goes_up(forum.db, forum.guild_id, title)
    return [each.line.title for each in found]


async def test_a_common_word_holds_nobody_up_and_is_listed_all_the_same(
    forum: Forum, alice: Actor
) -> None:
    await forum.set("limit.questions", "1000")
    for noun in NOUNS:
        await forum.ask(alice, f"Does {noun} change my sleep?")
        await forum.ask(alice, f"Which {noun} is the best one?")
    await forum.ask(alice, "What helps after a night shift?")
    assert await shown_before(forum, "Sleep on a new mattress") == []
    assert await found(forum, "Sleep on a new mattress"), "lists stay as they are"
    shown = await shown_before(forum, "Tired for days after the night shift")
    assert shown[0] == "What helps after a night shift?"


async def test_in_a_small_server_it_works_as_well(
    forum: Forum, alice: Actor, titles: list[str]
) -> None:
    """Of few questions, a word's rarity says little."""
    await forum.ask(alice, "Where do I find a therapist who speaks German?")
    assert await shown_before(forum, "Tired after the night shift") == [titles[0]]
    assert await shown_before(forum, "My partner knows nothing of my therapy") == [titles[2]]
    assert (await shown_before(forum, "Sleep better before exams"))[0] == titles[1]
    assert await shown_before(forum, "Which bread is best with cheese?") == []
    assert await shown_before(forum, "Gardening while it rains") == []
