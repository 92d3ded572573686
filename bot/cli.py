"""The command line: `askwell`, or `python -m bot`.

Each command imports what it needs when it runs: `health` must not load Discord's library, and the
sandbox isn't even installed in production.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values

from bot.arguments import count, port, snowflake
from bot.logs import set_up_logging
from bot.settings import SettingError, Settings, misspelt
from bot.stop import WRONG_CONFIGURATION, Stop

_log = logging.getLogger(__name__)
Out = Callable[[str], None]
_T = TypeVar("_T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Lines are read as they come; an old terminal shows a ? and does not end the process.
            stream.reconfigure(line_buffering=True, errors="replace")
    chosen = _parser().parse_args(arguments)
    try:
        if chosen.command == "sandbox":
            return _sandbox(chosen)
        return _with_settings(chosen)
    except Stop as stop:
        print(f"askwell: {stop.message}", file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    # All commands in one list, longer than a function should be: --help has the same order.
    parser = argparse.ArgumentParser(
        prog="askwell", description="A Q&A forum inside Discord. Without a command: run."
    )
    parser.add_argument("--version", action=_ShowVersion, help="show version and commit, and exit")
    parser.add_argument(
        "--env-file",
        type=Path,
        metavar="FILE",
        help="where settings are read from, besides the environment (default: .env)",
    )
    parser.set_defaults(command="run", accept_lost_key=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.set_defaults(command=name)
        return added

    run = command("run", "Run the bot on Discord, with the token in DISCORD_TOKEN.")
    run.add_argument(
        "--accept-lost-key",
        action="store_true",
        help="if the key of anonymous posts is lost: leave these without an author, for good",
    )
    sandbox = command("sandbox", "Run the bot in a simulated Discord, in your browser.")
    sandbox.add_argument("--exit", action="store_true", help="end after the story")
    sandbox.add_argument("--tell", action="store_true", help="print the story as it plays")
    sandbox.add_argument("--no-story", action="store_true", help="start with an empty server")
    sandbox.add_argument("--db", metavar="PATH", help="keep all of it in this file, and beside it")
    sandbox.add_argument("--port", type=port, help="the page's port (default: a free one)")
    command(
        "doctor", "Check Python, .env, token, permissions, database and clock, each with its fix."
    )
    invite = command("invite", "Print the link that adds the bot to a server.")
    invite.add_argument("--client-id", type=snowflake, metavar="ID", help="the application's id")
    command("migrate", "Bring the database to the schema of this version.")
    recount = command("recount", "Recompute every cached figure from posts and votes.")
    recount.add_argument(
        "--guild", "--server", type=snowflake, metavar="ID", help="one server alone"
    )
    recount.add_argument("--dry-run", action="store_true", help="say it, but change nothing")
    _keeping(command)
    _adopting(command)
    privacy = command("privacy", "Have what was erased leave the database's files.")
    privacy.add_argument("what", choices=["clean"], help="now; the bot may run meanwhile")
    command("key", "Make the key that seals who wrote anonymous posts, and say where it is.")
    command(
        "rotate-key", "Seal who wrote anonymous posts with a new key; the bot may run meanwhile."
    )
    command("health", "Ask the running bot for its health (HEALTH_PORT); exit code 0 or 1.")
    return parser


def _keeping(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the commands that carry the data elsewhere, and back."""
    backup = command("backup", "Copy all data into one checked file; the bot may run meanwhile.")
    backup.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="where to (default: BACKUP_DIR)"
    )
    backup.add_argument("--keep", type=count, metavar="N", help="remove all but the newest N")
    restore = command("restore", "Put a backup in place of the data; the bot must be stopped.")
    restore.add_argument("file", type=Path, metavar="FILE", help="a file of `askwell backup`")
    restore.add_argument("--force", action="store_true", help="replace what is there, and keep it")
    copy = command("copy", "Copy everything into another database, SQLite or PostgreSQL.")
    copy.add_argument("source", metavar="FROM", help="a file, or an address as in DATABASE_URL")
    copy.add_argument("target", metavar="TO", help="the same, of an empty database")
    export = command("export", "Write all data of one server as JSON Lines and CSV.")
    export.add_argument("--guild", type=snowflake, metavar="ID", required=True, help="the server")
    export.add_argument("folder", type=Path, metavar="DIR", help="a new folder")
    export.add_argument(
        "--sealed", action="store_true", help="with the boxes that say who wrote anonymously"
    )
    imports = command("import", "Read an export into a server without posts, of the same id.")
    imports.add_argument("format", choices=["askwell"], help="what the files are")
    imports.add_argument("folder", type=Path, metavar="DIR", help="a folder of `askwell export`")
    imports.add_argument("--guild", type=snowflake, metavar="ID", required=True, help="the server")


