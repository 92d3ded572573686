"""Drafts of anonymous posts: the private message that shows one to its author also carries it.

No row and nothing in memory has who typed it beside what was typed: see decision 37.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import discord

from bot.i18n import Texts
from bot.usecases.drafts import Draft, Values
from cogs.ui.controls import (
    Control,
    Forged,
    button,
    custom_id,
    number_in,
    read_custom_id,
    server_of,
)
from cogs.ui.form_files import Attached, Held, file_ids, files_in
from cogs.ui.modals import ANONYMOUS, NOTIFY

_COLOUR: Final = 0x80848E
_SHORT: Final = {"ask.form": "q", "ask.anyway": "s", "answer.form": "a", "comment.form": "c"}
_FORMS: Final = {short: action for action, short in _SHORT.items()}
_BODIES: Final = {"answer.form": "answer", "comment.form": "comment"}
_NOTIFIED, _BY_NAME = "n", "p"  # what is ticked in its form, and what isn't
_CATEGORY: Final = re.compile(r"[0-9]{1,19}|none", re.ASCII)
_NOTHING: Final = "-"
_MOST: Final = (256, 4096, 1024)  # of an embed's title, description and field, by Discord
_COUNTS: Final = frozenset("123")  # of files
BUTTON: Final = "anonymous"
NAME_FORM: Final = "anonymous.name"
PICTURES_FORM: Final = "anonymous.files"


class Step(StrEnum):
    """What a button under a carried draft does next."""

    GO_ON = "go"
    UNDERSTOOD = "understood"
    ANYWAY = "anyway"
    POST = "post"
    NAME = "name"
    PICTURES = "files"
    WITHOUT = "bare"
    CHANGE = "change"
    HELPED = "helped"


@dataclass(frozen=True, slots=True)
class Carried:
    """A draft on its way: its form with what was typed, and the interaction that the form was first
    sent with. `name` is that of its author where one is offered already."""

    draft: Draft
    origin_id: int
    name: str = ""

    @property
    def form(self) -> str:
        """The action of its form."""
        return _action(self.draft)

    @property
    def post_id(self) -> int | None:
        """The post that it is about; None for a new question."""
        return _post_id(self.draft) if self.form in _BODIES else None

    @property
    def files(self) -> Held | None:
        """The files that are held for it, by its `origin_id`."""
        named = _files(self.draft)
        return named if isinstance(named, Held) else None


def carry(draft: Draft, origin_id: int, name: str = "") -> Carried:
    """A draft with the files that are held for it, but not with rows of files."""
    held = Carried(draft, origin_id).files
    if held is None:
        return Carried(without_files(draft), origin_id, name)
    return Carried(draft, held.origin_id, name)


def is_carried(draft: Draft) -> bool:
    """Whether a draft is that of an anonymous post, which is never kept in a row."""
    return _action(draft) in _SHORT and ANONYMOUS in draft.values.get("how", [])


def fits(draft: Draft) -> bool:
    """Whether a message has room for a draft. What Discord's own forms send always fits."""
    values = draft.values
    body = _text(values, _BODIES.get(_action(draft), "details"))
    lengths = (len(_text(values, "title")), len(body), len(_text(values, "tags")))
    return all(length <= most for length, most in zip(lengths, _MOST, strict=True))


def can_carry(draft: Draft) -> bool:
    """Whether a message can carry a draft that may still become an anonymous post: one of a form in
    which *Post anonymously* can be ticked, and without rows of files."""
    return _action(draft) in _SHORT and carry(draft, 0).draft.form == draft.form


