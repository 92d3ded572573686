"""How questions and answers are ranked in lists."""

from __future__ import annotations

from random import Random

import pytest

from bot.domain.ranking import answer_rank, wilson


@pytest.mark.parametrize(
    ("up", "down", "bound"),
    # Wilson's interval at 95 %, as any table or calculator of it gives it.
    [(1, 0, 0.2065), (10, 0, 0.7225), (5, 3, 0.3057), (90, 10, 0.8256), (0, 7, 0.0)],
)
def test_the_lower_bound_of_a_share(up: int, down: int, bound: float) -> None:
    assert wilson(up, down) == pytest.approx(bound, abs=0.0001)


def test_without_votes_nothing_is_known() -> None:
    assert wilson(0, 0) == 0.0


def test_more_of_the_same_counts_more() -> None:
    bounds = [wilson(n, n // 2) for n in (2, 20, 200, 2000)]
    assert bounds == sorted(bounds)


def test_answers_are_ordered_by_score_then_by_agreement() -> None:
    answers = {
        "best": (True, 0, 4),
        "liked by many": (False, 8, 0),
        "liked by some": (False, 2, 0),
        "disputed": (False, 5, 3),
        "new": (False, 0, 0),
        "disliked": (False, 0, 2),
    }
    shuffled = list(answers)
    Random(4).shuffle(shuffled)

    def rank(name: str) -> tuple[bool, int, float]:
        best, up, down = answers[name]
        return answer_rank(best=best, up=up, down=down)

    assert sorted(shuffled, key=rank) == list(answers)
