"""The draft of a risk assessment for a forum about hard things: for its owner, who finishes it.

Per risk: what Askwell does against it as the server is set, what is left to people, and blanks for
a judgement that no program can make. What a setting changes is said as that setting is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot import risks_of_anonymity as of_anonymity
from bot.domain.rules import Rules

_FORUM = """\
## 1. What it is about

- The server: [FILL IN: name, about how many members, how many of them take part]
- Who runs the bot and answers for it: {contact}
- Whom it is for: [FILL IN: for example adults with depression, and those close to them]
- Countries and languages: [FILL IN]
- Age: [FILL IN: from which age, and how you know]
- Moderators: [FILL IN: how many, at which hours, trained how]
- Laws that apply: [FILL IN: for example GDPR, article 35; the Online Safety Act, in the UK]

Members ask, answer, comment and vote through a bot in Discord. What they write may tell of their
own health and of others'. The bot keeps it in one database; what, why and for how long is in
`privacy-policy.md`. Each member can get it with `/privacy export` and have it erased with
`/privacy erase`.

- Why it is needed, and why less wouldn't do: [FILL IN]
- Legal basis, also for what members write about their health: [FILL IN]
- Who was asked (members, moderators, a data protection officer): [FILL IN: when, what they said]
"""

_HOW = """\
## 2. How to judge

For each risk: how likely it is, how bad it would be for the person, and what remains after what is
done against it. Low, medium or high will do.

## 3. Risks
"""

_END = """\
## 4. What people can ask for

| right | how |
|---|---|
| to know | `/privacy policy` |
| to see and take along | `/privacy export` |
| to correct | `/edit` |
| to be erased | `/delete` for a post, `/privacy erase` for everything in a server |
| to object, to complain | [FILL IN: to whom, answered by whom, within which time] |

## 5. Decision

