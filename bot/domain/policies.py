"""Who may do what. Each check returns or raises `Denied`, inside the transaction of the act it
guards, with the points and counts read there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.access import Deed, check_may, check_unblocked, refusal_of
from bot.domain.actors import Actor
from bot.domain.blocks import Block
from bot.domain.cards import Category
from bot.domain.errors import Denial, Denied
from bot.domain.posts import PostKind, PostStatus
from bot.domain.reputation import displayed
from bot.domain.rules import Rules
from bot.domain.sealed import is_sealed
from bot.domain.voting import DOWN, NONE, REACTIONS, Ballot


class Action(StrEnum):
    """The acts that are counted per member and hour; their settings are `limit.<action>`."""

    QUESTIONS = "questions"
    ANSWERS = "answers"
    VOTES = "votes"
    EDITS = "edits"
    COMMENTS = "comments"
    REPORTS = "reports"
    BEST = "best"
    CLOSE = "close"


HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PostForVote:
    """The facts about a post that the rules of voting need."""

    kind: PostKind
    status: PostStatus
    author_id: int | None


def hour_of(now: datetime) -> datetime:
    """The start of the hour that a time is in."""
    return now.replace(minute=0, second=0, microsecond=0)


def check_limit(
    action: Action, done: int, actor_is_moderator: bool, rules: Rules, now: datetime | None = None
) -> None:
    """Refuse an act beyond the member's hourly limit; `done` counts those of this hour before it.
    With `now`, the refusal says `until` when."""
    limit = rules.number(f"limit.{action}")
    if done >= limit and not actor_is_moderator:
        data = {"until": hour_of(now) + HOUR} if now else {}
        raise Denied(Denial.HOURLY_LIMIT, action=action, limit=limit, **data)


def is_held_by(block: Block | None, actor: Actor, now: datetime) -> bool:
    """Whether a block keeps somebody from taking part. It doesn't keep moderators and managers, who
    may have become that since."""
    if block is None or actor.is_moderator or actor.is_manager:
        return False
    return block.holds(now)


def check_not_blocked(block: Block | None, actor: Actor, now: datetime) -> None:
    """Refuse whatever a blocked member does but reading, taking votes back and deleting their own
    posts. `block` is the one that is stored."""
    check_unblocked(actor)
    if block is not None and is_held_by(block, actor, now):
        raise refusal_of(block)


def check_can_be_on_duty(member: Actor, rules: Rules) -> None:
    """Members with the helpers' role are on duty, and moderators."""
    if not may_be_on_duty(member, rules):
        raise Denied(Denial.NOT_ON_CALL, role=rules.identity("helper_role"))


def may_be_on_duty(member: Actor, rules: Rules) -> bool:
    """Whether somebody may be on duty, as Discord describes them now."""
    return member.is_moderator or rules.identity("helper_role") in member.roles


def check_can_block(actor: Actor, member: Actor) -> None:
    """Moderators block members; nobody blocks themselves, a bot, a moderator or a manager."""
    check_moderator(actor)
    if member.user_id == actor.user_id:
        raise Denied(Denial.OWN_BLOCK)
    if member.is_bot:
        raise Denied(Denial.BLOCKING_BOT)
    if member.is_moderator or member.is_manager:
        raise Denied(Denial.BLOCKING_MODERATOR)


def check_points(privilege: str, points: int, actor_is_moderator: bool, rules: Rules) -> None:
    """Refuse what needs more points than a member has, or is for moderators only; `points` is the
    sum of their ledger."""
    if actor_is_moderator:
        return
    needed, have = rules.needed(privilege), displayed(points, rules)
    if needed is None:
        raise Denied(Denial.NEEDS_MODERATOR, privilege=privilege)
    if have < needed:
        raise Denied(Denial.NEEDS_POINTS, privilege=privilege, needed=needed, have=have)


def check_can_vote(ballot: Ballot, post: PostForVote, points: int, rules: Rules) -> None:
    """Refuse a ballot that the rules don't allow. Taking a vote back is always allowed."""
    voter = ballot.voter
    if ballot.value == NONE:
        return
    if voter.is_bot:
        raise Denied(Denial.BOT)
    check_may(voter, Deed.VOTE)
    if post.kind is PostKind.COMMENT:
        raise Denied(Denial.COMMENT_VOTE)
    if post.status is not PostStatus.VISIBLE:
        raise Denied(Denial.POST_HIDDEN)
    if ballot.source in REACTIONS and is_sealed(post.author_id):
        # Whoever's reaction is taken off in front of all, it mustn't be the author's alone.
        raise Denied(Denial.BUTTONS_ONLY)
    if voter.is_one(post.author_id):
        raise Denied(Denial.OWN_POST)
    if ballot.value == DOWN and not rules.on("downvotes"):
        raise Denied(Denial.DOWNVOTES_OFF)
    if ballot.source in REACTIONS and rules.private_voting:
        raise Denied(Denial.PRIVATE_VOTING)
    _check_age(Denial.ACCOUNT_TOO_YOUNG, "min_account_days", voter.account_created, ballot, rules)
    _check_age(Denial.MEMBERSHIP_TOO_YOUNG, "min_member_days", voter.joined, ballot, rules)
    privilege = "down_vote" if ballot.value == DOWN else "vote"
    check_points(privilege, points, voter.moderates_post, rules)


