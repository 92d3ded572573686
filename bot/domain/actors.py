"""People who act in a server, and what Discord allows them in a post's home."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.automod import AutoModRule
from bot.domain.blocks import Block
from bot.domain.errors import Denial
from bot.domain.sealed import Persona, Seal, is_sealed, minute_of


@dataclass(frozen=True, slots=True)
class Access:
    """For each kind of act in a post's home, the reason why a person can't do it, or None.

    The home is the channel in which a question stands or will stand, with all that is below it.
    `write` covers answers, comments and edits. `moderates` tells whether they moderate the posts
    there. `block` is set where they are blocked in the server.
    """

    home_id: int | None = None
    read: Denial | None = None
    ask: Denial | None = None
    write: Denial | None = None
    attach: Denial | None = None
    vote: Denial | None = None
    moderates: bool = False
    block: Block | None = None


NOWHERE = Access(
    read=Denial.NO_READING,
    ask=Denial.NO_ASKING,
    write=Denial.NO_WRITING,
    attach=Denial.NO_FILES,
    vote=Denial.NO_VOTING,
)
"""The access of a person whose permissions weren't looked up: none, so that a forgotten look-up
refuses."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A member who acts in a server, as Discord describes them now.

    `name` is what they are called there, empty if none of it is readable; `avatar` is as stored,
    see `bot.domain.names`. Times are None if Discord didn't send them. `roles` are ids.
    `is_moderator` and `is_manager` hold for the server; `moderates_post` tells about a post.
    `access` is for the home of the post they act on; None for what the bot does by itself.
    `awaits_reply` is set for commands, clicks and forms, which end with a private reply;
    `origin_id` is the interaction that it answers. `automod` are the rules of Discord's AutoMod
    that apply to what they write in that home. `persona` is who they are in the post's question if
    they have written anonymously there, or are about to; `seal` is what they are found by then,
    None without a key. `points` are the sum of an anonymous member's ledger, read before. `waited`
    is set where their post waited to appear: its row and its minute. It was counted towards their
    limit when they sent it.
    """

    guild_id: int
    user_id: int
    is_moderator: bool = False
    is_manager: bool = False
    is_bot: bool = False
    account_created: datetime | None = None
    joined: datetime | None = None
    roles: frozenset[int] = frozenset()
    access: Access | None = None
    name: str = ""
    avatar: str = ""
    awaits_reply: bool = False
    origin_id: int = 0
    automod: tuple[AutoModRule, ...] = ()
    persona: Persona | None = None
    seal: Seal | None = field(default=None, repr=False, compare=False)
    points: int | None = None
    waited: tuple[int, datetime] | None = None

    @property
    def seen_as(self) -> tuple[str, str]:
        """Their name and avatar."""
        return self.name, self.avatar

    @property
    def moderates_post(self) -> bool:
        """Whether they moderate the post they act on."""
        return self.is_moderator if self.access is None else self.access.moderates

    @property
    def is_anonymous(self) -> bool:
        """Whether they act as their persona: nothing of them is known but its number and name."""
        return is_sealed(self.user_id)

    def is_one(self, user_id: int | None) -> bool:
        """Whether they are who an id or number stands for. Nobody is an unknown one."""
        if user_id is None:
            return False
        return user_id == self.user_id or (
            self.persona is not None and user_id == self.persona.number
        )

    def check_apart(self, author_id: int | None) -> None:
        """Raise `RuntimeError` where somebody would do to their own anonymous post by name what
        its author may: that would tell who it is. What a moderator does is done by name."""
        if self.persona is None or self.is_anonymous or self.moderates_post:
            return
        if self.persona.number == author_id:
            raise RuntimeError("what its author does to an anonymous post isn't done by name")

    def at(self, now: datetime) -> datetime:
        """The time that what they do now has: of what is done anonymously, the minute."""
        return minute_of(now) if self.is_anonymous else now

    def origin_of(self, origin_id: int) -> int:
        """What is kept of the interaction that a post of theirs is made from."""
        if self.seal is None or not self.is_anonymous:
            return origin_id
        return self.seal.origin(origin_id)

    def as_persona(self, points: int) -> Actor:
        """Them as the anonymous author who they are in the post's question: with a number in place
        of their id, and no more rights than any author has, since others would tell who it is.
        What Discord lets the member do here holds, and so do `points`, the sum of their ledger.

        They await no reply, since what happens to the receipt of a reply would happen when the
        member reads it. Raises `RuntimeError` where they have no persona or seal.
        """
        if self.persona is None or self.seal is None:
            raise RuntimeError("nobody can act anonymously without a persona and a key")
        return replace(
            self,
            user_id=self.persona.number,
            name=self.persona.name,
            avatar="",
            is_moderator=False,
            is_manager=False,
            access=None if self.access is None else replace(self.access, moderates=False),
            awaits_reply=False,
            origin_id=0,
            points=points,
        )
