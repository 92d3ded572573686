"""The sandbox in a process of its own, as a person runs it."""

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")


def sandbox(*arguments: str, timeout: float = 90) -> subprocess.CompletedProcess[str]:
    """Run the sandbox to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", "sandbox", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def start(*arguments: str) -> subprocess.Popen[str]:
    """The sandbox, running; what it prints can be read."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def open_sandbox(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The sandbox while it shows its page: the process, and the page's address."""
    with start(*arguments) as process:
        assert process.stdout is not None
        seen: list[str] = []
        for line in process.stdout:
            seen.append(line)
            found = ADDRESS.search(line)
            if found is not None:
                break
        else:
            pytest.fail("the sandbox ended without an address:\n" + "".join(seen))
        try:
            yield process, found[0]
        finally:
            process.kill()


def page_at(address: str) -> str:
    """The page, as a browser first gets it."""
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310
        return answer.read().decode()