def _adopting(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add the command that writes documents for an owner to adopt."""
    policy = command("policy", "Draft a privacy policy, terms and a risk assessment to adopt.")
    policy.add_argument(
        "folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="where to (default: .)"
    )
    policy.add_argument(
        "--guild", type=snowflake, metavar="ID", help="the server whose settings are meant"
    )
    policy.add_argument("--force", action="store_true", help="replace what is there")


class _ShowVersion(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, **rest: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **rest)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from bot.commit import described

        print(f"askwell {described()}")
        parser.exit()


def _run(work: Coroutine[Any, Any, _T]) -> _T:
    """Do the work. Ctrl-C cancels it and waits for its end, where before it ended the process."""
    with _interruptible():
        return asyncio.run(work)


@contextmanager
def _interruptible() -> Generator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, as Python does by itself; see `bot.__main__`."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _sandbox(chosen: argparse.Namespace) -> int:
    # It is a world of its own, which uses neither the token nor any other setting of .env.
    set_up_logging(level="WARNING")
    try:
        from bot.sandbox.main import run_sandbox
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"bot", "cogs", "data"}:
            raise
        raise Stop(
            f"The sandbox needs {error.name}, which is not installed. In the repository, "
            "`make sandbox` installs it; elsewhere: pip install 'askwell[sandbox]'."
        ) from error
    return _run(
        run_sandbox(
            exit_after_story=chosen.exit,
            story=not chosen.no_story,
            tell=chosen.tell,
            path=Path(chosen.db).expanduser().resolve() if chosen.db else None,
            port=chosen.port,
        )
    )


def _with_settings(chosen: argparse.Namespace) -> int:
    env_file: Path = chosen.env_file or Path(".env")
    if chosen.env_file is not None and not env_file.exists():
        raise Stop(f"--env-file: there is no {env_file}.")
    named = read_env_file(env_file)
    if chosen.command != "doctor":  # it says so among its findings
        _name_misspelt(named, env_file)
    settings = read_settings(named)
    # Printed texts go through the same redaction as logged ones.
    redaction = set_up_logging(
        level=settings.log_level,
        json_lines=settings.log_format == "json",
        secrets=_secrets(settings, chosen),
    )
    if chosen.command != "doctor":
        _warn_if_open(env_file)

    def out(text: str) -> None:
        print(redaction(text))

    try:
        return _do(chosen, settings, env_file, named, out)
    except Stop as stop:
        raise Stop(redaction(stop.message), stop.code) from None
    except Exception:
        _log.critical("Askwell ended on an error it did not foresee", exc_info=True)
        return 1


def _do(
    chosen: argparse.Namespace,
    settings: Settings,
    env_file: Path,
    named: dict[str, str],
    out: Out,
) -> int:
    if chosen.command == "health":
        return _health(settings, out)
    if chosen.command == "key":
        return _key(settings, out)
    if chosen.command == "run":
        from bot.running import run

        with _interruptible():
            return run(settings, accept_lost=chosen.accept_lost_key)

    if chosen.command == "doctor":
        from bot import chores

        well = _run(chores.doctor(settings, env_file, misspelt(named), out))
        return 0 if well else 1
    _do_chore(chosen, settings, out)
    return 0


def _do_chore(chosen: argparse.Namespace, settings: Settings, out: Out) -> None:
    from bot import chores

    match chosen.command:
        case "invite":
            chores.invite(settings, chosen.client_id, out)
        case "migrate":
            _run(chores.migrate(settings, out))
        case "recount":
            apply = not chosen.dry_run
            _run(chores.recount(settings, chosen.guild, apply=apply, out=out))
        case "backup" | "restore" | "copy" | "export" | "import":
            _run(_keep(chosen, settings, out))
        case "policy":
            _run(_adopt(chosen, settings, out))
        case "privacy":
            from bot.cleaning import clean

            _run(clean(settings, out, datetime.now(UTC)))
        case "rotate-key":
            from bot.rotating import rotate_key

            _run(rotate_key(settings, out, datetime.now(UTC)))
        case _:
            raise ValueError(chosen.command)


async def _keep(chosen: argparse.Namespace, settings: Settings, out: Out) -> None:
    """The commands that carry the data elsewhere, and back."""
    now = datetime.now(UTC)
    match chosen.command:
        case "backup":
            from bot.backing_up import backup

            await backup(settings, chosen.folder, chosen.keep, out, now)
        case "restore":
            from bot.restoring import restore

            await restore(settings, chosen.file, force=chosen.force, out=out, now=now)
        case "export":
            from bot.exporting import export

            await export(settings, chosen.guild, chosen.folder, sealed=chosen.sealed, out=out)
        case "import":
            from bot.exporting import import_askwell

            await import_askwell(settings, chosen.guild, chosen.folder, out, now)
        case _:
            from bot.copying import copy

            await copy(settings, chosen.source, chosen.target, out, now)


async def _adopt(chosen: argparse.Namespace, settings: Settings, out: Out) -> None:
    from bot.policy import write_policy

    day = datetime.now(UTC).date()
    await write_policy(settings, chosen.guild, chosen.folder, force=chosen.force, out=out, day=day)


def _health(settings: Settings, out: Out) -> int:
    from bot.probe import ask_health

    if not settings.health_port:
        raise Stop("HEALTH_PORT: is not set, so the running bot can't be asked. Set it for both.")
    well, report = ask_health(settings.health_host, settings.health_port)
    out(report)
    return 0 if well else 1


def _key(settings: Settings, out: Out) -> int:
    from bot.key_file import KeyFileError, make

    try:
        path = make(settings)
    except KeyFileError as error:
        raise Stop(str(error)) from error
    out(f"Made {path}, for its owner alone. It seals who wrote anonymous posts.")
    out(
        "Keep a copy of it where neither the database nor a backup is. Without it, nobody's "
        "anonymous posts are theirs any more: they can't edit them, and nobody is told of answers."
    )
    return 0


def read_env_file(env_file: Path) -> dict[str, str]:
    """The `NAME=value` lines of a file; none if there is no such file.

    Raises `Stop` if it can't be read.
    """
    try:
        # A $ in a password stays a $.
        in_file = dotenv_values(env_file, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{env_file} can't be read: {error}.") from error
    return {name: value for name, value in in_file.items() if value is not None}


def read_settings(named: Mapping[str, str]) -> Settings:
    """The settings of the file and of the environment, which goes first.

    Raises `Stop` if one can't be used.
    """
    try:
        return Settings.from_env({**named, **os.environ})
    except SettingError as error:
        raise Stop(f"{error.variable}: {error.problem}", WRONG_CONFIGURATION) from error


def _name_misspelt(named: Mapping[str, str], env_file: Path) -> None:
    """Say which names of the file look like a setting and are none. Raises `Stop` where the setting
    that is meant isn't given: going on would, for instance, fill an empty database."""
    for name, meant in misspelt(named).items():
        sentence = f"{env_file}: {name} is not a setting. Did you mean {meant}?"
        if named.get(meant) or os.environ.get(meant):
            print(f"askwell: {sentence}", file=sys.stderr)
        else:
            raise Stop(sentence, WRONG_CONFIGURATION)


def _secrets(settings: Settings, chosen: argparse.Namespace) -> list[str]:
    addresses = [settings.database_url]
    if chosen.command == "copy":
        addresses += [chosen.source, chosen.target]
    found = [settings.discord_token]
    for address in addresses:
        with suppress(ValueError):  # one that can't be read is refused later
            password = urlsplit(address).password or ""
            found += [password, unquote(password)]
    return found


def _warn_if_open(env_file: Path) -> None:
    """Others on the machine who can read the token can use it."""
    try:
        mode = env_file.stat().st_mode
    except OSError:
        return
    if os.name == "posix" and mode & 0o077:
        _log.warning(
            "%s can be read by other users of this machine, and holds the token: chmod 600 %s",
            env_file,
            env_file,
        )
