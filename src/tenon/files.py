"""Write files and folders whole or not at all, and tell later whether they still are what was written."""

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import file_digest, sha256
from pathlib import Path
from stat import S_IMODE
from uuid import uuid4

from tenon.errors import ModelFileError, OutputError, failure_reason

WEIGHTS = "model.safetensors"  # of a network, in a folder as Hugging Face lays it out
CHECKSUMS = "checksums.txt"  # SHA-256 of files beside it, as `sha256sum -c checksums.txt` reads it
PARTS = (  # of what is learnt, in such a folder, and of vectors
    "config.json", WEIGHTS, "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "vocab.json",
    "merges.txt", "vectors.safetensors", "words.json",
)  # fmt: skip
OF_OWNER = 0o600  # rights
FULL = (errno.ENOSPC, errno.EDQUOT)
FREE_SOME = "Free some space and run the same line again: what is done stays."
OTHER_PLACE = "Name another place with --out."
WHY = {
    errno.ENOSPC: f"the disk is full. {FREE_SOME}",
    errno.EDQUOT: f"your share of the disk is used up. {FREE_SOME}",
    errno.EACCES: f"you have no right to write there. {OTHER_PLACE}",
    errno.EPERM: f"you have no right to write there. {OTHER_PLACE}",
    errno.EROFS: f"that disk can only be read. {OTHER_PLACE}",
    errno.ENOTDIR: f"a part of this path is a file, no folder. {OTHER_PLACE}",
    errno.EEXIST: f"a part of this path is a file, no folder. {OTHER_PLACE}",
    errno.EISDIR: f"it is a folder. {OTHER_PLACE}",
    errno.ENAMETOOLONG: f"the name is too long. {OTHER_PLACE}",
}


def cannot_write(path: "Path | str", error: OSError) -> OutputError:
    """Return the error that says what stands against writing there, and what to do."""
    said = (
        f"{os.strerror(error.errno)}." if error.errno else f"{error}."
    )  # pyarrow wraps what the system says in words of its own
    return OutputError(f"cannot write {path}: {WHY.get(error.errno or 0, said)}")


def reason_of(error: Exception) -> str:
    """Return why a method failed. Raises OutputError where that was no fault of its own: the disk is full."""
    if isinstance(error, OutputError):
        raise error
    if isinstance(error, OSError) and error.errno in FULL:
        raise cannot_write(error.filename or "a file of the method's own", error) from error
    return failure_reason(error)


@contextmanager
def writing(path: "Path | str") -> Iterator[None]:
    """Raise OutputError, with this path, for what the system has against the writing that is done in the block."""
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error) from error
    except Exception as error:  # safetensors' own among them, which is not loaded to be named here
        if number := _number_in(error):
            raise cannot_write(path, OSError(number, os.strerror(number))) from error
        raise


def _number_in(error: Exception) -> int | None:
    """Return the number of what the system said where safetensors tells of it, in an error of its own; None for all others."""
    from safetensors import SafetensorError

    found = re.search(r"\(os error (\d+)\)", str(error)) if isinstance(error, SafetensorError) else None
    return int(found[1]) if found else None


@contextmanager
def reading(what: str, advice: str = ".") -> Iterator[None]:
    """Raise ModelFileError, "what (why)advice", for whatever goes wrong in the block; one that says so itself is passed on.

    That is broad on purpose: there is no telling what a damaged file makes of its reader.
    """
    try:
        yield
    except ModelFileError:
        raise
    except Exception as error:
        raise ModelFileError(f"{what} ({failure_reason(error)}){advice}") from error


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield a path to write to; it takes the place of `path` when the block ends well and vanishes when it does not.

    Raises OutputError where nothing can be written.
    """
    unfinished = _beside(path)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            unfinished.touch()
            rights = unfinished.stat().st_mode
            yield unfinished
            _share(unfinished, rights)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)


@contextmanager
def new_text(path: Path) -> Iterator[Callable[[str], None]]:
    """Yield what adds text to a file, in UTF-8, which takes the place of `path` when the block ends well and vanishes when not.

    Raises OutputError where nothing can be written; what else the block raises it leaves alone. A character that UTF-8 lacks (of
    a file name in another encoding) is written as JSON writes it, with a backslash.
    """
    unfinished = _beside(path)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = unfinished.open("w", encoding="utf-8", errors="backslashreplace")

    def add(text: str) -> None:
        with writing(path):
            file.write(text)

    try:
        yield add
        with writing(path):
            file.close()
            os.replace(unfinished, path)
    finally:
        with suppress(OSError):  # what a full disk did not take is tried once more
            file.close()
        unfinished.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder to fill; it becomes `path` (replacing an old one) when the block ends well.

    Raises OutputError where nothing can be written.
    """
    unfinished = _beside(path)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir()
        try:
            yield unfinished
            for file in unfinished.rglob("*.safetensors"):
                _share(file, unfinished.stat().st_mode)
            if path.exists():
                shutil.rmtree(path)
            os.replace(unfinished, path)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _share(file: Path, rights: int) -> None:
    """Give a file the rights to read and write that new ones have; safetensors 0.8 lets its owner alone read what it writes."""
    if S_IMODE(file.stat().st_mode) == OF_OWNER:
        file.chmod(rights & 0o666)


def _beside(path: Path) -> Path:
    """Return the name of what is not finished yet."""
    return path.with_name(f".{path.name}.{uuid4().hex[:8]}")


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all, as `new_text` does."""
    with new_text(path) as add:
        add(text)


def seal(folder: Path, names: Iterable[str] | None = None) -> None:
    """Write down the checksums of these files of the folder, beside those that stand there; by default of all its files."""
    if names is None:
        names = [path.name for path in folder.iterdir() if path.is_file() and path.name != CHECKSUMS]
    sums = (_checksums(folder) or {}) | {name: file_checksum(folder / name) for name in names}
    write_text(folder / CHECKSUMS, "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))


def changed(folder: Path, names: Iterable[str] | None = None) -> list[str]:
    """Return which of these files, by default of all that were sealed, are gone or not as they were sealed.

    Where the checksums cannot be read, they are what has changed. Of a file that was never sealed nothing is known.
    """
    if not (folder / CHECKSUMS).exists():
        return []
    sums = _checksums(folder)
    if sums is None:
        return [CHECKSUMS] if names is None else []
    wanted = sums if names is None else [name for name in names if name in sums]
    return [name for name in wanted if not (folder / name).is_file() or file_checksum(folder / name) != sums[name]]


def is_sealed(path: Path) -> bool:
    """Whether the file is one of those whose checksums stand beside it, or holds them."""
    return path.name in {CHECKSUMS, *(_checksums(path.parent) or {})} and (path.parent / CHECKSUMS).exists()


def file_checksum(path: Path) -> str:
    """Return the SHA-256 of a file, as 64 hex digits."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def parts_checksum(path: Path) -> str:
    """Return the checksum of a file, or of all files of a folder that a network or vectors may consist of; "" of none."""
    if path.is_file():
        return file_checksum(path)
    files = [path / name for name in PARTS if (path / name).is_file()]
    return sha256("".join(f"{file_checksum(file)}  {file.name}\n" for file in files).encode()).hexdigest() if files else ""


def _checksums(folder: Path) -> dict[str, str] | None:
    """Return file name -> checksum; None where there are none that can be read."""
    try:
        lines = (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    pairs = [line.partition("  ") for line in lines]
    if not pairs or not all(len(known) == 64 and name and Path(name).name == name for known, _, name in pairs):
        return None
    return {name: known for known, _, name in pairs}
