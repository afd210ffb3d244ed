"""All that is said of a finished run's model, in one call: explain.json."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.errors import DataError
from tenon.explain import known
from tenon.explain.dependence import dependence
from tenon.explain.held_out import HeldOut, held_out
from tenon.explain.importance import importance
from tenon.explain.robustness import robustness
from tenon.explain.rows import placed_rows
from tenon.explain.sequences import sequence_rows
from tenon.explain.single import single_row
from tenon.explain.spoken import spoken_words
from tenon.inner.adjusted import AdjustedModel
from tenon.method import Method
from tenon.watch import SILENT, Watch

if TYPE_CHECKING:
    import pandas as pd

NAME = "explain.json"
OF_COLUMNS: dict[str, Any] = {  # where there is a single one, and what is predicted is no class and no number
    "importance": {"reason": "it reads a single column, so there are none to compare."},
    "dependence": [], "robustness": None, "coefficients": None, "words": [], "word_scale": None, "contributions": None,
    "tree": None, "placed": None,
}  # fmt: skip


@dataclass(frozen=True)
class Explained:
    """What the chosen model of a run goes by."""

    folder: Path
    content: dict[str, Any]  # of explain.json

    @property
    def importance(self) -> "pd.DataFrame":
        """One row a column, or columns that carry nearly the same: by how much the score gets worse, with a 95 % interval."""
        import pandas as pd

        falls = self.content["importance"]
        rows = [*falls.get("columns", []), *falls.get("together", [])]
        table = pd.DataFrame(rows, columns=["columns", "fall", "low", "high"])
        return table.assign(columns=[" + ".join(names) for names in table["columns"]]).set_index("columns")

    @property
    def dependence(self) -> "pd.DataFrame":
        """The mean answer where all cells of a column hold a value: column, value, answer, mean, low, high, least, most.

        low, high : 95 % interval of the change; least, most : what the answers of four fifths of the rows lie between.
        """
        import pandas as pd

        figures = ("mean", "low", "high", "least", "most")
        rows = [
            (one["column"], value, answer["answer"], *(answer[name][i] for name in figures))
            for one in self.content["dependence"] for answer in one["answers"] for i, value in enumerate(one["values"])
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["column", "value", "answer", *figures])

    @property
    def robustness(self) -> "pd.DataFrame":
        """One row a disturbance of the rows: the score then, by how much it is worse, with a 95 % interval, and the verdict."""
        import pandas as pd

        rows = (self.content["robustness"] or {}).get("rows", [])
        return pd.DataFrame(rows, columns=["what", "score", "fall", "low", "high", "p_value", "verdict"]).set_index("what")

    @property
    def coefficients(self) -> "pd.DataFrame":
        """The greatest coefficients of a linear model; empty for others."""
        import pandas as pd

        return pd.DataFrame((self.content["coefficients"] or {}).get("rows", []))

    @property
    def contributions(self) -> "pd.Series":
        """Mean size of each column's contributions to the answers of trees; empty for others."""
        import pandas as pd

        columns = (self.content["contributions"] or {}).get("columns", [])
        return pd.Series({one["column"]: one["mean"] for one in columns}, name="mean contribution", dtype=float)

    @property
    def words(self) -> "pd.DataFrame":
        """The words of text columns that speak most for each answer: column, answer, word, weight, low, high.

        Weights of linear models have no interval; of networks they are means over rows, low and high the ends of 95 %.
        """
        import pandas as pd

        rows = [
            (side["column"], side["answer"], *pair, *ends)
            for side in self.content["words"]
            for pair, ends in zip(side["words"], side.get("ends", [(None, None)] * len(side["words"])), strict=True)
        ]
        return pd.DataFrame(rows, columns=["column", "answer", "word", "weight", "low", "high"])

    @property
    def rows(self) -> "pd.DataFrame":
        """Rows that a network which reads images or texts did not see: row, label, prediction, is_right; empty for others."""
        import pandas as pd

        rows = (self.content["placed"] or {}).get("rows", [])
        return pd.DataFrame(rows, columns=["row", "label", "prediction", "is_right"]).set_index("row")

    @property
    def drivers(self) -> "pd.DataFrame":
        """What drove the prediction of the row that was asked for: column, cell, effect; empty where none was."""
        import pandas as pd

        return pd.DataFrame((self.content["row"] or {}).get("drivers", []), columns=["column", "cell", "effect"])


