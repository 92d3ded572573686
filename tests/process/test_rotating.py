"""`askwell rotate-key`, a lost key, and what the commands that carry the data say of it."""

from __future__ import annotations

import asyncio
import base64
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from bot.backing_up import found_in
from bot.domain.sealed import new_number
from bot.key_file import read_from
from bot.sealing import KEY_BYTES, Sealing
from bot.usecases import forgetting, personas
from bot.usecases.repeating import ErasureKeeper
from data import key_check, post_blocks
from data import personas as kept
from data.database import Database
from data.models import PersonaRow
from tests.process.fake_discord import FakeDiscord
from tests.process.keeping import FILE
from tests.process.running import Ended, askwell, ran
from tests.process.test_keeping_killed import moments, timed
from tests.store.forum import Forum
from tests.support.anonymous import ALICE, anonymous, member
from tests.support.databases import KINDS, Databases

OLD = bytes(range(KEY_BYTES))  # of `tests.support.keys`
OTHER = bytes([9]) * KEY_BYTES
BOB = 2
GUILD = 4_000_000_000_000_000_001
MANY = 3_000


def line(key: bytes) -> bytes:
    return base64.b64encode(key) + b"\n"


def write(path: Path, *keys: bytes) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(b"".join(map(line, keys)))
    path.chmod(0o600)
    return path


