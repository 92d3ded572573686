"""Voting: by reaction, by the *More* menu and by `/vote`; all three are the same vote."""

from __future__ import annotations

import discord
import pytest
import simcord

from bot.usecases import browsing
from data.database import Database
from tests.support.kinds import in_a_forum, in_a_text_channel, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.people import named
from tests.support.replies import buttons, pings, reply_of, sentence
from tests.support.server import Card, Server
from tests.support.simulator import at_once, clear_reactions, requests_since, set_permissions

UP, DOWN = "⬆️", "⬇️"


def reactions(card: Card) -> dict[str, int]:
    """The reactions under a card: emoji → how many, the bot's own included."""
    return {str(r.emoji): r.count for r in card.message.reactions}


async def points(db: Database, person: simcord.MemberActor) -> int:
    return (await browsing.profile(db, person.guild.id, person.id)).points


async def more(person: simcord.MemberActor, card: Card) -> simcord.InteractionResult:
    """A person opens the *More* menu of a card."""
    return await person.click(card.message, label="⋯")


# --- reactions -----------------------------------------------------------------------------------


async def test_a_reaction_is_a_vote(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    db: Database,
) -> None:
    await carol.react(question.message, UP)
    await carol.react(answer.message, UP)
    await alice.react(answer.message, UP)
    await env.advance_time(5)

    assert "+1 vote · 1 answer" in question.text()
    assert "+2 votes" in answer.text()
    assert f"{bob.name} · 180 points" in answer.text()
    assert (await points(db, alice), await points(db, bob)) == (130, 180)
    assert await points(db, carol) == 100  # casting a vote earns nothing
    assert reactions(answer) == {UP: 3, DOWN: 1}
    await assert_consistent(db)


async def test_taking_the_reaction_back_takes_the_vote_back(
    env: simcord.Env, answer: Card, bob: simcord.MemberActor, carol: simcord.MemberActor
) -> None:
    await carol.react(answer.message, UP)
    await env.advance_time(5)
    await carol.unreact(answer.message, UP)
    await env.advance_time(5)

    assert "0 votes" in answer.text()
    assert f"{bob.name} · 140 points" in answer.text()
    assert reactions(answer) == {UP: 1, DOWN: 1}


async def test_one_reaction_takes_the_other_away(
    env: simcord.Env, answer: Card, carol: simcord.MemberActor, configure, db: Database
) -> None:
    await configure("privilege.down_vote", "0")
    await carol.react(answer.message, UP)
    await carol.react(answer.message, DOWN)
    await env.advance_time(5)
    assert "−1 vote" in answer.text()
    assert reactions(answer) == {UP: 1, DOWN: 2}

    await carol.react(answer.message, UP)
    await env.advance_time(5)
    assert "+1 vote" in answer.text()
    assert reactions(answer) == {UP: 2, DOWN: 1}
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_changing_ones_mind_quickly(
    env: simcord.Env, answer: Card, carol: simcord.MemberActor, configure, db: Database
) -> None:
    await configure("privilege.down_vote", "0")
    async with at_once(env):
        for emoji in (UP, DOWN):
            await carol.react(answer.message, emoji)
        await carol.unreact(answer.message, UP)
    await env.advance_time(5)

    assert "−1 vote" in answer.text()
    assert reactions(answer) == {UP: 1, DOWN: 2}
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_the_same_emoji_written_otherwise(
    env: simcord.Env, answer: Card, carol: simcord.MemberActor
) -> None:
    await carol.react(answer.message, "⬆")
    await env.advance_time(5)

    assert "+1 vote" in answer.text()


