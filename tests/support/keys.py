"""The key of the installations in the tests."""

from __future__ import annotations

from bot.sealing import KEY_BYTES, Sealing

SEALING = Sealing([bytes(range(KEY_BYTES))])
