"""A run's model as it is served, and the server that listens until it is stopped."""

import errno
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.api import load
from tenon.errors import DataError, NeedsExtra, RunFolderError, SettingsError
from tenon.explain.held_out import rows_beside
from tenon.trials.folder import run_above

if TYPE_CHECKING:
    from tenon.serve.limits import Limits
    from tenon.serve.served import Served

ANYWHERE = ("0.0.0.0", "::")
QUEUE = 1_024  # connections that nobody has accepted yet


def served(run: Path, data: Any = None, methods: Any = ()) -> "tuple[Served, list[str]]":
    """Return the model of a run, or a smaller one of it, with rows of its data, and what to tell.

    data : where the data are now, if they moved; where they are not found, rows are explained without them. Raises NeedsExtra
    where the packages are missing, ModelFileError for a folder without a model, DataError where data that are named do not fit.
    """
    check_packages()
    from tenon.serve.served import Served

    model = load(run, methods)
    try:
        return Served(model, run.resolve().name, rows_beside(run_above(run) or run, data, model)), []
    except (DataError, RunFolderError) as error:
        if data is not None:
            raise
        return Served(model, run.resolve().name), [f"{error} Rows are explained by what the model itself knows."]


def check_packages() -> None:
    """Raise NeedsExtra where what serves is not installed."""
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise NeedsExtra("tenon serve needs tenon[serve]: pip install 'tenon[serve]'") from error


def listen(of: "Served", at: socket.socket, host: str, lang: str, limits: "Limits") -> None:
    """Answer at a socket until it is stopped. host : the name that it was bound to."""
    import uvicorn

    from tenon.serve.app import LOOPBACK, application

    hosts = () if host in ANYWHERE else (*LOOPBACK, host)
    config = uvicorn.Config(application(of, limits, lang, hosts), log_level="warning", timeout_graceful_shutdown=5)
    uvicorn.Server(config).run([at])


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens at the address. Raises SettingsError where there is none, or another program listens."""
    if not 0 <= port < 2**16:
        raise SettingsError(f"--port takes a number from 0 to 65535; got {port}.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=QUEUE)
    except OSError as error:
        why = str(error.strerror or error).partition(" (while attempting")[0]  # Python's own words name the address again
        taken = "; another program listens there: give --port another number" if error.errno == errno.EADDRINUSE else ""
        raise SettingsError(f"cannot listen at {host}, port {port}: {why}{taken}.") from error
