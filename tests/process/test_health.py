"""The health check answers for process and database, and leaves the gateway out of it."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest

from bot.health import health_server
from bot.probe import ask_health


async def fine() -> None:
    """A database that answers."""


async def broken() -> None:
    raise ConnectionRefusedError("gone")


async def hanging() -> None:
    await asyncio.sleep(60)


def away() -> dict[str, object]:
    return {"ready": False, "latency_ms": None}


async def test_it_is_well_without_a_gateway(free_port: int) -> None:
    async with health_server("127.0.0.1", free_port, ask_database=fine, gateway=away):
        well, report = await asyncio.to_thread(ask_health, "0.0.0.0", free_port)
    assert well
    shown = json.loads(report)
    assert (shown["status"], shown["database"]) == ("ok", "ok")
    assert shown["gateway"] == {"ready": False, "latency_ms": None}
    assert await asyncio.to_thread(ask_health, "127.0.0.1", free_port) == (
        False,
        f"http://127.0.0.1:{free_port}/health does not answer: [Errno 111] Connection refused",
    )


@pytest.mark.parametrize(
    ("database", "says"), [(broken, "ConnectionRefusedError"), (hanging, "no answer in 0 s")]
)
async def test_it_is_not_well_without_its_database(
    free_port: int, monkeypatch: pytest.MonkeyPatch, database: object, says: str
) -> None:
    monkeypatch.setattr("bot.health._PATIENCE", 0.05)
    async with health_server("127.0.0.1", free_port, ask_database=database, gateway=away):  # type: ignore[arg-type]
        well, report = await asyncio.to_thread(ask_health, "127.0.0.1", free_port)
    assert not well
    assert json.loads(report)["database"] == says


async def test_a_port_that_is_taken_is_an_error(free_port: int) -> None:
    async with health_server("127.0.0.1", free_port, ask_database=fine, gateway=away):
        with pytest.raises(OSError, match="address already in use"):
            async with health_server("127.0.0.1", free_port, ask_database=fine, gateway=away):
                pass


async def test_a_process_whose_loop_hangs_does_not_answer(free_port: int) -> None:
    """Somebody listens, but nothing answers: that is what a blocked event loop looks like."""
    with socket.create_server(("127.0.0.1", free_port)):
        well, report = await asyncio.to_thread(ask_health, "127.0.0.1", free_port, 0.2)
    assert not well
    assert "timed out" in report
