"""What methods of a run begin with, such as the folder of an encoder: known by what it holds, since that may change later."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tenon.errors import RunFolderError
from tenon.files import parts_checksum
from tenon.trials.ask import CHECKPOINT, Ask
from tenon.variant import method_of


def weights_of(ask: Ask) -> dict[str, str]:
    """Return the checksum of all that methods start from, by its path."""
    read = {method.name: [CHECKPOINT, *method.pretrained] for method in ask.chosen()}
    given = [(settings, name) for row, settings in ask.all_settings.items() for name in read.get(method_of(row), ())]
    paths = sorted({str(settings[name]) for settings, name in given if settings.get(name)})
    return {path: known_by for path in paths if (known_by := parts_checksum(Path(path)))}


def check_weights(run: Path, settings: Mapping[str, Any], then: Mapping[str, str]) -> None:
    """Raise RunFolderError where a method begins with something else than when the run was made.

    settings : of the method. then : what all methods began with, as `weights_of` tells of it.
    """
    for path in map(str, settings.values()):
        if path in then and parts_checksum(Path(path)) != then[path]:
            what = f"{path} was changed since {run} was made" if Path(path).exists() else f"{path} is not found from here"
            back = "Put it back, go to the folder that it was named from, or run the comparison again."
            raise RunFolderError(f"{what}, and the chosen method begins with it. {back}")
