"""How good and how fast the search is, on real text: `python -m tests.bench.search`.

Needs the folder of shared data (`--data`, by default ../shared/data): the labelled duplicates of
Ask Ubuntu, and posts of Stack Exchange for bodies. `docs/search.md` explains the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import random
import re
import resource
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

from sqlalchemy import insert, update

from bot.domain.queries import Sort, parse_query
from bot.domain.similarity import Candidate, rank
from bot.usecases.recounting import finish_counting_words
from bot.usecases.searching import Search, search_posts
from data import found_posts, migrating, search, search_index, written_words
from data.database import Database
from data.guilds import read_rules
from data.meaning import is_installed, likeness
from data.models import Guild, Place, Post, PostText
from data.paging import Page
from tests.support.postgres import running_postgres

GUILD, HOME = 1, 10
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_READER = search.Reader(0, [HOME])


@dataclass
class Corpus:
    """Ask Ubuntu's titles (row 0 has post 1), the cluster each is in, the labelled pairs, and the
    queries by their row with the size of their cluster."""

    titles: list[str]
    clusters: list[str]
    pairs: list[tuple[int, int]]
    queries: list[tuple[int, int]]

    @classmethod
    def read(cls, folder: Path) -> Corpus:
        """Read the folder `duplicates-askubuntu`. Fields are not quoted."""
        rows = _table(folder / "corpus.tsv")
        row_of = {row[0]: n for n, row in enumerate(rows)}
        pairs = [
            (row_of[row[1]], row_of[row[2]])
            for row in _table(folder / "pairs_train.tsv")
            if row[0] == "1" and row[1] != row[2]
        ]
        queries = [(row_of[row[0]], int(row[2])) for row in _table(folder / "qrels_dev.tsv")]
        return cls([r[1] for r in rows], [r[2] for r in rows], pairs, queries)

    def tuning(self, count: int) -> list[tuple[int, int]]:
        """Other queries of the same kind, on which the weights were chosen."""
        size = Counter(self.clusters)
        taken = {row for row, _ in self.queries}
        pool = [n for n, c in enumerate(self.clusters) if c and n not in taken]
        return [(n, size[self.clusters[n]]) for n in random.Random(5).sample(pool, count)]


def _table(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]


class Links:
    """What duplicates would be linked in a server, had the one that is asked never been."""

    def __init__(self, corpus: Corpus) -> None:
        self._next: defaultdict[int, set[int]] = defaultdict(set)
        for one, other in corpus.pairs:
            self._next[one].add(other)
            self._next[other].add(one)

    def groups_without(self, asked: int, rows: Sequence[int]) -> dict[int, int]:
        """The group of each row: the lowest row it is linked with, not by way of `asked`."""
        groups: dict[int, int] = {}
        for row in rows:
            if row in groups:
                continue
            reached, open_ = {row}, [row]
            while open_:
                for linked in self._next[open_.pop()]:
                    if linked != asked and linked not in reached:
                        reached.add(linked)
                        open_.append(linked)
            groups |= dict.fromkeys(reached, min(reached))
        return groups


@dataclass
class Hits:
    """How many of the queries had one of their cluster among the first five."""

    name: str
    all: int = 0
    first: int = 0
    small: int = 0
    small_of: int = 0
    of: int = 0

    def count(self, corpus: Corpus, asked: int, size: int, found: Sequence[int]) -> None:
        """Count one query. `size` is of its cluster, as the folder knows it."""
        right = [corpus.clusters[row] == corpus.clusters[asked] for row in found[:5]]
        self.of += 1
        self.all += any(right)
        self.first += right[:1] == [True]
        if size <= 10:
            self.small_of += 1
            self.small += any(right)

    def __str__(self) -> str:
        small = self.small / max(self.small_of, 1)
        return (
            f"{self.name:48} hit@5 {self.all / self.of:.4f}  hit@1 {self.first / self.of:.4f}"
            f"  clusters of at most 10: {small:.4f}"
        )


def plain(corpus: Corpus, queries: Sequence[tuple[int, int]]) -> Hits:
    """What everything is compared with: FTS5 over titles, porter, words joined by OR, bm25."""
    hits = Hits("plain FTS5, words joined by OR")
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(title, tokenize = 'porter unicode61')")
    db.executemany("INSERT INTO t (rowid, title) VALUES (?, ?)", list(enumerate(corpus.titles)))
    for asked, size in queries:
        words = re.findall(r"[^\W_]+", corpus.titles[asked].lower())
        match = " OR ".join(f'"{word}"' for word in words)
        found = db.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 6", [match])
        hits.count(corpus, asked, size, [r for (r,) in found if r != asked])
    db.close()
    return hits


async def ours(db: Database, corpus: Corpus, queries: Sequence[tuple[int, int]]) -> list[Hits]:
    """The search as it is, by words and (where the extra is installed) by meaning; each also with
    the duplicates that are known linked."""
    links = Links(corpus)
    results: dict[str, Hits] = {}

    def ranked(name: str, asked: int, size: int, found: Sequence[Candidate]) -> None:
        title = corpus.titles[asked]
        hits = results.setdefault(name, Hits(name))
        hits.count(corpus, asked, size, [p - 1 for _, p in rank(title, found, 5)])
        groups = links.groups_without(asked, [c.post_id - 1 for c in found])
        linked = [replace(c, group=groups[c.post_id - 1] + 1) for c in found]
        hits = results.setdefault(f"{name}, duplicates linked", Hits(f"{name}, duplicates linked"))
        hits.count(corpus, asked, size, [p - 1 for _, p in rank(title, linked, 5)])

    async with db.read() as tx:
        languages = (await read_rules(tx, GUILD)).languages
        for asked, size in queries:
            title = corpus.titles[asked]
            found, _ = await search.candidates(tx, GUILD, title, languages, _READER)
            found = [c for c in found if c.post_id != asked + 1]
            ranked("by words", asked, size, found)
            if is_installed():
                senses = likeness(title, [c.title for c in found]) or []
                meant = [replace(c, sense=s) for c, s in zip(found, senses, strict=True)]
                ranked("by words and meaning", asked, size, meant)
    return list(results.values())


async def fill(db: Database, posts: Iterator[tuple[str, str, str]]) -> float:
    """Write posts (kind, title, body) past the use cases; returns milliseconds each to index."""
    async with db.write() as tx:
        await tx.execute(insert(Guild).values(id=GUILD, settings={}, created_at=_EPOCH))
    number, question, row, busy = 0, 0, 0, 0.0
    while piece := [post for _, post in zip(range(2_000), posts, strict=False)]:
        rows, texts, places = [], [], []
        for kind, title, body in piece:
            row += 1
            if kind == "question":
                number, question, sub = number + 1, row, 0
                places.append(
                    {"post_id": row, "guild_id": GUILD, "home_id": HOME, "message_id": row}
                )
            else:
                sub = row - question
            at = _EPOCH + timedelta(minutes=row)
            rows.append(
                {"id": row, "guild_id": GUILD, "kind": kind, "number": number, "sub_number": sub}
                | {"question_id": question, "author_id": row % 997, "created_at": at}
            )
            texts.append({"post_id": row, "guild_id": GUILD, "title": title, "body": body})
        async with db.write() as tx:
            await tx.execute(insert(Post), rows)
            await tx.execute(insert(PostText), texts)
            if places:
                await tx.execute(insert(Place), places)
            began = time.perf_counter()
            await search_index.index_posts(tx, GUILD, [r["id"] for r in rows])
            busy += time.perf_counter() - began
            await written_words.mark(tx, [r["id"] for r in rows])
    async with db.write() as tx:
        await tx.execute(update(Guild).values(last_number=number))
        if not db.is_sqlite:
            await tx.run_sync(lambda c: c.exec_driver_sql("ANALYZE"))
    return busy * 1000 / max(row, 1)


def bodies(data: Path) -> list[str]:
    """Texts of real posts, without their markup."""
    found: list[str] = []
    for name in ("stackexchange-beer-2020", "stackexchange-quantum-2018"):
        for _, post in ElementTree.iterparse(data / name / "Posts.xml"):  # noqa: S314 - our own files
            text = re.sub(r"<[^>]+>", " ", html.unescape(post.get("Body", "")))
            if text.strip():
                found.append(" ".join(text.split())[:4000])
            post.clear()
    return found


def forum_of(corpus: Corpus, texts: Sequence[str], size: int) -> Iterator[tuple[str, str, str]]:
    """A forum of so many posts: a title and a body, then an answer or two."""
    chance, made = random.Random(1), 0
    while made < size:
        title = corpus.titles[made % len(corpus.titles)]
        yield "question", title, chance.choice(texts)
        for _ in range(chance.choice((0, 1, 1, 2))):
            made += 1
            yield "answer", "", chance.choice(texts)
        made += 1


SEARCHES = (
    "beer",
    "quantum computer",
    "how to install ubuntu",
    '"dual boot" windows',
    "the of and",
    "yeast -wine",
    "ferment*",
    "q*",
    "grub rescue unknown filesystem",
    "xyzzy nothing",
)


def misspelt(titles: Sequence[str], count: int) -> list[str]:
    """Queries of two words of titles, each with a letter too few or two in each other's place."""
    chance = random.Random(3)
    words = [w for title in titles for w in title.lower().split() if w.isalpha() and len(w) > 4]

    def garbled(word: str) -> str:
        at = chance.randrange(1, len(word) - 1)
        return word[:at] + chance.choice((word[at + 1], word[at + 1] + word[at])) + word[at + 2 :]

    return [" ".join(map(garbled, chance.choices(words, k=2))) for _ in range(count)]


