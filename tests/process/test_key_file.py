"""The key file: where it is, what is wrong with it, and making it."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot import key_file
from bot.key_file import KeyFileError, find, make, places, read, read_from, weakness_of
from bot.sealing import Label
from bot.settings import Settings
from data.database import Database
from tests.process.fake_discord import FakeDiscord
from tests.process.keeping import FILE
from tests.process.running import Ended, ran
from tests.support.databases import Databases
from tests.support.every_table import GUILDS, fill

KEYS = [bytes([n]) * 32 for n in (250, 251, 252)]
LINES = [base64.b64encode(key) for key in KEYS]
NOBODY = 65534


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, with the working directory and a container's secrets beside it."""
    for name in ("home", "work", "secrets"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(key_file, "_SECRETS", tmp_path / "secrets")
    return tmp_path / "home"


@pytest.fixture
def secrets(home: Path) -> Path:
    return home.parent / "secrets"


@pytest.fixture
def credentials(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What systemd hands over."""
    folder = home.parent / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def written(path: Path, *lines: bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join((*lines, b"")))
    path.chmod(mode)
    return path


def at(path: Path) -> Settings:
    return Settings(askwell_key_file=str(path))


@pytest.fixture
def common() -> Iterator[Path]:
    """A folder that every user may look into."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def without_rights() -> Iterator[None]:
    """Be somebody who isn't root, whom no mode of a file holds up."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


# --- where it is ---------------------------------------------------------------------------------


def test_the_first_place_that_has_one_counts(home: Path, secrets: Path, credentials: Path) -> None:
    settings = Settings()
    assert find(settings) is None
    expected = [
        credentials / "askwell.key",
        secrets / "askwell_key",
        home / ".config" / "askwell" / "key",
    ]
    assert list(places(settings)) == expected
    for path in reversed(expected):
        written(path, LINES[0])
        assert find(settings) == path


def test_systemd_is_asked_only_where_it_hands_something_over(home: Path, secrets: Path) -> None:
    assert len(places(Settings())) == 2


def test_a_place_that_is_set_is_the_only_one(home: Path, tmp_path: Path) -> None:
    written(home / ".config" / "askwell" / "key", LINES[0])
    settings = at(tmp_path / "elsewhere")
    assert places(settings) == (tmp_path / "elsewhere",)
    assert find(settings) is None
    assert places(Settings(askwell_key_file="~/key")) == (home / "key",)


# --- reading it ----------------------------------------------------------------------------------


def test_each_line_is_a_key_and_the_first_seals(tmp_path: Path) -> None:
    ring = read(at(written(tmp_path / "key", *LINES[:2], b"", b"  " + LINES[2] + b" \r")))
    assert ring.keys == 3
    alone = [read(at(written(tmp_path / f"{n}", line))) for n, line in enumerate(LINES)]
    assert ring.check == alone[0].check
    for each in alone:
        assert ring.open(Label.AUTHOR, each.seal(Label.AUTHOR, b"alice")) == b"alice"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "is empty"),
        ([b"", b" "], "is empty"),
        ([b"no key, but a sentence"], "Line 1 of the key file {path} is no key: it is not base64"),
        ([bytes(range(200, 232))], "it is not base64"),
        ([LINES[0], b"", LINES[1][:-1]], "Line 3 of the key file {path} is no key: it is not base"),
        ([base64.urlsafe_b64encode(b"\xff" * 32)], "it is not base64"),
        ([LINES[0], base64.b64encode(b"k" * 16)], "it has 16 bytes, and a key has 32"),
        ([base64.b64encode(b"k" * 33)], "it has 33 bytes, and a key has 32"),
        ([LINES[0]] * 1000, "is no key file: it is longer than 4096 bytes"),
    ],
)
def test_what_is_no_key_is_named_and_not_quoted(
    tmp_path: Path, lines: list[bytes], says: str
) -> None:
    path = written(tmp_path / "key", *lines)
    with pytest.raises(KeyFileError) as error:
        read_from(path)
    sentence = str(error.value)
    assert says.format(path=path) in sentence
    for line in filter(bytes.strip, lines):
        assert line.decode("latin-1")[:12] not in sentence
    assert error.value.__cause__ is None


def test_a_key_that_is_not_there(home: Path, secrets: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyFileError) as error:
        read(Settings())
    default = home / ".config" / "askwell" / "key"
    assert f"no key file {secrets / 'askwell_key'} or {default}. `askwell key`" in str(error.value)
    with pytest.raises(KeyFileError, match=r"elsewhere\. `askwell key` makes one"):
        read(at(tmp_path / "elsewhere"))
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(KeyFileError, match=r"link can't be read \(No such file"):
        read(at(tmp_path / "link"))


def test_a_folder_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="is no file"):
        read(at(tmp_path))


def test_a_key_that_can_not_be_read(common: Path) -> None:
    path = written(common / "key", LINES[0], mode=0)
    with without_rights(), pytest.raises(KeyFileError, match=r"can't be read \(Permission denied"):
        read(at(path))


def test_a_folder_that_can_not_be_looked_into_does_not_count_as_empty(common: Path) -> None:
    closed = common / "closed"
    closed.mkdir(mode=0)
    with without_rights():
        with pytest.raises(KeyFileError, match=r"can't be read \(Permission denied\)"):
            read(at(closed / "key"))
        with pytest.raises(KeyFileError, match="There is a key already"):
            make(at(closed / "key"))
    closed.chmod(0o700)


# --- what makes it unsafe ------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o666])
def test_a_key_that_others_can_read_is_no_secret(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "a key", LINES[0], mode=mode)
    weakness = weakness_of(path, Settings())
    assert weakness is not None
    assert weakness.finding == f"{path} can be read or changed by other users of this machine"
    assert weakness.fix == f"chmod 600 '{path}'"
    path.chmod(0o400)
    assert weakness_of(path, Settings()) is None


def test_what_systemd_and_containers_hand_over_has_modes_of_its_own(
    secrets: Path, credentials: Path
) -> None:
    for path in (secrets / "askwell_key", credentials / "askwell.key"):
        written(path, LINES[0], mode=0o440)
        assert weakness_of(path, Settings()) is None


@pytest.mark.parametrize("place", ["var/key", "var/keys/of/askwell/key", "var/../var/key"])
def test_a_key_in_the_folder_of_the_database_is_named(tmp_path: Path, place: str) -> None:
    path = written(tmp_path / "work" / place, LINES[0])
    weakness = weakness_of(path, Settings())
    assert weakness is not None
    assert weakness.finding.startswith(f"{path} is in var, where the database or its backups are")
    assert "ASKWELL_KEY_FILE" in weakness.fix


def test_so_is_one_in_the_folder_of_backups_and_one_behind_a_link(tmp_path: Path) -> None:
    backups = Settings(
        database_url="postgresql+asyncpg://h/d", backup_dir=str(tmp_path / "backups")
    )
    path = written(tmp_path / "backups" / "key", LINES[0])
    assert weakness_of(path, backups) is not None
    assert weakness_of(path, Settings()) is None
    link = tmp_path / "link"
    link.symlink_to(path)
    assert weakness_of(link, backups) is not None


def test_a_folder_of_a_similar_name_is_another_one(tmp_path: Path) -> None:
    path = written(tmp_path / "work" / "var2" / "key", LINES[0])
    assert weakness_of(path, Settings()) is None


# --- making it -----------------------------------------------------------------------------------


def test_a_key_is_made_for_its_owner_alone(home: Path) -> None:
    mask = os.umask(0)
    try:
        path = make(Settings())
    finally:
        os.umask(mask)
    assert path == home / ".config" / "askwell" / "key"
    assert path.stat().st_mode & 0o777 == 0o600
    for folder in (path.parent, path.parent.parent):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert weakness_of(path, Settings()) is None
    assert read(Settings()).keys == 1
    assert len(base64.b64decode(path.read_bytes(), validate=False)) == 32


def test_no_two_keys_are_alike(tmp_path: Path) -> None:
    assert len({make(at(tmp_path / f"{n}")).read_bytes() for n in range(10)}) == 10


def test_folders_that_are_there_keep_their_modes(home: Path) -> None:
    (home / ".config").mkdir()
    (home / ".config").chmod(0o755)
    make(Settings())
    assert (home / ".config").stat().st_mode & 0o777 == 0o755


def test_a_key_that_is_there_stays(home: Path, secrets: Path, tmp_path: Path) -> None:
    handed_over = written(secrets / "askwell_key", LINES[0])
    with pytest.raises(KeyFileError, match=f"There is a key already, {handed_over}"):
        make(Settings())
    assert not (home / ".config").exists()
    empty = written(tmp_path / "empty")
    with pytest.raises(KeyFileError, match="There is a key already"):
        make(at(empty))
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(KeyFileError, match="There is a key already"):
        make(at(tmp_path / "link"))
    assert not (tmp_path / "nowhere").exists()


def test_of_two_that_make_it_at_once_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(at(tmp_path / "key"))
    first = path.read_bytes()
    monkeypatch.setattr(key_file, "find", lambda settings: None)
    with pytest.raises(KeyFileError, match=r"can't be made \(File exists\)"):
        make(at(path))
    assert path.read_bytes() == first


def test_no_key_is_made_in_the_folder_of_the_database(tmp_path: Path) -> None:
    for place in ("var/key", "var/keys/key"):
        with pytest.raises(KeyFileError, match="is in var, where the database or its backups are"):
            make(at(tmp_path / "work" / place))
    assert not (tmp_path / "work" / "var").exists()


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError) as error:
        make(at(tmp_path / "file" / "key"))
    assert "can't be made (Not a directory)" in str(error.value)
    assert "ASKWELL_KEY_FILE" in str(error.value)


def test_a_folder_that_can_not_be_written_is_named(common: Path) -> None:
    folder = common / "closed"
    folder.mkdir(mode=0o555)
    with without_rights(), pytest.raises(KeyFileError, match=r"can't be made \(Permission denied"):
        make(at(folder / "key"))


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(key_file.os, "fsync", full)
        with pytest.raises(KeyFileError, match="No space left on device"):
            make(at(tmp_path / "key"))
    assert not (tmp_path / "key").exists()
    assert make(at(tmp_path / "key")).exists()


# --- as an owner meets it ------------------------------------------------------------------------


async def test_the_command_says_where_it_is_and_never_what(tmp_path: Path) -> None:
    ended = await ran(tmp_path, "key")
    path = tmp_path / ".config" / "askwell" / "key"
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Made {path}, for its owner alone.")
    assert "Keep a copy of it where neither the database nor a backup is." in ended.out
    assert path.read_text().strip() not in ended.out
    assert not (tmp_path / "var").exists()
    before = path.read_bytes()
    again = await ran(tmp_path, "key")
    assert (again.code, again.out) == (78, "")
    assert again.err.startswith(f"askwell: There is a key already, {path}, and it stays")
    assert path.read_bytes() == before


async def test_the_command_refuses_the_folder_of_the_database(tmp_path: Path) -> None:
    ended = await ran(tmp_path, "key", env={"ASKWELL_KEY_FILE": "var/key"})
    assert (ended.code, ended.out) == (78, "")
    assert "is in var, where the database or its backups are" in ended.err
    assert not (tmp_path / "var").exists()


async def test_doctor_looks_at_the_key(tmp_path: Path, discord_server: FakeDiscord) -> None:
    key = tmp_path / "keys" / "key"

    async def doctor(path: Path = key) -> Ended:
        env = discord_server.environment(LOG_LEVEL="ERROR", ASKWELL_KEY_FILE=str(path))
        return await ran(tmp_path, "doctor", env=env)

    ended = await doctor()
    assert ended.code == 0, ended.out
    assert "ok    Key         none yet, for anonymous posts: `askwell key` makes one\n" in ended.out
    written(key, *LINES[:2])
    ended = await doctor()
    assert ended.code == 0, ended.out
    assert f"ok    Key         {key}, for its owner alone, and 1 older\n" in ended.out
    key.chmod(0o644)
    ended = await doctor()
    assert ended.code == 1
    assert f"FAIL  Key         {key} can be read or changed by other users" in ended.out
    assert f"-> chmod 600 {key}\n" in ended.out
    written(key, b"no key")
    ended = await doctor()
    assert ended.code == 1
    assert f"FAIL  Key         Line 1 of the key file {key} is no key" in ended.out
    ended = await doctor(written(tmp_path / "var" / "keys" / "key", LINES[0]))
    assert ended.code == 1
    assert "is in var, where the database or its backups are" in ended.out
    assert "-> move it elsewhere, and name its new place in ASKWELL_KEY_FILE\n" in ended.out
    assert LINES[0].decode() not in ended.out + ended.err


async def test_no_command_that_copies_the_data_copies_a_key_in_a_folder_below(
    tmp_path: Path, databases: Databases
) -> None:
    (tmp_path / "var").mkdir()
    db = Database(databases.new("sqlite"))
    await db.open()
    await fill(db)
    await db.close()
    assert db.path is not None
    db.path.rename(tmp_path / FILE)
    written(tmp_path / "var" / "keys" / "key", LINES[0])
    written(tmp_path / "var" / "backups" / "key", LINES[0])
    env = {"ASKWELL_KEY_FILE": str(tmp_path / "var" / "keys" / "key")}
    (guild, *_) = GUILDS
    for command in (
        ("backup",),
        ("backup", "taken"),
        ("export", "--guild", str(guild), "exported"),
        ("copy", str(FILE), "copied.sqlite3"),
    ):
        ended = await ran(tmp_path, *command, env=env)
        assert ended.code == 0, ended.err
    made = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "key"]
    assert len([path for path in made if path.parent.name in {"backups", "taken"}]) >= 2
    assert any(path.parent.name == "exported" for path in made)
    for path in made:
        content = path.read_bytes()
        assert KEYS[0] not in content, path
        assert LINES[0] not in content, path
