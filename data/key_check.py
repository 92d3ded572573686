"""What the installation's key is recognised by at the next start: see `Sealing.check`."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, select

from data.database import Transaction
from data.models import Upkeep
from data.statements import upsert

_NAME: Final = "key_check"


async def read(tx: Transaction) -> bytes | None:
    """The check of the key that has sealed here; None where nothing was sealed yet."""
    found = await tx.scalar(select(Upkeep.value).where(Upkeep.name == _NAME))
    return None if found is None else bytes.fromhex(found)


async def note(tx: Transaction, check: bytes) -> None:
    """Note which key seals here, if none is noted yet."""
    said = upsert(tx.dialect, Upkeep).values(name=_NAME, value=check.hex())
    await tx.execute(said.on_conflict_do_nothing())


async def write(tx: Transaction, check: bytes) -> None:
    """Note which key seals here from now on."""
    said = upsert(tx.dialect, Upkeep).values(name=_NAME, value=check.hex())
    new = {"value": check.hex()}
    await tx.execute(said.on_conflict_do_update(index_elements=[Upkeep.name], set_=new))


async def forget(tx: Transaction) -> None:
    """Forget the key that has sealed here."""
    await tx.execute(delete(Upkeep).where(Upkeep.name == _NAME))
