"""The files that were attached before a form was opened, as its custom id names them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cogs.ui.controls import number_in


@dataclass(frozen=True, slots=True)
class Held:
    """Files that are in memory alone, by the interaction that they came with: what may become an
    anonymous post has no rows of files."""

    origin_id: int
    count: int

    def __len__(self) -> int:
        return self.count


Attached = Sequence[int] | Held
"""Rows of files, or files that are held."""
_HELD: Final = re.compile(r"h([0-9]{1,19})\.([1-3])", re.ASCII)


def file_ids(files: Attached) -> tuple[str, ...]:
    """Attached files, as an argument of a form's custom id."""
    if not files:
        return ()
    if isinstance(files, Held):
        return (f"h{files.origin_id}.{files.count}",)
    return (".".join(map(str, files)),)


def files_in(arguments: Sequence[str], index: int) -> Attached:
    """The files that a form's custom id names. Raises `Forged` if it can't have named them."""
    named = arguments[index] if index < len(arguments) else ""
    held = _HELD.fullmatch(named)
    if held is not None:
        return Held(number_in(held[1]), int(held[2]))
    return [number_in(each) for each in named.split(".") if each]
