"""A folder of images into rows: each subfolder is a class, or, for new rows, images lie flat or by class.

With nothing but `train/` and `test/` inside, both by class, the second holds the final rows.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tenon.data.pictures import Size, looked_at
from tenon.data.wording import MOST_NAMES, enumeration, listed, row_numbers, where
from tenon.errors import DataError

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")
PARTS = ("train", "test", "val", "valid", "validation", "dev")


@dataclass(frozen=True)
class ImageFolder:
    """Images of a folder by class, in sorted order of their paths."""

    root: Path
    paths: list[str]  # relative to root, with forward slashes
    labels: list[str]
    final_paths: list[str]
    final_labels: list[str]
    about: str  # "2,000 images, 32 × 32 pixels"
    notes: tuple[str, ...]

    @property
    def how_read(self) -> str:
        kinds = Counter(Path(path).suffix.lower().lstrip(".") for path in (*self.paths, *self.final_paths))
        return ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))


def read_image_folder(root: Path) -> ImageFolder:
    """Return the images of a folder with a subfolder per class. Raises DataError for other folders and broken images."""
    parts = {folder.name.lower(): folder for folder in _visible_folders(root) if folder.name.lower() in PARTS}
    is_parted = len(parts) == len(_visible_folders(root)) > 0
    if is_parted:
        _check_parts(root, parts)
    paths, labels, notes = _by_class(parts["train"] if is_parted else root, root)
    final_paths, final_labels, final_notes = _by_class(parts["test"], root) if is_parted else ([], [], [])
    if len(set(labels)) == 1:
        raise DataError(
            f"{root.name} holds one class only, {labels[0]!r}; put the images of each class into a folder of its name."
        )
    if strange := sorted(set(final_labels) - set(labels)):
        raise DataError(f"{root.name}: test holds classes that train does not: {listed(strange)}.")
    about = check_images(root, [*paths, *final_paths])
    return ImageFolder(root, paths, labels, final_paths, final_labels, about, (*notes, *final_notes))


def nothing_to_read(folder: Path) -> DataError:
    """Return the error of a folder that holds neither."""
    name, endings = folder.resolve().name, ", ".join(EXTENSIONS)
    return DataError(f"{name} is a folder with nothing to read: no table in it, and no images ({endings}) in it or below.")


def list_images(root: Path) -> tuple[list[str], list[str]]:
    """Return (images below a folder, other files), as paths relative to it, sorted; hidden ones are passed over.

    Links to folders are followed, but no folder is entered twice. Raises DataError for folders that cannot be listed, and for
    names that no text can hold.
    """
    files = sorted(_visible_files(root))
    if odd := [path.as_posix() for path in files if not _is_text(str(path))]:
        names = "name of 1 file is" if len(odd) == 1 else f"names of {len(odd):,} files are"
        raise DataError(f"{root.name}: the {names} not in UTF-8: {listed(odd)}; call them something else.")
    images = [path.as_posix() for path in files if path.suffix.lower() in EXTENSIONS]
    others = [path.as_posix() for path in files if path.suffix.lower() not in EXTENSIONS]
    return images, others


def check_images(root: Path, paths: Sequence[str]) -> str:
    """Open every image and return how many there are and how large. Raises DataError naming those that cannot be read."""
    sizes, broken = set(), []
    for path in paths:
        size, fault = looked_at(root / path)
        if fault:
            broken.append(f"{path!r} {fault}")
        sizes.add(size)
    if broken:
        files = "file" if len(broken) == 1 else "files"
        more = f"; and {len(broken) - MOST_NAMES:,} more" if len(broken) > MOST_NAMES else ""
        raise DataError(
            f"{root.name}: {len(broken):,} image {files} cannot be read: {'; '.join(broken[:MOST_NAMES])}{more}. "
            "Mend or remove what is named."
        )
    return f"{len(paths):,} images, {_size_words(sizes)}"


def check_image_cells(file: str, name: str, cells: Iterable[object], root: Path, start: int = 0) -> None:
    """Open the images of a column, paths below a folder or bytes. Raises DataError naming the rows that hold none.

    start : how many rows stand above.
    """
    broken: dict[str, list[tuple[int, str | bytes]]] = {}  # by what is wrong
    for row, cell in enumerate(cells, start=start):
        if isinstance(cell, str | bytes):
            fault = looked_at(root / cell if isinstance(cell, str) else cell)[1]
            if fault:
                broken.setdefault(fault, []).append((row, cell))
    for fault, found in broken.items():
        rows, (first, cell) = [row for row, _ in found], found[0]
        image = f"the image {str(root / cell)!r}" if isinstance(cell, str) else "the cell"
        others = f" ({len(rows):,} such cells, rows {row_numbers(np.array(rows), file)})" if len(rows) > 1 else ""
        raise DataError(f"{where(file, first)}, column {name!r}: {image} {fault}{others}.")


def _visible_files(root: Path) -> Iterator[Path]:
    """Yield the files below a folder, relative to it."""
    entered = set()
    for folder, folders, files in os.walk(root, onerror=_refuse, followlinks=True):
        place = os.path.realpath(folder)
        folders[:] = [] if place in entered else sorted(name for name in folders if not name.startswith("."))
        if place not in entered:
            entered.add(place)
            yield from (Path(folder, name).relative_to(root) for name in files if not name.startswith("."))


def _refuse(error: OSError) -> None:
    raise DataError(f"{error.filename} cannot be listed ({error.strerror}).") from error


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes of a name that are no UTF-8 stand in it as halves of characters
        return False
    return True


def _size_words(sizes: set[Size]) -> str:
    small = (min(w for w, _ in sizes), min(h for _, h in sizes))
    large = (max(w for w, _ in sizes), max(h for _, h in sizes))
    if small == large:
        return f"{small[0]} × {small[1]} pixels"
    return f"from {small[0]} × {small[1]} to {large[0]} × {large[1]} pixels"


def _check_parts(root: Path, parts: Mapping[str, Path]) -> None:
    """Raise DataError where the folders are parts of the data, but other ones than train and test. parts : by small letters."""
    if parts.keys() == {"train", "test"}:
        return
    names = [parts[name].name for name in sorted(parts, key=PARTS.index)]
    if len(names) == 1:
        raise DataError(f"{root.name} holds nothing but {names[0]}; name {root.name}/{names[0]} itself.")
    if "train" not in parts:
        raise DataError(f"{root.name} holds {enumeration(names)}, but no train, of which classes are learnt.")
    if "test" not in parts:
        raise DataError(
            f"{root.name} holds {enumeration(names)}; put the images of {names[1]} into {names[0]}, or call it test: "
            "its rows are then the final ones."
        )
    extra = [folder.name for name, folder in parts.items() if name not in ("train", "test")]
    raise DataError(f"{root.name} holds {enumeration(names)}; put the images of {enumeration(extra)} into {parts['train'].name}.")


def _visible_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _by_class(folder: Path, root: Path) -> tuple[list[str], list[str], list[str]]:
    """Return (paths relative to root, class of each, notes) of a folder with a subfolder per class."""
    images, others = list_images(folder)
    flat = [path for path in images if "/" not in path]
    if not images:
        raise nothing_to_read(folder)
    if len(flat) == len(images):
        raise DataError(f"{folder.name} holds images but no subfolders; put the images of each class into a folder of its name.")
    if flat:
        raise DataError(f"{folder.name} holds images beside its class folders ({listed(flat)}); move them into their class.")
    labels = [path.split("/", 1)[0] for path in images]
    notes = []
    if len(others) > 0:
        files = "file that is no image was" if len(others) == 1 else "files that are no images were"
        notes.append(f"{folder.name}: {len(others):,} {files} left out: {listed(others, most=3)}.")
    if empty := [path.name for path in _visible_folders(folder) if path.name not in set(labels)]:
        notes.append(f"{folder.name}: folders without images were left out: {listed(empty)}.")
    prefix = "" if folder == root else f"{folder.name}/"
    return [prefix + path for path in images], labels, notes
