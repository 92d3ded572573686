"""Where the bell stands among the controls of a private reply."""

from __future__ import annotations

import discord

from bot.i18n import texts_for
from bot.usecases.news import News
from cogs.ui.bell import with_bell
from cogs.ui.controls import button, view_of

BELL = "qa:1:news"


def rows_of(view: discord.ui.View) -> list[list[str]]:
    return [[part["custom_id"] for part in row["components"]] for row in view.to_components()]


def test_it_stands_behind_the_last_control() -> None:
    t, two = texts_for("en"), News(2)
    assert rows_of(with_bell(None, two, t)) == [[BELL]]
    view = view_of(button("One", "one"), button("Two", "two"))
    assert rows_of(with_bell(view, two, t)) == [["qa:1:one", "qa:1:two", BELL]]
    view = view_of(button("One", "one", row=0), button("Two", "two", row=2))
    assert rows_of(with_bell(view, two, t)) == [["qa:1:one"], ["qa:1:two", BELL]]


def test_full_rows_leave_it_out_and_hold_what_was_there() -> None:
    t = texts_for("en")
    full = [button(str(n), "act", n) for n in range(25)]
    assert all(BELL not in row for row in rows_of(with_bell(view_of(*full), News(2), t)))
    full = [button(str(n), "act", n, row=n // 5) for n in range(24)]
    assert rows_of(with_bell(view_of(*full), News(2), t))[4][-1] == BELL
    selects = [discord.ui.Select(custom_id=f"s{n}", row=n) for n in range(5)]
    view: discord.ui.View = view_of(*selects)
    assert len(rows_of(with_bell(view, News(2), t))) == 5
    full = [button(str(n), "act", n, row=4) for n in range(5)]
    assert [BELL] in rows_of(with_bell(view_of(*full), News(2), t)), "an upper row has room"


def test_more_than_a_hundred_are_not_counted() -> None:
    view = with_bell(None, News(100), texts_for("en"))
    [bell] = view.children
    assert isinstance(bell, discord.ui.Button)
    assert bell.label == "100+ new"
