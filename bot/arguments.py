"""What is given on the command line, read and refused with a sentence."""

from __future__ import annotations

import argparse


def port(text: str) -> int:
    """A port of this machine."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 65535):
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def count(text: str) -> int:
    """How many files are kept."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 10_000):
        raise argparse.ArgumentTypeError("N is a number from 1 to 10000")
    return int(text)


def snowflake(text: str) -> int:
    """An id of Discord's."""
    if not (text.isascii() and text.isdigit() and 15 <= len(text) <= 20):
        raise argparse.ArgumentTypeError("an id is a number of 15 to 20 digits")
    return int(text)
