"""Numbers of posts, references to them, and what makes their texts acceptable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Invalid, Problem
from bot.domain.posts import (
    PostReference,
    QuestionText,
    check_answer,
    check_details,
    check_question,
    check_reason,
    check_tag,
    check_tags,
    check_title,
    parse_post_reference,
    post_number,
    question_of_message,
)
from cogs.ui.controls import Control, custom_id, read_custom_id

GUILD = 77
LINK = "https://discord.com/channels/77/88"


@given(st.text(max_size=4000), st.sampled_from([None, f"{LINK}/99"]))
def test_a_question_made_of_a_message_fits_its_form(message: str, link: str | None) -> None:
    title, details = question_of_message(message, quoted_from=link)
    if title:
        assert check_title(title) == title
    assert len(details) <= 4000
    if link is not None:
        *quoted, last = details.split("\n")
        assert last == link
        assert all(line.startswith(">") for line in quoted)


@given(st.integers(1, 999_999_999), st.integers(0, 999_999))
def test_a_number_reads_back_as_the_post_it_names(number: int, sub_number: int) -> None:
    named = parse_post_reference(post_number(number, sub_number), GUILD)
    assert named == PostReference(number=number, sub_number=sub_number)


@pytest.mark.parametrize(
    ("typed", "post"),
    [
        ("128", PostReference(number=128)),
        (" # 128.3 ", PostReference(number=128, sub_number=3)),
        (f"{LINK}/99", PostReference(message_id=99)),
        (LINK, PostReference(message_id=88)),
        (f" <{LINK}/99> ", PostReference(message_id=99)),
        ("https://ptb.discordapp.com/channels/77/88/99/", PostReference(message_id=99)),
    ],
)
def test_people_name_posts_by_number_or_link(typed: str, post: PostReference) -> None:
    assert parse_post_reference(typed, GUILD) == post


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "sleep",
        "-1",
        "#1.2.3",
        "1" * 10,
        "1" * 5_000,
        "https://discord.com/channels/" + "7" * 5_000 + "/88",  # more digits than Python reads
        f"{LINK}/" + "9" * 5_000,
        "https://discord.com/channels/78/88/99",  # another server's
        "https://discord.com.evil.example/channels/77/88",
        f"{LINK}/{2**63}",  # no id of Discord's, and more than a database holds
        "\u200b",
    ],
)
def test_anything_else_names_no_post(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_post_reference(typed, GUILD)
    assert (refused.value.field, refused.value.reason) == ("post", Problem.NOT_A_POST)


def test_a_question_is_taken_as_typed_only_tidied() -> None:
    text = check_question(
        " How do I\n sleep?  ", "**Why**\r\n> so?\x00 ", "Sleep, Night shift,sleep"
    )
    assert text == QuestionText("How do I sleep?", "**Why**\n> so?", ("sleep", "night-shift"))
    assert check_details("\u200b \n") == ""


@pytest.mark.parametrize(
    ("check", "typed", "reason"),
    [
        (check_title, "", Problem.EMPTY),
        (check_title, "\u200b" * 40, Problem.EMPTY),
        (check_title, "Too short", Problem.TOO_SHORT),
        (check_title, "a" + "\u0301" * 40, Problem.TOO_SHORT),
        (check_title, "x" * 151, Problem.TOO_LONG),
        (check_details, "x" * 4001, Problem.TOO_LONG),
        (check_answer, "\u3164" * 100, Problem.EMPTY),
        (check_answer, "🌱" * 19, Problem.TOO_SHORT),
        (check_answer, "x" * 4001, Problem.TOO_LONG),
        (check_reason, "x" * 201, Problem.TOO_LONG),
        (check_tags, "a b c d e f", Problem.TOO_MANY),
        (check_tags, "x" * 31, Problem.TOO_LONG),
    ],
)
def test_texts_out_of_bounds_are_refused_by_field(check, typed: str, reason: Problem) -> None:
    with pytest.raises(Invalid) as refused:
        check(typed)
    assert refused.value.field == check.__name__.removeprefix("check_")
    assert refused.value.reason is reason


def test_texts_at_their_bounds_are_taken() -> None:
    assert len(check_title("x" * 10)) == 10
    assert len(check_title("x" * 150)) == 150
    assert len(check_answer("🌱" * 20)) == 20
    assert len(check_answer("x" * 4000)) == 4000
    assert check_reason("") == ""


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("", ()),
        (" , ,, ", ()),
        ("#Sleep  C++ .net c#", ("sleep", "c++", ".net", "c#")),
        ("night shift, Sleep", ("night-shift", "sleep")),
        ("हिन्दी", ("हिन्दी",)),
        ("<@1> `x` \u202ebad\u200b", ("1", "x", "bad")),
    ],
)
def test_tags(typed: str, tags: tuple[str, ...]) -> None:
    assert check_tags(typed) == tags


def test_a_single_tag() -> None:
    assert check_tag("  #Panic Attack ") == "panic-attack"
    for typed, why in (("", Problem.EMPTY), ("***", Problem.EMPTY), ("a, b", Problem.TOO_MANY)):
        with pytest.raises(Invalid) as refused:
            check_tag(typed)
        assert (refused.value.field, refused.value.reason) == ("tags", why)


@given(st.text(max_size=60))
def test_a_tag_is_read_back_alike(typed: str) -> None:
    """Also from a custom id, whose parts have neither spaces nor colons."""
    try:
        tag = check_tag(typed)
    except Invalid:
        return
    assert check_tag(tag) == tag
    assert read_custom_id(custom_id("tag.merge", tag, tag)) == Control("tag.merge", (tag, tag))


@given(st.text(max_size=120))
def test_tags_are_stored_and_read_back_alike(typed: str) -> None:
    try:
        tags = check_tags(typed)
    except Invalid:
        return
    assert tuple(" ".join(tags).split()) == tags
    assert check_tags(",".join(tags)) == tags


@pytest.mark.parametrize(
    "title",
    ["失眠怎么办？", "眠れないときは？", "왜 잠이 안 와요?", "夜班后怎么入睡？", "ทำอย่างไรดี"],
)
def test_a_question_in_few_signs_is_a_title(title: str) -> None:
    assert check_title(title) == title


@pytest.mark.parametrize("title", ["?!?! ...... ????", "🌱" * 20, "12 ?????????", "C# ........."])
def test_a_title_has_letters(title: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_title(title)
    assert refused.value.reason is Problem.NO_LETTERS


def test_marks_of_formatting_are_not_words() -> None:
    assert check_answer("多喝水，早点睡，睡前别看手机。")
    assert check_answer("**Sleep** in a cold room, always.")
    for typed in ("好。", "**||`a`||** ~~__b__~~ `c`", "**a** __b__ ~~c~~ *d* ||e|| **f** *g*"):
        with pytest.raises(Invalid) as refused:
            check_answer(typed)
        assert refused.value.reason is Problem.TOO_SHORT