class Home:
    """An installation in which Alice and Bob have written anonymously."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.key = folder / "keys" / "key"
        self.env = {"DATABASE_URL": url, "ASKWELL_KEY_FILE": str(self.key)}

    async def open(self) -> Database:
        db = Database(self.url)
        await db.open()
        return db

    async def ran(self, *command: str) -> Ended:
        return await ran(self.folder, *command, env=self.env)

    async def found(self, user_id: int, sealing: Sealing) -> int:
        """How many anonymous authors a member is found to be."""
        db = await self.open()
        try:
            guild_id = Forum(db, GUILD).guild_id
            async with db.read() as tx:
                seal = personas.seal_of(sealing, guild_id, user_id)
                return len(await kept.numbers_of(tx, guild_id, seal))
        finally:
            await db.close()

    async def boxes(self) -> set[bytes | None]:
        db = await self.open()
        try:
            async with db.read() as tx:
                return {row[0] for row in await tx.rows(select(PersonaRow.box))}
        finally:
            await db.close()

    def ring(self) -> list[bytes]:
        return [base64.b64decode(each) for each in self.key.read_bytes().split()]


async def fill(url: str) -> None:
    db = Database(url)
    await db.open()
    forum = await Forum(db, GUILD).open({"anonymous": "on"})
    for user_id in (ALICE, BOB):
        for n in range(2):
            person = member(forum, user_id)
            await forum.ask(await anonymous(forum, person), f"May {user_id % 97} ask {n} of this?")
            forum.later(hours=1)
    await db.close()


@pytest.fixture(params=KINDS)
async def anywhere(request: pytest.FixtureRequest, tmp_path: Path, databases: Databases) -> Home:
    url = databases.new(request.param)
    home = Home(tmp_path, url)
    write(home.key, OLD)
    await fill(url)
    return home


@pytest.fixture
async def home(tmp_path: Path, databases: Databases) -> Home:
    """The same with a SQLite file at the default place."""
    url = databases.new("sqlite")
    await fill(url)
    (tmp_path / "var").mkdir()
    Path(url.partition("///")[2]).rename(tmp_path / FILE)
    home = Home(tmp_path, f"sqlite+aiosqlite:///{tmp_path / FILE}")
    write(home.key, OLD)
    return home


# Another key


async def test_a_new_line_seals_all_of_them(anywhere: Home) -> None:
    home = anywhere
    before = await home.boxes()
    ended = await home.ran("rotate-key")
    assert (ended.code, ended.err) == (0, "")
    new, old = home.ring()
    assert old == OLD
    assert new != OLD
    assert home.key.stat().st_mode & 0o777 == 0o600
    assert {each.name for each in home.key.parent.iterdir()} == {"key"}
    assert not before & await home.boxes()
    for user_id in (ALICE, BOB):
        assert await home.found(user_id, Sealing([new])) == 2
        assert await home.found(user_id, Sealing([OLD])) == 0
    assert f"A new key is the first line of {home.key}." in ended.out
    assert f"in 1 server is sealed with the first line of {home.key}." in ended.out
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert f"The older lines may be taken out of it from {tomorrow} on (UTC)." in ended.out
    for key in (new, OLD):
        assert base64.b64encode(key).decode() not in ended.out + ended.err
    # The owner does so, and the bot starts.
    write(home.key, new)
    db = await home.open()
    async with db.read() as tx:
        assert await key_check.read(tx) == Sealing([new]).check
    await db.close()


async def test_a_line_that_the_owner_put_there_is_used(home: Home) -> None:
    write(home.key, OTHER, OLD)
    ended = await home.ran("rotate-key")
    assert ended.code == 0, ended.err
    assert "A new key" not in ended.out
    assert home.ring() == [OTHER, OLD]
    assert await home.found(ALICE, Sealing([OTHER])) == 2


async def test_blocks_say_how_long_the_older_lines_are_needed(home: Home) -> None:
    later = datetime.now(UTC) + timedelta(days=40)
    for until, said in (
        (later, f"from {(later + timedelta(days=1)).date()} on"),
        (None, "1 block has no end."),
    ):
        db = await home.open()
        seal = member(Forum(db, GUILD), BOB).seal
        assert seal is not None
        async with db.write() as tx:
            await post_blocks.add(tx, Forum(db, GUILD).guild_id, seal, until, by=9)
        await db.close()
        ended = await home.ran("rotate-key")
        assert ended.code == 0, ended.err
        assert said in ended.out


async def test_beside_a_bot_it_waits_for_a_restart(
    anywhere: Home, discord_server: FakeDiscord
) -> None:
    home = anywhere
    before, env = await home.boxes(), discord_server.environment(**home.env)
    async with askwell(home.folder, env=env) as bot:
        await bot.connected(discord_server)
        for _ in range(2):
            ended = await home.ran("rotate-key")
            assert ended.code == 75, ended.err
            assert "doesn't have the new key yet. Restart it" in ended.err
            assert len(home.ring()) == 2
            assert await home.boxes() == before
        bot.signal(signal.SIGTERM)
        assert (await bot.ended()).code == 0
    discord_server.gateway.identified.clear()
    async with askwell(home.folder, env=env) as bot:
        await bot.connected(discord_server)
        ended = await home.ran("rotate-key")
        assert (ended.code, ended.err) == (0, "")
        assert len(home.ring()) == 2
        bot.signal(signal.SIGTERM)
        assert (await bot.ended()).code == 0
    assert await home.found(ALICE, Sealing(home.ring()[:1])) == 2


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("gone", "There is no key yet"),
        ("other", "is not the one with which anonymous posts are sealed here"),
        ("damaged", "is no key: it is not base64"),
        ("open", "can be read or changed by other users of this machine"),
        ("beside", "where the database or its backups are"),
        ("fixed", "can't be changed"),
        ("nothing", "There is no database"),
    ],
)
async def test_what_is_wrong_with_the_key_is_said(home: Home, trouble: str, said: str) -> None:
    match trouble:
        case "gone":
            home.key.unlink()
        case "other":
            write(home.key, OTHER)
        case "damaged":
            home.key.write_text("no key\n")
        case "open":
            home.key.chmod(0o644)
        case "beside":
            home.env["ASKWELL_KEY_FILE"] = str(write(home.folder / "var" / "key", OLD))
        case "fixed":
            home.key.with_name("key.new").mkdir()
        case _:
            home.env["DATABASE_URL"] += "-elsewhere"
    ring, boxes = home.key.exists() and home.key.read_bytes(), await home.boxes()
    ended = await home.ran("rotate-key")
    assert ended.code == 78
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert (home.key.exists() and home.key.read_bytes()) == ring
    assert await home.boxes() == boxes


async def test_where_nothing_is_sealed_yet_the_key_is_ready(
    tmp_path: Path, databases: Databases
) -> None:
    home = Home(tmp_path, databases.new("sqlite"))
    write(home.key, OLD)
    db = await home.open()
    await db.close()
    for said in ("Nothing is sealed yet. Restart the bot", "the older lines may be taken out"):
        ended = await home.ran("rotate-key")
        assert ended.code == 0, ended.err
        assert said in ended.out
        assert len(home.ring()) == 2
    write(home.key, *home.ring()[:1])


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_killed_anywhere_it_is_repeated(home: Home) -> None:
    db = await home.open()
    guild_id, seal = Forum(db, GUILD).guild_id, member(Forum(db, GUILD), BOB).seal
    assert seal is not None
    async with db.write() as tx:
        salt, *_ = await kept.salts_of(tx, guild_id)
        rows = []
        for n in range(MANY):
            number = new_number()
            handle, box = seal.closed(salt, 1_000 + n, number)
            rows.append(
                {
                    "number": number,
                    "guild_id": guild_id,
                    "question_number": 1_000 + n,
                    "handle": handle,
                    "box": box,
                    "name": "Quiet Otter",
                    "is_asker": False,
                }
            )
        await tx.execute(insert(PersonaRow), rows)
    await db.close()
    whole = (home.folder / FILE).read_bytes()
    takes = await timed(home.folder, "rotate-key", env=home.env)
    (home.folder / FILE).write_bytes(whole)
    write(home.key, OLD)
    for after, how in moments(takes):
        async with askwell(home.folder, "rotate-key", env=home.env) as process:
            await asyncio.sleep(after)
            process.signal(how)
            ended = await process.ended()
        assert "Traceback" not in ended.err
        ring = read_from(home.key)
        assert await home.found(BOB, ring) == MANY + 2, "in the midst of it, too"
        assert await home.found(ALICE, ring) == 2
    ended = await home.ran("rotate-key")
    assert ended.code == 0, ended.err
    newest = Sealing(home.ring()[:1])
    assert await home.found(BOB, newest) == MANY + 2
    assert await home.found(ALICE, newest) == 2
    assert len(home.ring()) <= 6


# No key any more


async def test_a_lost_key_is_given_up_only_if_the_owner_says_so(
    anywhere: Home, discord_server: FakeDiscord
) -> None:
    home = anywhere
    before = await home.boxes()
    write(home.key, OTHER)
    env = discord_server.environment(**home.env)
    ended = await ran(home.folder, env=env)
    assert ended.code == 78
    assert "`askwell run --accept-lost-key` starts without" in ended.err
    assert await home.boxes() == before
    async with askwell(home.folder, "run", "--accept-lost-key", env=env) as bot:
        await bot.connected(discord_server)
        bot.signal(signal.SIGTERM)
        ended = await bot.ended()
    assert ended.code == 0
    assert "nobody is their author any more" in ended.err
    assert not before & await home.boxes()
    for user_id in (ALICE, BOB):
        assert await home.found(user_id, Sealing([OTHER, OLD])) == 0
    # From then on it starts with that key, and the words change nothing.
    boxes = await home.boxes()
    discord_server.gateway.identified.clear()
    async with askwell(home.folder, "run", "--accept-lost-key", env=env) as bot:
        await bot.connected(discord_server)
        bot.signal(signal.SIGTERM)
        assert (await bot.ended()).code == 0
    assert await home.boxes() == boxes


async def test_without_any_key_it_starts_too(home: Home, discord_server: FakeDiscord) -> None:
    home.key.unlink()
    env = discord_server.environment(**home.env)
    async with askwell(home.folder, "run", "--accept-lost-key", env=env) as bot:
        await bot.connected(discord_server)
        bot.signal(signal.SIGTERM)
        assert (await bot.ended()).code == 0
    assert await home.found(ALICE, Sealing([OLD])) == 0


async def test_a_key_that_is_there_is_never_given_up(
    home: Home, discord_server: FakeDiscord
) -> None:
    env = discord_server.environment(**home.env)
    async with askwell(home.folder, "run", "--accept-lost-key", env=env) as bot:
        await bot.connected(discord_server)
        bot.signal(signal.SIGTERM)
        assert (await bot.ended()).code == 0
    assert await home.found(ALICE, Sealing([OLD])) == 2
    home.key.write_text("damaged\n")
    ended = await ran(home.folder, "run", "--accept-lost-key", env=env)
    assert ended.code == 78
    assert "is no key" in ended.err
    assert await home.found(ALICE, Sealing([OLD])) == 2


async def test_doctor_says_whether_it_is_the_key(home: Home) -> None:
    assert "sealed with the key of this installation" in (await home.ran("doctor")).out
    write(home.key, OTHER)
    assert (
        "is not the one with which anonymous posts are sealed here"
        in (await home.ran("doctor")).out
    )
    db = await home.open()
    async with db.write() as tx:
        await tx.execute(delete(PersonaRow))
    await db.close()
    ended = await home.ran("doctor")
    assert "4 anonymous authors have no row" in ended.out
    assert "askwell recount" in ended.out


# What carries the data


async def erase_alice(home: Home) -> None:
    """As the bot does it."""
    db = await home.open()
    guild_id, now = Forum(db, GUILD).guild_id, datetime.now(UTC)
    keeper = ErasureKeeper(db, home.folder / "var" / "backups")
    await forgetting.begin(db, guild_id, ALICE, texts=False, now=now)
    await keeper.write(now)
    await forgetting.finish(db, guild_id, ALICE, sealing=Sealing([OLD]), now=now)
    await db.close()


@pytest.mark.parametrize("key", [OLD, OTHER, None])
@pytest.mark.parametrize("command", ["restore", "copy"])
async def test_old_copies_erase_again_who_wrote_anonymously(
    home: Home, command: str, key: bytes | None
) -> None:
    assert (await home.ran("backup")).code == 0
    (backup,) = found_in(home.folder / "var" / "backups")
    await erase_alice(home)
    if key is None:
        home.key.unlink()
    else:
        write(home.key, key)
    if command == "restore":
        ended = await home.ran("restore", "--force", str(backup.path))
    else:
        target = home.folder / "copied.sqlite3"
        ended = await home.ran("copy", str(backup.path), str(target))
        home.url = f"sqlite+aiosqlite:///{target}"
    assert (ended.code, ended.err) == (0, "")
    assert await home.found(ALICE, Sealing([OLD])) == 0
    if key == OLD:
        assert "1 member had erased since" in ended.out
        assert await home.found(BOB, Sealing([OLD])) == 2
    else:
        assert "In 1 server anonymous posts have no author any more" in ended.out
        assert await home.found(BOB, Sealing([OLD])) == 0


async def test_a_backup_and_a_copy_carry_the_boxes_and_no_command_the_key(home: Home) -> None:
    boxes = await home.boxes()
    ended = await home.ran("backup", "taken")
    assert "Keys and .env are not in it." in ended.out
    (backup,) = found_in(home.folder / "taken")
    ended = await home.ran("copy", str(FILE), "copied.sqlite3")
    assert "Keys and .env are not copied." in ended.out
    for path in (backup.path, home.folder / "copied.sqlite3"):
        there = Home(home.folder, f"sqlite+aiosqlite:///{path}")
        assert await there.boxes() == boxes
    guild_id = str(GUILD)
    ended = await home.ran("export", "--guild", guild_id, "open")
    assert "Keys are not in it." in ended.out
    assert "no author in it that could be found. With --sealed they have" in ended.out
    ended = await home.ran("export", "--sealed", "--guild", guild_id, "sealed")
    assert "to whoever has the key of this installation." in ended.out
    env = {**home.env, "DATABASE_URL": "sqlite+aiosqlite:///new.sqlite3"}
    ended = await ran(home.folder, "import", "askwell", "sealed", "--guild", guild_id, env=env)
    assert ended.code == 0, ended.err
    assert "is found with the key of the installation that it is from" in ended.out
    there = Home(home.folder, f"sqlite+aiosqlite:///{home.folder / 'new.sqlite3'}")
    assert await there.found(ALICE, Sealing([OLD])) == 2
    for path in home.folder.rglob("*"):
        if path.is_file() and path != home.key:
            assert OLD not in path.read_bytes(), path
            assert line(OLD).strip() not in path.read_bytes(), path
