"""What is said of anonymous posts is true where it is said, and for whom."""

from __future__ import annotations

import pytest

from bot.domain.errors import Denial, Denied
from bot.domain.rules import Rules
from bot.i18n import LOCALES, texts_for
from cogs.ui.anonymous import notice_text
from cogs.ui.help import of_anonymous_posts
from cogs.ui.texts import explain

EN = texts_for("en")


@pytest.mark.parametrize("locale", LOCALES)
def test_the_command_that_makes_a_key_is_named_to_managers_alone(locale: str) -> None:
    t = texts_for(locale)
    assert "`askwell key`" in explain(Denied(Denial.NO_KEY, manager=True), t)
    assert "askwell" not in explain(Denied(Denial.NO_KEY, manager=False), t)


def test_two_moderators_are_named_where_they_can_unseal() -> None:
    assert "Two moderators together" in notice_text(EN)
    assert "Two moderators" not in notice_text(EN, unsealing=False)
    here = {"anonymous": "on"}
    assert "two moderators" in of_anonymous_posts(Rules.of(here), EN)
    assert "two moderators" not in of_anonymous_posts(Rules.of({**here, "unsealing": "off"}), EN)
    assert of_anonymous_posts(Rules(), EN) == ""
    assert of_anonymous_posts(Rules(), EN, sealed=True) == of_anonymous_posts(Rules.of(here), EN)
