"""`python -m bot`."""

from __future__ import annotations

import sys

from bot.cli import main as command_line


def main() -> None:
    """The console script `askwell`."""
    sys.exit(command_line())


if __name__ == "__main__":
    main()
