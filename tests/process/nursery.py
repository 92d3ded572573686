"""Starts processes of Askwell quickly: it has read the bot's modules, and forks.

A start takes a second of processor time, and most of it is reading modules; the tests start some
four hundred. What a process started from here does from then on is what `python -m bot` does. Tests
of the start itself, and of memory, start an interpreter of their own.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
from socketserver import ForkingMixIn, StreamRequestHandler, UnixStreamServer
from typing import Any

_MOST = 1 << 20  # bytes of what a process is started with
_PARENT = os.getppid()


class Handler(StreamRequestHandler):
    """One process: says its id, and how it ended, each on a line."""

    request: socket.socket

    def handle(self) -> None:
        """Runs in a fork, which waits for its own."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        message, files, *_ = socket.recv_fds(self.request, _MOST, 2)
        pid = os.fork()
        if pid == 0:
            _run(json.loads(message), *files)
        for file in files:
            os.close(file)
        self.wfile.write(b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        self.wfile.write(b"%d\n" % os.waitstatus_to_exitcode(status))


class Server(ForkingMixIn, UnixStreamServer):
    """Listens on a socket in the file system."""

    request_queue_size = 32
    max_children = 64

    def service_actions(self) -> None:
        """Twice a second: end with the tests that started it, however they ended."""
        super().service_actions()
        if os.getppid() != _PARENT:
            os._exit(0)


def _run(start: dict[str, Any], out: int, err: int) -> None:
    """Be `python -m bot …`, and end with its exit code."""
    code = 1
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.closerange(3, 64)
        # Those there are were made for the nursery's own files, which may be of another kind.
        sys.stdout = sys.__stdout__ = os.fdopen(1, "w", closefd=False)
        sys.stderr = sys.__stderr__ = os.fdopen(2, "w", closefd=False, errors="backslashreplace")
        os.chdir(start["folder"])
        os.environ.clear()
        os.environ.update(start["env"])
        sys.argv = [start["program"], *start["arguments"]]
        code = _exit_code_of_main()
        # What an interpreter does as it ends.
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _exit_code_of_main() -> int:
    from bot.__main__ import main

    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        return 1
    return 0


def _read_modules() -> None:
    from bot.app import EXTENSIONS

    for name in ("bot.cli", "bot.running", "data.migrating", "alembic.command", *EXTENSIONS):
        importlib.import_module(name)


if __name__ == "__main__":
    _read_modules()
    gc.collect()
    gc.freeze()
    with Server(sys.argv[1], Handler) as server:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        print("ready", flush=True)
        server.serve_forever()