def step_button(
    label: str,
    step: Step,
    carried: Carried,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> discord.ui.Button[Any]:
    """A button under a carried draft."""
    return button(label, BUTTON, step, *_arguments(carried), style=style)


def name_form_id(carried: Carried) -> str:
    """The custom id of the form that takes another name."""
    return custom_id(NAME_FORM, Step.NAME, *_arguments(carried))


def pictures_form_id(carried: Carried) -> str:
    """The custom id of the form that takes pictures."""
    return custom_id(PICTURES_FORM, Step.PICTURES, *_arguments(carried))


def carried_embed(carried: Carried, t: Texts) -> discord.Embed:
    """What a draft says, as its author sees it, and as it is read again from there."""
    values = carried.draft.values
    embed = discord.Embed(
        title=_text(values, "title") or None,
        description=_text(values, _BODIES.get(carried.form, "details")) or None,
        colour=_COLOUR,
    )
    if carried.name:
        embed.set_author(name=carried.name)
    tags = _text(values, "tags")
    if tags:
        embed.add_field(name=t("Tags"), value=tags, inline=False)
    private = t("Only you can see this. Nothing is posted yet.")
    files = len(carried.files or ())
    attached = t.plural("{n} file attached.", "{n} files attached.", files) if files else ""
    embed.set_footer(text=f"{attached} {private}".strip())
    return embed


def carried_in(message: discord.Message | None, wanted: Control) -> Carried:
    """The draft that a message carries, by a button under it. Raises `Forged` for any other."""
    embeds: Sequence[discord.Embed] = message.embeds if message is not None else ()
    if message is None or not embeds or not _has_button(message, wanted):
        raise Forged("a message that carries nothing")
    what, about, origin_id = wanted.word(1), wanted.word(2), wanted.number(3)
    action = _FORMS.get(what[:1])
    if action is None:
        raise Forged(f"no such form: {what}")
    embed = embeds[-1]
    how = [] if _BY_NAME in what else [ANONYMOUS]
    how += [NOTIFY] if _NOTIFIED in what else []
    values: Values = {"how": how, _BODIES.get(action, "details"): embed.description or ""}
    name = embed.author.name or ""
    files = file_ids(Held(origin_id, int(what[-1]))) if what[-1] in _COUNTS else ()
    if action in _BODIES:
        form = custom_id(action, number_in(about), *files)
        return Carried(Draft(form, values), origin_id, name)
    tags = embed.fields[0].value if embed.fields else ""
    values |= {"title": embed.title or "", "tags": tags or ""}
    if about != _NOTHING:
        values["category"] = [about]
    return Carried(Draft(custom_id(action, *files), values), origin_id, name)


def _has_button(message: discord.Message, wanted: Control) -> bool:
    """Whether a message is one of ours that carries a draft: others' words are in no such one."""
    if not message.flags.ephemeral:
        return False
    rest = wanted.arguments[1:]
    return any(
        control.action == BUTTON and control.arguments[1:] == rest for control in _controls(message)
    )


def _controls(message: discord.Message) -> list[Control]:
    found: list[Control] = []
    for row in message.components:
        for item in getattr(row, "children", ()):
            named, _ = server_of(getattr(item, "custom_id", None) or "")
            control = read_custom_id(named)
            if control is not None:
                found.append(control)
    return found


def _arguments(carried: Carried) -> tuple[object, ...]:
    values = carried.draft.values
    how = values.get("how", [])
    ticked = (_NOTIFIED if NOTIFY in how else "") + ("" if ANONYMOUS in how else _BY_NAME)
    about: object = carried.post_id
    if about is None:
        chosen = values.get("category") or [_NOTHING]
        first = chosen if isinstance(chosen, str) else chosen[0]
        about = first if _CATEGORY.fullmatch(first) else _NOTHING
    files = str(len(carried.files or ()) or "")
    return (_SHORT[carried.form] + ticked + files, about, carried.origin_id)


def with_files(draft: Draft, files: Attached) -> Draft:
    """A draft whose form names these files."""
    action = _action(draft)
    about = (_post_id(draft),) if action in _BODIES else ()
    return Draft(custom_id(action, *about, *file_ids(files)), draft.values)


def without_files(draft: Draft) -> Draft:
    """A draft whose form names no files."""
    return with_files(draft, ())


def _action(draft: Draft) -> str:
    control = read_custom_id(draft.form)
    return "" if control is None else control.action


def _post_id(draft: Draft) -> int:
    control = read_custom_id(draft.form)
    return 0 if control is None else control.number(0)


def _files(draft: Draft) -> Attached:
    control = read_custom_id(draft.form)
    return () if control is None else files_in(control.arguments, int(control.action in _BODIES))


def _text(values: Mapping[str, str | list[str]], name: str) -> str:
    value = values.get(name, "")
    return value.strip() if isinstance(value, str) else ""
