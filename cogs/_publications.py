"""Where those who posted wait for their card, so that a private reply can link to it."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Publications:
    """Cards that somebody waits for, by post; and the pins that are ours, while we set them."""

    def __init__(self) -> None:
        # message → whether we are pinning or unpinning it: its event is not a moderator's act.
        self.pinning: dict[int, bool] = {}
        self._waiting: defaultdict[int, list[asyncio.Future[None]]] = defaultdict(list)

    def expect(self, post_id: int) -> asyncio.Future[None]:
        """A future that is done when the post's card is shown."""
        shown: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[post_id].append(shown)
        return shown

    def announce(self, post_id: int) -> None:
        """Tell all who wait that a post's card is shown."""
        for shown in self._waiting.pop(post_id, ()):
            if not shown.done():
                shown.set_result(None)

    def forget(self, post_id: int, shown: asyncio.Future[None]) -> None:
        """Stop waiting."""
        waiting = self._waiting.get(post_id, [])
        if shown in waiting:
            waiting.remove(shown)
        if not waiting:
            self._waiting.pop(post_id, None)
