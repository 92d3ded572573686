"""The reason why the process ends without success: a sentence and an exit code."""

from __future__ import annotations

from typing import Final

# From sysexits.h. A supervisor wants to know whether starting again can help.
WRONG_CONFIGURATION: Final = 78
TRY_AGAIN: Final = 75


class Stop(Exception):
    """The process can't go on: the message to its owner, and the exit code."""

    def __init__(self, message: str, code: int = WRONG_CONFIGURATION) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
