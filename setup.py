"""Writes the commit into what is built; everything else is in pyproject.toml.

ASKWELL_COMMIT names it where the build sees no git folder, as in a container.
"""

import os
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from bot.commit import BUILT, commit_of  # noqa: E402


class BuildWithCommit(build_py):
    """The packages, and a file with the commit they were built from."""

    def run(self) -> None:
        super().run()
        commit = os.environ.get("ASKWELL_COMMIT") or commit_of(ROOT)
        if commit and not self.editable_mode:
            (Path(self.build_lib) / "bot" / BUILT).write_text(f"{commit}\n", encoding="utf-8")


setup(cmdclass={"build_py": BuildWithCommit})
