"""The benchmarks run, compare like with like, and notice a broken promise."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import INTENTS
from bot.domain.outbox import Job, JobKind, Priority
from bot.domain.rules import Rules
from tests.bench import (
    acknowledging,
    before_posting,
    empty_client,
    fairness,
    large,
    memory,
    sealed,
    sizes,
    soak,
    solving,
    statements,
    transport,
    votes,
)
from tests.bench.lean import Act, LeanDiscord, Pattern, gap
from tests.bench.measuring import Report
from tests.bench.search import Corpus, database_url
from tests.bench.world import migrated, sqlite_url


@pytest.fixture
async def template(tmp_path: Path) -> tuple[Path, list[int]]:
    """A small forum in a file, and its posts."""
    path = tmp_path / "forum.sqlite3"
    await (await migrated(sqlite_url(path))).close()
    return path, await votes.prepare(sqlite_url(path), 12)


async def test_both_sides_of_the_votes_write_the_same(
    tmp_path: Path, template: tuple[Path, list[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report()
    turns = await votes.compare(tmp_path, *template, votes=200, rounds=2)
    assert [len(side.waits) for turn in turns for side in turn] == [200] * 4
    votes.tell(report, turns)
    assert "plain sqlite3" in capsys.readouterr().out


async def test_votes_that_were_not_written_alike_are_noticed(
    tmp_path: Path, template: tuple[Path, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand = votes.by_hand

    def with_one_lost(path: Path, lists: list[list[votes.Ballot]], rules: Rules) -> votes.Turn:
        turn = by_hand(path, lists, rules)
        db = sqlite3.connect(path)
        with db:
            db.execute("DELETE FROM votes WHERE voter_id = 10")
        db.close()
        return turn

    monkeypatch.setattr(votes, "by_hand", with_one_lost)
    with pytest.raises(AssertionError, match="same rows"):
        await votes.compare(tmp_path, *template, votes=100, rounds=1)


async def test_all_of_a_large_forum_is_gone_through_beside_votes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it wrote in plain SQL is right: a recount finds only what was spoilt."""
    report = Report()
    await large.measure(report, tmp_path, large.Size(posts=3000, wrong=30, rate=20))
    told = capsys.readouterr().out
    for what in ("recount", "backup", "export", "erasing"):
        assert f"{what}: slowest vote" in told
    assert "erasing 15 posts" in told


def test_a_held_up_vote_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    seen = large.Seen(1.0, 301.0, waits=[0.01, 1.5], held=0.2, held_by_votes=0.05)
    large.tell(report, "recount", seen, commands=False)
    large.tell(report, "backup", seen, commands=True)
    assert [broken.partition(":")[0] for broken in report.broken] == ["recount"] * 3 + [
        "backup"
    ] * 2
    assert capsys.readouterr().out.count("BROKEN") == 5


def test_a_broken_promise_is_kept_for_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    memory.tell(report, (memory.LIMIT + 1, memory.LIMIT - 1), memory.MORE + 1)
    slower = (votes.Turn(2.0, [0.1] * 10), votes.Turn(1.0, [0.1] * 10))
    votes.tell(report, [slower])
    assert [broken.partition(":")[0] for broken in report.broken] == [
        "first start, MB",
        "anonymous posts, MB",
        "ratio, median",
    ]
    assert capsys.readouterr().out.count("BROKEN") == 3


async def test_acknowledgements_are_timed(tmp_path: Path) -> None:
    report = Report()
    times = await acknowledging.measure(tmp_path, 2)
    acknowledging.tell(report, times)
    assert {what: len(found) for what, found in times.items()} == {
        acknowledging.ASK: 2,
        acknowledging.SUBMIT: 2,
        acknowledging.POSTED: 2,
        acknowledging.CLICK: 2,
        acknowledging.VOTE: 2,
        acknowledging.REACTION: 4,
    }
    assert not report.broken


async def test_a_grown_number_of_statements_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, number = statements.ACTS["look at a card"]
    monkeypatch.setattr(statements, "ACTS", {"look at a card": (act, number - 1)})
    report = Report()
    statements.tell(report, await statements.count(tmp_path))
    assert report.broken == [f"look at a card: {number} statements, fixed at {number - 1}"]


async def test_a_small_server_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    tiny = sizes.Size(questions=20, votes=100, times=2, seconds=0.1, rates=(50,))
    await sizes.measure(report, "sqlite", tiny)
    assert not report.broken
    assert "votes offered, 50 a second" in capsys.readouterr().out


async def test_a_soak_holds_together(tmp_path: Path) -> None:
    report = Report()
    await soak.run(report, tmp_path, minutes=1, seed=2, acts=25)
    assert not report.broken


