"""A question's thread is called as its title is, by the bot alone, and not too often."""

from __future__ import annotations

import simcord

from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.replies import filled
from tests.support.server import Card, Server
from tests.support.simulator import archive, requests_since


async def edit(alice: simcord.MemberActor, question: Card, title: str) -> None:
    shown = await alice.slash(question.thread, "edit", post="#1")
    await alice.submit_modal(shown, filled(shown) | {"title": title})


def namings(env: simcord.Env, question: Card, since: int) -> int:
    return requests_since(env, since).count(f"PATCH /channels/{question.thread.id}")


@on_sqlite
async def test_an_edited_title_names_the_thread_at_most_twice_in_ten_minutes(
    env: simcord.Env, question: Card, alice: simcord.MemberActor
) -> None:
    before = len(env.http_requests)
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday"):
        await edit(alice, question, f"How do I sleep on a {day}?")
        await env.advance_time(5)
    assert question.thread.name == "How do I sleep on a Tuesday?"
    assert question.title == "How do I sleep on a Thursday?", "the card does not wait"
    assert namings(env, question, before) == 2
    await env.advance_time(600)
    assert question.thread.name == "How do I sleep on a Thursday?"
    assert namings(env, question, before) == 3


@on_sqlite
@in_a_forum
async def test_a_moderators_name_stays(
    env: simcord.Env, question: Card, alice: simcord.MemberActor
) -> None:
    env.backend.edit_channel(question.thread.id, {"name": "[pinned] sleeping"})
    await env.settle()
    await edit(alice, question, "How do I sleep on a Monday?")
    await env.advance_time(5)
    assert question.thread.name == "[pinned] sleeping"


@on_sqlite
@in_a_forum
async def test_a_thread_that_rests_is_named_when_it_next_wakes(
    env: simcord.Env, server: Server, question: Card, alice: simcord.MemberActor
) -> None:
    old = question.thread.name
    await archive(env, question.thread)
    shown = await alice.slash(server.lounge, "edit", post="#1")
    await alice.submit_modal(shown, filled(shown) | {"title": "How do I sleep on a Monday?"})
    await env.advance_time(5)
    assert question.thread.name == old
    await archive(env, question.thread, archived=False)
    await env.advance_time(5)
    assert question.thread.name == "How do I sleep on a Monday?"