def depends_on_member(ballot: Ballot, rules: Rules) -> bool:
    """Whether a ballot depends on the voter's membership or rights: it does if the rules ask for
    more than that the post is somebody else's."""
    if ballot.value == NONE:
        return False
    privilege = "down_vote" if ballot.value == DOWN else "vote"
    ages = ("min_member_days", "min_account_days")
    return rules.needed(privilege) != 0 or any(rules.number(name) for name in ages)


def _check_age(
    reason: Denial, setting: str, since: datetime | None, ballot: Ballot, rules: Rules
) -> None:
    days = rules.number(setting)
    if ballot.voter.moderates_post or not days:
        return
    if since is None:  # unknown: Discord didn't say, or they have left
        raise Denied(reason, days=days)
    if ballot.at - since < timedelta(days=days):
        raise Denied(reason, days=days, until=since + timedelta(days=days))


def may_ask_in(actor: Actor, category: Category) -> bool:
    """Whether somebody may ask in a category: its role may, and moderators."""
    return category.role_id is None or category.role_id in actor.roles or actor.moderates_post


def check_can_ask_in(actor: Actor, category: Category) -> None:
    """Refuse questions in a category that is for a role the member does not have."""
    if not may_ask_in(actor, category):
        raise Denied(Denial.NOT_IN_ROLE, category=category.name, role=category.role_id)


def check_can_choose_best(actor: Actor, asker_id: int | None) -> None:
    """Only the asker and moderators choose the best answer. `asker_id` is None where the asker's
    data was erased."""
    if not actor.is_one(asker_id) and not actor.moderates_post:
        named = {"asker": asker_id, "anonymous": is_sealed(asker_id)}
        raise Denied(Denial.NOT_ASKER, **named)


def check_can_edit(actor: Actor, author_id: int | None, points: int, rules: Rules) -> None:
    """Authors edit their own posts, moderators any, and members with the points too."""
    if not actor.is_one(author_id):
        check_points("edit_others", points, actor.moderates_post, rules)


def check_can_see_edits(actor: Actor, author_id: int | None) -> None:
    """Only the author and moderators see a post's earlier versions, whatever others' points: people
    also edit out what they shouldn't have shared."""
    if not actor.is_one(author_id) and not actor.moderates_post:
        raise Denied(Denial.NOT_EDITOR)


def check_can_retag(actor: Actor, author_id: int | None, points: int, rules: Rules) -> None:
    """Those who may edit a question may change its tags, and so may members with the points for
    that."""
    if not actor.is_one(author_id):
        ways = ("retag", "edit_others")
        easiest = min(ways, key=lambda way: _or_never(rules.needed(way)))
        check_points(easiest, points, actor.moderates_post, rules)


def _or_never(needed: int | None) -> float:
    return math.inf if needed is None else needed


def check_can_close(actor: Actor, author_id: int | None, points: int, rules: Rules) -> None:
    """Askers close their own questions, moderators any, and members with the points too."""
    if not actor.is_one(author_id):
        check_points("close", points, actor.moderates_post, rules)


def check_can_delete(actor: Actor, author_id: int | None) -> None:
    """Authors delete their own posts, moderators any."""
    if not actor.is_one(author_id) and not actor.moderates_post:
        raise Denied(Denial.NOT_AUTHOR)


def check_can_report(actor: Actor, author_id: int | None) -> None:
    """Anybody may report what others wrote."""
    if actor.is_one(author_id):
        raise Denied(Denial.OWN_REPORT)


def report_counts(actor: Actor, at: datetime, rules: Rules) -> bool:
    """Whether a member's report counts towards hiding a post without a moderator. Reports from
    accounts or memberships that are too young, or of unknown age, only reach the moderators."""
    if actor.is_moderator:
        return True
    ages = (
        ("report_account_days", actor.account_created),
        ("report_member_days", actor.joined),
    )
    for setting, since in ages:
        days = rules.number(setting)
        if days and (since is None or at - since < timedelta(days=days)):
            return False
    return True


def is_newcomer(actor: Actor, points: int, at: datetime, rules: Rules) -> bool:
    """Whether a member's first posts are held here: they have few points, or their account or
    membership is young or of unknown age. `points` is the sum of their ledger. Where newcomers'
    posts are held, all anonymous ones are: those of others would tell that they are no newcomer."""
    days = rules.number("hold_days")
    if actor.is_anonymous:
        return bool(days or rules.number("hold_points"))
    ages = (actor.account_created, actor.joined) if days else ()
    young = any(since is None or at - since < timedelta(days=days) for since in ages)
    return young or displayed(points, rules) < rules.number("hold_points")


def check_moderator(actor: Actor) -> None:
    """Refuse a member who isn't a moderator."""
    if not actor.is_moderator:
        raise Denied(Denial.NOT_MODERATOR)


def check_can_curate(actor: Actor) -> None:
    """Moderators and managers decide on tags and their synonyms."""
    if not actor.is_manager:
        check_moderator(actor)


def check_manager(actor: Actor) -> None:
    """Refuse a member who may not manage the server."""
    if not actor.is_manager:
        raise Denied(Denial.NOT_MANAGER)
