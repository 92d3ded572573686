"""Nothing of who writes anonymously is in the bytes of the database's files: on SQLite the file
with its freed pages, its log and the log's index; on PostgreSQL the database's folder, the
write-ahead log and the server's log, which has all that writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.actors import Actor
from data.database import Database
from tests.store.forum import Forum
from tests.store.test_sealed import story
from tests.support.anonymous import member
from tests.support.delayed import WORDS, send, waits_of
from tests.support.kept_bytes import PostgresFiles, found_in, traces_of
from tests.support.kinds import on_postgresql, on_sqlite
from tests.support.postgres import PostgresServer

# In no other test: the tests of a process share a PostgreSQL server.
NOOR, NAME, AVATAR = 803_517_246_019_358_733, "Xylonympha", "a_0f1e2d3c"
TITLE = "Does anybody hear the nightjar?"


@pytest.fixture
async def forum(db: Database) -> Forum:
    return await Forum(db).open({"anonymous": "on"})


@pytest.fixture
def noor(forum: Forum) -> Actor:
    """Who never does anything by name."""
    return member(forum, NOOR, name=NAME, avatar=AVATAR)


def traces(**words: str) -> dict[str, bytes]:
    return traces_of(NOOR, NAME, AVATAR, **words)


@on_sqlite
class TestOnSqlite:
    def found(self, db: Database, **words: str) -> set[str]:
        """What of her is in the files."""
        assert db.path is not None
        return found_in(db.path.parent.glob(f"{db.path.name}*"), traces(**words))

    async def test_nothing_of_an_author_is_in_the_files(self, forum: Forum, noor: Actor) -> None:
        await story(forum, noor)
        assert self.found(forum.db, posted="May I cry here") == {"posted"}
        assert await forum.db.empty_log()
        assert self.found(forum.db, posted="May I cry here") == {"posted"}

    async def test_nor_is_what_waits(self, forum: Forum, noor: Actor) -> None:
        await forum.set("anonymous_delay", "10")
        await send(forum, noor, TITLE, origin=71)
        assert await waits_of(forum, noor)
        assert self.found(forum.db, words=WORDS, title=TITLE) == set()

    async def test_by_name_it_would_be_found(self, forum: Forum, noor: Actor) -> None:
        await forum.ask(noor)
        assert self.found(forum.db) >= {"big-endian", "name"}


@on_postgresql
class TestOnPostgresql:
    @pytest.fixture
    def files(self, postgres: PostgresServer, forum: Forum) -> Iterator[PostgresFiles]:
        files = PostgresFiles(postgres, forum.db)
        with files.logging_writes():
            yield files

    async def test_nothing_of_an_author_is_in_the_files_or_the_log(
        self, forum: Forum, noor: Actor, files: PostgresFiles
    ) -> None:
        await story(forum, noor)
        await forum.set("anonymous_delay", "10")
        await send(forum, noor, TITLE, origin=71)
        (waits,) = await waits_of(forum, noor)
        said = traces(posted="May I cry here", title=TITLE)
        assert waits.post.values["title"] == TITLE
        assert found_in(files.written(), said) == {"posted"}
        assert found_in([files.log], said) == {"posted"}

        # By name it would be found.
        forum.later(hours=2)
        await forum.ask(noor, TITLE)
        assert found_in(files.written(), said) >= {"little-endian", "name", "avatar", "title"}
        assert found_in([files.log], said) >= {"digits", "name", "title"}
