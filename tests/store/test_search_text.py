"""`/search`: full text of questions and answers, and that no input is a syntax error."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.actors import Actor
from bot.domain.errors import Invalid
from bot.domain.posts import CloseReason
from bot.domain.queries import QUERY_MAX, Sort, parse_query
from bot.domain.voting import UP
from bot.usecases.asking import similar_questions
from bot.usecases.browsing import suggest_questions
from bot.usecases.closing import ClosingForm, close_question
from bot.usecases.publishing import record_shown
from bot.usecases.recounting import recount
from bot.usecases.searching import Found, Search, search_posts
from data import search
from tests.store.forum import Forum
from tests.store.test_search import NASTY

HOME, OTHER = 500, 501


async def look(
    forum: Forum, query: str, *, channels: Collection[int] = (HOME,), reader_id: int = 0, **how: Any
) -> Found:
    wanted = Search(query, **how)
    return await search_posts(
        forum.db, forum.guild_id, wanted, channels=channels, reader_id=reader_id
    )


async def references(forum: Forum, query: str, **how: Any) -> list[str]:
    found = await look(forum, query, **how)
    return [one.reference for one in found.findings] if found.every else []


async def shown(forum: Forum, post_id: int, home: int = HOME) -> int:
    where: dict[str, Any] = {"channel_id": home, "message_id": post_id + 9_000, "home_id": home}
    await record_shown(forum.db, forum.guild_id, post_id, **where)
    return post_id


@pytest.fixture
async def posted(forum: Forum, alice: Actor, bob: Actor) -> dict[str, int]:
    """#1 with two answers, #2 with one, #3 with none."""
    night = await shown(
        forum,
        await forum.ask(
            alice,
            "How do I sleep after a night shift?",
            "I lie awake until noon.",
            tags="night-work",
        ),
    )
    curtains = await forum.answer(bob, night, "Dark curtains, and no screens before sleeping.")
    plugs = await forum.answer(bob, night, "Ear plugs helped me, with a café open below me.")
    exam = await shown(forum, await forum.ask(bob, "What helps before exams?", "I sleep badly."))
    walk = await forum.answer(alice, exam, "A walk in the dark woods, then a screen-free evening.")
    bread = await shown(forum, await forum.ask(alice, "Which bread goes with cheese?"))
    return {"night": night, "curtains": curtains, "plugs": plugs, "exam": exam, "walk": walk} | {
        "bread": bread
    }


async def test_titles_bodies_and_tags_are_searched(forum: Forum, posted: dict[str, int]) -> None:
    assert await references(forum, "noon") == ["#1"]
    assert await references(forum, "curtain") == ["#1.1"], "in another form"
    assert await references(forum, "night-work") == ["#1"]
    assert await references(forum, "sleep") == ["#1", "#2", "#1.1"], "titles first"
    assert await references(forum, "CAFE") == ["#1.2"], "without accents and case"
    assert await references(forum, "gardening") == []


async def test_quotes_minus_and_beginnings(forum: Forum, posted: dict[str, int]) -> None:
    assert await references(forum, '"dark curtains"') == ["#1.1"]
    assert await references(forum, '"curtains dark"') == []
    assert await references(forum, "„dark woods“") == ["#2.1"]
    assert set(await references(forum, "dark")) == {"#1.1", "#2.1"}
    assert await references(forum, "dark -woods") == ["#1.1"]
    assert await references(forum, 'dark -"dark woods"') == ["#1.1"]
    assert await references(forum, "chees*") == ["#3"]
    assert await references(forum, "curt* scree*") == ["#1.1"]
    assert await references(forum, "screen-free") == ["#2.1"]


async def test_function_words_need_not_be_there(forum: Forum, posted: dict[str, int]) -> None:
    assert await references(forum, "how can I have cheese on my bread") == ["#3"]


async def test_posts_with_some_words_are_found_if_none_has_all(
    forum: Forum, posted: dict[str, int]
) -> None:
    found = await look(forum, "cheese curtains")
    assert not found.every
    assert {one.reference for one in found.findings} == {"#1.1", "#3"}


