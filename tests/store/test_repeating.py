"""An older copy of the data is put back: whom the list of erasures names is erased again, and what
somebody wrote since they came back stays."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.domain.actors import Actor
from bot.domain.erasures import LISTED_FOR, Erased, ErasureList, digest_of, merged
from bot.domain.notices import FollowKind
from bot.sealing import Sealing
from bot.usecases import following, forgetting, repeating
from bot.usecases.repeating import Again, ErasureKeeper, erase_again, lists_of, missing
from data import erasure_files, persons
from data.backups import FileProblem
from data.models import ErasingRow, Guild, Post, PostText
from data.types import EPOCH
from tests.store.forum import Forum
from tests.store.test_forgetting import (
    NAME,
    NOOR,
    WORDS,
    erase,
    everything_of,
    take_reactions_off,
    told_of,
)
from tests.store.test_forgetting import persons as columns_of_persons
from tests.support.kinds import on_sqlite

SECRET = bytes(range(32))


@pytest.fixture
def noor(forum: Forum) -> Actor:
    """Who was erased after the copy was made."""
    return forum.member(NOOR, name=NAME, avatar="a_0123", is_moderator=True)


def day_of(forum: Forum) -> int:
    return (forum.now - EPOCH).days


def listed(forum: Forum, *, texts: int = 0, times: int = 1, secret: bytes = SECRET) -> ErasureList:
    """A list that names Noor and, as lists do, somebody who isn't in this copy."""
    erased = (
        Erased(digest_of(secret, forum.guild_id, who), day_of(forum), times, texts)
        for who in (NOOR, NOOR + 1)
    )
    return ErasureList(forum.guild_id, secret, tuple(erased))


async def again(
    forum: Forum,
    *lists: ErasureList,
    made: date | None = None,
    sealing: Sealing | None = None,
) -> int:
    steps: list[tuple[str, int, int]] = []
    step = lambda *each: steps.append(each)  # noqa: E731
    found = await erase_again(
        forum.db,
        lists,
        sealing=sealing,
        made=made or forum.now.date(),
        now=forum.now,
        step=step,
    )
    assert all(0 <= done <= total for _, done, total in steps)
    return found.members


@pytest.mark.parametrize("texts", [0, 1])
async def test_whom_the_list_names_is_erased_again(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor, texts: int
) -> None:
    posts = await everything_of(forum, noor, alice, bob)
    named = listed(forum, texts=texts)
    assert await again(forum, named) == 1
    await take_reactions_off(forum)
    assert await told_of(forum, NOOR, NAME) == []
    left = await told_of(forum, WORDS)
    assert ("post_texts.body" in left) is not bool(texts)
    assert "flags.reason" not in left
    async with forum.db.read() as tx:
        authors = {row[0]: row[1] for row in await tx.rows(select(Post.id, Post.author_id))}
        assert await tx.scalar(select(func.count()).select_from(ErasingRow)) == 0
    assert authors[posts["mine"]] is None
    assert authors[posts["reply"]] == bob.user_id
    # The copy knows now what the list does, so nothing is done twice.
    assert merged(await lists_of(forum.db)) == merged([named])
    assert await again(forum, named) == 0


