"""Which changes in Discord are our own, while they are on their way."""

from __future__ import annotations


class Publications:
    """The pins that are ours, while we set them."""

    def __init__(self) -> None:
        # message → whether we are pinning or unpinning it: its event is not a moderator's act.
        self.pinning: dict[int, bool] = {}
