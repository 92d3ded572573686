"""What is done from time to time: one transaction looks for all of it, and what is due is found."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn

import pytest

from bot.usecases import chores
from bot.usecases.chores import Chore
from bot.usecases.drafts import DRAFTS_KEPT, Draft, keep_draft
from data.database import Transaction
from tests.store.forum import Forum

OLD = DRAFTS_KEPT + timedelta(seconds=1)


def all_of(forum: Forum, since: timedelta = timedelta()) -> list[Chore]:
    now = forum.now + since
    return [
        *chores.of_server(forum.db, forum.guild_id, now),
        *chores.of_all(forum.db, None, now),
    ]


async def test_where_there_is_nothing_to_do_one_transaction_says_so(
    forum: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    in_read = forum.db.in_read

    async def counted(work: object) -> object:
        opened.append(work)
        return await in_read(work)  # type: ignore[arg-type, type-var]

    monkeypatch.setattr(forum.db, "in_read", counted)
    assert list(await chores.due(forum.db, all_of(forum))) == []
    assert len(opened) == 1


async def test_what_is_due_is_found_and_nothing_else(forum: Forum) -> None:
    await keep_draft(forum.db, forum.guild_id, 1, Draft("qa:1:ask.form"), now=forum.now)
    assert list(await chores.due(forum.db, all_of(forum))) == []
    found = {each.failed: each for each in await chores.due(forum.db, all_of(forum, OLD))}
    assert list(found) == ["old drafts could not be erased"]
    await found["old drafts could not be erased"].do()
    assert list(await chores.due(forum.db, all_of(forum, OLD))) == []


async def test_where_one_can_not_look_each_is_done_for_itself(
    forum: Forum, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(_: Transaction) -> NoReturn:
        raise ZeroDivisionError

    async def nothing() -> None:
        """Never called: `due` does nothing itself."""

    broken = Chore(fails, nothing, "it could not be done")
    all_there_are = [*all_of(forum), broken]
    assert list(await chores.due(forum.db, all_there_are)) == all_there_are
    assert "each chore looks for itself" in caplog.text


async def test_what_needs_no_look_is_always_done(forum: Forum) -> None:
    async def nothing() -> None:
        """Never called here."""

    always = Chore(None, nothing, "it could not be done")
    assert list(await chores.due(forum.db, [*all_of(forum), always])) == [always]
