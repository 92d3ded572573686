"""Fetching files from Discord: only from its own hosts, in pieces, with a limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO, Final

import aiohttp
import discord
from yarl import URL

from bot.domain.errors import Invalid, Problem
from bot.domain.files import BYTES_MAX

if TYPE_CHECKING:
    from bot.app import Askwell

HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
PATIENCE: Final = 20.0  # seconds for a download, while the member waits for a reply
_READ: Final = 2**16
_STORED: Final = 2**18
# As stored: compressed content could unpack to any size.
_AS_IT_IS: Final = {"Accept-Encoding": "identity"}


class NotGiven(discord.DiscordException):
    """Discord doesn't deliver a file, or only a part of it."""


def is_discords(url: URL, api_url: str | None) -> bool:
    """Whether an address is one of Discord's for files, or on the host of `DISCORD_API_URL`."""
    if url.user is not None or url.password is not None:
        return False
    if url.scheme == "https" and url.host in HOSTS and url.port == 443:
        return True
    return url.scheme in {"http", "https"} and url.host == (URL(api_url).host if api_url else "")


@dataclass(frozen=True, slots=True)
class Download:
    """A downloaded file, on disk while the block of `download` runs."""

    file: BinaryIO
    size: int

    def pieces(self) -> Iterator[bytes]:
        """All of it, a piece at a time."""
        self.file.seek(0)
        while piece := self.file.read(_STORED):
            yield piece


@asynccontextmanager
async def download(bot: Askwell, url: str, size: int) -> AsyncGenerator[Download]:
    """Download a file of the size that Discord announced, at most `BYTES_MAX`.

    Raises `Invalid("attachment", FILES_TOO_BIG)` as soon as there are more; `NotGiven`,
    `aiohttp.ClientError` or `TimeoutError` if it can't be fetched, or not completely.
    """
    address = URL(url)
    if not is_discords(address, bot.settings.discord_api_url):
        raise NotGiven(f"{address.host} is no host of Discord's")
    with TemporaryFile() as file:
        async with asyncio.timeout(PATIENCE):
            there = await _fetch(address, size, file)
        yield Download(file, there)


async def _fetch(address: URL, size: int, to: BinaryIO) -> int:
    async with (
        aiohttp.ClientSession(auto_decompress=False, headers=_AS_IT_IS) as session,
        # Redirects are refused: Discord doesn't redirect.
        session.get(address, allow_redirects=False) as response,
    ):
        if response.status != 200:
            raise NotGiven(f"{response.status} instead of a file")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise NotGiven("a packed file")
        there = 0
        async for piece in response.content.iter_chunked(_READ):
            there += to.write(piece)
            if there > BYTES_MAX:
                most = f"{BYTES_MAX // 2**20} MB"
                raise Invalid("attachment", Problem.FILES_TOO_BIG, maximum=most)
        # If the response has no length, a lost connection looks like its end.
        if response.content_length is None and there < size:
            raise NotGiven(f"{there} of {size} bytes")
    return there
