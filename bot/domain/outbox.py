"""Jobs of delivery: desired state, named by kind and key."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum


class JobKind(StrEnum):
    """What is brought up to date: a post's card (by post), a direct message (by notice), word of
    a question that waits for an answer (by question), reactions that are to be taken off a
    card (by post), the name of a thread (by question), or a request for a writer's consent (by
    their message)."""

    CARD = "card"
    NOTICE = "notice"
    WAITING = "waiting"
    REACTIONS = "reactions"
    NAME = "name"
    CONSENT = "consent"


class Priority(IntEnum):
    """Which job comes first: new posts, then what a person waits for, then single cards that
    changed, then the many cards that one change is seen on."""

    NEW_POST = 0
    WAITED_FOR = 1
    REFRESH = 2
    BULK = 3


class Cause(StrEnum):
    """What changes many cards at once: something about all posts of a server, about the questions
    of a category (by row; 0 is none), about those with a tag (by name), about the questions that
    lead to a post (by row), or who may read which channel (duplicates name their originals)."""

    POSTS = "posts"
    CATEGORY = "category"
    TAG = "tag"
    LINKS = "links"
    READERS = "readers"


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the outbox as it was read. `revision` tells whether it was asked for again since.

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
    """A job waits, and nothing has failed: to spare Discord a burst of edits, for the end of
    somebody's quiet hours, or for a card to link to."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """A job failed and is tried again; each failure doubles the pause. Where Discord `refused` it,
    and is not just out of reach, new facts are tried at once."""

    error: str
    at: datetime
    refused: bool = False


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Discord refuses a job for good. New facts will have it tried again."""

    error: str


Outcome = Done | Later | Failed | GivenUp

BURST = 4  # jobs of a server, or of a question, before others get their turn


def in_turns(jobs: Iterable[Job]) -> list[Job]:
    """Jobs in the order they are done in: servers in turn, a few jobs each, the most urgent first.

    What follows on a group's first job stands in line behind the first ones of its server's other
    groups, so a long thread holds up nothing else. Bulk refreshes come after everything else.
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
"""What is recorded of a card that could not be tried yet, in place of what failed."""
CHANNEL_GONE = "The channel it stood in is gone."
"""What is recorded of a card whose channel was deleted: nothing can be done for it any more."""
LONGEST_PAUSE = timedelta(hours=1)


def recorded(text: str, values: Mapping[str, str]) -> str:
    """A reason in our own words, as it is recorded: its key in the catalogues, and the values for
    it in a second line. So each reader reads it in their own language."""
    return f"{text}\n{json.dumps(values)}" if values else text


def reason_in(said: str) -> tuple[str, dict[str, str]]:
    """The key and the values of a reason that `recorded` wrote down."""
    text, _, values = said.partition("\n")
    return text, json.loads(values) if values else {}


def pause(attempts: int) -> timedelta:
    """How long to wait after a failure that came after so many others: 1 s, doubling, up to an
    hour."""
    return min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_PAUSE)
