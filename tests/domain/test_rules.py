"""Settings of a server: each with a default that is valid, and refused where it can't be read."""

from __future__ import annotations

import pytest

from bot.domain.errors import Invalid, NotFound, Problem
from bot.domain.rules import SETTINGS, Rules, Setting, SettingKind, check_setting

EDITABLE = [setting for setting in SETTINGS.values() if not setting.internal]
NAMES = [setting.name for setting in EDITABLE]


def of_kind(*kinds: SettingKind) -> list[Setting]:
    return [setting for setting in EDITABLE if setting.kind in kinds]


@pytest.mark.parametrize("setting", EDITABLE, ids=NAMES)
def test_a_default_is_a_value_one_may_set(setting: Setting) -> None:
    assert check_setting(setting.name, setting.default) == setting.default
    assert Rules.of({}).text(setting.name) == setting.default


@pytest.mark.parametrize("setting", of_kind(SettingKind.INTEGER), ids=lambda s: s.name)
def test_a_number_keeps_to_its_range(setting: Setting) -> None:
    for value in (setting.lowest, setting.highest):
        assert check_setting(setting.name, f" {value} ") == str(value)
        assert Rules.of({setting.name: str(value)}).number(setting.name) == value
    assert setting.lowest <= int(setting.default) <= setting.highest
    for value in (setting.lowest - 1, setting.highest + 1, 10**30):
        with pytest.raises(Invalid) as refused:
            check_setting(setting.name, str(value))
        assert refused.value.reason is Problem.OUT_OF_RANGE
    for typed in ("", "many", "1.5", "²", "٣", "--1", "1_000", "-"):
        with pytest.raises(Invalid) as refused:
            check_setting(setting.name, typed)
        assert refused.value.reason is Problem.NOT_A_NUMBER


@pytest.mark.parametrize("setting", of_kind(SettingKind.PRIVILEGE), ids=lambda s: s.name)
def test_a_privilege_is_a_number_of_points_or_moderators(setting: Setting) -> None:
    name = setting.name.removeprefix("privilege.")
    for typed, stored, needed in (
        ("500", "500", 500),
        ("0", "0", 0),
        ("Moderators ", "moderators", None),
    ):
        assert check_setting(setting.name, typed) == stored
        assert Rules.of({setting.name: stored}).needed(name) == needed
    for typed, why in (
        ("nobody", Problem.NOT_A_PRIVILEGE),
        ("", Problem.NOT_A_PRIVILEGE),
        ("-1", Problem.OUT_OF_RANGE),
    ):
        with pytest.raises(Invalid) as refused:
            check_setting(setting.name, typed)
        assert refused.value.reason is why


def test_a_number_may_be_typed_with_its_sign() -> None:
    assert check_setting("points.question", "+5") == "5"
    assert check_setting("points.question", "−5") == "-5"
    assert check_setting("points.question", "-0") == "0"


@pytest.mark.parametrize(
    "setting", of_kind(SettingKind.CHOICE, SettingKind.SWITCH), ids=lambda s: s.name
)
def test_a_choice_is_one_of_its_choices(setting: Setting) -> None:
    for choice in setting.choices:
        assert check_setting(setting.name, f" {choice.upper()}") == choice
    with pytest.raises(Invalid) as refused:
        check_setting(setting.name, "perhaps")
    assert refused.value.data["choices"] == ", ".join(setting.choices)


@pytest.mark.parametrize(
    "setting", of_kind(SettingKind.CHANNEL, SettingKind.ROLE), ids=lambda s: s.name
)
def test_channels_and_roles_are_named_by_mention_or_id(setting: Setting) -> None:
    for typed in ("<#123>", "<@&123>", "123"):
        assert check_setting(setting.name, typed) == "123"
    assert Rules.of({setting.name: "123"}).identity(setting.name) == 123
    assert Rules.of({}).identity(setting.name) is None
    for typed in ("general", "<#abc>", "²", "1" * 21):
        with pytest.raises(Invalid):
            check_setting(setting.name, typed)


@pytest.mark.parametrize("setting", of_kind(SettingKind.EMOJI), ids=lambda s: s.name)
def test_an_emoji_is_exactly_one(setting: Setting) -> None:
    for emoji in ("👍", "⬆", "👍🏽", "👩\u200d🚀", "🏴\u200d☠️", "🇩🇪", "1️⃣", f"<:up:{10**17}>"):
        assert check_setting(setting.name, emoji) == emoji
    for typed in ("", "up", "👍👎", "<:up:1>", ":up:", "1", "\ufe0f"):
        with pytest.raises(Invalid) as refused:
            check_setting(setting.name, typed)
        assert refused.value.reason is Problem.NOT_AN_EMOJI


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("1000 Regular, 0 Newcomer", "0 Newcomer, 1000 Regular"),
        ("0  New  here\n20000 Old hand;\n", "0 New here, 20000 Old hand"),
        ("", ""),
        (" , ,", ""),
    ],
)
def test_titles(typed: str, stored: str) -> None:
    assert check_setting("titles", typed) == stored
    rules = Rules.of({"titles": stored})
    assert ", ".join(f"{points} {title}" for points, title in rules.titles) == stored


def test_the_title_of_a_number_of_points() -> None:
    rules = Rules.of({"titles": "100 Newcomer, 1000 Regular"})
    shown = {points: rules.title_of(points) for points in (0, 99, 100, 999, 1000, 10**9)}
    assert list(shown.values()) == ["", "", "Newcomer", "Newcomer", "Regular", "Regular"]
    assert Rules().title_of(5000) == ""


@pytest.mark.parametrize(
    "typed",
    ["Regular", "1000", "1k Regular", "-5 Low", "5 A, 5 B", "5 " + "x" * 31, "5 \u200b", "²5 Odd"],
)
def test_invalid_titles_are_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_setting("titles", typed)
    assert refused.value.reason is Problem.NOT_TITLES


@pytest.mark.parametrize("setting", of_kind(SettingKind.TEXT), ids=lambda s: s.name)
def test_a_text_keeps_to_its_length(setting: Setting) -> None:
    assert check_setting(setting.name, " Be **kind**.\n") == "Be **kind**."
    assert check_setting(setting.name, "\u200b") == ""
    with pytest.raises(Invalid) as refused:
        check_setting(setting.name, "x" * (setting.highest + 1))
    assert refused.value.reason is Problem.TOO_LONG


@pytest.mark.parametrize("name", ["nonsense", "solved_tag", "", "points"])
def test_only_settings_that_exist_and_are_for_people_can_be_set(name: str) -> None:
    with pytest.raises(NotFound):
        check_setting(name, "1")


def test_rules_of_another_version_do_no_harm() -> None:
    assert Rules.of({"from_the_future": "1"}).values == {}


def test_the_vote_emoji_follow_from_the_settings() -> None:
    assert Rules.of({}).vote_emoji == ("⬆️", "⬇️")
    assert Rules.of({"downvotes": "off"}).vote_emoji == ("⬆️",)
    assert Rules.of({"voting": "private"}).vote_emoji == ()
    rules = Rules.of({"vote_up_emoji": "👍"})
    assert [rules.vote_of(e) for e in ("👍", "⬇", "⬇️", "⬆️", "")] == [1, -1, -1, None, None]
    assert (rules.emoji_of(1), rules.emoji_of(-1)) == ("👍", "⬇️")
