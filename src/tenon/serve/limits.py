"""How much is asked of a served model at once, and how a body that is too large is turned away before it is read."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True)
class Limits:
    """megabytes : of a request; rows : of one; waiting : requests that wait for their answer; seconds : that one waits, and that
    each part of its body may take.
    """

    megabytes: float = 32.0
    rows: int = 10_000
    waiting: int = 256
    seconds: float = 60.0

    @property
    def n_bytes(self) -> int:
        return int(self.megabytes * 2**20)


class TooLarge(HTTPException):
    """A body with more bytes than the limit."""

    def __init__(self, limits: Limits):
        super().__init__(413, f"a request has {limits.megabytes:g} MB at most; send its rows in several")


class TooSlow(HTTPException):
    """A body of which nothing came for longer than the limit."""

    def __init__(self, limits: Limits):
        super().__init__(408, f"nothing more of the request came within {limits.seconds:g} seconds; send it again")


class TooManyRows(HTTPException):
    """A file with more rows than the limit."""

    def __init__(self, file: str, most: int):
        super().__init__(413, f"{file} has more than {most:,} rows; send {most:,} at most at once")


class Guard:
    """Passes requests on, and looks after their bodies: how large they get, for a length that is told may be wrong, and how long
    the next part takes. Who still waits when the server ends is told so.
    """

    def __init__(self, app: Any, limits: Limits):
        self.app, self.limits = app, limits

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def sent(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, Body(receive, self.limits), sent)
        except asyncio.CancelledError:
            if not has_begun:
                await JSONResponse({"error": "the server is being stopped; ask again later."}, 503)(scope, receive, send)


class Body:
    """What a request brings, part by part. Raises TooLarge, or TooSlow where the next part does not come."""

    def __init__(self, receive: Receive, limits: Limits):
        self.receive, self.limits = receive, limits
        self.n_read, self.is_whole = 0, False

    async def __call__(self) -> Message:
        try:
            message = await asyncio.wait_for(self.receive(), None if self.is_whole else self.limits.seconds)
        except TimeoutError as error:
            raise TooSlow(self.limits) from error
        self.n_read += len(message.get("body", b""))
        self.is_whole = not message.get("more_body", False)
        if self.n_read > self.limits.n_bytes:
            raise TooLarge(self.limits)
        return message