async def test_a_snippet_shows_where_it_is(forum: Forum, alice: Actor) -> None:
    details = "Filler words stand here. " * 30 + "The sourdough rises. " + "And go on. " * 30
    await forum.ask(alice, "Something about baking", details)
    found = await look(forum, "sourdough", reader_id=alice.user_id)
    text = found.findings[0].text
    assert [piece.text for piece in text if piece.hit] == ["sourdough"]
    assert text[0].text == text[-1].text == "…"
    assert sum(len(piece.text) for piece in text) < 200


async def test_filters(forum: Forum, posted: dict[str, int], alice: Actor, bob: Actor) -> None:
    assert await references(forum, "sleep", author_id=bob.user_id) == ["#2", "#1.1"]
    assert await references(forum, "sleep", tag="night-work") == ["#1", "#1.1"]
    assert await references(forum, "sleep", tag="other") == []
    await forum.choose(alice, posted["curtains"])
    assert await references(forum, "sleep", solved=True) == ["#1", "#1.1"]
    assert await references(forum, "sleep", solved=False) == ["#2"]


async def test_orders(forum: Forum, posted: dict[str, int]) -> None:
    assert await references(forum, "sleep", sort=Sort.NEWEST) == ["#2", "#1.1", "#1"]
    await forum.vote(forum.member(77), posted["curtains"], UP)
    assert (await references(forum, "sleep", sort=Sort.VOTES))[0] == "#1.1"


async def test_pages(forum: Forum, alice: Actor) -> None:
    for n in range(12):
        await forum.ask(alice, f"About apples, part {n}")
        forum.later(hours=2)
    pages = [await look(forum, "apples", reader_id=alice.user_id, page=n) for n in range(4)]
    assert [len(p.findings) for p in pages] == [5, 5, 2, 0]
    assert [p.more for p in pages] == [True, True, False, False]
    assert len({one.reference for p in pages for one in p.findings}) == 12
    assert pages[3].every


async def test_only_what_the_reader_can_read(
    forum: Forum, elsewhere: Forum, posted: dict[str, int], alice: Actor, bob: Actor
) -> None:
    secret = await shown(forum, await forum.ask(alice, "Where is the secret garden?"), OTHER)
    await forum.answer(bob, secret, "Behind the secret door, of course.")
    await forum.answer(alice, secret, "A secret of my own: there is none.")
    await elsewhere.ask(elsewhere.member(1), "Another secret altogether?")

    assert await references(forum, "secret") == []
    assert set(await references(forum, "secret", channels=[OTHER])) == {"#4", "#4.1", "#4.2"}
    mine = await references(forum, "secret", reader_id=alice.user_id)
    assert set(mine) == {"#4", "#4.2"}, "who lost the channel reads their own words only"
    assert await references(forum, "secret", reader_id=bob.user_id) == [], "nor others' titles"
    for typed in ("", "4", "secr"):
        offered = await suggest_questions(forum.db, forum.guild_id, typed, channels=[HOME])
        assert 4 not in {line.number for line in offered}
    async with forum.db.read() as tx:
        reader = search.Reader(0, [HOME])
        assert await search.similar(tx, forum.guild_id, "secret garden", 5, reader) == []


async def test_what_is_not_shown_is_not_found(
    forum: Forum, posted: dict[str, int], alice: Actor, bob: Actor
) -> None:
    await forum.delete(bob, posted["curtains"])
    assert await references(forum, "curtains") == []
    await forum.hide(posted["night"])
    assert await references(forum, "noon") == []
    assert await references(forum, "plugs") == [], "nor its answers"


async def test_edits_are_found(forum: Forum, posted: dict[str, int], bob: Actor) -> None:
    await forum.edit(bob, posted["plugs"], body="White noise helped me much more than plugs.")
    assert await references(forum, "noise") == ["#1.2"]
    assert await references(forum, "cafe") == []


async def test_recounting_makes_the_index_anew(forum: Forum, posted: dict[str, int]) -> None:
    async with forum.db.write() as tx:
        await tx.run_sync(lambda c: c.exec_driver_sql("DELETE FROM post_words"))
        await tx.run_sync(lambda c: c.exec_driver_sql("DELETE FROM title_words"))
    assert await references(forum, "noon") == []
    await recount(forum.db, now=forum.now)
    assert await references(forum, "noon") == ["#1"]


