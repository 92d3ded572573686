"""Chance that is the same at each run, also that of keys, salts and numbers."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """All random bytes come from a seed, so that what was found is found again."""
    chance = random.Random(seed)
    real = os.urandom, random._urandom  # pyright: ignore[reportAttributeAccessIssue]
    os.urandom = chance.randbytes
    random._urandom = chance.randbytes  # pyright: ignore[reportAttributeAccessIssue]
    try:
        yield
    finally:
        os.urandom, random._urandom = real  # pyright: ignore[reportAttributeAccessIssue]
