"""Files that members uploaded for what may become an anonymous post: where Discord has them.

In memory alone, for a while: a row would have who uploaded a file beside its name and address, see
decision 37. After a restart their members are asked for them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from bot.domain.files import GivenFile

AGE: Final = timedelta(hours=1)
"""How long they are held: to write a long text. Discord has them for longer."""
OF_A_MEMBER: Final = 4
IN_ALL: Final = 1000
"""Forms whose files are held: a member's in a server, and everybody's. About 2 kB each."""


class Form(NamedTuple):
    """A member's form or command, by the interaction that it was sent with."""

    guild_id: int
    user_id: int
    origin_id: int


@dataclass(frozen=True, slots=True)
class _Held:
    files: tuple[GivenFile, ...]
    until: datetime


class Uploads:
    """The files of forms that weren't posted yet. The oldest go first where there are too many."""

    def __init__(self) -> None:
        self._held: dict[Form, _Held] = {}

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, form: Form, files: Sequence[GivenFile], now: datetime) -> None:
        """Hold a form's files, in place of those it had."""
        self._held.pop(form, None)
        self.drop_old(now)
        theirs = [each for each in self._held if each[:2] == form[:2]]
        for oldest in theirs[: max(0, len(theirs) - OF_A_MEMBER + 1)]:
            del self._held[oldest]
        while len(self._held) >= IN_ALL:
            del self._held[next(iter(self._held))]
        self._held[form] = _Held(tuple(files), now + AGE)

    def of(self, form: Form, now: datetime) -> tuple[GivenFile, ...] | None:
        """A form's files. None if they are gone, and () if they are posted."""
        self.drop_old(now)
        held = self._held.get(form)
        return None if held is None else held.files

    def posted(self, form: Form, now: datetime) -> None:
        """Forget where the files of a form were, which are posted now."""
        self.hold(form, (), now)

    def forget(self, form: Form) -> None:
        """Forget a form's files, which won't be posted."""
        self._held.pop(form, None)

    def drop_old(self, now: datetime) -> None:
        """Forget what was held for too long."""
        while self._held:
            oldest = next(iter(self._held))
            if self._held[oldest].until > now:
                return
            del self._held[oldest]
