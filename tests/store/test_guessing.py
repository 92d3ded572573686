"""Guessing a question's category, measured on titles as members write them."""

from __future__ import annotations

import pytest

from bot.domain.actors import Actor
from bot.usecases import categories, guessing, publishing
from bot.usecases.categories import CategoryForm
from tests.store.forum import CHANNEL, Forum

ASKED = {
    "Sleep": (
        "How do I fall asleep after a night shift?",
        "Why do I wake up at four every night?",
        "Does melatonin help against bad sleep?",
        "How long should a nap be at noon?",
        "What helps against nightmares?",
    ),
    "Work": (
        "How do I tell my boss that I'm ill?",
        "Is it normal to cry at work?",
        "How do I ask my boss for fewer hours?",
        "Should I quit my job without a new one?",
        "My colleagues exclude me at work, what can I do?",
    ),
    "Family": (
        "How do I talk with my mother about my diagnosis?",
        "My brother drinks too much, how can I help?",
        "How do I set limits to my parents?",
        "My sister doesn't talk to me any more, what now?",
        "How do I explain depression to my children?",
    ),
}
TRIED = {
    "I can't fall asleep at night, what helps?": "Sleep",
    "Waking up every night at three": "Sleep",
    "How often do you have nightmares?": "Sleep",
    "Is a nap after a night shift a good idea?": "Sleep",
    "My boss wants a note from my doctor, should I tell?": "Work",
    "I cried at work today": "Work",
    "Quit my job or not?": "Work",
    "My mother doesn't accept my diagnosis": "Family",
    "What do I say to my children?": "Family",
    "My parents ignore all limits": "Family",
    "My brother drinks again": "Family",
    "Which bread is best with soup?": None,
    "Hello everyone": None,
}


@pytest.fixture
async def known(forum: Forum, alice: Actor) -> dict[str, int]:
    """The categories with their questions, as rows by name."""
    await forum.set("limit.questions", "100")
    rows: dict[str, int] = {}
    for name, titles in ASKED.items():
        rows[name] = await categories.add_category(
            forum.db, forum.manager, name, CategoryForm(), now=forum.now
        )
        for title in titles:
            post = await forum.ask(alice, title, category_id=rows[name])
            await publishing.record_shown(
                forum.db, forum.guild_id, post, message_id=post, home_id=CHANNEL
            )
    return rows


async def guess(
    forum: Forum, title: str, rows: dict[str, int], channels: tuple[int, ...] = (CHANNEL,)
) -> str | None:
    found = await guessing.likely_category(
        forum.db,
        forum.guild_id,
        guessing.Unsorted(title, rows.values()),
        channels=channels,
        reader_id=77,
    )
    return next((name for name, row in rows.items() if row == found), None)


async def test_most_guesses_are_right_and_few_are_wrong(
    forum: Forum, known: dict[str, int]
) -> None:
    guesses = {title: await guess(forum, title, known) for title in TRIED}
    right = [title for title, name in TRIED.items() if guesses[title] == name]
    wrong = [title for title in TRIED if guesses[title] not in (None, TRIED[title])]
    assert len(right) >= 11, guesses
    assert len(wrong) <= 1, guesses


async def test_a_guess_tells_nothing_of_what_one_may_not_read_or_use(
    forum: Forum, known: dict[str, int]
) -> None:
    title = "I can't fall asleep at night, what helps?"
    assert await guess(forum, title, known) == "Sleep"
    assert await guess(forum, title, known, channels=(501,)) is None
    others = {name: row for name, row in known.items() if name != "Sleep"}
    assert await guess(forum, title, others) is None


async def test_a_question_is_no_hint_to_itself(
    forum: Forum, bob: Actor, known: dict[str, int]
) -> None:
    post = await forum.ask(bob, "How do I fall asleep when I'm sad?")
    found = await guessing.likely_category(
        forum.db,
        forum.guild_id,
        guessing.Unsorted("How do I fall asleep when I'm sad?", known.values(), post),
        channels=[CHANNEL],
        reader_id=bob.user_id,
    )
    assert found == known["Sleep"]
