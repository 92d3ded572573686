"""Guessing a question's category from the categories of similar questions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from data import posts, search
from data.database import Transaction, reading

_COMPARED = 8  # similar questions
# The share of them, weighted by their rank, that has to be in one category. Measured on the titles
# of tests/store/test_guessing.py.
_SURE = 0.5


@dataclass(frozen=True, slots=True)
class Unsorted:
    """A question in no category: its title, the categories that are offered, and its row if it is
    posted."""

    title: str
    offered: Collection[int]
    post_id: int | None = None


@reading
async def likely_category(
    tx: Transaction,
    guild_id: int,
    question: Unsorted,
    *,
    channels: Collection[int],
    reader_id: int,
) -> int | None:
    """The one of the offered categories that most questions with a title like this are in; None
    where that isn't clear.

    Only questions that the reader can read are compared, so that a guess tells nothing of others.
    The more alike one is, the more it counts: 1 / its rank.
    """
    reader = search.Reader(reader_id, channels)
    alike = await search.similar(tx, guild_id, question.title, _COMPARED + 1, reader)
    others = [found for found in alike if found != question.post_id]
    known = await posts.categories_of(tx, guild_id, others)
    weights: dict[int | None, float] = {}
    for rank, found in enumerate(others, 1):
        category_id = known.get(found)
        weights[category_id] = weights.get(category_id, 0.0) + 1 / rank
    if not weights:
        return None
    likeliest = max(weights, key=lambda category_id: weights[category_id])
    sure = weights[likeliest] >= _SURE * sum(weights.values())
    return likeliest if sure and likeliest in question.offered else None