def explain_run(
    path: Path, row: int | None = None, data: Any = None, methods: Sequence[Method] = (), watch: Watch = SILENT
) -> dict[str, Any]:
    """Explain the chosen model, write explain.json into the run's folder and return its content.

    row : number of a row to explain too, counted from 1. data : where the data are now, if they moved. methods : of one's own.
    Deterministic: the run's own seed draws rows and permutations. Raises RunFolderError, DataError, ModelFileError.
    """
    held = held_out(path, data, methods, _seed(path), watch)
    content: dict[str, Any] = {**about(held), "row": None if row is None else single_row(held, row, _seed(path), watch)}
    content |= overall(held, watch)
    held.folder.write(NAME, content)
    return content


def _seed(path: Path) -> int:
    from tenon.trials.folder import RunFolder

    return int(RunFolder(path).read("run.json")["asked"]["seed"])


def about(held: HeldOut) -> dict[str, Any]:
    """Return what was explained, and on which rows."""
    task, schema = held.task, held.model.schema
    return {
        "method": held.chosen,
        "target": task.target,
        "task": task.kind,
        "metric": held.run["asked"]["metric"],
        "labels": list(task.labels),
        "is_final": held.is_final,
        "n_parts": len(held.parts),
        "rows": len(held.frame),
        "rows_in_all": held.n_all,
        "has_groups": schema.with_role("group") is not None,
        "is_calibrated": isinstance(held.model, AdjustedModel) and held.model.adjustment.calibration is not None,
        "kinds": {name: schema[name].kind for name in schema.features()},
    }


def overall(held: HeldOut, watch: Watch = SILENT) -> dict[str, Any]:
    """Return {importance, dependence, robustness, coefficients, words, word_scale, contributions, tree, placed, sequences}.

    What there is not is None or empty.
    """
    seed = int(held.run["asked"]["seed"])
    if held.task.is_of_sequences:
        falls = _falls(held, seed, watch) if len(held.model.schema.features()) > 1 else OF_COLUMNS["importance"]
        return {**OF_COLUMNS, "importance": falls, "sequences": sequence_rows(held, watch)}
    falls = _falls(held, seed, watch)
    sturdy = None if "reason" in falls else _sturdy(held, seed, watch)
    names = [one["columns"][0] for one in falls.get("columns", [])]
    said = held.model.explain_rows(held.parts[0].rows.rows(held.parts[0].rows.row_ids[:1]))
    table = said.get("coefficients")
    return {
        "importance": falls,
        "dependence": dependence(held, names, seed, watch),
        "robustness": sturdy,
        "coefficients": None if table is None else known.coefficients(table, said["scale"]),
        **_of_words(held, said, seed, watch),
        "contributions": known.contributions(held, seed) if "contributions" in said else None,
        "tree": known.drawn_tree(held.model),
        "placed": placed_rows(held, list(said), seed, watch),
        "sequences": None,
    }


def _falls(held: HeldOut, seed: int, watch: Watch) -> dict[str, Any]:
    """Return the importance of columns, or why there is none."""
    try:
        return importance(held, seed, watch)
    except DataError as error:  # say the metric is not defined on these rows
        return {"reason": str(error)}


def _of_words(held: HeldOut, said: dict[str, Any], seed: int, watch: Watch) -> dict[str, Any]:
    """Return {words, word_scale}: weights of words, or what they do over rows, and what these add to."""
    if "coefficients" in said:
        return {"words": known.words(said["coefficients"], held.model), "word_scale": said["scale"]}
    if "readings" in said:
        unit = "number" if held.task.is_regression else "log odds"
        return {"words": spoken_words(held, seed, watch), "word_scale": unit}
    return {"words": [], "word_scale": None}


def _sturdy(held: HeldOut, seed: int, watch: Watch) -> dict[str, Any] | None:
    """Return what disturbed rows cost; None, and a note, where the model says nothing of such rows, as of missing cells."""
    try:
        return robustness(held, seed, watch)
    except DataError as error:
        watch.note(f"It is not told what disturbed rows cost: {error}")
        return None
