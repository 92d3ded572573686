"""Buttons and the custom ids behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import discord

from bot.domain.cards import Display, PostCard
from bot.domain.posts import ID_LIMIT, PostKind
from bot.domain.voting import DOWN, UP
from bot.i18n import Texts

_PREFIX = "qa:1:"
_PART = re.compile(r"[^\s:]{1,40}")  # rows, our own names, and tags in any script
_NUMBER = re.compile(r"[0-9]{1,19}")
_LAST_PAGE = 100_000
_PLAIN = Display()
_E = TypeVar("_E", bound=StrEnum)


class Forged(Exception):
    """A custom id or a chosen value that none of our controls has."""


@dataclass(frozen=True, slots=True)
class Control:
    """A parsed custom id: an action and its arguments."""

    action: str
    arguments: tuple[str, ...] = ()

    def number(self, index: int) -> int:
        """An argument that is a row or a Discord id; 0 if it is missing. Raises `Forged` if it
        can't be one."""
        return number_in(self.arguments[index]) if index < len(self.arguments) else 0

    def word(self, index: int) -> str:
        """An argument that is a word. Raises `Forged` if it is missing."""
        if index >= len(self.arguments):
            raise Forged(f"{self.action} lacks an argument")
        return self.arguments[index]

    def one_of(self, index: int, kind: type[_E]) -> _E:
        """An argument that is a value of an enum. Raises `Forged` if it isn't."""
        return one_of(kind, self.word(index))

    def page(self, index: int) -> int:
        """An argument that is a page, counted from 0. Raises `Forged` for one that no list has."""
        page = self.number(index)
        if page > _LAST_PAGE:
            raise Forged(f"no such page: {page}")
        return page


def one_of(kind: type[_E], text: str) -> _E:
    """The member of an enum that a control or an option names. Raises `Forged` if there is none."""
    try:
        return kind(text)
    except ValueError:
        raise Forged(f"no such {kind.__name__}: {text[:40]}") from None


def chosen_in(interaction: discord.Interaction[Any]) -> list[str]:
    """The chosen values of the select that was used."""
    data: Any = interaction.data or {}
    return [str(value) for value in data.get("values", [])]


def first_chosen(interaction: discord.Interaction[Any]) -> str:
    """The single chosen value. Raises `Forged` if there is none."""
    chosen = chosen_in(interaction)
    if not chosen:
        raise Forged("nothing was chosen")
    return chosen[0]


def number_in(text: str) -> int:
    """A row or a Discord id in a custom id. Raises `Forged` if it can't be one."""
    if not _NUMBER.fullmatch(text) or int(text) >= ID_LIMIT:
        raise Forged(f"no such number: {text}")
    return int(text)


def custom_id(action: str, *arguments: object) -> str:
    """The custom id of an action, at most 100 characters as Discord allows."""
    made = _PREFIX + ":".join([action, *map(str, arguments)])
    if len(made) > 100:
        raise ValueError(f"custom id too long: {made}")
    return made


def read_custom_id(text: str) -> Control | None:
    """Parse a custom id; None if it isn't one of this version's."""
    if not text.startswith(_PREFIX):
        return None
    action, *arguments = text.removeprefix(_PREFIX).split(":")
    parts = [action, *arguments]
    if len(parts) > 5 or not all(_PART.fullmatch(p) for p in parts):
        return None
    return Control(action, tuple(arguments))


_OF_DRAFT = re.compile(r"(.+):~([0-9]{1,18})", re.ASCII)


def of_draft(form_id: str, draft_id: int) -> str:
    """The custom id of a form that was opened from a draft."""
    marked = f"{form_id}:~{draft_id}"
    return marked if len(marked) <= 100 else form_id


def draft_of(form_id: str) -> tuple[str, int | None]:
    """A form's custom id as it was before `of_draft`, and its draft or None."""
    found = _OF_DRAFT.fullmatch(form_id)
    return (found[1], int(found[2])) if found else (form_id, None)


_OF_SERVER = re.compile(r"(.+):g([0-9]{1,19})", re.ASCII)


def of_server(control_id: str, guild_id: int) -> str:
    """The custom id of a control in a direct message, for an act in a server."""
    plain, draft_id = draft_of(control_id)
    marked = f"{plain}:g{guild_id}"
    marked = marked if draft_id is None else of_draft(marked, draft_id)
    if len(marked) > 100:
        raise ValueError(f"custom id too long: {marked}")
    return marked


def server_of(control_id: str) -> tuple[str, int | None]:
    """A custom id as it was before `of_server`, and its server or None."""
    found = _OF_SERVER.fullmatch(control_id)
    return (found[1], int(found[2])) if found else (control_id, None)


def view_of(*items: discord.ui.Item[Any]) -> discord.ui.View:
    """A view the library forgets as soon as it is sent: clicks are routed by their custom id."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def button(
    label: str,
    action: str,
    *arguments: object,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    emoji: str | None = None,
    disabled: bool = False,
    row: int | None = None,
) -> discord.ui.Button[Any]:
    """A button for an action."""
    return discord.ui.Button(
        label=label[:80],
        style=style,
        emoji=emoji,
        custom_id=custom_id(action, *arguments),
        disabled=disabled,
        row=row,
    )


def link_button(label: str, url: str, *, row: int | None = None) -> discord.ui.Button[Any]:
    """A button that leads somewhere."""
    return discord.ui.Button(label=label[:80], style=discord.ButtonStyle.link, url=url, row=row)


SIGNS = {UP: "▲", DOWN: "▼"}
_MORE_SIGN = "⋯"


def card_controls(
    card: PostCard, t: Texts, display: Display = _PLAIN
) -> list[discord.ui.Button[Any]]:
    """The buttons under a post's card, in one row."""
    more = button(_MORE_SIGN, "more", card.post_id)
    if card.kind is PostKind.COMMENT:
        return [more]
    # Every card of a thread leads to the question's form, so that nobody has to scroll.
    answer = button(t("Answer"), "answer", card.question_id)
    votes = _vote_buttons(card, t, display.buttons)
    if card.kind is PostKind.ANSWER:
        return [*votes, answer, more]
    answer.style = discord.ButtonStyle.primary
    answer.disabled = card.closing is not None
    follow = button(t("Follow"), "follow", card.post_id)
    return [*votes, answer, follow, more]


def _vote_buttons(card: PostCard, t: Texts, values: Sequence[int]) -> list[discord.ui.Button[Any]]:
    """The buttons that vote; the first one has the score."""
    score = ("−" if card.score < 0 else "") + t.number(abs(card.score))
    up, down = f"{SIGNS[UP]} {score}", SIGNS[DOWN]
    made = {
        UP: lambda: button(up, "vote", card.post_id, "up"),
        DOWN: lambda: button(down, "vote", card.post_id, "down"),
    }
    return [made[value]() for value in values]


def carries(components: Iterable[Any], post_id: int) -> bool:
    """Whether a message's components are those of a post's card."""
    return Control("more", (str(post_id),)) in controls_in(components)


def controls_in(components: Iterable[Any]) -> Iterator[Control]:
    """The parsed custom ids of a message's buttons."""
    for component in components:
        wanted = read_custom_id(getattr(component, "custom_id", None) or "")
        if wanted is not None:
            yield wanted
        yield from controls_in(getattr(component, "children", ()))
