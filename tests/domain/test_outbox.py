"""How long delivery waits before it tries again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.outbox import BURST, Job, JobKind, Priority, in_turns, pause


def test_pauses_double_up_to_an_hour() -> None:
    pauses = [pause(failures) for failures in range(100)]
    assert pauses[:4] == [timedelta(seconds=s) for s in (1, 2, 4, 8)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def job(
    key: int, server: int = 1, group: int = 0, priority: Priority = Priority.REFRESH, at: int = 0
) -> Job:
    created = NOW + timedelta(seconds=at)
    return Job(JobKind.CARD, key, server, 1, 0, created, priority, group or key)


def keys(jobs: list[Job]) -> list[int]:
    return [each.key for each in in_turns(jobs)]


def test_servers_take_turns_whoever_asked_first() -> None:
    many = [job(n, server=1, at=n) for n in range(1, 100)]
    assert keys([*many, job(500, server=2, at=900)]).index(500) <= BURST


def test_what_is_urgent_comes_before_what_others_asked_for_earlier() -> None:
    urgent = job(3, server=2, priority=Priority.NEW_POST, at=9)
    waited = job(2, server=1, priority=Priority.WAITED_FOR, at=5)
    assert keys([job(1), waited, urgent]) == [3, 2, 1]


def test_a_long_thread_stands_in_line_behind_its_first_post() -> None:
    thread = [job(n, group=1, priority=Priority.NEW_POST, at=n) for n in range(1, 120)]
    others = [job(500 + n, at=200) for n in range(5)]
    order = keys([*others, *thread])
    assert order[0] == 1
    assert set(order[1:6]) == {500, 501, 502, 503, 504}
    assert order[6:] == list(range(2, 120)), "and stays in its order"


def test_bulk_comes_last_even_of_a_server_that_wants_nothing_else() -> None:
    bulk = [job(n, server=1, priority=Priority.BULK) for n in range(1, 10)]
    rest = [job(100 + n, server=2, at=99) for n in range(50)]
    assert set(keys([*bulk, *rest])[:50]) == set(range(100, 150))
