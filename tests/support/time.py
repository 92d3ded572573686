"""Letting days pass in a moment."""

from __future__ import annotations

from typing import Any

from simcord import Env

from tests.support.simulator import as_the_bot

HOUR = 3600.0


async def hours_pass(env: Env, hours: float) -> None:
    """Let hours pass. Delivery's sweep, which would look every two seconds of them, rests
    meanwhile, and looks once they are over."""
    bot: Any = env.bot
    delivery: Any = bot.cogs["Delivery"]
    sweep = delivery._sweep
    sweep.cancel()
    await env.settle()
    while hours > 0:  # the simulator bounds how much may happen in one go
        await env.advance_time(min(hours, 2) * HOUR)
        hours -= 2
    with as_the_bot(env):
        sweep.start()
        delivery.kick()
    await env.settle()
    await env.advance_time(5)
