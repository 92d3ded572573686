"""The simulated Discord on disk, beside the bot's database: the same servers after a restart.

Each change is written before the bot is told that it happened, so that nothing the bot has noted
is missing after a kill. Private replies are not kept: Discord's clients forget them as well.
"""

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.sandbox import _simcord
from bot.sandbox.snapshot import from_text, to_text

_SCHEMA = "CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID"
_MESSAGE = ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_REACTION_")


class Keeper:
    """Keeps a simulated Discord in a file."""

    def __init__(self, file: Path) -> None:
        """Raises ValueError where the file holds no Discord that can be brought back."""
        self._env: _simcord.Env
        try:
            self._connection = sqlite3.connect(file, isolation_level=None)
            # A killed process loses nothing that was committed; only a power cut could.
            for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF", _SCHEMA):
                self._connection.execute(statement)
            rows = self._connection.execute("SELECT key, value FROM kept").fetchall()
            self._kept: dict[str, str | bytes] = dict(rows)
            self._found = {
                key: value if key.startswith("file ") else from_text(value) for key, value in rows
            }
        except (sqlite3.DatabaseError, ValueError, KeyError, TypeError):
            raise ValueError(
                f"{file} is not a Discord that this version of the sandbox has kept. Name another "
                "database, or move that file away to begin anew."
            ) from None

    @property
    def has_any(self) -> bool:
        """Whether there is something to bring back."""
        return "self" in self._kept

    # --- bringing it back ---------------------------------------------------------------------

    def restore(self, env: _simcord.Env) -> datetime | None:
        """Fill an environment that no bot is in yet; what its clock showed last, or None where
        nothing was kept."""
        self._env = env
        if not self.has_any:
            return None
        backend = env.backend
        _simcord.forget_everybody(env)
        for key, found in sorted(self._found.items()):
            kind, _, name = key.partition(" ")
            if kind == "file":
                _simcord.stored_files(env)[name] = found
            elif kind == "user":
                backend.users[found.id] = found
            elif kind == "guild":
                backend.guilds[found.id] = found
            elif kind == "channel":
                backend.channels[found.id] = found
                backend.messages.setdefault(found.id, {})
            elif kind == "message":
                backend.messages.setdefault(found.channel_id, {})[found.id] = found
        for messages in backend.messages.values():
            for message_id in sorted(messages):
                messages[message_id] = messages.pop(message_id)
        return _simcord.remember(env, self._found.pop("self"))

    # --- keeping it ---------------------------------------------------------------------------

    def keep(self) -> None:
        """Write down what there is, and from now on whatever changes."""
        self._env.backend.subscribers.append(self._changed)
        self.save()

    def _changed(self, event: str, payload: Any) -> None:
        """Something has changed, which the bot is about to be told."""
        now = self._frame()
        if event.startswith(_MESSAGE):
            message_id = int(payload.get("message_id") or payload["id"])
            now.update(self._message(int(payload["channel_id"]), message_id))
            self._write(now, ())
        elif event.startswith(("MESSAGE_DELETE", "CHANNEL_", "THREAD_", "GUILD_DELETE")):
            self.save()
        elif event != "INTERACTION_CREATE":
            self._write(now, ())

    def save(self) -> None:
        """Write all that differs from what is in the file."""
        now = self._frame()
        for channel_id, messages in self._env.backend.messages.items():
            for message_id in messages:
                now.update(self._message(channel_id, message_id))
        self._write(now, self._kept.keys() - now.keys())

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _frame(self) -> dict[str, str | bytes]:
        """All but the messages: it is little, and much of it changes without being announced."""
        backend = self._env.backend
        return {
            **{f"user {user.id}": to_text(user) for user in backend.users.values()},
            **{f"guild {guild.id}": to_text(guild) for guild in backend.guilds.values()},
            **{f"channel {one.id}": to_text(one) for one in backend.channels.values()},
            "self": to_text(_simcord.memory(self._env)),
        }

    def _message(self, channel_id: int, message_id: int) -> dict[str, str | bytes]:
        message = self._env.backend.messages.get(channel_id, {}).get(message_id)
        if message is None or message.is_ephemeral:
            return {}
        files = _simcord.stored_files(self._env)
        addresses = [str(attachment["url"]) for attachment in message.attachments]
        return {
            f"message {channel_id} {message_id}": to_text(message),
            **{f"file {url}": files[url] for url in addresses if url in files},
        }

    def _write(self, now: dict[str, str | bytes], gone: Any) -> None:
        new = [(key, value) for key, value in now.items() if self._kept.get(key) != value]
        old = [(key,) for key in gone]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", new)
        self._connection.executemany("DELETE FROM kept WHERE key = ?", old)
        self._connection.execute("COMMIT")
        self._kept.update(new)
        for (key,) in old:
            del self._kept[key]
