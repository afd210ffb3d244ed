"""What only some models know, made ready to be shown: coefficients, words, blocks that are read, contributions, and trees."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.explain.held_out import HeldOut
from tenon.method import Model

if TYPE_CHECKING:
    import pandas as pd

MOST_COEFFICIENTS = 40
MOST_WORDS = 15  # a class
MOST_ANSWERS = 12  # classes whose words are shown
MOST_COLUMNS = 15  # in the picture of contributions
SHAP_ROWS = 200  # a forest of deep trees takes some milliseconds for each
DEEPEST_ALONE, DEEPEST_OF_MANY = 4, 3  # levels of a drawn tree
Section = dict[str, Any]


def coefficients(table: "pd.DataFrame", scale: str) -> Section | None:
    """Return the greatest coefficients, not of words, vectors, pixels; None where there are none. scale: see `tenon.inside`."""
    own = table[~table["kind"].isin(["text", "image", "vector"])]
    if own.empty:
        return None
    top = own.iloc[np.argsort(-own["coefficient"].abs().to_numpy(), kind="stable")[:MOST_COEFFICIENTS]]
    rows = [{key: plain(value) for key, value in row.items()} for row in top.to_dict("records")]
    return {"rows": rows, "of": len(own), "scale": scale, "answers": [plain(one) for one in own["answer"].unique()]}


def kept_section(known: Section, text: str) -> Section | None:
    """Return {text, blocks}: which parts of a row's text are read, as [start, end, score]; None where the model tells of none."""
    if "kept" not in known:
        return None
    blocks = known["kept"][["start", "end", "score"]].to_numpy()
    return {"text": text, "blocks": [[int(start), int(end), round(float(score), 4)] for start, end, score in blocks]}


def words(table: "pd.DataFrame", model: Model) -> list[Section]:
    """Return for each text column and answer the words that speak most for it; of two classes, and numbers, for either side.

    table : coefficients. A side is {column, answer, words: [[word, weight], ...]}; of numbers the answers are "more" and "less".
    """
    sides = []
    terms = table[table["kind"] == "text"].groupby(["column", "answer", "part"], sort=False)
    of_text = terms["coefficient"].sum().reset_index()  # a Chinese word of one character stands twice: as word and as character
    for (column, answer), part in of_text.groupby(["column", "answer"], sort=False):
        order = np.argsort(part["coefficient"].to_numpy(), kind="stable")
        up, down = part.iloc[order[::-1][:MOST_WORDS]], part.iloc[order[:MOST_WORDS]]
        if of_text["answer"].nunique() > 1 or model.task.has_sets:
            sides.append(_side(column, str(answer), up[up["coefficient"] > 0]))
            continue
        names = ("more", "less") if model.task.is_regression else (str(answer), str(_other(model, answer)))
        sides += [_side(column, names[0], up[up["coefficient"] > 0]), _side(column, names[1], down[down["coefficient"] < 0])]
    return [side for side in sides if side["words"]][: 2 * MOST_ANSWERS]


def _side(column: Any, answer: str, part: "pd.DataFrame") -> Section:
    pairs = [[word, abs(float(weight))] for word, weight in zip(part["part"], part["coefficient"], strict=True)]
    return {"column": column, "answer": answer, "words": pairs}


def _other(model: Model, answer: Any) -> Any:
    return next(label for label in model.task.labels if label != answer)


def contributions(held: HeldOut, seed: int) -> Section | None:
    """Return mean size and, where there is one answer, the single contributions of each column on rows that were held out."""
    import pandas as pd

    said = [part.model.explain_rows(part.rows.rows(_some(part.rows.row_ids, len(held.frame), seed))) for part in held.parts]
    if not all("contributions" in one for one in said):
        return None
    table = pd.concat([by_column(one["contributions"]) for one in said]).fillna(0.0)
    answers = table.index.get_level_values("answer")
    is_one = len(answers.unique()) == 1 or (len(answers.unique()) == 2 and said[0]["unit"] in ("share", "vote"))
    shown = answers[-1] if is_one else None  # of two classes the second: the first has the same with the other sign
    spoken = table[answers == shown] if is_one else table
    sizes = sorted(spoken.abs().mean().items(), key=lambda pair: -pair[1])
    shown_columns = [str(name) for name, _ in sizes[:MOST_COLUMNS]] if is_one else []
    points = _points(held, spoken.droplevel("answer"), shown_columns)
    return {
        "unit": said[0]["unit"],
        "answer": None if shown is None else plain(shown),
        "rows": int(table.index.get_level_values("row").nunique()),
        "columns": [
            {"column": str(name), "mean": float(size), "points": points.get(str(name))} for name, size in sizes if size > 0
        ],
    }


def by_column(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return contributions of features summed for each column of the data."""
    return table.T.groupby(level="column", sort=False).sum().T


def _some(ids: np.ndarray, n_all: int, seed: int) -> np.ndarray:
    n = len(ids) if n_all <= SHAP_ROWS else max(1, SHAP_ROWS * len(ids) // n_all)
    return np.sort(np.random.default_rng([seed, 3]).choice(ids, n, replace=False))


def _points(held: HeldOut, table: "pd.DataFrame", columns: list[str]) -> dict[str, list[list[float | None]]]:
    """Return [contribution, rank of the row's own number among these rows in 0 … 1 or None] of every row, for each column."""
    schema = held.model.schema
    found = {}
    for name in columns:
        cells = held.data.frame.loc[table.index, name]
        is_number = schema[name].kind in ("number", "date")
        ranks = cells.rank(pct=True) if is_number else cells.isna().map(lambda _: np.nan)
        found[name] = [[float(c), None if np.isnan(r) else float(r)] for c, r in zip(table[name], ranks, strict=True)]
    return found


def drawn_tree(model: Model) -> Section | None:
    """Return {root, n, deepest, leaves} of the tree, or of the first of many; None for models without trees.

    root : the node in words with its children, see `tenon.trees.show.Shown`; what lies deeper than `deepest` is left out.
    """
    from tenon.features.origins import origins
    from tenon.trees.show import shown

    inner: Any = getattr(model, "model", model)  # without what is done to its probabilities
    estimator: Any = getattr(inner, "estimator", None)
    trees = getattr(estimator, "trees_", None)
    if trees is None and not hasattr(estimator, "tree_"):
        return None
    tree = estimator.tree_ if trees is None else trees[0] if not isinstance(trees[0], list) else trees[0][0]
    deepest = DEEPEST_ALONE if trees is None else DEEPEST_OF_MANY
    names = [f"{one.column} {one.part}".strip() for one in origins(inner.transformer)]
    classes = None if model.task.is_regression else [model.task.labels[k] for k in inner.present]
    root = shown(estimator, tree, deepest, names, classes)
    n = 1 if trees is None else sum(len(one) if isinstance(one, list) else 1 for one in trees)
    return {"root": asdict(root), "n": n, "deepest": deepest, "leaves": int(tree.n_leaves)}


def plain(value: Any) -> Any:
    """Return a value for JSON: NaN as None, NumPy's numbers as Python's."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and np.isnan(value) else value
