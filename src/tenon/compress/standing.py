"""Which smaller models stand whole in a run's folder, so that work that was stopped goes on with the others.

compressed/made.json holds a checksum for each way that is over: of the smaller model's files, of the model that it was made of,
and of what else decides it. A folder that was left half-made, or was made of another model or by another Tenon, has none.
"""

import json
from hashlib import sha256
from pathlib import Path

from tenon.files import CHECKSUMS, changed, write_text
from tenon.method import versions

NAME = "made.json"


def is_standing(place: Path, original: Path, seed: int) -> bool:
    """Whether the smaller model in a folder is whole, and the very one that would be made of the original now."""
    return (
        (place / CHECKSUMS).is_file()
        and not changed(place)
        and _kept(place.parent).get(place.name) == _key(place, original, seed)
    )


def keep_standing(place: Path, original: Path, seed: int) -> None:
    """Write down that the smaller model in a folder is whole. Raises OutputError where that cannot be done."""
    kept = _kept(place.parent) | {place.name: _key(place, original, seed)}
    write_text(place.parent / NAME, json.dumps(kept, indent=1, sort_keys=True) + "\n")


def _key(place: Path, original: Path, seed: int) -> str:
    sums = [(folder / CHECKSUMS).read_text(encoding="utf-8") for folder in (place, original) if (folder / CHECKSUMS).is_file()]
    return sha256(json.dumps([*sums, seed, versions()]).encode()).hexdigest()


def _kept(folder: Path) -> dict[str, str]:
    """Return the checksum of each way; none where the file is gone or damaged: all is made again then."""
    try:
        kept = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