async def test_duplicates_speak_with_one_voice(forum: Forum, alice: Actor) -> None:
    moderator = forum.member(4, is_moderator=True)
    titles = [
        "How can one fall asleep quickly?",
        "Lying awake in bed for hours",
        "Awake in bed until morning",
        "Awake with a newborn child",
    ]
    asked: list[int] = []
    for title in titles:
        asked.append(await forum.ask(alice, title))
        forum.later(hours=2)
    before = await similar_questions(forum.db, forum.guild_id, "awake in bed")
    assert [line.post_id for line in before] == [asked[2], asked[1], asked[3]]
    for duplicate in asked[1:3]:
        await close_question(
            forum.db,
            moderator,
            duplicate,
            ClosingForm(CloseReason.DUPLICATE, asked[0]),
            now=forum.now,
        )
    found = await similar_questions(forum.db, forum.guild_id, "awake in bed")
    assert [line.post_id for line in found] == [asked[0], asked[3]], "the original for all three"
    await forum.hide(asked[0])
    found = await similar_questions(forum.db, forum.guild_id, "awake in bed")
    assert [line.post_id for line in found] == [asked[2], asked[3]]


@pytest.mark.parametrize("typed", NASTY)
async def test_nothing_typed_is_syntax(forum: Forum, posted: dict[str, int], typed: str) -> None:
    for query in (typed, f"sleep {typed}", f"-{typed} sleep", f'"{typed}', f"{typed}*"):
        try:
            await look(forum, query)
        except Invalid:
            assert not parse_words(query)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(typed=st.text(alphabet=st.characters() | st.sampled_from("\"*-()'&|!:<>{}^~ "), max_size=40))
async def test_no_text_is_a_syntax_error(forum: Forum, typed: str) -> None:
    try:
        await look(forum, typed)
    except Invalid:
        assert not parse_words(typed)


def parse_words(typed: str) -> bool:
    """Whether anything is looked for."""
    try:
        return bool(parse_query(typed[:QUERY_MAX]).wanted)
    except Invalid:
        return False


async def test_beginnings_have_three_letters(forum: Forum, posted: dict[str, int]) -> None:
    """Less of them would be a good part of all words there are: seconds, in a large server."""
    assert "#1" in await references(forum, "noo*")
    assert await references(forum, "ni*") == []
    assert await references(forum, "n*") == []


UNSPACED = {
    "睡眠": ("夜勤の後の睡眠について質問があります", "どうすれば昼間によく眠れますか。"),
    "失眠": ("值夜班以后失眠怎么办", "白天总是睡不着。"),
    "นอนไม่หลับ": ("ทำไมฉันนอนไม่หลับหลังเลิกงาน", "ฉันนอนกลางวัน"),
}


async def test_scripts_without_spaces(forum: Forum, alice: Actor) -> None:
    """A word is found amid a sentence, in Japanese, Chinese and Thai; and only as it stands."""
    asked = {
        word: await shown(forum, await forum.ask(alice, title, body))
        for word, (title, body) in UNSPACED.items()
    }
    numbers = {post: f"#{n}" for n, post in enumerate(asked.values(), 1)}
    for word, post in asked.items():
        for typed in (word, f"{word}*", f'"{word}"', word[:2]):
            assert await references(forum, typed) == [numbers[post]], typed
        assert await references(forum, word[::-1]) == [], "its letters turned round"
        offered = await suggest_questions(forum.db, forum.guild_id, word)
        assert [line.post_id for line in offered] == [post]
        async with forum.db.read() as tx:
            reader = search.Reader(0, None)
            assert (await search.similar(tx, forum.guild_id, word, 5, reader))[0] == post
    assert await references(forum, "睡眠 -夜勤") == []
    assert await references(forum, "睡眠 -失眠") == ["#1"]


async def test_snippets_of_scripts_without_spaces(forum: Forum, alice: Actor) -> None:
    body = "白天" * 200 + "总是失眠，" + "晚上" * 200
    await shown(forum, await forum.ask(alice, "值夜班以后怎么办才好呢", body))
    (found,) = (await look(forum, "失眠")).findings
    assert [piece.text for piece in found.text if piece.hit] == ["失眠"]
    assert len("".join(piece.text for piece in found.text)) < 200
    await shown(forum, await forum.ask(alice, "How is this written in Thai?", "ฉันนอนไม่หลับครับ"))
    (found,) = (await look(forum, "นอนไม่")).findings
    assert [piece.text for piece in found.text if piece.hit] == ["นอนไม่"]
