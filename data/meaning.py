"""What titles mean, as vectors: an optional extra (`pip install askwell[similar]`).

The vectors come with the wordllama package: one for each of 32,000 pieces of words, trained so that
the mean of a text's pieces is close to that of texts with the same meaning
(https://github.com/dleemiller/WordLlama, MIT). They are read from the package's own folder by name.
The package itself isn't imported, since it sets up logging for the whole process and looks for
files on the network.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

_log = logging.getLogger(__name__)
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_KEPT = 5_000  # vectors of titles kept in memory: 12 MB
_loading = Lock()


class Vectors:
    """Vectors of titles. Takes 0.06 ms for a title that isn't cached."""

    def __init__(self, folder: Path) -> None:
        # Imported by name, so that neither type checking nor the start depends on an extra.
        self._np: Any = import_module("numpy")
        load: Any = import_module("safetensors.numpy").load_file
        tokenizer: Any = import_module("tokenizers").Tokenizer
        self._pieces: Any = next(iter(load(folder / _WEIGHTS).values()))
        self._tokenizer: Any = tokenizer.from_file(str(folder / _TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._of = lru_cache(maxsize=_KEPT)(self._vector)

    def _vector(self, title: str) -> Any:
        np = self._np
        ids = self._tokenizer.encode(title.lower(), add_special_tokens=False).ids
        if not ids:
            return np.zeros(self._pieces.shape[1], dtype=np.float32)
        mean = self._pieces[ids].astype(np.float32).mean(axis=0)
        return mean / max(float(np.linalg.norm(mean)), 1e-9)

    def likeness(self, title: str, others: Sequence[str]) -> list[float]:
        """The cosine between a title's meaning and each other title's, -1 to 1."""
        if not others:
            return []
        asked = self._of(title)
        return [float(x) for x in self._np.stack([self._of(other) for other in others]) @ asked]


@lru_cache(maxsize=1)
def _load() -> Vectors | None:
    found = importlib.util.find_spec("wordllama")
    if found is None or found.origin is None:
        return None
    try:
        return Vectors(Path(found.origin).parent)
    except Exception:  # whatever is wrong with it: questions are found by their words without it
        _log.exception("the extra 'similar' is installed but can't be used")
        return None


def likeness(title: str, others: Sequence[str]) -> list[float] | None:
    """How similar a title's meaning is to that of others; None if the extra isn't installed.

    The first call loads the vectors (0.2 s). It is CPU-bound: call it in a thread.
    """
    with _loading:
        vectors = _load()
    return None if vectors is None else vectors.likeness(title, others)


@lru_cache(maxsize=1)
def is_installed() -> bool:
    """Whether the extra is installed, without loading it."""
    return importlib.util.find_spec("wordllama") is not None
