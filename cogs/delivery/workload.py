"""The jobs under way, and which may start beside them: awaited ones come first, and servers share
the slots."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from bot.domain.outbox import Job, JobKind, Priority

Group = tuple[JobKind, int]

_AT_ONCE = 8  # questions worked on in parallel; Discord allows 50 requests a second in all
_IN_BACKGROUND = 5  # of these, for jobs nobody waits for: they must not delay new posts
_IN_BULK = 2  # of these, for bulk refreshes; only one beside other jobs
# The minimum pause in seconds after each bulk refresh while other jobs were running recently: as
# long as the refresh took, so that others get half of the processor, however slow or shared it is.
# Then it yields to jobs that are still running, that many times for that long.
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
        self._just_ended: set[Group] = set()
        self._others_until = -math.inf  # on the monotonic clock, after jobs other than bulk

    def tasks(self) -> list[asyncio.Task[None]]:
        """What is running."""
        return [work.task for work in self._working.values()]

    def about_to_read(self) -> None:
        """Note that the outbox is about to be read."""
        self._just_ended.clear()

    def works_on(self, group: Group) -> bool:
        """Whether a group's jobs are being done, or were when the outbox was read: what was read
        of them may be done since."""
        return group in self._working or group in self._just_ended

    def servers(self, jobs: Iterable[Job]) -> int:
        """The number of servers with jobs, these or running ones."""
        begun = (work.first for work in self._working.values())
        return len({job.guild_id for job in (*jobs, *begun)})

    def begin(self, group: Group, first: Job, work: Coroutine[Any, Any, None]) -> None:
        """Start a group's jobs, of which `first` is the most urgent. `work` calls `ended` at its
        end."""
        self._working[group] = _Work(first, asyncio.create_task(work))

    def ended(self, group: Group) -> None:
        """Note that a group's jobs are done for now."""
        self._just_ended.add(group)
        if self._working.pop(group).first.priority is not Priority.BULK:
            self._others_until = time.monotonic()

    def has_room(self, job: Job, servers: int) -> bool:
        """Whether a group's jobs, of which this one is the most urgent, can start now. Otherwise
        they stay in the outbox, where the next look finds the most urgent first.

        All servers with jobs share the slots; a single one leaves one slot free, so that the next
        one needn't wait for its jobs.
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
        """Whether jobs other than bulk refreshes are running, or were until a moment ago: short
        gaps between such jobs aren't for bulk."""
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
