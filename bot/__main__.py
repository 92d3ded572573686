"""`python -m bot`, and the console script `askwell`.

Only the standard library is imported here: Ctrl-C must be answered before the rest is loaded, which
takes a second, and an old Python is named before it fails on newer syntax.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Run the command line, and exit with its code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    # pyproject.toml says the same to pip; a clone is started without it.
    if sys.version_info < (3, 11):  # noqa: UP036
        running = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"askwell: needs Python 3.11 or newer, and this is {running} ({sys.executable}).")
    from bot.cli import main as command_line

    sys.exit(command_line())


def _leave(_number: int, _frame: object) -> None:
    """End the process at once: nothing is open yet, or everything is closed again."""
    os._exit(130)


if __name__ == "__main__":
    main()