async def test_what_somebody_wrote_since_they_came_back_stays(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await everything_of(forum, noor, alice, bob)
    await erase(forum, noor, texts=True)
    (named,) = await lists_of(forum.db)
    assert [(one.times, one.texts) for one in named.erased] == [(1, 1)]
    later = await forum.ask(noor, "What helps against the cold?", "I am back.")
    assert await again(forum, named) == 0
    assert await author(forum, later) == NOOR


@pytest.mark.parametrize(("texts", "gone"), [(0, False), (1, False), (2, True)])
async def test_an_erasure_after_the_copy_is_told_from_one_before(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor, texts: int, *, gone: bool
) -> None:
    """Noor was erased, came back, the copy was made, and she was erased once more on that day. Her
    texts go if they were to go that second time."""
    await everything_of(forum, noor, alice, bob)
    await erase(forum, noor, texts=texts > 0)
    (named,) = await lists_of(forum.db)
    later = await forum.ask(noor, "What helps against the cold?", "I am back.")
    erased = (replace(one, times=2, texts=texts) for one in named.erased)
    second = replace(named, erased=tuple(erased))
    assert await again(forum, second) == 1
    assert await author(forum, later) is None
    assert ("I am back." in await bodies(forum)) is not gone
    assert await lists_of(forum.db) == [second]


async def author(forum: Forum, post_id: int) -> int | None:
    async with forum.db.read() as tx:
        return await tx.scalar(select(Post.author_id).where(Post.id == post_id))


async def bodies(forum: Forum) -> str:
    async with forum.db.read() as tx:
        return "\n".join(row[0] for row in await tx.rows(select(PostText.body)))


async def test_a_list_of_another_secret_is_judged_by_its_days(
    forum: Forum, noor: Actor, alice: Actor
) -> None:
    await forum.ask(noor, "What helps against the cold?", "Tell me.")
    await erase(forum, alice)
    other = listed(forum)
    tomorrow = date.fromordinal(forum.now.date().toordinal() + 1)
    assert await again(forum, other, made=tomorrow) == 0
    nothing = await erase_again(
        forum.db, [other], sealing=None, made=None, now=forum.now, step=lambda *_: None
    )
    assert nothing == Again()
    assert "posts.author_id" in await told_of(forum, NOOR)
    assert await again(forum, other) == 1
    assert await told_of(forum, NOOR) == []
    # Both are known by the copy's own secret.
    (own,) = await lists_of(forum.db)
    known = {digest_of(own.secret, forum.guild_id, who) for who in (NOOR, alice.user_id)}
    assert {one.digest for one in own.erased} == known


async def test_what_is_cut_off_goes_on_where_it_was(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await everything_of(forum, noor, alice, bob)

    async def cut_off(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "finish", cut_off)
        with pytest.raises(KeyboardInterrupt):
            await again(forum, listed(forum, texts=1))
    assert await forgetting.finish_all(forum.db, sealing=None, now=forum.now) == 1
    await take_reactions_off(forum)
    assert await told_of(forum, NOOR, NAME, WORDS) == []


async def test_other_servers_are_left_alone(
    forum: Forum, elsewhere: Forum, noor: Actor, alice: Actor
) -> None:
    there = await elsewhere.ask(elsewhere.member(NOOR), "What helps against the cold?", "So cold.")
    await forum.ask(noor, "What helps against the cold?", "Tell me.")
    named = listed(forum)
    assert await again(forum, replace(named, guild_id=999), named) == 1
    assert await author(elsewhere, there) == NOOR
    async with forum.db.read() as tx:
        assert 999 not in {row[0] for row in await tx.rows(select(Guild.id))}


async def test_members_are_looked_for_in_portions(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeating, "_IDS", 2)
    for who in (alice, bob, forum.member(3), forum.member(4), noor):
        await forum.ask(who, f"What does number {who.user_id % 97} say?", "Nothing much, so far.")
    assert await again(forum, listed(forum)) == 1
    assert await told_of(forum, NOOR) == []


async def test_each_column_with_ids_of_members_is_looked_at() -> None:
    names = {f"{column.table.name}.{column.name}" for column in persons.COLUMNS}
    assert names == columns_of_persons() | {"erasing.user_id"}


async def test_somebody_whom_others_only_follow_is_found(forum: Forum, noor: Actor) -> None:
    await following.follow(forum.db, forum.member(3), FollowKind.MEMBER, str(NOOR), now=forum.now)
    assert await again(forum, listed(forum)) == 1
    assert await told_of(forum, NOOR) == []


# --- the file ------------------------------------------------------------------------------------


async def test_an_erasure_is_in_the_file_beside_the_backups(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor, tmp_path: Path
) -> None:
    await everything_of(forum, noor, alice, bob)
    folder = tmp_path / "backups"
    keeper = ErasureKeeper(forum.db, folder)
    await keeper.write(forum.now)
    assert not folder.exists(), "nobody was erased yet"
    await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=True, now=forum.now)
    assert await missing(forum.db, folder, forum.now) == 1
    await keeper.write(forum.now)
    assert await missing(forum.db, folder, forum.now) == 0
    file = folder / "askwell-erasures.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert {each.name for each in folder.iterdir()} == {file.name}
    assert erasure_files.read(folder) == merged(await lists_of(forum.db))
    said = file.read_text()
    assert str(NOOR) not in said
    assert NAME not in said
    before = file.stat()
    await keeper.write(forum.now)
    assert file.stat().st_ino == before.st_ino, "what it says already isn't written again"
    # A second time, with somebody else, what stands there stays.
    await erase(forum, alice)
    await keeper.write(forum.now)
    assert erasure_files.read(folder) == merged(await lists_of(forum.db))
    assert len(erasure_files.read(folder)[0].erased) == 2


@on_sqlite
async def test_a_write_that_failed_is_said_once_and_made_up_for(
    forum: Forum, noor: Actor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "backups"
    folder.write_text("no folder")
    keeper = ErasureKeeper(forum.db, folder)
    await erase(forum, noor)
    with caplog.at_level(logging.WARNING):
        await keeper.write(forum.now)
        await keeper.write(forum.now)
    (record,) = caplog.records
    assert "askwell-erasures.json can't be written (" in record.getMessage()
    assert "BACKUP_DIR" in record.getMessage()
    folder.unlink()
    await keeper.write(forum.now)
    assert await missing(forum.db, folder, forum.now) == 0


@on_sqlite
async def test_an_erasure_leaves_the_file_when_no_backup_may_hold_it(
    forum: Forum, noor: Actor, alice: Actor, tmp_path: Path
) -> None:
    keeper = ErasureKeeper(forum.db, tmp_path)
    await erase(forum, noor)
    await keeper.write(forum.now)
    forum.later(days=LISTED_FOR.days)
    await erase(forum, alice)
    await keeper.write(forum.now)
    assert len(erasure_files.read(tmp_path)[0].erased) == 2
    await keeper.write(forum.later(days=1))
    (named,) = erasure_files.read(tmp_path)
    assert [one.day for one in named.erased] == [day_of(forum) - 1]
    assert await missing(forum.db, tmp_path, forum.now) == 0
    assert len((await lists_of(forum.db))[0].erased) == 2, "the database knows for good"


@on_sqlite
async def test_a_damaged_file_is_neither_believed_nor_lost(
    forum: Forum, noor: Actor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await erase(forum, noor)
    file = tmp_path / erasure_files.NAME
    whole = json.dumps({"format": 1, "servers": []})
    for damaged in (whole[:-3], "[]", whole.replace("1", "2"), '{"format": 1}', "\xff"):
        file.write_bytes(damaged.encode("latin-1"))
        with pytest.raises(FileProblem, match="is damaged"):
            erasure_files.read(tmp_path)
        await ErasureKeeper(forum.db, tmp_path).write(forum.now)
        assert file.read_bytes() == damaged.encode("latin-1")
    assert "is damaged" in caplog.text


def test_what_was_killed_while_writing_is_in_nobodys_way(tmp_path: Path) -> None:
    part = tmp_path / "askwell-erasures.json.part"
    part.write_text('{"format"')
    named = ErasureList(1, SECRET, (Erased(-(10**15), 20_000, 3, 2),))
    erasure_files.add(tmp_path, [named], 0)
    assert erasure_files.read(tmp_path) == [named]
    assert not part.exists()