@on_sqlite
@in_a_forum
async def test_ones_own_post_is_not_voted_on(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    await alice.react(question.message, UP)
    await bob.react(answer.message, UP)
    await bob.react(answer.message, DOWN)
    await env.advance_time(5)

    assert "0 votes" in question.text()
    assert "0 votes" in answer.text()
    for card in (question, answer):
        assert reactions(card) == {UP: 1, DOWN: 1}
    for direction in ("up", "down"):
        told = await alice.slash(question.thread, "vote", direction=direction)
        assert sentence(told) == "You can't vote on your own post."


@on_sqlite
@in_a_forum
async def test_bots_have_no_vote(env: simcord.Env, server: Server, answer: Card) -> None:
    robot = server.guild.add_member(env.create_user("robot", bot=True))
    await robot.react(answer.message, UP)
    await env.advance_time(5)

    assert "0 votes" in answer.text()
    assert reactions(answer) == {UP: 1, DOWN: 1}


@on_sqlite
@in_a_forum
async def test_other_reactions_are_left_alone(
    env: simcord.Env, server: Server, answer: Card, alice: simcord.MemberActor, bob
) -> None:
    message = await alice.send(answer.thread, "Thank you!")
    await bob.react(message, UP)
    await bob.react(answer.message, "🎉")
    await env.advance_time(5)

    assert reactions(answer) == {UP: 1, DOWN: 1, "🎉": 1}
    assert "0 votes" in answer.text()
    (thanks,) = [m for m in answer.thread.history() if m.content == "Thank you!"]
    assert [r.count for r in thanks.reactions] == [1]


@on_sqlite
@in_a_forum
async def test_voting_down_needs_points(
    env: simcord.Env,
    server: Server,
    answer: Card,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    await carol.react(answer.message, DOWN)
    await env.advance_time(5)
    assert "0 votes" in answer.text()
    assert reactions(answer) == {UP: 1, DOWN: 1}
    told = await carol.slash(server.lounge, "vote", direction="down", post="#1.1")
    assert sentence(told) == "Downvoting requires 120 points. You have 100."
    assert "Downvote" not in buttons(await more(carol, answer))

    await alice.react(answer.message, DOWN)  # she has 120, for her question
    await moderator.react(answer.message, DOWN)  # moderators always may
    await env.advance_time(5)
    assert "−2 votes" in answer.text()


@on_sqlite
@in_a_forum
async def test_a_refused_reaction_keeps_the_vote_there_was(
    env: simcord.Env, answer: Card, carol: simcord.MemberActor
) -> None:
    await carol.react(answer.message, UP)
    await carol.react(answer.message, DOWN)  # refused: too few points
    await env.advance_time(5)

    assert "+1 vote" in answer.text()
    assert reactions(answer) == {UP: 2, DOWN: 1}


@on_sqlite
@in_a_forum
async def test_without_down_votes(
    env: simcord.Env, server: Server, alice, carol: simcord.MemberActor, configure
) -> None:
    await configure("downvotes", "off")
    question = await server.ask(alice, "How do I sleep after a night shift?")
    assert reactions(question) == {UP: 1}

    await carol.react(question.message, DOWN)
    await env.advance_time(5)

    assert reactions(question) == {UP: 1}
    assert "0 votes" in question.text()
    told = await carol.slash(question.thread, "vote", direction="down")
    assert sentence(told) == "Downvotes are turned off in this server."


@in_a_forum
async def test_in_private_voting_nobody_sees_who_voted(
    env: simcord.Env, server: Server, alice, carol: simcord.MemberActor, configure, db: Database
) -> None:
    await configure("voting", "private")
    question = await server.ask(alice, "How do I sleep after a night shift?")
    assert reactions(question) == {}

    await carol.react(question.message, UP)
    await env.advance_time(5)
    assert reactions(question) == {}
    assert "▲ 0" in question.text()

    menu = await more(carol, question)
    told = await carol.click(reply_of(menu), label="Upvote")
    assert sentence(told) == "You upvoted #1. It now has +1 vote."
    await env.advance_time(5)
    assert "▲ 1" in question.text()
    assert named(carol) not in question.text()
    assert reactions(question) == {}
    await assert_consistent(db)


@on_sqlite
@in_a_forum
@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("min_account_days", "Your account is still too new. You can vote from <t:"),
        ("min_member_days", "You're still too new in this server. You can vote from <t:"),
    ],
)
async def test_newcomers_can_be_asked_to_wait(
    env: simcord.Env,
    server: Server,
    answer: Card,
    carol: simcord.MemberActor,
    configure,
    setting: str,
    text: str,
) -> None:
    await configure(setting, "3")
    await carol.react(answer.message, UP)
    await env.advance_time(5)
    assert reactions(answer) == {UP: 1, DOWN: 1}
    told = await carol.slash(server.lounge, "vote", direction="up", post="#1.1")
    assert sentence(told).startswith(text)
    assert "Upvote" not in buttons(await more(carol, answer))

    env.backend.advance_clock(3 * 24 * 3600)
    await carol.react(answer.message, UP)
    assert "+1 vote" in answer.text()


@on_sqlite
@in_a_forum
async def test_only_so_many_votes_within_an_hour(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    carol: simcord.MemberActor,
    configure,
) -> None:
    await configure("limit.votes", "1")
    await carol.react(question.message, UP)
    await carol.react(answer.message, UP)
    await env.advance_time(5)

    assert reactions(answer) == {UP: 1, DOWN: 1}
    told = await carol.slash(server.lounge, "vote", direction="up", post="#1.1")
    assert sentence(told).startswith("You've voted 1 time this hour")
    # Taking a vote back is always possible.
    told = await carol.slash(server.lounge, "vote", direction="clear", post="#1")
    assert sentence(told) == "You have no vote on #1. It now has 0 votes."
    await env.advance_time(3601)
    await carol.react(answer.message, UP)
    await env.advance_time(5)
    assert "+1 vote" in answer.text()


