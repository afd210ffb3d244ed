"""What the functions of `tenon.api` return: a finished run, and what was found of it or of data; each shows itself as lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.caller import text, texts, untouched, whole
from tenon.catalogue import AGAIN, load_model, own_methods
from tenon.compress.gather import Compressed
from tenon.compress.onnx_model import METHOD as ONNX
from tenon.data.dataset import Dataset
from tenon.errors import ModelFileError
from tenon.explain.gather import Explained
from tenon.method import Method, Model
from tenon.trials.fixed_board import FixedResult
from tenon.trials.folder import run_above
from tenon.watch import SILENT, Watch

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Result:
    """A finished run, read from its folder. Shows itself as the leaderboard, in a terminal and in a notebook."""

    folder: Path
    methods: tuple[Method, ...] = ()  # methods of one's own, needed again to load their models

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", Path(self.folder))

    @cached_property
    def board(self) -> dict[str, Any]:
        """The content of leaderboard.json."""
        from tenon.trials.folder import RunFolder

        return RunFolder(self.folder).read("leaderboard.json")

    @property
    def leaderboard(self) -> "pd.DataFrame":
        """One row a method, best first; indexed by method name. The score and its interval stand first, the word last."""
        import pandas as pd

        return _begins_with(("score", "low", "high"), pd.DataFrame(self.board["rows"]).set_index("method"))

    @property
    def verdicts(self) -> "pd.DataFrame":
        """One row a pair of methods: which two, effect, interval, p values, posterior, verdict in words."""
        import pandas as pd

        from tenon.trials.folder import RunFolder

        pairs = RunFolder(self.folder).read("verdicts.json")
        return _begins_with(("method_a", "method_b", "effect", "low", "high"), pd.DataFrame(pairs)) if pairs else pd.DataFrame()

    @cached_property
    def insights(self) -> dict[str, Any]:
        """The content of insights.json: cost, lengths, calibration, pr, residuals, slices, twice; see `tenon.insight`.

        A section that could not be made holds the reason.
        """
        from tenon.trials.folder import RunFolder

        return RunFolder(self.folder).read("insights.json")

    @cached_property
    def rows(self) -> "dict[str, pd.DataFrame]":
        """Rows worth a look, indexed by their number in the file: most_wrong, doubtful, label_next.

        Beside label, prediction and probabilities stand the first columns of the data as text; empty where there are none.
        """
        from tenon.insight.frames import row_frames
        from tenon.trials.folder import RunFolder

        return row_frames(RunFolder(self.folder).read("rows.json"))

    @cached_property
    def model(self) -> Model:
        """The chosen model, fitted on all rows that were not put aside."""
        return load(self.folder, self.methods)

    def explain(
        self, row: int | None = None, *, data: "Dataset | pd.DataFrame | str | Path | None" = None,
        lang: str | None = None, no_rows: bool = False, watch: Watch = SILENT,
    ) -> "Explanation":  # fmt: skip
        """Return what the chosen model goes by, and for a row what drove its prediction; leaves explain.html in the folder.

        row : number of the row in the file, counted from 1. data : the data, where they moved since or were a frame. lang,
        no_rows : of the page, as for `compare`; by default in the language of the report. Raises DataError where the data are not
        those of the run any more.
        """
        from tenon.explain.gather import explain_run
        from tenon.report.explained import write_explained
        from tenon.report.language import language, language_of
        from tenon.trials.folder import RunFolder

        lang = language_of(self.folder / "report.html") if lang is None else text("lang", lang)
        language(lang)  # one that there is not is told before anything is done
        with untouched(), RunFolder(self.folder).locked_to_add():
            number = None if row is None else whole("row", row)
            content = explain_run(self.folder, number, data, self.methods, watch)
            write_explained(self.folder, content, lang, no_rows)
        return Explanation(self.folder, content)

    def compress(
        self, only: str | Sequence[str] = (), *, data: "Dataset | pd.DataFrame | str | Path | None" = None, watch: Watch = SILENT
    ) -> "Compression":
        """Make the chosen model smaller and faster, leave each smaller one in compressed/NAME, and say whether it is as good.

        only : names of ways, in a list or with commas between; by default all that are for the model. data : the data, where they
        moved since or were a frame. Raises SettingsError for a way that is not for the model, RunFolderError for a run without
        final rows, DataError where the data are not those of the run any more.
        """
        from tenon.compress.gather import compress_run
        from tenon.trials.folder import RunFolder

        names = [name.strip() for one in texts("only", only) for name in one.split(",") if name.strip()]
        with untouched(), RunFolder(self.folder).locked_to_add():
            return Compression(self.folder, compress_run(self.folder, names, data, self.methods, watch))

    def __repr__(self) -> str:
        from tenon.report.text import closing, lines

        return "\n".join([*lines(self.board), *closing(self.board), f"report  {self.folder / 'report.html'}"])

    def _repr_html_(self) -> str:
        from tenon.report.page import leaderboard_html

        return leaderboard_html(self.board)


class Explanation(Explained):
    """What the chosen model of a run goes by. Shows itself as the lines of `tenon explain`."""

    def __repr__(self) -> str:
        from tenon.report.explained_text import explained_lines

        return "\n".join([*explained_lines(self.content), f"page    {self.folder / 'explain.html'}"])


@dataclass(frozen=True)
class Look:
    """What data hold. Shows itself as the lines of `tenon look`; the page is look.html in the folder."""

    folder: Path
    content: dict[str, Any]  # of look.json

    def __repr__(self) -> str:
        from tenon.report.look_text import look_lines

        return "\n".join([*look_lines(self.content), f"page    {self.folder / 'look.html'}"])


class Compression(Compressed):
    """What became of the chosen model of a run that was made smaller. Shows itself as the lines of `tenon compress`."""

    def __repr__(self) -> str:
        from tenon.report.compressed import compressed_lines

        return "\n".join(compressed_lines(self.content, self.best))


class VerdictResult(FixedResult):
    """What can be said about fixed models. Shows itself as the lines of `tenon verdict`."""

    def __repr__(self) -> str:
        from tenon.report.verdict import verdict_lines

        return "\n".join(verdict_lines(self))


def load(folder: str | Path, methods: "str | Sequence[Any]" = ()) -> Model:
    """Load the model of a run folder, or a model folder itself.

    methods : methods of one's own that the model may have been made by, as `compare` takes them; Tenon's own are known.
    Raises ModelFileError for a folder without a model, a damaged one, or one of a later format.
    """
    with untouched():
        place = model_folder(Path(folder))
        run = run_above(place)
        again = AGAIN if run is None else f"Run tenon compress {run} again, which makes what is not whole."
        return load_model(place, (ONNX, *own_methods(methods)), again)


def model_folder(folder: Path) -> Path:
    """Return the folder of the model, which may stand in the folder of a run."""
    for place in (folder / "model", folder):
        if (place / "model.json").exists():
            return place
    if not folder.is_dir():
        raise ModelFileError(f"{folder} is no folder; name that of a finished run.")
    if (folder / "run.json").exists() and not (folder / "leaderboard.json").exists():
        raise ModelFileError(
            f"the run in {folder} is not finished, so it has no model yet; the line that began it goes on with it."
        )
    raise ModelFileError(f"{folder} holds no model: it has no model.json, nor a folder model with one.")


def _begins_with(names: Sequence[str], frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return the frame with these columns first: pandas shows the outer ones of many, and files have them by the alphabet."""
    return frame[[*names, *(name for name in frame.columns if name not in names)]]
