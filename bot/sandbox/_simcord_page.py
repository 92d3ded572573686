"""The touches of simcord's private parts that its browser page needs; `_simcord` has the others.

A new version of simcord fails loudly at the import of that one: look at these then, too.
"""

# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# ruff: noqa: SLF001

import asyncio
import secrets
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

# Through that module, which keeps the import quiet and asserts the version.
from bot.sandbox._simcord import simcord


@contextmanager
def framed_preview(
    *,
    parents: tuple[str, ...],
    gate: asyncio.Lock,
    files: Mapping[str, tuple[str, str]],
    into_head: str,
) -> Generator[None, None, None]:
    """Make simcord's page fit for a frame in a page of ours.

    `parents` are the origins (`http://127.0.0.1:1234`) that may show it in a frame. `gate` is held
    during whatever the browser does, so that it never overlaps with our own operations, which
    simcord refuses. `files` maps paths to (content type, text) to be served beside simcord's own
    files, and `into_head` is put at the end of its page's head.
    """
    from simcord.preview import Preview
    from simcord.preview._markdown import _FIELD_POLICIES
    from simcord.preview._server import PreviewServer

    static, action = PreviewServer._static, Preview._action
    names, headers = PreviewServer._STATIC_FILES, PreviewServer._SECURITY_HEADERS
    framed = _framed(headers, parents)
    # Discord shows mentions in the body of an embed as names; simcord shows their source.
    bodies = [_FIELD_POLICIES[body] for body in ("embed_description", "embed_field_value")]
    for body in bodies:
        body.update(mentions=True, commands=True)
    PreviewServer._static = _serving(static, files, framed, into_head)
    PreviewServer._STATIC_FILES = {**names, **dict.fromkeys(files, "")}
    PreviewServer._SECURITY_HEADERS = framed
    Preview._action = _acting(action, gate)
    try:
        yield
    finally:
        for body in bodies:
            body.update(mentions=False, commands=False)
        PreviewServer._static = static
        PreviewServer._STATIC_FILES = names
        PreviewServer._SECURITY_HEADERS = headers
        Preview._action = action


def _framed(headers: Mapping[str, str], parents: tuple[str, ...]) -> dict[str, str]:
    """The headers of a page that `parents` may show in a frame."""
    framed = dict(headers)
    # Another port is another origin, which X-Frame-Options cannot allow.
    del framed["X-Frame-Options"]
    framed["Content-Security-Policy"] = headers["Content-Security-Policy"].replace(
        "frame-ancestors 'none'", f"frame-ancestors {' '.join(parents)}"
    )
    return framed


def _serving(
    static: Callable[..., Any],
    files: Mapping[str, tuple[str, str]],
    headers: Mapping[str, str],
    into_head: str,
) -> Callable[..., Any]:
    """What serves simcord's files, by `static`, and ours (see `framed_preview`)."""
    from aiohttp import web
    from simcord.preview._server import PreviewServer

    async def serve(self: PreviewServer, request: web.Request) -> web.Response:
        if request.path in files:
            if request.headers.get("Host", "") not in self._allowed_hosts():
                raise web.HTTPForbidden
            kind, text = files[request.path]
            return web.Response(text=text, content_type=kind, headers=headers)
        response = cast("web.Response", await static(self, request))
        if request.path == "/" and response.text is not None:
            response.text = response.text.replace("</head>", f"{into_head}</head>")
        elif request.path.startswith("/fonts/"):
            # 30 MB that never change; without this each step to another channel reads them anew.
            response.headers["Cache-Control"] = "private, max-age=86400, immutable"
            response.headers.pop("Pragma", None)
        return response

    return serve


def _acting(action: Callable[..., Any], gate: asyncio.Lock) -> Callable[..., Any]:
    """What does an action of the browser, by `action`, while nobody else holds the gate."""
    from simcord.preview import Preview

    async def act(self: Preview, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        async with gate:
            page = self._pages.get(context_id or "")
            if page is not None and "published_revision" in body:
                # The page counts what it has drawn. A card that changed half a second ago must
                # not refuse the form somebody has just filled in; what the action names (control,
                # form, message) is looked up again all the same.
                body = {**body, "published_revision": page.revision}
            return await action(self, context_id, body)

    return act


def show_form(preview: Any, shown: simcord.InteractionResult) -> None:
    """Open the form a context menu led to on the pages of the person who chose it.

    simcord opens only forms that were asked for on its page; `Preview.show` would need the page
    to be loaded again. Its own page, from which each newly loaded one is copied, is left out: the
    form would come back with every reload, long after it was dismissed.
    """
    for page in tuple(preview._pages.values()):
        if page is not preview._python and page.viewer.id == shown._interaction.user_id:
            page.modal = shown
            page.modal_handle = "m_" + secrets.token_urlsafe(12)
            preview._publish(page)


def font(name: str) -> Path:
    """The file of a font that simcord's page brings along."""
    return Path(simcord.__file__).parent / "preview" / "static" / "fonts" / name
