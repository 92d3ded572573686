"""Which story is told in which server."""

from bot.sandbox import story, support_story
from bot.sandbox.stage import Between
from bot.sandbox.telling import Out
from bot.sandbox.world import HARBOUR, World


async def play(world: World, *, out: Out, between: Between | None = None, after: int = 0) -> int:
    """Tell the server's story; see `bot.sandbox.story.play`."""
    told = support_story.play if world.key == HARBOUR.key else story.play
    return await told(world, out=out, between=between, after=after)
