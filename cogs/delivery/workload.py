"""What delivery works on, and who may begin beside that: those who wait come first, and servers
share the places."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from bot.domain.outbox import Job, JobKind, Priority

Group = tuple[JobKind, int]

_AT_ONCE = 8  # questions worked on side by side; Discord allows 50 requests a second in all
_IN_BACKGROUND = 5  # of these, where nobody waits: a mass of edits or news holds up no new post
_IN_BULK = 2  # of these, for what one change brings to many cards; just one beside anything else
# Seconds at least after each of these, where others were at work so lately: as long as it took
# itself, so that it leaves them half of the processor, also where that is slow or shared. Then it
# gives way to those who are still at work, so many times for so long.
_REST = 0.1
_LATELY = 0.25
_GIVES_WAY = (8, 0.05)


@dataclass(frozen=True, slots=True)
class _Work:
    """A group's jobs that are being done."""

    first: Job
    task: asyncio.Task[None]


class Workload:
    """The groups whose jobs are being done."""

    def __init__(self) -> None:
        self._working: dict[Group, _Work] = {}
        self._others_until = -math.inf  # by the clock that is never set, when any but bulk ended

    def tasks(self) -> list[asyncio.Task[None]]:
        """What is running."""
        return [work.task for work in self._working.values()]

    def works_on(self, group: Group) -> bool:
        """Whether a group's jobs are being done."""
        return group in self._working

    def servers(self, jobs: Iterable[Job]) -> int:
        """How many servers have jobs: these, or some that are being done."""
        begun = (work.first for work in self._working.values())
        return len({job.guild_id for job in (*jobs, *begun)})

    def begin(self, group: Group, first: Job, work: Coroutine[Any, Any, None]) -> None:
        """Begin with a group's jobs, of which `first` is the most urgent. `work` says when it has
        `ended`."""
        self._working[group] = _Work(first, asyncio.create_task(work))

    def ended(self, group: Group) -> None:
        """A group's jobs are done, for now."""
        if self._working.pop(group).first.priority is not Priority.BULK:
            self._others_until = time.monotonic()

    def has_room(self, job: Job, servers: int) -> bool:
        """Whether a group's jobs can begin now, of which this one is the most urgent. What can't
        stays in the outbox, where the next look finds the most urgent first.

        As many servers as have jobs share the places; a single one leaves one place free, so that
        whoever comes next need not wait for its jobs.
        """
        begun = [work.first for work in self._working.values()]
        if job.priority is Priority.BULK:
            bulk = sum(other.priority is Priority.BULK for other in begun)
            most = 1 if self.others_at_work() else _IN_BULK
            return bulk < most and len(begun) < _AT_ONCE
        urgent = job.priority < Priority.REFRESH
        places = _AT_ONCE if urgent else _IN_BACKGROUND
        share = max(2, min(places - 1, -(-places // servers)))
        rivals = Priority.REFRESH if urgent else Priority.BULK
        mine = sum(other.guild_id == job.guild_id and other.priority < rivals for other in begun)
        ahead = sum(other.priority < Priority.BULK for other in begun)
        return mine < share and ahead < places and len(begun) < _AT_ONCE

    def others_at_work(self) -> bool:
        """Whether anything but bulk refreshes is being done, or was until a moment ago: where
        others come one after the other, there are gaps that are not bulk's."""
        return time.monotonic() - self._others_until < _LATELY or self._others_are_at_work()

    def _others_are_at_work(self) -> bool:
        return any(work.first.priority is not Priority.BULK for work in self._working.values())

    async def give_way(self, took: float) -> None:
        """Leave the processor to others after a bulk refresh of so many seconds."""
        await asyncio.sleep(max(_REST, took))
        times, seconds = _GIVES_WAY
        for _ in range(times):
            if not self._others_are_at_work():
                break
            await asyncio.sleep(seconds)