async def test_a_soak_notices_a_wrong_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = soak.Soak.finish

    def and_break(self: soak.Soak) -> None:
        finish(self)
        db = sqlite3.connect(tmp_path / "soak.sqlite3")
        with db:
            db.execute("UPDATE posts SET up_votes = up_votes + 7, score = score + 7 WHERE id = 1")
        db.close()

    monkeypatch.setattr(soak.Soak, "finish", and_break)
    report = Report()
    await soak.run(report, tmp_path, minutes=1, seed=2, acts=25)
    broken = {each.partition(":")[0] for each in report.broken}
    assert broken == {"figures a recount would change", "posts without just one card"}


async def test_authors_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report()
    await solving.run(report, 1, stories=1, posts=10)
    assert not report.broken
    monkeypatch.setattr(solving, "right_ones", lambda *_: 5)
    await solving.run(report, 1, stories=1, posts=10)
    assert len(report.broken) == 4


async def test_memory_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    assert 20 < await memory.idle(tmp_path, 0.2) < 500


async def test_what_anonymous_posts_add_to_it_is_measured(tmp_path: Path) -> None:
    more = await memory.for_anonymous_posts(tmp_path, 0.2)
    assert 1 < more < 100, "the library that seals takes some megabytes"


TINY = sealed.Size(posts=2, crowd=3, personas=20, lists=2)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_anonymous_posts_are_measured_beside_those_by_name(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with database_url(kind) as url:
        found = await sealed.measure(url, TINY)
    crowded = sealed.CROWDED.format(n=3)
    assert list(found.posts) == [sealed.QUESTION, sealed.ANSWER, sealed.COMMENT, crowded]
    assert all(len(turns) == 2 for turns in found.posts.values())
    assert all(seconds > 0 for turns in found.posts.values() for turn in turns for seconds in turn)
    assert (len(found.lists), len(found.late), found.wrong) == (2, 2, 0)
    sealed.tell(Report(), kind, TINY, found)
    assert "an answer among 3 authors, ratio" in capsys.readouterr().out


async def test_a_list_without_what_is_theirs_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.personas._numbers_of", lambda *_: frozenset())
    assert (await sealed.on_sqlite(tmp_path, TINY)).wrong == 3


def test_dear_anonymous_posts_are_noticed() -> None:
    report = Report()
    dear, cheap = [(1.0, 1.4)] * 2 + [(1.0, 1.2)], [(1.0, 1.1)] * 3
    found = sealed.Figures({"dear": dear, "cheap": cheap}, [0.2], [0.1], wrong=1)
    sealed.tell(report, "sqlite", TINY, found)
    assert [broken.partition(":")[0] for broken in report.broken] == [
        "dear, ratio",
        "a list, median, ms",
        "the loop late, ms",
        "lists with more or less",
    ]


async def test_a_rename_is_measured_to_its_last_card(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    tiny = fairness.Size(3, questions=30, latency=0.001, rate=10.0, turn=0.3, rest=0.2)
    outcome = await fairness.run("sqlite", tiny)
    fairness.tell(report, "sqlite", tiny, outcome)
    assert (outcome.edited, outcome.wrong, outcome.out_of_turn) == (30, 0, 0)
    assert 0 < outcome.waiting <= 30
    assert outcome.without
    assert outcome.beside
    assert "3 servers on sqlite, one renames a category of 30 " in capsys.readouterr().out


def test_a_rename_that_others_wait_for_is_noticed() -> None:
    report = Report()
    slow = fairness.Outcome(
        [0.1] * 300, [0.2] * 300, waiting=400, out_of_turn=1, seconds=1, wrong=2
    )
    fairness.tell(report, "sqlite", fairness.QUICK, slow)
    assert [broken.partition(":")[0] for broken in report.broken] == [
        "p99, ratio",
        "refreshes that wait at once",
        "jobs read out of turn",
        "cards wrong in the end",
    ]


def test_jobs_out_of_turn_are_counted() -> None:
    def job(key: int, group: int, priority: Priority = Priority.NEW_POST) -> Job:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return Job(JobKind.CARD, key, 1, 1, 0, now, priority, group)

    in_turn = [job(1, 1), job(2, 2), job(3, 1), job(4, 4, Priority.BULK)]
    assert fairness.out_of_turn(in_turn) == 0
    assert fairness.out_of_turn([in_turn[3], *in_turn[:3]]) == 3
    assert fairness.out_of_turn([in_turn[0], in_turn[2], in_turn[1]]) == 1


async def test_what_is_taken_in_over_a_real_connection_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report()
    tiny = transport.Size(
        1, 0.1, questions=2, voters=30, reactors=5, cards=1, offered=50, offer=0.1
    )
    found = await transport.measure(tmp_path, "sqlite", tiny)
    transport.tell(report, "sqlite", tiny, found)
    transport.hold(report, found)
    assert found.wrong == 0
    assert len(found.acknowledged) == max(1, int(found.offered * tiny.offer))
    turns = [found.clicks, found.votes, found.reactions, found.clicks_alone, found.reactions_alone]
    assert [len(each) for each in turns] == [1, 1, 2, 1, 2]
    assert all(turn.rate > 0 for each in turns for turn in each)
    assert "the library alone, clicks" in capsys.readouterr().out


async def test_however_slow_the_machine_something_is_offered() -> None:
    class AtOnce:
        unanswered = ()

        def begin(self, _act: object, heard: Callable[[float], None]) -> None:
            heard(0.001)

    discord: Any = AtOnce()
    click = Act(Pattern({}), iter([{}]), Pattern({}), b"")
    assert await transport.offer(discord, click, rate=9, seconds=0.1) == [0.001]


def test_what_is_too_slow_over_a_real_connection_is_noticed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report, slow, fast = Report(), transport.Turn(99, 99), transport.Turn(2000, 2000)
    found = transport.Figures([slow], [slow], [slow], [fast], [fast], [0.2], wrong=1)
    transport.tell(report, "sqlite", transport.QUICK, found)
    transport.hold(report, found)
    assert [broken.partition(":")[0] for broken in report.broken] == [
        "wrong or missing",
        "clicks, ratio",
        "clicks a CPU second, ratio",
        "/vote, a second",
        "reactions, a second",
        "heard, p99, ms",
    ]


def test_a_factor_gives_room(capsys: pytest.CaptureFixture[str]) -> None:
    half, alone = transport.Turn(350, 350), transport.Turn(2200, 2200)
    quick = transport.Turn(800, 800)
    found = transport.Figures([half], [half], [quick], [alone], [alone], [0.15], wrong=0)
    report = Report()
    transport.hold(report, found, factor=2)
    assert report.broken == []
    transport.hold(report, found)
    assert len(report.broken) == 4
    assert "at least 750" in capsys.readouterr().out


def test_a_slow_machine_promises_less(capsys: pytest.CaptureFixture[str]) -> None:
    bot, alone = transport.Turn(290, 290), transport.Turn(1100, 1100)
    too_slow, quick = transport.Turn(149, 149), transport.Turn(760, 760)
    found = transport.Figures([bot], [too_slow], [quick], [alone], [alone], [0.05], wrong=0)
    report = Report()
    transport.hold(report, found)
    assert [broken.partition(":")[0] for broken in report.broken] == ["/vote, a second"]
    assert "at least 150" in capsys.readouterr().out


async def test_only_right_answers_count_on_the_fast_lane() -> None:
    message = {"resource": {"message": {"id": gap("message")}}}
    act = Act(Pattern({}), iter([{}] * 3), Pattern(message), b"voted")
    seconds: list[float] = []
    async with LeanDiscord() as discord, aiohttp.ClientSession() as session:
        discord.tell = lambda event, values: None  # type: ignore[method-assign]

        async def answer(path: str, body: object) -> int:
            async with session.post(f"{discord.api_url}/{path}", json=body) as response:
                return response.status

        for body in ({"type": 4, "data": "voted"}, {"type": 4, "data": "refused"}, {"type": 5}):
            discord.begin(act, seconds.append)
            callback = f"interactions/1/lean-{discord.begun}/callback"
            assert [await answer(callback, body) for _ in range(2)] == [200, 400]
        assert (discord.right, discord.unanswered, len(seconds)) == (1, 1, 3)
        assert await answer("webhooks/1/lean-3/messages/@original", {"content": "voted"}) == 200
        assert (discord.right, discord.unanswered) == (2, 0)


def test_the_library_alone_is_told_as_much_as_the_bot() -> None:
    assert empty_client.INTENTS == INTENTS


async def test_whom_similar_questions_hold_up_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a corpus of its own; what is found only without a threshold is a broken promise."""
    corpus = Corpus(
        [
            "How do I sleep after a night shift?",
            "Sleeping badly after the night shift",
            "Which bread is best with cheese?",
            "Sleep on a new mattress",
        ],
        ["a", "a", "", ""],
        [],
        [],
    )
    results = await before_posting.asked_in(corpus, before_posting.Server([0, 2], [1], [3]))
    assert [(each.duplicate, each.right) for each in results] == [(True, True), (False, False)]
    assert results[0].telling > results[1].telling > 0
    report = Report()
    before_posting.tell(report, 2, results)
    assert "1.6 (in use)" in capsys.readouterr().out
    missed = before_posting.Asked(0.1, right=True, duplicate=True)
    before_posting.tell(report, 2, [missed, *results])
    assert any("duplicates still found" in each for each in report.broken)


async def test_without_the_labelled_duplicates_nothing_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await before_posting.measure(Report(), tmp_path / "nowhere")
    assert "not measured" in capsys.readouterr().out
