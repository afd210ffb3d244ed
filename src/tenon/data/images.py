"""A folder of images into rows: each subfolder is a class, or, for new rows, images lie flat or by class.

With nothing but `train/` and `test/` inside, both by class, the second holds the final rows.
"""

import io
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenon.data.wording import listed, row_numbers, where
from tenon.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")
PARTS = {"train", "test", "val", "valid", "validation", "dev"}


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
    folders = _visible_folders(root)
    names = {folder.name for folder in folders}
    if {"train", "test"} < names <= PARTS:
        extra = sorted(names - {"train", "test"})
        raise DataError(f"{root.name} holds train, test and {', '.join(extra)}; put the images of {extra[0]} into train.")
    is_parted = names == {"train", "test"}
    paths, labels, notes = _by_class(root / "train" if is_parted else root, root)
    final_paths, final_labels, final_notes = _by_class(root / "test", root) if is_parted else ([], [], [])
    if len(set(labels)) == 1:
        raise DataError(
            f"{root.name} holds one class only, {labels[0]!r}; put the images of each class into a folder of its name."
        )
    if strange := sorted(set(final_labels) - set(labels)):
        raise DataError(f"{root.name}: test holds classes that train does not: {listed(strange)}.")
    about = check_images(root, [*paths, *final_paths])
    return ImageFolder(root, paths, labels, final_paths, final_labels, about, (*notes, *final_notes))


def list_images(root: Path) -> tuple[list[str], list[str]]:
    """Return (images below a folder, other files), as paths relative to it, sorted; hidden ones are passed over."""
    files = sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())
    visible = [path for path in files if not any(part.startswith(".") for part in path.parts)]
    images = [path.as_posix() for path in visible if path.suffix.lower() in EXTENSIONS]
    others = [path.as_posix() for path in visible if path.suffix.lower() not in EXTENSIONS]
    return images, others


def check_images(root: Path, paths: Sequence[str]) -> str:
    """Open every image and return how many there are and how large. Raises DataError naming those that cannot be read."""
    sizes = {path: _size(path, root) for path in paths}
    if broken := [path for path, size in sizes.items() if size is None]:
        files = "file" if len(broken) == 1 else "files"
        raise DataError(
            f"{root.name}: {len(broken):,} image {files} cannot be read (empty, damaged or too large): {listed(broken)}."
        )
    return f"{len(paths):,} images, {_size_words({size for size in sizes.values() if size})}"


def check_image_cells(file: str, name: str, cells: Iterable[object], root: Path) -> None:
    """Open the images of a column, paths below a folder or bytes. Raises DataError naming the rows that hold none."""
    images = [(row, cell) for row, cell in enumerate(cells) if isinstance(cell, str | bytes)]
    absent = [row for row, cell in images if isinstance(cell, str) and not (root / cell).is_file()]
    if absent:
        path = str(root / next(str(cell) for row, cell in images if row == absent[0]))
        raise _bad_images(file, name, absent, f"there is no image {path!r}")
    if broken := [row for row, cell in images if not _size(cell, root)]:
        raise _bad_images(file, name, broken, "the image cannot be read (empty, damaged or too large)")


def on_grey(image: "Image") -> "Image":
    """Return the image, on grey where parts of it are transparent: their colour is not meant to be seen."""
    from PIL import Image as images

    if image.mode not in ("LA", "PA", "La", "RGBA", "RGBa") and "transparency" not in image.info:
        return image
    seen = image.convert("RGBA")
    return images.alpha_composite(images.new("RGBA", seen.size, (128, 128, 128, 255)), seen).convert("RGB")


def _bad_images(file: str, name: str, rows: list[int], what: str) -> DataError:
    others = f" ({len(rows):,} such cells, rows {row_numbers(np.array(rows), file)})" if len(rows) > 1 else ""
    return DataError(f"{where(file, rows[0])}, column {name!r}: {what}{others}.")


def _size(cell: str | bytes, root: Path) -> tuple[int, int] | None:
    """Return width and height of an image, a path below a folder or bytes, None where it cannot be read."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # a large photograph is no attack
            with Image.open(io.BytesIO(cell) if isinstance(cell, bytes) else root / cell) as image:
                image.verify()
                return image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):  # no image, a damaged one, or one beyond measure
        return None


def _size_words(sizes: set[tuple[int, int]]) -> str:
    small = (min(w for w, _ in sizes), min(h for _, h in sizes))
    large = (max(w for w, _ in sizes), max(h for _, h in sizes))
    if small == large:
        return f"{small[0]} × {small[1]} pixels"
    return f"from {small[0]} × {small[1]} to {large[0]} × {large[1]} pixels"


def _visible_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _by_class(folder: Path, root: Path) -> tuple[list[str], list[str], list[str]]:
    """Return (paths relative to root, class of each, notes) of a folder with a subfolder per class."""
    images, others = list_images(folder)
    flat = [path for path in images if "/" not in path]
    if not images:
        raise DataError(f"{folder.name} holds no images ({', '.join(EXTENSIONS)}) and no table that can be read.")
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
