"""One run at a time in a folder: a lock that the system takes back when its holder ends, however it ends.

The lock is on an open file (flock), which says who holds it. A file that a killed run left behind is therefore no lock.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from tenon.errors import RunFolderError
from tenon.files import writing

try:
    import fcntl
except ImportError:  # Windows has none: there nothing keeps two runs apart
    fcntl = None  # type: ignore[assignment]

NAME = ".lock"


@contextmanager
def locked(folder: Path, advice: str = "Wait for its end, or name another folder with --out.") -> Iterator[None]:
    """Hold the lock of a folder, which is made if need be; advice : to whoever comes while another process holds it.

    Raises RunFolderError where another process holds it, OutputError where nothing can be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = _held(folder, advice)
    try:
        yield
    finally:
        (folder / NAME).unlink(missing_ok=True)
        file.close()


def _held(folder: Path, advice: str) -> IO[str]:
    """Return the open lock file of the folder, which this process now holds."""
    path = folder / NAME
    while True:
        file = path.open("a+", encoding="utf-8")
        if not _take(file):
            with file:
                raise RunFolderError(f"{folder} is in use by another process{_holder(file)}. {advice}")
        if path.exists() and path.stat().st_ino == os.fstat(file.fileno()).st_ino:
            break
        file.close()  # its holder ended just now and removed it: this is a lock on nothing
    file.truncate(0)
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now().isoformat(" ", "seconds")}
    file.write(json.dumps(holder) + "\n")
    file.flush()
    return file


def _take(file: IO[str]) -> bool:
    """Try to lock the file. A file system that knows no locks gives every one."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _holder(file: IO[str]) -> str:
    file.seek(0)
    try:
        who = json.loads(file.read())
        return f" (process {who['pid']} on {who['host']}, since {who['since']})"
    except (ValueError, KeyError, TypeError):  # it is just being written
        return ""
