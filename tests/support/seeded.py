"""Chance that is the same at each run, also that of keys, salts and numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """All that `secrets` gives comes from a seed, so that what was found is found again.

    `os.urandom` stays as it is: SQLAlchemy names parts of statements by it, more or fewer of them
    by what the process has built before, and so all that follows would depend on earlier tests.
    """
    chance = random.Random(seed)
    real = random._urandom  # pyright: ignore[reportAttributeAccessIssue]
    random._urandom = chance.randbytes  # pyright: ignore[reportAttributeAccessIssue]
    try:
        yield
    finally:
        random._urandom = real  # pyright: ignore[reportAttributeAccessIssue]
