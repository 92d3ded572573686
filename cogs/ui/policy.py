"""What is kept of members in a server, why and how long: sentences that its settings make.

`/privacy policy` shows them, and `askwell policy` writes them into a document. Each is true for the
settings it is made of, and for what the code does: a new one comes with a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import discord

from bot.domain.appeals import WORDS_KEPT
from bot.domain.rules import Rules
from bot.domain.text import show_line
from bot.i18n import N_, Texts
from bot.usecases.drafts import DRAFTS_KEPT
from bot.usecases.leaving import KEPT as LEFT_KEPT
from bot.usecases.mailing import KEPT as NOTICES_KEPT
from bot.usecases.removing import GRACE

_COLOUR: Final = 0x5865F2
_FIELD: Final = 1024
_AGES: Final = (
    "min_account_days",
    "min_member_days",
    "report_account_days",
    "report_member_days",
    "hold_days",
)
_WORDS: Final = {
    "refuse": N_("Posts with a word that this server blocks go back to their author."),
    "hold": N_("Posts with a word that this server blocks wait until a moderator approves them."),
    "flag": N_("Posts with a word that this server blocks are reported to the moderators."),
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the sentences depend on. `contact` says whom to ask, `command` names a command;
    `removed_days` is for how long a server is kept that removed the bot. `sealed` tells whether who
    wrote anonymous posts is kept there, whatever the settings are now."""

    rules: Rules
    contact: str
    on_postgresql: bool
    command: Callable[[str], str]
    removed_days: int = 30
    sealed: bool = False

    @property
    def anonymous(self) -> bool:
        """Whether there are anonymous posts, or can be."""
        return self.sealed or self.rules.on("anonymous")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the sentences below it, each a line of a list."""

    title: str
    lines: tuple[str, ...]


def policy_sections(about: Circumstances, t: Texts) -> list[Section]:
    """All that a member should know."""
    return [
        Section(t("What is kept, and why"), tuple(_kept(about, t))),
        Section(t("When it is gone"), tuple(_until(about, t))),
        Section(t("Who can read it"), tuple(_readers(about, t))),
        Section(t("What moderation looks at"), tuple(moderation_lines(about.rules, t))),
        Section(t("What you can do"), tuple(_rights(about, t))),
    ]


def introduction(t: Texts) -> str:
    """What it is all about, in three sentences."""
    return t(
        "Askwell keeps what you do through it. It keeps nothing just because you're in this "
        "server. It doesn't guess who you are or how you feel."
    )


def contact_text(contact: str, owner_id: int | None, t: Texts) -> str:
    """Whom to ask: whoever runs the bot, or the server's owner where nobody is named."""
    if contact:
        return t("Questions about your data: {contact}", contact=shown_contact(contact))
    if owner_id is None:
        return t("Questions about your data? Ask the owner of this server.")
    return t(
        "Questions about your data? Ask {owner}, who owns this server.", owner=f"<@{owner_id}>"
    )


def shown_contact(contact: str) -> str:
    """A link as a link, and everything else as plain text."""
    is_link = contact.startswith(("https://", "http://")) and " " not in contact
    return contact if is_link else show_line(contact)


def policy_embed(about: Circumstances, server: str, t: Texts) -> discord.Embed:
    """The answer to `/privacy policy`."""
    embed = discord.Embed(
        title=t("Your privacy in {server}", server=show_line(server, 100)),
        description=introduction(t),
        colour=_COLOUR,
    )
    for section in policy_sections(about, t):
        for number, block in enumerate(_blocks(section.lines)):
            name = "\u200b" if number else section.title
            embed.add_field(name=name, value=block, inline=False)
    return embed


def _blocks(lines: tuple[str, ...]) -> Iterator[str]:
    """A list in texts that each fit into a field."""
    block = ""
    for line in lines:
        item = f"- {line}"
        if block and len(block) + 1 + len(item) > _FIELD:
            yield block
            block = item
        else:
            block = f"{block}\n{item}" if block else item
    yield block


def _kept(about: Circumstances, t: Texts) -> Iterator[str]:
    rules = about.rules
    yield t(
        "**Your posts**, with files and earlier versions: so that others can read and find them."
    )
    yield t(
        "**Your Discord ID**, and your last known name and picture here: to say whose post it is."
    )
    yield t(
        "**Your votes, points, follows, inbox and preferences:** so that the forum works for you."
    )
    yield t(
        "**Your reports and appeals**, blocks, and what moderators do: to keep this place fair."
    )
    yield t(
        "**Not messages you write in Discord yourself**, unless one becomes a post. While someone "
        "asks you for that, it's kept for a day at most."
    )
    if about.anonymous:
        made_up = t(
            "**Anonymous posts** have a made-up name. Who wrote one is sealed, and the key isn't "
            "in the database."
        )
        no_more = "" if rules.on("anonymous") else t("New posts can't be anonymous now.")
        yield f"{made_up} {no_more}".strip()
    if rules.on("offers"):
        yield t(
            "If you reply to a card, Askwell reads that to offer posting it. It keeps the text "
            "only if you accept."
        )
    if any(rules.number(name) for name in _AGES):
        yield t(
            "Askwell looks at how old your account and your membership are, against throwaway "
            "accounts. It doesn't keep that."
        )


