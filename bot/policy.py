"""`askwell policy`: a privacy policy, terms and a draft risk assessment that an owner can adopt.

They are made of a server's settings, or of the defaults, and of the process's. What only the owner
knows is a blank to fill in. Members read the first two in the server's language; the third is for
the owner, and in English like the rest of the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from bot.domain.rules import Rules
from bot.i18n import N_, Texts, texts_for
from bot.risk_assessment import risk_assessment
from bot.running import opened
from bot.settings import Settings
from bot.stop import Stop
from bot.usecases.inspecting import inspect
from cogs.ui.policy import Circumstances, introduction, moderation_lines, policy_sections

Out = Callable[[str], None]
PRIVACY, TERMS, RISKS = "privacy-policy.md", "terms.md", "risk-assessment.md"
_DISCORD: Final = {
    "terms": "https://discord.com/terms",
    "guidelines": "https://discord.com/guidelines",
    "privacy": "https://discord.com/privacy",
}

# What only the owner knows.
_WHO: Final = N_("name and postal address")
_MACHINE: Final = N_("country, and whose machine")
_DISK: Final = N_("with what")
_LOGS: Final = N_("how long")
_BASIS: Final = N_("for example consent")
_CONSENT: Final = N_("for example explicit consent, and where it is asked for")
_AGE: Final = N_("age")
_AUTHORITY: Final = N_("data protection authority")
_LINK: Final = N_("link")
_LIABILITY: Final = N_("what the law where you live allows")
_DATE: Final = N_("date")
_CHANNEL: Final = N_("channel")
_ADDRESS: Final = N_("an address at which you're reached")
_SERVER: Final = N_("the server's name")


@dataclass(frozen=True, slots=True)
class Forum:
    """What the documents are about: a server's rules, whether who wrote anonymous posts is kept
    there (`sealed`), and the process that serves it."""

    rules: Rules
    contact: str
    on_postgresql: bool
    day: date
    removed_days: int = 30
    sealed: bool = False


async def write_policy(
    settings: Settings, guild_id: int | None, folder: Path, *, force: bool, out: Out, day: date
) -> None:
    """Write the three documents. Raises `Stop` where one is there already, unless `force`."""
    rules, sealed = Rules(), False
    if guild_id is not None:
        rules, sealed = await _rules_of(settings, guild_id)
    forum = Forum(
        rules,
        settings.operator_contact,
        settings.database_path is None,
        day,
        settings.removed_servers_days,
        sealed,
    )
    documents = documents_of(forum)
    there = [name for name in documents if (folder / name).exists()]
    if there and not force:
        raise Stop(
            f"{', '.join(there)} in {folder}: there already, maybe with what you filled in. Name "
            "another folder, or repeat it with --force to replace them."
        )
    try:
        _write(folder, documents)
    except OSError as error:
        raise Stop(f"{folder} can't be written: {error.strerror or error}.") from error
    out(f"Wrote {', '.join(documents)} into {folder}.")
    out("They are drafts and no legal advice: fill in what is marked, and have them checked.")


async def _rules_of(settings: Settings, guild_id: int) -> tuple[Rules, bool]:
    """A server's rules, and whether who wrote anonymous posts is kept there; the bot may run
    meanwhile. Raises `Stop`."""
    path = settings.database_path
    if path is not None and not path.exists():  # opening it would create it
        raise Stop(
            f"There is no database: {path} is not there. Leave --guild out for a first draft."
        )
    async with opened(settings, migrate=False) as db:
        found = await inspect(db)
    if not found.current:
        raise Stop(
            f"The database has schema {found.schema or 'none'}; this version of Askwell reads "
            f"{found.newest}. Update Askwell, or run `askwell migrate`."
        )
    if guild_id not in found.rules:
        raise Stop(f"The database has no server {guild_id}.")
    return found.rules[guild_id], guild_id in found.sealed


def _write(folder: Path, documents: Mapping[str, str]) -> None:
    """Write files that have their names once they are whole."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents.items():
        part = folder / f"{name}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(folder / name)


def documents_of(forum: Forum) -> Mapping[str, str]:
    """Each document's text, by the name of its file."""
    t = texts_for(forum.rules.text("locale"))
    return {
        PRIVACY: privacy_policy(forum, t),
        TERMS: terms(forum, t),
        RISKS: risk_assessment(forum.rules, forum.contact, forum.day, sealed=forum.sealed),
    }


def privacy_policy(forum: Forum, t: Texts) -> str:
    """What `/privacy policy` says, and what the law asks for besides."""
    about = _circumstances(forum, t)
    parts = [
        "# " + t("Privacy policy of the forum in {server}", server=_blank(_SERVER, t)),
        _note(forum, t),
        introduction(t),
        t("Responsible for it: {who}.", who=_blank(_WHO, t)),
    ]
    for section in policy_sections(about, t):
        parts += _section(section.title, section.lines)
    parts += _section(t("Where it is"), _places(t))
    parts += _section(t("Why this is allowed"), _reasons(t))
    parts += _section(t("Your rights"), _rights(t))
    parts += _section(t("Changes"), _changes(t))
    return _joined(parts)


def _circumstances(forum: Forum, t: Texts) -> Circumstances:
    contact, days = _contact(forum, t), forum.removed_days
    return Circumstances(forum.rules, contact, forum.on_postgresql, _command, days, forum.sealed)


