"""Letting days pass in a moment."""

from __future__ import annotations

from simcord import Env

HOUR = 3600.0


async def hours_pass(env: Env, hours: float) -> None:
    """Let hours pass, and what they brought be done."""
    await env.advance_time(hours * HOUR)
    await env.advance_time(5)
