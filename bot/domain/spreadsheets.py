"""What may stand in a cell of a CSV file, so that a spreadsheet shows it as it is."""

from __future__ import annotations

from typing import Final

# Spreadsheets take what begins with one of these for a formula, or drop it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_DIGITS: Final = 15  # as many of a number as spreadsheets keep


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def number_cell(number: int) -> str:
    """A number of which no spreadsheet drops digits. Those of Discord's ids are too many."""
    return str(number) if abs(number) < 10**_DIGITS else f"'{number}"
