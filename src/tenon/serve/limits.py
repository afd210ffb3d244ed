"""How much is asked of a served model at once: bodies that are too large or too slow are turned away, who leaves is let go."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
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

    Who still waits when the server ends is told so. Where the client is gone, so is the work for it.
    """

    def __init__(self, app: Any, limits: Limits):
        self.app: Callable[[Message, Receive, Send], Coroutine[Any, Any, None]] = app
        self.limits = limits

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body, has_begun, has_ended = Body(receive, self.limits), False, False

        async def sent(message: Message) -> None:
            nonlocal has_begun, has_ended
            has_begun, has_ended = True, message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        work, gone = asyncio.create_task(self.app(scope, body, sent)), asyncio.create_task(body.client_gone())
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if gone.done() and not has_ended:
                work.cancel()
            await work
        except ClientDisconnect:  # in the middle of its request
            pass
        except asyncio.CancelledError:
            work.cancel()
            if not has_begun and not gone.done():
                await JSONResponse({"error": "the server is being stopped; ask again later."}, 503)(scope, receive, send)
        finally:
            gone.cancel()


class Body:
    """What a request brings, part by part. Raises TooLarge, or TooSlow where it is not whole in time."""

    def __init__(self, receive: Receive, limits: Limits):
        self.receive, self.limits = receive, limits
        self.n_read, self.whole = 0, asyncio.Event()
        self.until = asyncio.get_running_loop().time() + limits.seconds

    async def __call__(self) -> Message:
        try:
            async with asyncio.timeout_at(None if self.whole.is_set() else self.until):
                message = await self.receive()
        except TimeoutError as error:
            raise TooSlow(self.limits) from error
        self.n_read += len(message.get("body", b""))
        if not message.get("more_body", False):
            self.whole.set()
        if self.n_read > self.limits.n_bytes:
            raise TooLarge(self.limits)
        return message

    async def client_gone(self) -> None:
        """Return once the client has closed the connection after its request, or has its answer."""
        await self.whole.wait()
        while (await self.receive())["type"] != "http.disconnect":
            pass
