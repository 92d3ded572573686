"""Discord's word counts: what a member may do in a post's home, and who moderates it.

Discord's permissions come in as plain values. This module decides what follows from them, once for
every command, button, form, menu and reaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.actors import Access, Actor
from bot.domain.blocks import Block
from bot.domain.errors import Denial, Denied


class Deed(StrEnum):
    """What a member wants to do in a post's home. Answers, comments and edits are `WRITE`."""

    READ = "read"
    ASK = "ask"
    WRITE = "write"
    ATTACH = "attach"
    VOTE = "vote"


@dataclass(frozen=True, slots=True)
class Granted:
    """What Discord grants a member in a channel. `send` and `send_in_threads` are also true in a
    channel that they see and where only the bot writes, unless an overwrite denies them to this
    member."""

    view: bool = False
    history: bool = False
    send: bool = False
    send_in_threads: bool = False
    attach: bool = False
    manage_messages: bool = False
    manage_threads: bool = False


def access_of(
    home_id: int | None,
    granted: Granted,
    *,
    silenced: Denial | None = None,
    has_role: bool = False,
    locked: bool = False,
    here: bool = False,
) -> Access:
    """What a member can't do in a post's home, and why.

    `silenced` is the reason why they may do nothing in the whole server. `has_role` tells whether
    they have the moderators' role, `locked` whether the question's thread is locked. `here` means
    that they are in that channel now, so they see what is written there even without the permission
    to read its history.
    """
    sees = granted.view and (granted.history or here)
    write = None
    if not (granted.view and granted.send_in_threads):
        write = Denial.NO_WRITING
    elif locked and not (granted.manage_threads or has_role):
        write = Denial.THREAD_LOCKED
    return Access(
        home_id,
        read=None if sees else Denial.NO_READING,
        ask=silenced or (None if granted.view and granted.send else Denial.NO_ASKING),
        write=silenced or write,
        attach=silenced or (None if granted.view and granted.attach else Denial.NO_FILES),
        vote=silenced or (None if granted.view and granted.history else Denial.NO_VOTING),
        moderates=silenced is None and sees and (granted.manage_messages or has_role),
    )


def blocked_by(access: Access, block: Block) -> Access:
    """The access of a member who is blocked in the server: they read along."""
    why = Denial.BLOCKED
    return replace(access, block=block, ask=why, write=why, attach=why, moderates=False)


def check_unblocked(actor: Actor) -> None:
    """Refuse a member whom a block that holds was found for. Raises `Denied(BLOCKED)`."""
    block = actor.access.block if actor.access is not None else None
    if block is not None:
        raise refusal_of(block)


def refusal_of(block: Block) -> Denied:
    """What a blocked member is told."""
    if block.anonymous:
        return Denied(Denial.BLOCKED_ANONYMOUS, end=block.until)
    return Denied(Denial.BLOCKED, end=block.until, why=block.reason)


def check_may(actor: Actor, deed: Deed) -> None:
    """Refuse what Discord denies a person where the post stands, and what a block does. Raises
    `Denied`."""
    access = actor.access
    if access is None:
        return
    if deed not in (Deed.READ, Deed.VOTE):  # a blocked member takes votes back
        check_unblocked(actor)
    why = {
        Deed.READ: access.read,
        Deed.ASK: access.ask,
        Deed.WRITE: access.write,
        Deed.ATTACH: access.attach,
        Deed.VOTE: access.vote,
    }[deed]
    if why is not None:
        raise Denied(why, channel=access.home_id)


def check_moderates(actor: Actor) -> None:
    """Refuse a member who doesn't moderate the post they act on."""
    if not actor.moderates_post:
        raise Denied(Denial.NOT_MODERATOR)
