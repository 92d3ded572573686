"""Jobs of delivery: desired state, named by kind and key."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final


class JobKind(StrEnum):
    """What a job brings up to date. The key is a post for a card, a notice for a direct message, a
    question for a call to the helpers, a post for reactions to remove, a question for the name of
    its thread, a message for the request for its writer's consent, a server for its how-to, a
    message for an offer under it, a thread that was opened by hand, a post for the card of its
    reports, an appeal for its card, a post for the card of the request to unseal it, and a server
    for what else stands in its moderators' channel, for its weekly round-up, for a call to those on
    duty and for the news that unsealing is on again."""

    CARD = "card"
    NOTICE = "notice"
    WAITING = "waiting"
    REACTIONS = "reactions"
    NAME = "name"
    CONSENT = "consent"
    REPORT = "report"
    MODERATORS = "moderators"
    HOW_TO = "how_to"
    OFFER = "offer"
    STRAY = "stray"
    ROUND_UP = "round_up"
    APPEAL = "appeal"
    OVERDUE = "overdue"
    UNSEAL = "unseal"
    UNSEALING = "unsealing"


OF_NO_POST: Final = (
    JobKind.NOTICE,
    JobKind.REPORT,
    JobKind.MODERATORS,
    JobKind.ROUND_UP,
    JobKind.APPEAL,
    JobKind.OVERDUE,
    JobKind.UNSEAL,
)
"""The kinds of jobs that aren't about a message in a post's home."""


class Priority(IntEnum):
    """The order of jobs: new posts, what a person waits for, single cards that changed, then the
    many cards that one change affects."""

    NEW_POST = 0
    WAITED_FOR = 1
    REFRESH = 2
    BULK = 3


class Cause(StrEnum):
    """What changes many cards at once: all posts of a server, the questions of a category (by row;
    0 is none), those with a tag (by name), those that link to a post (by row), who may read which
    channel, since duplicates name their originals, or what all waiting reports' cards depend on."""

    POSTS = "posts"
    CATEGORY = "category"
    TAG = "tag"
    LINKS = "links"
    READERS = "readers"
    REPORTS = "reports"


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the outbox as it was read. `revision` shows whether it was enqueued again since.

    `group` is the question a card belongs to, or the reader of a notice: jobs of one group are
    done one after the other.
    """

    kind: JobKind
    key: int
    guild_id: int
    revision: int
    attempts: int
    created_at: datetime
    priority: Priority
    group: int


@dataclass(frozen=True, slots=True)
class Done:
    """A job is done."""


@dataclass(frozen=True, slots=True)
class Later:
    """A job is put off though nothing failed: to spare Discord a burst of edits, until quiet hours
    end, or until there is a card to link to."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """A job failed and will be retried; each failure doubles the pause. `refused` means that
    Discord answered and refused it: then a new enqueue is tried at once."""

    error: str
    at: datetime
    refused: bool = False


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Discord refuses a job for good. It is tried again only when it is enqueued again."""

    error: str


Outcome = Done | Later | Failed | GivenUp

BURST = 4  # jobs of a server, or of a question, before others get their turn


def in_turns(jobs: Iterable[Job]) -> list[Job]:
    """Jobs in the order of their execution: servers take turns of a few jobs each, the most urgent
    first.

    After a group's first job, its others wait behind the first jobs of the server's other groups,
    so a long thread delays nothing else. Bulk refreshes come last.
    """
    groups: defaultdict[tuple[JobKind, int], list[Job]] = defaultdict(list)
    for job in jobs:
        groups[job.kind, job.group].append(job)
    servers: defaultdict[tuple[int, bool], list[tuple[int, Job]]] = defaultdict(list)
    for members in groups.values():
        for line, job in enumerate(sorted(members, key=_urgency)):
            servers[job.guild_id, job.priority is Priority.BULK].append((line, job))
    turns: list[tuple[bool, int, bool, tuple[int, datetime, int], Job]] = []
    for (_, bulk), members in servers.items():
        members.sort(key=lambda each: (each[0], _urgency(each[1])))
        turns += [
            (bulk, turn // BURST, line > 0, _urgency(job), job)
            for turn, (line, job) in enumerate(members)
        ]
    turns.sort(key=lambda each: each[:4])
    return [job for *_, job in turns]


def _urgency(job: Job) -> tuple[int, datetime, int]:
    return job.priority, job.created_at, job.key


WAITS_FOR_THREAD = "waits for its question's thread"
"""The reason recorded for a card that couldn't be tried yet."""
CHANNEL_GONE = "The channel it stood in is gone."
"""The reason recorded for a card whose channel was deleted, which can't be shown any more."""
LONGEST_PAUSE = timedelta(hours=1)


def recorded(text: str, values: Mapping[str, str]) -> str:
    """A reason in our own words, as it is stored: its key in the catalogues, and its values on a
    second line. So everybody reads it in their own language."""
    return f"{text}\n{json.dumps(values)}" if values else text


def reason_in(said: str) -> tuple[str, dict[str, str]]:
    """The key and the values of a reason that `recorded` wrote."""
    text, _, values = said.partition("\n")
    return text, json.loads(values) if values else {}


def pause(attempts: int) -> timedelta:
    """How long to wait after a failure, given the number of failures before it: 1 s, doubling, up
    to an hour."""
    return min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_PAUSE)
