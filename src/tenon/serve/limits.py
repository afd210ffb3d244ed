"""How much is asked of a served model at once, and how bodies that are too large or too slow are turned away."""

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
    """megabytes : of a request; rows : of one; waiting : requests that wait for their answer; seconds : that its body may take,
    and then its answer.
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
    """A body that was not whole within the limit."""

    def __init__(self, limits: Limits):
        super().__init__(
            408, f"the request was not whole within {limits.seconds:g} seconds; send it again", {"Connection": "close"}
        )


class TooManyRows(HTTPException):
    """A file with more rows than the limit."""

    def __init__(self, file: str, most: int):
        super().__init__(413, f"{file} has more than {most:,} rows; send {most:,} at most at once")


class Guard:
    """Passes requests on, with an eye on their bodies: how large they get, for a length that is told may be wrong, how slowly.

    Who still waits when the server ends is told so.
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
    """What a request brings, part by part. Raises TooLarge, or TooSlow where it is not whole in time."""

    def __init__(self, receive: Receive, limits: Limits):
        self.receive, self.limits = receive, limits
        self.n_read, self.is_whole = 0, False
        self.until = asyncio.get_running_loop().time() + limits.seconds

    async def __call__(self) -> Message:
        try:
            async with asyncio.timeout_at(None if self.is_whole else self.until):
                message = await self.receive()
        except TimeoutError as error:
            raise TooSlow(self.limits) from error
        self.n_read += len(message.get("body", b""))
        self.is_whole = not message.get("more_body", False)
        if self.n_read > self.limits.n_bytes:
            raise TooLarge(self.limits)
        return message
