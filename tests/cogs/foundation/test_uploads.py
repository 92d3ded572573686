"""What is held in memory of files for forms that aren't posted yet: not much, and not for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.files import GivenFile
from cogs.foundation import uploads
from cogs.foundation.uploads import Form, Uploads

NOW = datetime(2026, 11, 29, tzinfo=UTC)
FILE = GivenFile("picture-1.png", "image/png", 1, "https://cdn.discordapp.com/1")


def test_a_members_oldest_form_makes_room_for_their_newest() -> None:
    held = Uploads()
    forms = [Form(1, 2, n) for n in range(uploads.OF_A_MEMBER + 2)]
    others = [Form(1, 3, 0), Form(2, 2, 0)]
    for form in (*others, *forms):
        held.hold(form, [FILE], NOW)
    there = [form for form in (*others, *forms) if held.of(form, NOW) == (FILE,)]
    assert there == [*others, *forms[-uploads.OF_A_MEMBER :]]


def test_there_is_an_end_in_all() -> None:
    held = Uploads()
    for member in range(uploads.IN_ALL + 5):
        held.hold(Form(1, member, 1), [FILE], NOW)
    assert len(held) == uploads.IN_ALL
    assert held.of(Form(1, 4, 1), NOW) is None
    assert held.of(Form(1, 5, 1), NOW) == (FILE,)


def test_what_is_too_old_goes() -> None:
    held = Uploads()
    first, second = Form(1, 2, 1), Form(1, 2, 2)
    held.hold(first, [FILE], NOW)
    held.hold(second, [FILE], NOW + timedelta(minutes=1))
    later = NOW + uploads.AGE
    assert held.of(first, later) is None
    assert len(held) == 1
    held.hold(second, [FILE], later)  # held anew
    assert held.of(second, later + timedelta(minutes=5)) == (FILE,)


def test_what_is_posted_has_no_address_any_more() -> None:
    held = Uploads()
    form = Form(1, 2, 1)
    held.hold(form, [FILE], NOW)
    held.posted(form, NOW)
    assert held.of(form, NOW) == ()
    held.forget(form)
    assert held.of(form, NOW) is None