- What remains is acceptable because: [FILL IN]
- What must be done first, by whom, until when: [FILL IN]
- Decided by: [FILL IN: name, date]
- Looked at again on: [FILL IN: a date within a year, or when settings, members or laws change]
"""


@dataclass(frozen=True, slots=True)
class Risk:
    """What can go wrong, what Askwell does against it, and what its owner does."""

    title: str
    askwell: Sequence[str]
    owner: Sequence[str]


def risk_assessment(rules: Rules, contact: str, day: date, *, sealed: bool = False) -> str:
    """The document, as a server's rules have it; `sealed` tells whether who wrote anonymous posts
    is kept there, also where there are no new ones."""
    who = contact or "[FILL IN: name and an address at which you're reached]"
    head = (
        "# Risk assessment\n\n"
        f"> **Draft.** Askwell made this from its settings on {day:%Y-%m-%d}. It isn't legal "
        "advice, and it isn't finished: what is marked is yours to judge. Delete this paragraph.\n"
    )
    risks = [_shown(number, risk) for number, risk in enumerate(risks_of(rules, sealed=sealed), 1)]
    return "\n".join([head, _FORUM.format(contact=who), _HOW, *risks, _END])


def _shown(number: int, risk: Risk) -> str:
    lines = [
        f"### {number}. {risk.title}\n",
        "What Askwell does:\n",
        *(f"- {line}" for line in risk.askwell),
        "\nWhat is yours:\n",
        *(f"- {line}" for line in risk.owner),
        "\nHow likely: [FILL IN] · How bad: [FILL IN] · What remains: [FILL IN]\n",
    ]
    return "\n".join(lines)


def risks_of(rules: Rules, *, sealed: bool = False) -> list[Risk]:
    """The risks of a forum for support among peers, the gravest first."""
    return [
        _danger(rules),
        _harm(rules),
        _harassment(rules),
        _illegal(),
        _minors(rules),
        _recognised(rules, sealed=sealed),
        _leak(rules, sealed=sealed),
        _kept_too_long(),
        _moderators(rules, sealed=sealed),
        _flooded(rules),
        _wrongly_hidden(rules),
        _helpers(rules),
        _gone(),
    ]


def _danger(rules: Rules) -> Risk:
    return Risk(
        "Somebody in acute danger is not noticed, or help comes too late",
        [
            "Members can say *I'm worried about this person*. It stands first in `/queue`.",
            _called(rules),
            "The author then gets this server's helplines in their inbox."
            if rules.text("helplines")
            else "**No helplines are set**, so the author is told nothing: see `/settings show`.",
            _waiting(rules),
            "Nothing in it reads texts for signs of danger, and nothing answers by itself.",
        ],
        [
            "Say plainly that nobody is on call: in the welcome, the how-to, and the terms.",
            "Moderators know what to do at night: [FILL IN: whom they call, what they write]",
        ],
    )


def _called(rules: Rules) -> str:
    if rules.identity("moderators_channel") is None:
        return "**No moderators' channel is set**, so a worry calls nobody: it waits in `/queue`."
    if rules.identity("report_role") is None:
        return "It calls whoever is on `/duty`. **No role for reports is set** for when nobody is."
    return "It calls whoever is on `/duty`, or the role for reports where nobody is."


def _waiting(rules: Rules) -> str:
    hours = rules.number("unanswered_hours")
    if not hours:
        return (
            "Nobody is called for a question that waits: *Hours until helpers are notified* is 0."
        )
    whom = "whoever is on `/duty`"
    if rules.identity("helper_role") is not None:
        whom += ", or the helper role"
    return (
        f"A question to which fewer than two people replied calls {whom} once, after {hours} hours."
    )


def _harm(rules: Rules) -> Risk:
    return Risk(
        "Posts encourage self-harm, or give dangerous advice",
        [
            _words(rules),
            _hiding(rules),
            _held(rules),
            "Moderators hide a post at once with `/hide`, or all posts of a member.",
        ],
        [
            "Rules that say what may be told and what not: [FILL IN: link]",
            "Read what is reported: [FILL IN: how often]",
        ],
    )


def _harassment(rules: Rules) -> Risk:
    votes = (
        "Votes are private: nobody is shown who voted."
        if rules.private_voting
        else "Discord shows who voted with a reaction. *Voting* can be private: `/settings show`."
    )
    down = (
        "Downvotes are on: `/settings show` can switch them off."
        if rules.on("downvotes")
        else "Downvotes are off."
    )
    return Risk(
        "Members are insulted, threatened or harassed",
        [
            votes,
            down,
            "`/block` keeps somebody from posting and voting, for a time or for good.",
            *of_anonymity.blocked(rules),
            "Nothing that the bot sends pings people whom a member names in a post.",
        ],
        ["Direct messages between members are Discord's: say how to block and report there."],
    )


def _illegal() -> Risk:
    return Risk(
        "Something illegal is posted",
        [
            "Members can report a post that they see. A hidden post is kept for moderators; the "
            "text and files of a deleted one are erased after 7 days.",
            "Files are **not** scanned. What is posted is on Discord's servers, under its rules.",
        ],
        [
            "Who reports it to Discord and to the police, and when: [FILL IN]",
            "How evidence is kept before it is erased, where the law asks for it: [FILL IN]",
        ],
    )


def _minors(rules: Rules) -> Risk:
    return Risk(
        "Minors take part, or people whose trust is abused",
        [
            "Askwell doesn't know how old somebody is.",
            _young_votes(rules),
            _held(rules),
            "A category can have a channel of its own (`/category`), and Discord's permissions "
            "close that to those it isn't for.",
        ],
        [
            "The age from which people may take part, and how it is checked: [FILL IN]",
            "Mark channels as age-restricted in Discord where that is due.",
        ],
    )


def _young_votes(rules: Rules) -> str:
    account, member = rules.number("min_account_days"), rules.number("min_member_days")
    if not (account or member):
        return "New accounts can vote at once, as far as points allow."
    return f"Votes need an account of {_days(account)} and a membership of {_days(member)}."


def _recognised(rules: Rules, *, sealed: bool) -> Risk:
    return Risk(
        "Somebody is recognised by what they wrote, or regrets it",
        [
            "The author can change a post, and delete it: gone from Discord at once, from the "
            "database after 7 days. Earlier versions are for the author and moderators alone.",
            "`/privacy erase` takes the name off all posts, and the texts if wanted.",
            "Pictures lose the place and the device that a camera wrote into them. What can be "
            "seen in them stays.",
            *of_anonymity.recognised(rules, sealed=sealed),
        ],
        [
            "What others quoted, copied or remember can't be taken back: say so before people "
            "post.",
            *of_anonymity.left_to_people(rules, sealed=sealed),
        ],
    )


def _leak(rules: Rules, *, sealed: bool) -> Risk:
    return Risk(
        "The database, a backup or the bot's token gets into wrong hands",
        [
            "SQLite's files, backups and exports are for the user of the process alone, and "
            "without the token. The log has nothing that members wrote.",
            "Texts are in the database as they were typed, **not encrypted by Askwell**.",
            *of_anonymity.leaked(rules, sealed=sealed),
        ],
        [
            "The disks of the database and its backups are encrypted: [FILL IN: how, since when]",
            "Who can get at the machine: [FILL IN]",
            "What happens if data got out: [FILL IN: who tells members, Discord and the authority]",
        ],
    )


def _kept_too_long() -> Risk:
    return Risk(
        "More is kept than is needed, or for longer",
        [
            "No privileged intent is used: it reads no conversations, and stores no member list.",
            "Of members who left, name, follows, preferences, drafts and inbox go after 30 days; "
            "of servers that removed the bot, everything.",
            "Each column of the database that holds something of a person is documented with its "
            "end, and a test fails for one that is not.",
            "Backups are named with the day they must go, 30 days later; `askwell doctor` names "
            "those that are kept for longer.",
        ],
        [
            "Logs are deleted after: [FILL IN]",
            "Copies made elsewhere are deleted by: [FILL IN: whom]",
        ],
    )


def _moderators(rules: Rules, *, sealed: bool) -> Risk:
    channel = (
        "Reports are cards in the moderators' channel."
        if rules.identity("moderators_channel") is not None
        else "**No moderators' channel is set**: reports wait in `/queue` and under the bell."
    )
    return Risk(
        "Moderators abuse what they can do or see",
        [
            "`/audit` keeps for a year what each of them did, without titles or texts.",
            "Nobody is shown what stands in a channel that is closed to them, moderators included.",
            "Who is worried about somebody is shown to no moderator.",
            *of_anonymity.unsealed(rules, sealed=sealed),
            channel,
        ],
        ["Choose at least two moderators, and look at `/audit`: [FILL IN: who does, how often]"],
    )


def _flooded(rules: Rules) -> Risk:
    return Risk(
        "Many accounts flood the forum, or hide posts by reporting them",
        [
            f"A member can ask {rules.number('limit.questions')} questions and post "
            f"{rules.number('limit.answers')} answers an hour, and send "
            f"{rules.number('limit.reports')} reports.",
            _hiding(rules),
            _held(rules),
        ],
        ["Discord's own raid protection and verification level: [FILL IN: what is set]"],
    )


def _wrongly_hidden(rules: Rules) -> Risk:
    return Risk(
        "Something is hidden, or somebody blocked, without good reason",
        [
            "The author reads why in `/inbox`, and can appeal once. Another moderator answers it, "
            "where Askwell knows of one.",
            _words(rules),
            "No machine judges a text, beyond this server's own words, rules and numbers.",
        ],
        ["Appeals are answered within: [FILL IN]"],
    )


def _helpers(rules: Rules) -> Risk:
    hours = rules.number("duty_hours")
    ends = f"Duty ends by itself after {hours} hours." if hours else "Duty doesn't end by itself."
    return Risk(
        "Helpers and moderators carry too much",
        [
            "`/queue` shows how many decisions there were, and *Pass* leaves one to others without "
            "anybody being told.",
            ends,
        ],
        ["Somebody to talk to, and leave to stop: [FILL IN: who is there for them]"],
    )


def _gone() -> Risk:
    return Risk(
        "The forum is lost, or is down when it is needed",
        [
            "`askwell backup` copies everything beside the running bot, and checks the copy.",
            "What is acknowledged is stored; what isn't shown in Discord yet is shown later.",
        ],
        [
            "Backups are made: [FILL IN: how often, where to]",
            "One was restored on: [FILL IN: date]",
        ],
    )


def _words(rules: Rules) -> str:
    if not rules.text("blocked_words"):
        return "No words are blocked: set *Blocked words* in `/settings show` if some should be."
    does = {
        "refuse": "go back to their author",
        "hold": "wait until a moderator approves them",
        "flag": "are reported to the moderators",
    }[rules.text("blocked_words_do")]
    return f"Posts with a word that this server blocks {does}."


def _hiding(rules: Rules) -> str:
    if not (enough := rules.number("flags_to_hide")):
        return "Reports alone hide nothing: a moderator does."
    reports = "1 report hides" if enough == 1 else f"{enough} reports hide"
    account, member = rules.number("report_account_days"), rules.number("report_member_days")
    return (
        f"{reports} a post until a moderator has looked, from accounts of {_days(account)} or more "
        f"and memberships of {_days(member)} or more. Moderators' posts are exempt."
    )


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _held(rules: Rules) -> str:
    points, days = rules.number("hold_points"), rules.number("hold_days")
    if not (points or days):
        return "New members' first posts appear at once: see *Days to post without approval*."
    return "New members' first posts wait until a moderator approves them."
