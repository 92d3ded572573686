"""Lists of the questions, categories and tags that the reader may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.domain.cards import AnswerLine, Category, PostCard, QuestionLine
from bot.domain.errors import Missing, NotFound
from bot.domain.ranking import View
from bot.domain.sealed import Seal
from bot.usecases.categories import category_wanted
from bot.usecases.standing import visible_card
from data import guilds, listing, personas, tags
from data.database import Transaction, reading
from data.paging import Page
from data.readers import Reader

PAGE = 10
TAGS_PAGE = 25
ANSWERS_PAGE = 5


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list shows: a view, filtered by a category with its descendants and by a tag. Pages
    count from 0."""

    view: View
    category_id: int | None = None
    tag: str | None = None
    page: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list. `more` tells whether another one follows; `tag` is the tag that a given
    synonym stands for."""

    lines: list[QuestionLine]
    more: bool
    category: Category | None
    tag: str | None = None


@reading
async def list_questions(
    tx: Transaction,
    guild_id: int,
    wanted: Selection,
    *,
    channels: Collection[int],
    reader_id: int,
    seal: Seal | None = None,
) -> Listed:
    """Ten questions of a view, in the channels the reader can see. By `seal`, the reader's, their
    own are also those that they asked anonymously. Raises `NotFound(CATEGORY)`."""
    own = wanted.view is View.MINE
    numbers = await personas.numbers_of(tx, guild_id, seal if own else None)
    reader = Reader(guild_id, reader_id, channels, numbers)
    category, within = await category_wanted(tx, guild_id, wanted.category_id)
    filters = listing.Wanted(wanted.view, within, wanted.tag or None)
    page = Page(PAGE + 1, wanted.page * PAGE)  # one more tells whether there is another page
    lines = None
    if wanted.tag:
        lines = await listing.questions_with(tx, reader, filters, page)
    if lines is None and wanted.tag:
        tag = await tags.target_of(tx, guild_id, wanted.tag, channels=channels, reader_id=reader_id)
        filters = replace(filters, tag=tag)
    if lines is None:
        lines = await listing.questions(tx, reader, filters, page)
    return Listed(lines[:PAGE], len(lines) > PAGE, category, filters.tag)


@reading
async def list_answers(
    tx: Transaction, guild_id: int, question_id: int, *, channels: Collection[int], page: int = 0
) -> tuple[PostCard, list[AnswerLine], bool]:
    """A question, five of its answers, the best first, and whether there are more of them.

    Raises `NotFound(POST)`, also where it stands in none of the `channels` the reader can see.
    """
    rules = await guilds.read_rules(tx, guild_id)
    question = await visible_card(tx, guild_id, question_id, rules)
    if question.place.home_id not in channels:
        raise NotFound(Missing.POST)
    found = await listing.answers(tx, guild_id, question_id, rules)
    shown = found[page * ANSWERS_PAGE :]
    return question, shown[:ANSWERS_PAGE], len(shown) > ANSWERS_PAGE


@reading
async def list_tags(
    tx: Transaction,
    guild_id: int,
    *,
    begins: str = "",
    channels: Collection[int] | None = None,
    reader_id: int = 0,
    page: int = 0,
) -> tuple[list[tuple[str, int]], bool]:
    """A page of 25 tags with their numbers of questions in the channels that the reader can read
    (None: in all), the most used first; and whether there are more."""
    found = await listing.tags(
        tx,
        guild_id,
        Page(TAGS_PAGE + 1, page * TAGS_PAGE),
        begins=begins,
        channels=channels,
        reader_id=reader_id,
    )
    return found[:TAGS_PAGE], len(found) > TAGS_PAGE