async def speed_of_misspelt(db: Database, titles: Sequence[str]) -> None:
    """How long it takes to count words as written, and to search for misspelt ones."""
    began = time.perf_counter()
    counted = await finish_counting_words(db)
    each = (time.perf_counter() - began) * 1000 / counted
    print(f"{counted} posts' words counted, {each:.2f} ms each", flush=True)

    async def find(typed: str) -> None:
        await search_posts(db, GUILD, Search(typed), channels=[HOME], reader_id=0)

    queries = misspelt(titles, 150)
    await find(queries[0])
    await timed("search, two misspelt words", [lambda q=q: find(q) for q in queries])


async def timed(name: str, calls: Sequence[Callable[[], Awaitable[object]]]) -> None:
    """Run calls one after the other and print how long they took, and how much of a core: on a
    machine that does other things meanwhile only that tells."""
    times: list[float] = []
    busy = time.process_time()
    for call in calls:
        began = time.perf_counter()
        await call()
        times.append((time.perf_counter() - began) * 1000)
    core = (time.process_time() - busy) * 1000 / len(calls)
    times.sort()
    at = [times[min(int(len(times) * q), len(times) - 1)] for q in (0.5, 0.95, 0.99)]
    print(
        f"{name:48} p50 {at[0]:6.1f} ms  p95 {at[1]:6.1f} ms  p99 {at[2]:6.1f} ms"
        f"  core {core:6.1f} ms",
        flush=True,
    )


