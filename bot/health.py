"""The health check: whether this process is alive and its database answers.

It doesn't need the gateway: Discord being down is no reason to restart the bot, so the gateway's
state is only reported for information.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

_PATIENCE = 3.0  # seconds for the database to answer


@asynccontextmanager
async def health_server(
    host: str,
    port: int,
    *,
    ask_database: Callable[[], Awaitable[object]],
    gateway: Callable[[], Mapping[str, object]],
) -> AsyncGenerator[None]:
    """Answer GET /health while the block runs: 200 if all is well, else 503.

    Raises OSError if the port can't be opened.
    """

    async def health(_request: web.Request) -> web.Response:
        database, took = await _ask(ask_database)
        well = database == "ok"
        report: dict[str, object] = {
            "status": "ok" if well else "failing",
            "database": database,
            "database_ms": round(took * 1000, 1),
            "gateway": dict(gateway()),
        }
        return web.json_response(report, status=200 if well else 503)

    app = web.Application()
    app.router.add_get("/health", health)
    # Nobody reads the access log of a probe, and shutdown must not wait for a probe's connection.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()


async def _ask(ask_database: Callable[[], Awaitable[object]]) -> tuple[str, float]:
    start = time.perf_counter()
    try:
        async with asyncio.timeout(_PATIENCE):
            await ask_database()
    except TimeoutError:
        answer = f"no answer in {_PATIENCE:.0f} s"
    except Exception as error:  # whatever the database's error is, it is reported
        answer = type(error).__name__
    else:
        answer = "ok"
    return answer, time.perf_counter() - start