def _places(t: Texts) -> Iterable[str]:
    yield t("The database: on a machine in {where}.", where=_blank(_MACHINE, t))
    yield t("Its disk and that of the backups are encrypted: {how}.", how=_blank(_DISK, t))
    yield t("The log is kept for {time}.", time=_blank(_LOGS, t))
    yield t("What is posted is with Discord, too: {link}", link=_DISCORD["privacy"])


def _reasons(t: Texts) -> Iterable[str]:
    yield t("The legal basis: {basis}.", basis=_blank(_BASIS, t))
    yield t(
        "Who writes about their health here: {basis}.",
        basis=_blank(_CONSENT, t),
    )
    yield t("This forum isn't for anyone under {age}.", age=_blank(_AGE, t))


def _rights(t: Texts) -> Iterable[str]:
    yield t("You can ask for your data, and have it corrected, erased or handed to you.")
    yield t("You can object, and take back your consent. What happened before stays lawful.")
    yield t("You can complain to {who}.", who=_blank(_AUTHORITY, t))
    yield t("If somebody gets at your data who shouldn't, we tell you and Discord at once.")


def terms(forum: Forum, t: Texts) -> str:
    """What members agree to."""
    about = _circumstances(forum, t)
    parts = [
        "# " + t("Terms of the forum in {server}", server=_blank(_SERVER, t)),
        _note(forum, t),
        *_section(t("What this is"), _what_it_is(t)),
    ]
    if helplines := forum.rules.text("helplines"):
        parts += [t("Helplines"), "\n".join(f"> {line}" for line in helplines.splitlines())]
    parts += _section(t("Who can take part"), _who(t))
    parts += _section(t("What you post"), _posting(about, t))
    deciding = [*_deciding(about, t), *moderation_lines(forum.rules, t)]
    parts += _section(t("Moderation"), deciding)
    parts += _section(t("How it ends"), _ending(t))
    parts += _section(t("Changes"), [*_changes(t), _contact(forum, t)])
    return _joined(parts)


def _what_it_is(t: Texts) -> Iterable[str]:
    yield t("A forum for questions and answers in Discord, by the bot Askwell.")
    yield t("It's run by {who}.", who=_blank(_WHO, t))
    yield t("Members write here from experience. That doesn't replace a doctor or a therapist.")
    yield t("Nobody is on call here. If you're in danger, call your local emergency number.")


def _who(t: Texts) -> Iterable[str]:
    yield t(
        "You're at least {age}, and old enough for Discord where you live.", age=_blank(_AGE, t)
    )
    yield t(
        "Discord's rules apply here, too: {terms} and {guidelines}",
        terms=_DISCORD["terms"],
        guidelines=_DISCORD["guidelines"],
    )
    yield t("The rules of this server: {link}.", link=_blank(_LINK, t))


def _posting(about: Circumstances, t: Texts) -> Iterable[str]:
    yield t("What you write stays yours. The bot shows it to everyone who can see the channel.")
    yield t(
        "You can change a post with {edit} and delete it with {delete}.",
        edit=_command("edit"),
        delete=_command("delete"),
    )
    if about.rules.on("anonymous"):
        yield t("You can post anonymously. These terms and moderation hold for that, too.")
    elif about.anonymous:
        yield t("Earlier anonymous posts stay so. These terms and moderation hold for them, too.")
    yield t("Write nothing by which others can be recognised, unless they agree.")
    yield t("Post nothing that is against the law, or that insults, threatens or harasses people.")
    yield t("Encourage nobody to harm themselves or others, and don't describe how it's done.")


def _deciding(about: Circumstances, t: Texts) -> Iterable[str]:
    yield t("Moderators can edit, hide, delete, move, close and lock posts, and block members.")
    yield t(
        "If your post is hidden, closed or not approved, or you're blocked, you read why in "
        "{inbox}. You can appeal once.",
        inbox=_command("inbox"),
    )
    if about.anonymous and about.rules.on("unsealing"):
        yield t(
            "Two moderators together can see who wrote an anonymous post, if they have a reason. "
            "The author is told."
        )


def _ending(t: Texts) -> Iterable[str]:
    yield t("You can stop, and have your data erased: {erase}.", erase=_command("privacy erase"))
    yield t("Whoever runs this forum can end it. It may be down, and posts may be lost.")
    yield t("Liability: {what}.", what=_blank(_LIABILITY, t))


def _changes(t: Texts) -> Iterable[str]:
    yield t("In force since {day}.", day=_blank(_DATE, t))
    yield t("Changes are announced in {where}.", where=_blank(_CHANNEL, t))


def _note(forum: Forum, t: Texts) -> str:
    """What the owner reads, and takes out."""
    return "> " + t(
        "**Draft.** Askwell made this from its settings on {day}. It isn't legal advice: have it "
        "checked, fill in what is marked, and delete this paragraph.",
        day=f"{forum.day:%Y-%m-%d}",
    )


def _contact(forum: Forum, t: Texts) -> str:
    contact = forum.contact or _blank(_ADDRESS, t)
    return t("Questions about your data: {contact}", contact=contact)


def _blank(what: str, t: Texts) -> str:
    return t("[FILL IN: {what}]", what=t(what))


def _command(name: str) -> str:
    return f"`/{name}`"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {line}" for line in lines)]


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"