async def speed(db: Database, titles: Sequence[str]) -> None:
    """How long similar questions, suggestions and searches take."""

    async def similar(title: str) -> None:
        async with db.read() as tx:
            await search.similar(tx, GUILD, title, 5, _READER)

    async def beginning(typed: str) -> None:
        async with db.read() as tx:
            await search.beginning(tx, GUILD, typed, _READER, 25)

    async def find(typed: str, sort: Sort, author_id: int | None = None) -> None:
        async with db.read() as tx:
            filters = search.Filters(author_id=author_id)
            wanted = search.Wanted(parse_query(typed), filters, sort)
            found = await search.find(tx, GUILD, wanted, _READER, Page(6))
            await found_posts.found_posts(tx, GUILD, found)

    await similar(titles[0])
    await timed("similar questions", [lambda t=t: similar(t) for t in titles])
    await timed("suggestions, half a title", [lambda t=t: beginning(t[:12]) for t in titles])
    for sort in Sort:
        await timed(f"search, {sort}", [lambda q=q, s=sort: find(q, s) for q in SEARCHES * 5])
    by_one = [lambda q=q: find(q, Sort.RELEVANCE, author_id=7) for q in SEARCHES * 5]
    await timed("search, one author's", by_one)
    for query in SEARCHES:
        await timed(f"  {query}", [lambda q=query: find(q, Sort.RELEVANCE) for _ in range(5)])


@contextmanager
def database_url(kind: str) -> Iterator[str]:
    """A database of this run's own."""
    if kind == "postgresql":
        with running_postgres() as server:
            yield server.url(server.create())
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite+aiosqlite:///{folder}/bench.sqlite3"


async def opened(url: str) -> Database:
    """A database with the newest schema."""
    db = Database(url)
    await db.open()
    await migrating.upgrade(db)
    return db


async def quality(kind: str, corpus: Corpus) -> None:
    """Print how good it is, on the queries the weights were chosen with and on those held out."""
    with database_url(kind) as url:
        db = await opened(url)
        await fill(db, (("question", title, "") for title in corpus.titles))
        for name, queries in (("tuning", corpus.tuning(2000)), ("held out", corpus.queries)):
            print(f"\n{len(queries)} queries, {name}, {kind}", flush=True)
            for hits in [plain(corpus, queries), *await ours(db, corpus, queries)]:
                print(hits, flush=True)
        await db.close()


async def pace(kind: str, corpus: Corpus, data: Path, size: int) -> None:
    """Print how fast it is in a forum of so many posts."""
    with database_url(kind) as url:
        db = await opened(url)
        each = await fill(db, forum_of(corpus, bodies(data), size))
        meaning = "with" if is_installed() else "without"
        print(f"\n{size} posts, {kind}, {meaning} meaning; {each:.2f} ms to index a post")
        await speed(db, [corpus.titles[row] for row, _ in corpus.queries[:300]])
        await speed_of_misspelt(db, corpus.titles[:3000])
        await db.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory of this process at its peak: {peak:.0f} MB")


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=default)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--only", choices=["quality", "speed"])
    given = parser.parse_args()
    folder = given.data / "duplicates-askubuntu"
    if not folder.is_dir():
        raise SystemExit(f"no labelled duplicates in {folder}: name their folder with --data")
    corpus = Corpus.read(folder)
    if given.only != "speed":
        asyncio.run(quality(given.database, corpus))
    if given.only != "quality":
        asyncio.run(pace(given.database, corpus, given.data, given.posts))


if __name__ == "__main__":
    main()