@on_sqlite
@in_a_text_channel
async def test_what_is_left_of_a_deleted_question_takes_no_votes(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    asked = await moderator.slash(question.thread, "delete", post="#1")
    await moderator.click(reply_of(asked), label="Delete")
    assert "This question was deleted." in question.text()

    await carol.react(question.message, UP)
    await env.advance_time(5)

    assert reactions(question)[UP] == 1
    told = await carol.slash(server.lounge, "vote", direction="up", post="#1")
    assert sentence(told) == "There's no post #1 in this server. Check its number or link."


# --- the More menu and /vote ---------------------------------------------------------------------


async def test_votes_in_the_more_menu(
    env: simcord.Env, answer: Card, alice: simcord.MemberActor
) -> None:
    menu = await more(alice, answer)
    assert sentence(menu).startswith("**#1.1**")
    assert list(buttons(menu)) == [
        "Upvote",
        "Downvote",
        "Mark as best",
        "Comment",
        "Report",
        "I'm worried…",
        "Link",
    ]

    told = await alice.click(reply_of(menu), label="Upvote")
    assert sentence(told) == "You upvoted #1.1. It now has +1 vote."
    await env.advance_time(5)
    assert "+1 vote" in answer.text()

    menu = await more(alice, answer)
    assert "You upvoted this." in sentence(menu)
    assert list(buttons(menu)) == [
        "Downvote",
        "Remove vote",
        "Mark as best",
        "Comment",
        "Report",
        "I'm worried…",
        "Link",
    ]
    told = await alice.click(reply_of(menu), label="Downvote")
    assert sentence(told) == "You downvoted #1.1. It now has −1 vote."

    menu = await more(alice, answer)
    assert "You downvoted this." in sentence(menu)
    told = await alice.click(reply_of(menu), label="Remove vote")
    assert sentence(told) == "You have no vote on #1.1. It now has 0 votes."
    await env.advance_time(5)
    assert "0 votes" in answer.text()


@in_a_forum
async def test_votes_by_command(
    env: simcord.Env, server: Server, question: Card, answer: Card, carol: simcord.MemberActor
) -> None:
    offered = await carol.autocomplete(question.thread, "vote", "post", "", direction="up")
    assert [c["name"] for c in offered] == [
        "#1 How do I sleep after a night shift?",
        "#1.1 Dark curtains, and no screens before bed.",
    ]
    typed = await carol.autocomplete(question.thread, "vote", "post", "curtains", direction="up")
    assert [c["value"] for c in typed] == ["#1.1"]

    in_thread = await carol.slash(question.thread, "vote", direction="up")
    assert sentence(in_thread) == "You upvoted #1. It now has +1 vote."
    by_number = await carol.slash(server.lounge, "vote", direction="up", post="#1.1")
    assert sentence(by_number) == "You upvoted #1.1. It now has +1 vote."
    again = await carol.slash(server.lounge, "vote", direction="up", post="1.1")
    assert sentence(again) == "You upvoted #1.1. It now has +1 vote."
    cleared = await carol.slash(server.lounge, "vote", direction="clear", post="#1.1")
    assert sentence(cleared) == "You have no vote on #1.1. It now has 0 votes."
    nowhere = await carol.slash(server.lounge, "vote", direction="up")
    assert sentence(nowhere) == "You upvoted #1. It now has +1 vote."  # the only question
    await env.advance_time(5)
    assert "+1 vote" in question.text()
    assert "0 votes" in answer.text()


@pytest.mark.parametrize(("button", "score"), [("Remove vote", "0 votes"), ("Downvote", "−1 vote")])
@on_sqlite
async def test_a_button_takes_off_the_reaction_that_says_otherwise(
    env: simcord.Env, answer: Card, alice: simcord.MemberActor, button: str, score: str
) -> None:
    await alice.react(answer.message, UP)
    menu = await more(alice, answer)
    await alice.click(reply_of(menu), label=button)
    await env.advance_time(5)

    assert score in answer.text()
    assert reactions(answer) == {UP: 1, DOWN: 1}


@in_a_forum
async def test_however_it_is_given_it_is_one_vote(
    env: simcord.Env, server: Server, answer: Card, carol: simcord.MemberActor, db: Database
) -> None:
    await carol.slash(server.lounge, "vote", direction="up", post="#1.1")
    await carol.react(answer.message, UP)
    await env.advance_time(5)
    assert "+1 vote" in answer.text()

    await carol.unreact(answer.message, UP)
    await env.advance_time(5)
    assert "0 votes" in answer.text()
    await assert_consistent(db)


# --- moderators, crowds --------------------------------------------------------------------------


@in_a_forum
@pytest.mark.parametrize("cleared", [UP, None])
async def test_reactions_a_moderator_clears_are_votes_taken_back(
    env: simcord.Env,
    server: Server,
    answer: Card,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    cleared: str | None,
    db: Database,
) -> None:
    await carol.react(answer.message, UP)
    await server.vote(alice, answer, "up")
    await env.advance_time(5)
    assert "+2 votes" in answer.text()

    await clear_reactions(env, answer.message, cleared)
    await env.advance_time(5)

    assert "+1 vote" in answer.text()  # Alice's was given by a button
    assert reactions(answer) == {UP: 1, DOWN: 1}  # the bot offers them again
    await assert_consistent(db)


async def test_thirty_votes_at_once_are_all_counted_in_few_edits(
    env: simcord.Env, server: Server, answer: Card, bob: simcord.MemberActor, db: Database
) -> None:
    crowd = [server.guild.add_member(env.create_user(f"voter{n}")) for n in range(30)]
    start = len(env.http_requests)
    async with at_once(env):
        for person in crowd:
            await person.react(answer.message, UP)
    await env.advance_time(5)

    assert "+30 votes" in answer.text()
    assert f"{bob.name} · 340 points" in answer.text()  # 100 + 40, and votes up to 200
    edit = f"PATCH /channels/{answer.channel_id}/messages/{answer.message_id}"
    assert 1 <= requests_since(env, start).count(edit) <= 3
    assert reactions(answer) == {UP: 31, DOWN: 1}
    await assert_consistent(db)


@in_a_forum
async def test_a_crowd_that_changes_its_mind_by_every_means(
    env: simcord.Env, server: Server, question: Card, answer: Card, configure, db: Database
) -> None:
    await configure("privilege.down_vote", "0")
    crowd = [server.guild.add_member(env.create_user(f"voter{n}")) for n in range(12)]
    menus = [await more(person, answer) for person in crowd]
    async with at_once(env):
        for number, (person, menu) in enumerate(zip(crowd, menus, strict=True)):
            await person.react(question.message, DOWN)
            await person.click(reply_of(menu), label="Downvote" if number % 2 else "Upvote")
            await person.slash(server.lounge, "vote", direction="up", post="#1")
    async with at_once(env):
        for person in crowd:
            await person.react(answer.message, UP)
    await env.advance_time(5)

    assert "+12 votes" in question.text()
    assert "+12 votes" in answer.text()
    assert reactions(question) == {UP: 1, DOWN: 1}  # what the commands replaced is taken off
    assert reactions(answer) == {UP: 13, DOWN: 1}
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_votes_ping_nobody(
    env: simcord.Env, answer: Card, alice: simcord.MemberActor, carol: simcord.MemberActor
) -> None:
    await carol.react(answer.message, UP)
    await env.advance_time(5)

    message: discord.Message = answer.message
    assert pings(message) == []


@pytest.mark.parametrize("animated", [False, True])
@on_sqlite
async def test_an_emoji_of_the_servers_own_is_a_vote_under_any_name(
    server: Server,
    env: simcord.Env,
    guild: simcord.GuildHandle,
    db: Database,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    animated: bool,
) -> None:
    hug = guild.create_emoji("hug", animated=animated)
    await env.settle()
    typed = f"<{'a' if animated else ''}:hug:{hug.id}>"
    reply = await owner.slash(server.lounge, "settings set", name="vote_up_emoji", value=typed)
    assert "**Upvote emoji** is" in sentence(reply)
    question = await server.ask(alice, "How do I sleep after a night shift?")

    # Discord's events call it by the name it has by then, and do not all say that it moves.
    await bob.react(question.message, f"hug:{hug.id}")
    await carol.react(question.message, f"embrace:{hug.id}")
    await alice.react(question.message, f"hug:{hug.id}")
    await env.advance_time(10)
    assert "+2 votes" in question.text()
    shown = [n for emoji, n in reactions(question).items() if str(hug.id) in emoji]
    assert sorted(shown) == [1, 2], "the asker's own is taken off"

    await carol.unreact(question.message, f"embrace:{hug.id}")
    await env.advance_time(10)
    assert "+1 vote" in question.text()
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_a_channels_moderator_votes_like_a_moderator(
    env: simcord.Env, server: Server, answer: Card, carol: simcord.MemberActor, db: Database
) -> None:
    """By reaction as by /vote: a down-vote needs no points of them."""
    set_permissions(env, server.channel, carol.id, manage_messages=True)
    await env.settle()
    await carol.react(answer.message, DOWN)
    await env.advance_time(5)
    assert "−1 vote" in answer.text()
    assert reactions(answer) == {UP: 1, DOWN: 2}
