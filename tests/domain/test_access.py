"""Access to a post's home, as it follows from Discord's permissions."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from bot.domain.access import Deed, Granted, access_of, check_may, check_moderates
from bot.domain.actors import NOWHERE, Access, Actor
from bot.domain.errors import Denial, Denied

HOME = 7
ALL = Granted(*[True] * len(fields(Granted)))
MEMBER = replace(ALL, manage_messages=False, manage_threads=False)


def refusals(access: Access) -> dict[Deed, Denial]:
    """What is refused, and why."""
    found: dict[Deed, Denial] = {}
    for deed in Deed:
        try:
            check_may(Actor(1, 2, access=access), deed)
        except Denied as denied:
            found[deed] = Denial(denied.reason)
    return found


def test_all_permissions_allow_everything() -> None:
    assert refusals(access_of(HOME, MEMBER)) == {}


@pytest.mark.parametrize(
    ("lacking", "refused"),
    [
        ("send", {Deed.ASK: Denial.NO_ASKING}),
        ("send_in_threads", {Deed.WRITE: Denial.NO_WRITING}),
        ("attach", {Deed.ATTACH: Denial.NO_FILES}),
        ("history", {Deed.READ: Denial.NO_READING, Deed.VOTE: Denial.NO_VOTING}),
        (
            "view",
            {
                Deed.READ: Denial.NO_READING,
                Deed.ASK: Denial.NO_ASKING,
                Deed.WRITE: Denial.NO_WRITING,
                Deed.ATTACH: Denial.NO_FILES,
                Deed.VOTE: Denial.NO_VOTING,
            },
        ),
    ],
)
def test_each_act_needs_its_permission(lacking: str, refused: dict[Deed, Denial]) -> None:
    assert refusals(access_of(HOME, replace(MEMBER, **{lacking: False}))) == refused


def test_a_member_in_the_channel_reads_it_without_its_history() -> None:
    unread = replace(MEMBER, history=False)
    assert refusals(access_of(HOME, unread, here=True)) == {Deed.VOTE: Denial.NO_VOTING}
    assert Deed.READ in refusals(access_of(HOME, replace(MEMBER, view=False), here=True))


def test_a_lock_binds_all_but_those_who_may_lift_it() -> None:
    assert refusals(access_of(HOME, MEMBER, locked=True)) == {Deed.WRITE: Denial.THREAD_LOCKED}
    manages = replace(MEMBER, manage_messages=True)
    assert Deed.WRITE in refusals(access_of(HOME, manages, locked=True))
    assert refusals(access_of(HOME, replace(MEMBER, manage_threads=True), locked=True)) == {}
    assert refusals(access_of(HOME, MEMBER, locked=True, has_role=True)) == {}
    mute = replace(MEMBER, send_in_threads=False)
    found = refusals(access_of(HOME, mute, locked=True, has_role=True))
    assert found == {Deed.WRITE: Denial.NO_WRITING}


@pytest.mark.parametrize("why", [Denial.TIMED_OUT, Denial.PENDING])
def test_a_silenced_member_can_only_read(why: Denial) -> None:
    access = access_of(HOME, ALL, silenced=why, has_role=True)
    assert refusals(access) == dict.fromkeys([Deed.ASK, Deed.WRITE, Deed.ATTACH, Deed.VOTE], why)
    assert not access.moderates


def test_who_moderates_a_post() -> None:
    assert not access_of(HOME, MEMBER).moderates
    assert not access_of(HOME, replace(MEMBER, manage_threads=True)).moderates
    assert access_of(HOME, replace(MEMBER, manage_messages=True)).moderates
    assert access_of(HOME, MEMBER, has_role=True).moderates
    closed = replace(ALL, view=False)
    assert not access_of(HOME, closed, has_role=True).moderates, "nor what is closed to them"


def test_the_server_and_a_post_are_moderated_by_different_people() -> None:
    of_server = Actor(1, 2, is_moderator=True, access=access_of(HOME, MEMBER))
    keeper = Actor(1, 2, access=access_of(HOME, replace(MEMBER, manage_messages=True)))
    check_moderates(keeper)
    with pytest.raises(Denied) as denied:
        check_moderates(of_server)
    assert denied.value.reason is Denial.NOT_MODERATOR
    check_moderates(Actor(1, 2, is_moderator=True))


def test_unknown_access_allows_nothing() -> None:
    assert set(refusals(NOWHERE)) == set(Deed)
    assert not NOWHERE.moderates
    check_may(Actor(1, 2), Deed.WRITE)  # the bot's own doing
