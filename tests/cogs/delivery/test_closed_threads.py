"""A question whose first message was deleted, with what others wrote below it."""

from __future__ import annotations

import simcord

from tests.support.kinds import on_sqlite
from tests.support.server import Card, Server
from tests.support.simulator import exists


@on_sqlite
async def test_a_deleted_first_message_closes_the_thread_and_shown_again_all_is_there_once(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    old = question.thread
    env.backend.delete_message(question.channel_id, question.message_id)
    await env.settle()
    await env.advance_time(5)
    assert exists(env, old.id)
    metadata = env.backend.get_channel(old.id).thread_metadata
    assert metadata is not None
    assert (metadata.archived, metadata.locked) == (True, True)

    await moderator.slash(server.lounge, "show", post="#1")
    await moderator.slash(server.lounge, "show", post="#1.1")
    await env.advance_time(10)
    again, moved = server.card(question.post_id), server.card(answer.post_id)
    assert again.thread.id == moved.channel_id != old.id
    await carol.react(moved.message, "⬆️")
    await env.advance_time(5)
    assert "+1 vote" in moved.text()