def _until(about: Circumstances, t: Texts) -> Iterator[str]:
    yield t(
        "**A post:** until it's deleted. {delete} takes it out of Discord at once, and out of the "
        "database after {n} days. Until then moderators can restore it.",
        delete=about.command("delete"),
        n=GRACE.days,
    )
    yield t("**A post that moderators hide:** kept, so that they can show it again.")
    yield t("**What you typed and didn't send:** {n} days.", n=DRAFTS_KEPT.days)
    yield t("**Your inbox:** {n} days.", n=NOTICES_KEPT.days)
    yield t(
        "**A report:** as long as the post. **The words of an appeal:** until {n} days after the "
        "decision.",
        n=WORDS_KEPT.days,
    )
    yield t("**What moderators did**, and that you appealed: a year, without titles or texts.")
    yield t("**A block:** as long as it lasts.")
    if about.anonymous:
        yield t("**Who wrote an anonymous post:** until you have it erased, even if you leave.")
    yield t("**Everything else:** until you change it or have it erased, some of it sooner.")
    yield t(
        "**If you leave this server:** your name, picture, follows, preferences, drafts and inbox "
        "go after {n} days. Your posts stay.",
        n=LEFT_KEPT.days,
    )
    if about.rules.on("unname_left"):
        yield t("From then on, your posts are by “Deleted member”.")
    yield t(
        "**If the bot is removed from this server:** everything goes after {n} days.",
        n=about.removed_days,
    )
    yield t(
        "**Backups** are up to whoever runs the bot. Askwell names each with the day it must go, "
        "30 days later."
    )
    yield t("**The log** names you by your ID at most, and has nothing that you wrote.")
    if about.on_postgresql:
        yield t("The database server's own files can hold erased data until it cleans them up.")


def _readers(about: Circumstances, t: Texts) -> Iterator[str]:
    rules = about.rules
    yield t(
        "**Your posts:** everyone who can see their channel. **Earlier versions:** you and "
        "moderators."
    )
    if about.anonymous:
        yield _readers_of_authors(rules, t)
    if rules.private_voting:
        yield t("**Your votes are private:** Askwell shows how many there are, not whose.")
    else:
        yield t(
            "**Your votes:** Askwell shows how many there are. If you vote with a reaction, "
            "Discord shows that it's yours."
        )
    yield t("**Your drafts and your inbox:** you.")
    yield t(
        "**Your points and your profile:** every member, with {profile}.",
        profile=about.command("profile"),
    )
    if rules.identity("roundup_channel") is not None:
        yield t(
            "A weekly summary can name you, for questions that wait, for chosen answers or as a "
            "new helper. You can leave it in {notifications}.",
            notifications=about.command("notifications"),
        )
    yield t(
        "**Whoever runs the bot** can read everything in its database, and Discord what's posted."
    )
    yield t("Nobody else gets it: nothing is sold, used for ads, or used to train models.")


def _readers_of_authors(rules: Rules, t: Texts) -> str:
    """Who can know who wrote an anonymous post."""
    known = t(
        "**Who wrote an anonymous post:** whoever runs the bot, with the key, and Discord. No "
        "member, and no moderator alone."
    )
    if rules.on("unsealing"):
        return f"{known} " + t("Two moderators together can see it. You're told if they do.")
    return f"{known} " + t("Two moderators together can't see it either.")


def moderation_lines(rules: Rules, t: Texts) -> Iterator[str]:
    """What happens by the settings of moderation."""
    if rules.number("hold_points") or rules.number("hold_days"):
        yield t("First posts by new members wait until a moderator approves them.")
    if rules.text("blocked_words"):
        yield t(_WORDS[rules.text("blocked_words_do")])
    yield t("If the bot can read this server's AutoMod rules, it applies them, too.")
    yield t("Moderators see who reported a post.")
    if hiding := rules.number("flags_to_hide"):
        yield t.plural(
            "{n} report can hide a post until a moderator checks it.",
            "{n} reports can hide a post until a moderator checks it.",
            hiding,
        )
    yield t(
        "Someone can tell moderators that they're worried about you. Nobody is told who it was."
    )
    if rules.text("helplines"):
        yield t("If someone is worried about you, you get this server's helplines in your inbox.")


def _rights(about: Circumstances, t: Texts) -> Iterator[str]:
    yield t(
        "Get all that's kept of you, as files: {export}.", export=about.command("privacy export")
    )
    yield t(
        "Have it erased, with or without the texts of your posts: {erase}.",
        erase=about.command("privacy erase"),
    )
    yield t(
        "After that, your votes count as nobody's and a block goes on. For that, a number is kept "
        "in place of your ID."
    )
    yield about.contact
