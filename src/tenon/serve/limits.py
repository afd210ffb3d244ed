"""How much is asked of a served model at once, and how a body that is too large is turned away before it is read."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True)
class Limits:
    """megabytes : of a request; rows : of one; waiting : requests that wait for their answer; seconds : that one waits."""

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


class TooManyRows(HTTPException):
    """A file with more rows than the limit."""

    def __init__(self, file: str, most: int):
        super().__init__(413, f"{file} has more than {most:,} rows; send {most:,} at most at once")


class Guard:
    """Passes requests on, and counts the bytes of their bodies while they come in: a length that is told may be wrong."""

    def __init__(self, app: Any, limits: Limits):
        self.app, self.limits = app, limits

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        n_read = 0

        async def counted() -> Message:
            nonlocal n_read
            message = await receive()
            n_read += len(message.get("body", b""))
            if n_read > self.limits.n_bytes:
                raise TooLarge(self.limits)
            return message

        await self.app(scope, counted, send)
