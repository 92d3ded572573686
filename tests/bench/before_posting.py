"""Whom similar questions hold up before they post: how often needlessly, and how many duplicates
are still found. Decision 24 explains the figures.

Servers of several sizes are drawn from the labelled duplicates of Ask Ubuntu. In each, some ask
what another question there duplicates, and some ask what no label knows a duplicate of. Labels are
incomplete: some of the lists that are counted as needless help.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.similarity import TELLING, rank, telling
from data import search
from data.guilds import read_rules
from tests.bench.measuring import Report
from tests.bench.search import GUILD, HOME, Corpus, database_url, fill, opened

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "duplicates-askubuntu"
THRESHOLDS = (0.0, 1.4, 1.5, TELLING, 1.7, 1.8, 2.0)
# How many servers of a size; the last one is the whole corpus.
SIZES = ((5, 60), (12, 50), (30, 60), (300, 12), (3000, 3))
_ASKERS = 2000  # of each kind in the whole corpus
_SHOWN = 5
_READER = search.Reader(0, [HOME])


@dataclass(frozen=True, slots=True)
class Server:
    """The rows of the corpus that are its questions, and those that are asked in it."""

    questions: Sequence[int]
    duplicates: Sequence[int]
    others: Sequence[int]


@dataclass(frozen=True, slots=True)
class Asked:
    """How telling what was found for somebody is, whether one of the first five is right, and
    whether one could be."""

    telling: float
    right: bool
    duplicate: bool


def whole(corpus: Corpus) -> Server:
    """A server with the whole corpus, and the held-out queries."""
    lone = [row for row, cluster in enumerate(corpus.clusters) if not cluster]
    others = random.Random(7).sample(lone, _ASKERS)
    return Server(range(len(corpus.titles)), [row for row, _ in corpus.queries], others)


def drawn(corpus: Corpus, size: int, seed: int) -> Server:
    """A small server: a tenth of its questions have one duplicate, which is asked."""
    chance = random.Random(size * 100 + seed)
    members: defaultdict[str, list[int]] = defaultdict(list)
    for row, cluster in enumerate(corpus.clusters):
        if cluster:
            members[cluster].append(row)
    clusters = [rows for rows in members.values() if 2 <= len(rows) <= 10]
    pairs = [chance.sample(rows, 2) for rows in chance.sample(clusters, max(2, size // 10))]
    lone = [row for row, cluster in enumerate(corpus.clusters) if not cluster]
    asked = min(200, 2 * len(pairs))
    drawn_rows = chance.sample(lone, size - len(pairs) + asked)
    questions = [there for _, there in pairs] + drawn_rows[asked:]
    return Server(questions, [asked for asked, _ in pairs], drawn_rows[:asked])


async def asked_in(corpus: Corpus, server: Server) -> list[Asked]:
    """Let everybody ask."""
    results: list[Asked] = []
    own = {row: post_id for post_id, row in enumerate(server.questions, 1)}
    with database_url("sqlite") as url:
        db = await opened(url)
        await fill(db, _posts(corpus, server))
        async with db.read() as tx:
            languages = (await read_rules(tx, GUILD)).languages
            for row in [*server.duplicates, *server.others]:
                title, cluster = corpus.titles[row], corpus.clusters[row]
                found, held = await search.candidates(tx, GUILD, title, languages, _READER)
                found = [each for each in found if each.post_id != own.get(row)]
                best = rank(title, found, _SHOWN)
                clusters = {corpus.clusters[server.questions[p - 1]] for _, p in best}
                how = telling(title, found, best, held) if found else -1.0
                results.append(Asked(how, bool(cluster) and cluster in clusters, bool(cluster)))
        await db.close()
    return results


def _posts(corpus: Corpus, server: Server) -> Iterator[tuple[str, str, str]]:
    return (("question", corpus.titles[row], "") for row in server.questions)


def tell(report: Report, size: int, results: Sequence[Asked]) -> None:
    """Print the shares for each threshold; and that the one in use keeps what it promises."""
    duplicates = [each for each in results if each.duplicate]
    others = [each for each in results if not each.duplicate]
    report.title(
        f"Similar questions before posting: {size:,} questions, {len(duplicates)} askers of a "
        f"duplicate, {len(others)} others"
    )
    report.line("telling from", "found", "needless lists")
    shares: dict[float, tuple[float, float]] = {}
    for least in THRESHOLDS:
        found = sum(e.right and e.telling >= least for e in duplicates) / len(duplicates)
        needless = sum(e.telling >= least for e in others) / len(others)
        shares[least] = found, needless
        mark = " (in use)" if least == TELLING else ""
        report.line(f"{least:.1f}{mark}", f"{found:.1%}", f"{needless:.1%}")
    (all_found, all_needless), (found, needless) = shares[0.0], shares[TELLING]
    still, spared = found / all_found, 1 - needless / all_needless
    report.promise("duplicates still found", still, "nine tenths at least", kept=still >= 0.9)
    report.promise("needless lists spared", spared, "a tenth at least", kept=spared >= 0.1)


async def measure(report: Report, folder: Path = FOLDER) -> None:
    """Measure servers of every size, where the labelled duplicates are at hand."""
    if not folder.is_dir():
        report.title(f"Similar questions before posting: not measured, without {folder}")
        return
    corpus = Corpus.read(folder)
    for size, times in SIZES:
        results: list[Asked] = []
        for seed in range(times):
            results += await asked_in(corpus, drawn(corpus, size, seed))
        tell(report, size, results)
    tell(report, len(corpus.titles), await asked_in(corpus, whole(corpus)))
