"""What a card shows: the person first, then the post, last the facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import pytest
import simcord

from bot.domain.cards import Author, BestAnswer, Closing, Display, Place, PostCard
from bot.domain.posts import CloseReason, PostKind, PostStatus
from bot.i18n import texts_for
from cogs.delivery.repairing import Repairing
from cogs.ui.cards import card_embeds, comment_text
from cogs.ui.controls import card_controls
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.server import Card, Server

T = texts_for("en")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TITLE = "How do I sleep after a night shift?"
NOOR = Author(80351110224678912, 6300, "Noor", "Regular", "0a1b")
QUESTION = PostCard(
    guild_id=1,
    post_id=5,
    kind=PostKind.QUESTION,
    status=PostStatus.VISIBLE,
    question_id=5,
    number=128,
    sub_number=0,
    title=TITLE,
    body="I lie awake until noon.",
    tags=("sleep", "work"),
    author=NOOR,
    score=53,
    created_at=NOW,
    category="Sleep",
    category_emoji="🌙",
    answers=2,
    place=Place(2, 3, 3),
)
ANSWER = replace(QUESTION, kind=PostKind.ANSWER, post_id=6, sub_number=1, tags=())
ANSWER = replace(ANSWER, category="", category_emoji="")
COMMENT = replace(ANSWER, kind=PostKind.COMMENT, post_id=7, sub_number=2)
BEST = BestAnswer(6, 1, "Two things:\n1. Dark curtains\n2. No screens", 2, 4)
THEN = Display(sent_at=NOW + timedelta(seconds=3))


def drawn(card: PostCard, display: Display = THEN) -> discord.Embed:
    (embed,) = card_embeds(card, T, display)
    return embed


def labels(card: PostCard, display: Display = THEN) -> list[str | None]:
    return [button.label for button in card_controls(card, T, display)]


def test_the_person_comes_first() -> None:
    author = drawn(QUESTION).author

    assert author.name == "Noor · 6.3k points · Regular"
    assert author.url == "https://discord.com/users/80351110224678912"
    avatar = "https://cdn.discordapp.com/avatars/80351110224678912/0a1b.png?size=64"
    assert author.icon_url == avatar


@pytest.mark.parametrize(
    ("author", "shown"),
    [
        (Author(None), "Deleted member"),
        (Author(7, 1), "A member · 1 point"),
        (Author(7, 100, "Sam · 9k points"), "Sam 9k points · 100 points"),
    ],
)
def test_people_who_are_not_known(author: Author, shown: str) -> None:
    embed = drawn(replace(QUESTION, author=author))

    assert embed.author.name == shown
    assert embed.author.icon_url is None


def test_the_facts_come_last() -> None:
    assert drawn(QUESTION).footer.text == ("+53 votes · 2 answers · 🌙 Sleep · #128 · #sleep #work")
    assert drawn(replace(ANSWER, score=0)).footer.text == "0 votes · #128.1"
    private = replace(THEN, by_reaction=False)
    assert drawn(ANSWER, private).footer.text == "#128.1"


@pytest.mark.parametrize(
    ("editor", "name", "shown"),
    [
        (NOOR.id, "Noor", "edited"),
        (9, "Sam", "edited by Sam"),
        (9, "", "edited by another member"),
    ],
)
def test_only_others_are_named_as_editors(editor: int, name: str, shown: str) -> None:
    edited = replace(ANSWER, edited_by=editor, editor_name=name)

    assert drawn(edited).footer.text == f"+53 votes · #128.1 · {shown}"


def test_a_moderator_who_posted_for_somebody_is_named() -> None:
    posted = replace(ANSWER, posted_by=9, poster_name="")
    assert drawn(posted).footer.text == "+53 votes · #128.1 · posted by a moderator"


def test_the_date_stands_there_only_if_the_messages_date_is_another() -> None:
    assert drawn(QUESTION).timestamp is None
    assert drawn(QUESTION, Display(sent_at=NOW + timedelta(days=9))).timestamp == NOW
    assert drawn(QUESTION, Display()).timestamp == NOW


def test_the_colour_is_the_state() -> None:
    closing = Closing(CloseReason.OTHER, None, "")
    colours = [
        drawn(card).colour
        for card in (
            QUESTION,
            replace(QUESTION, best=BEST),
            replace(QUESTION, best=BEST, closing=closing),
            ANSWER,
            replace(ANSWER, is_best=True),
        )
    ]
    assert [colour and f"{colour.value:06x}" for colour in colours] == [
        "5865f2",
        "3ba55d",
        "80848e",
        None,
        "3ba55d",
    ]


def test_the_best_answer_is_quoted_with_its_lines() -> None:
    (field,) = drawn(replace(QUESTION, best=BEST)).fields

    assert field.name == "✅ Best answer"
    assert field.value == (
        "> Two things:\n> 1. Dark curtains\n> 2. No screens\n"
        "[Read the answer](https://discord.com/channels/1/2/4)"
    )
    assert drawn(replace(ANSWER, is_best=True)).title == "✅ Best answer"


@pytest.mark.parametrize(
    ("title", "name", "shown"),
    [
        (TITLE, None, True),  # in a text channel
        (TITLE, TITLE, False),
        (TITLE, "[pinned] sleeping", True),
        ("x" * 150, "x" * 99 + "…", True),
        ("How do I tell ||my mother|| that?", "How do I tell ▒▒▒ that?", True),
        ("What is `a > b` in *C*?", "What is `a > b` in *C*?", False),
    ],
)
def test_a_title_is_left_out_while_the_posts_name_says_all_of_it(
    title: str, name: str | None, *, shown: bool
) -> None:
    embed = drawn(replace(QUESTION, title=title), replace(THEN, post_name=name))

    assert (embed.title is not None) == shown


def test_buttons_stand_in_one_row() -> None:
    assert labels(QUESTION) == ["Answer", "Follow", "⋯"]
    assert labels(ANSWER) == ["Answer", "⋯"]
    assert labels(COMMENT) == ["⋯"]
    both = Display(buttons=(1, -1))
    assert labels(QUESTION, both) == ["▲ 53", "▼", "Answer", "Follow", "⋯"]
    assert labels(replace(ANSWER, score=-1200), both) == ["▲ −1,200", "▼", "Answer", "⋯"]
    assert labels(COMMENT, both) == ["⋯"]
    assert all(button.row is None for button in card_controls(QUESTION, T, both))


def test_a_comment_is_light() -> None:
    assert card_embeds(COMMENT, T, THEN) == []
    assert comment_text(QUESTION, T) is None
    profile = "https://discord.com/users/80351110224678912"
    line = f"-# [Noor]({profile}) · 6.3k points · #128.2"
    assert comment_text(COMMENT, T) == f"{line}\nI lie awake until noon."
    edited = replace(COMMENT, edited_by=9, editor_name="*Sam*")
    assert (comment_text(edited, T) or "").startswith(f"{line} · edited by \\*Sam\\*\n")


# --- in Discord ----------------------------------------------------------------------------------


@on_sqlite
@in_a_forum
async def test_a_title_comes_back_when_a_moderator_renames_the_post(
    env: simcord.Env, server: Server, alice: simcord.MemberActor
) -> None:
    question = await server.ask(alice, TITLE)
    assert question.embed.title is None

    env.backend.edit_channel(question.thread.id, {"name": "[pinned] sleeping"})
    await env.settle()
    await env.advance_time(5)
    assert question.embed.title == TITLE

    env.backend.edit_channel(question.thread.id, {"name": TITLE})
    await env.settle()
    await env.advance_time(5)
    assert question.embed.title is None


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("late", [False, True])
async def test_an_edited_title_is_left_out_once_the_post_is_called_like_it(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    late: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The event may come after the bot recorded the new name."""
    heard: list[tuple[Repairing, int, int, str]] = []
    follow = Repairing._renamed  # pyright: ignore[reportPrivateUsage]

    async def hear(cog: Repairing, guild_id: int, thread_id: int, name: str) -> None:
        heard.append((cog, guild_id, thread_id, name))

    question = await server.ask(alice, TITLE)
    if late:
        monkeypatch.setattr(Repairing, "_renamed", hear)
    shown = await alice.slash(server.lounge, "edit", post="#1")
    await alice.submit_modal(shown, {"title": "How do I sleep on a Monday?", "details": ""})
    await env.advance_time(5)
    for event in heard:
        await follow(*event)
    await env.advance_time(5)

    assert bool(heard) is late
    assert question.thread.name == "How do I sleep on a Monday?"
    assert question.embed.title is None


@on_sqlite
@in_a_forum
async def test_cards_of_an_earlier_version_still_work(
    server: Server, alice: simcord.MemberActor, question: Card, answer: Card
) -> None:
    """They have buttons that today's cards have in their menus."""
    stored = server.env.backend.get_message(answer.channel_id, answer.message_id)
    row = stored.components[0]["components"]
    more = row[-1]
    row[:] = [
        more | {"custom_id": f"qa:1:comment:{answer.post_id}", "label": "Comment"},
        more | {"custom_id": f"qa:1:best:{answer.post_id}", "label": "Best answer"},
        more | {"label": "More"},
    ]
    form = await alice.click(answer.message, label="Comment")
    assert form.modal is not None
    await alice.click(answer.message, label="Best answer")
    assert answer.pinned
