"""One row: what is predicted, and what drove it.

Trees know it exactly (`contributions`, Shapley values on the scale of their answers). For any other model they are sampled
(Štrumbelj & Kononenko 2014): another row turns into this one, column by column in a random order, and each column has the step
that the answer takes when it turns, averaged over rows and orders. So the columns share what they do together, and add up to
the way from the mean answer to this one; as a number or a probability, or where no probability moves, in log odds. Words of
linear models and naive Bayes add up: coefficient times weight.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unicodedata import category

import numpy as np

from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.data.wording import plain as briefly
from tenon.errors import DataError
from tenon.explain.held_out import HeldOut
from tenon.explain.known import by_column, kept_section, plain
from tenon.explain.looks import looks_section
from tenon.explain.sequences import answer_effects_section, entity_effects_section, sequence_row
from tenon.insight.shown import cell_text, labels_text, picture_of
from tenon.method import Model, Predictions
from tenon.text.units import words_of
from tenon.watch import SILENT, Watch, in_turn

if TYPE_CHECKING:
    import pandas as pd

MOST_OTHERS, MOST_ASKED = 100, 20_000  # other rows that turn into this one; rows that are predicted in all
MOST_CELLS = 2_000_000  # predicted at once
PARTS = 10  # of these predictions, at least: before each it is told how far they are
MOST_WORDS = 20
UNMOVED = 0.01  # a probability that no column moves by more: log odds are looked at instead
LEAST_PROBA = 1e-300
Section = dict[str, Any]


def single_row(held: HeldOut, number: int, seed: int, watch: Watch = SILENT) -> Section:
    """Return what is said of the row of this number, counted from 1, of sequences as `sequence_row` does.

    Raises DataError where there is no such row.
    """
    ids, data = held.splits.row_ids, held.data
    if number - 1 not in ids:
        raise DataError(f"{data.name} has no row {number:,}; rows are counted from 1 to {int(ids.max()) + 1:,}.")
    model, row = held.model, conform(data.rows(np.array([number - 1])), held.model.schema)
    is_final = bool(held.splits.is_final[np.flatnonzero(ids == number - 1)[0]])
    if held.task.is_of_sequences:
        return {**sequence_row(held, model, number - 1), "is_final": is_final, **known_of_sequence(model, row)}
    others = conform(data.rows(_others(held, number - 1, len(model.schema.features()), seed)), model.schema)
    truth = shown(data.frame.at[number - 1, model.task.target])
    return {"row": number, "is_final": is_final, "label": truth, **explained_row(model, row, others, seed, watch)}


def known_of_sequence(model: Model, row: Dataset) -> Section:
    """Return {looks, effects} of the one row: whom its tokens look at, what they do to entities or an answer."""
    known = model.explain_rows(row)
    more: Section = {"looks": looks_section(known)}
    if model.task.kind == "tagging":
        more["effects"] = entity_effects_section(known, row.frame[model.schema.features()[0]].iloc[0])
    if model.task.kind == "answer":
        more["effects"] = answer_effects_section(known)
    return more


def explained_row(model: Model, row: Dataset, others: Dataset | None, seed: int, watch: Watch = SILENT) -> Section:
    """Return what is said of one row, and what drove it.

    {prediction, proba, drivers, how, unit, of, base, answer, words, word_scale, sight, reading, kept, looks, pictures}.

    others : rows that turn into this one where the model does not know what drove it; None: drivers are None then.
    """
    known, said = model.explain_rows(row), model.predict_rows(row)
    answer, cells = _asked_about(said, model), row.frame.iloc[0]
    drivers: list[tuple[str, float]] | None = None
    scale: Section = {}
    if "contributions" in known:
        drivers, scale = _contributed(known, answer, model)
    elif others is not None:
        drivers, scale = _sampled(model, Dataset.of_parts([row, others]), said, seed, watch)
    images = model.schema.features("image")
    proba = None
    if said.proba is not None:
        proba = [[plain(label), float(p)] for label, p in zip(model.task.labels, said.proba[0], strict=True)]
    return {
        "prediction": shown(said.value[0]),
        "proba": proba,
        "drivers": drivers and [{"column": name, "cell": cell_text(cells[name]), "effect": effect} for name, effect in drivers],
        **scale,
        "words": _words(known, answer, model),
        "word_scale": _word_scale(known, answer, model),
        "sight": _sight(known),
        "reading": _reading(known),
        "kept": kept_section(known, known["texts"][0]) if "texts" in known else None,
        "looks": looks_section(known),
        "pictures": {name: picture for name in images if (picture := picture_of(cells[name], row.root))},
    }


def _asked_about(said: Predictions, model: Model) -> Any:
    """Return the answer that is explained: what is said, or of labels, any number of which are, the most probable."""
    return model.task.labels[int(said.proba[0].argmax())] if model.task.has_sets and said.proba is not None else said.value[0]


def shown(value: Any) -> Any:
    """Return a label, labels as a text, or a number, for JSON."""
    return labels_text(value) if isinstance(value, tuple) else plain(value)


def _sight(known: Section) -> Section | None:
    """Return {answer, picture, layers}: where in its image a network sees the answer, and maps of a few of its layers."""
    if "sights" not in known:
        return None
    from tenon.explain.sight import drawn_map, drawn_sight

    seen = known["sights"]
    layers = [{"number": one.number, "of": one.n_layers, "maps": [drawn_map(map) for map in one.maps.numpy()]}
              for one in seen["maps"][0]]  # fmt: skip
    return {
        "answer": plain(seen["answers"][0]), "picture": drawn_sight(seen["pictures"][0], seen["where"][0]), "layers": layers
    }  # fmt: skip


def _reading(known: Section) -> Section | None:
    """Return {answer, text, tokens, gates}: what each token of its text does to the answer, as [start, end, effect]."""
    if "readings" not in known:
        return None
    table, [text] = known["readings"], known["texts"]
    gates = [name for name in table.columns if name.startswith("gate ")]
    return {
        "answer": plain(table["answer"].iloc[0]) if len(table) else None,
        "text": text,
        "tokens": [[int(start), int(end), float(effect)] for start, end, effect in table[["start", "end", "effect"]].to_numpy()],
        "gates": {name.removeprefix("gate "): [round(float(value), 4) for value in table[name]] for name in gates},
    }


def _contributed(known: Section, answer: Any, model: Model) -> tuple[list[tuple[str, float]], Section]:
    """Return the contributions to the predicted class, or the number, the greatest first."""
    table = by_column(known["contributions"]).droplevel("row")
    of = answer if answer in table.index else table.index[-1]
    effects, base = table.loc[of], float(known["base"].loc[of])
    total = base + float(effects.sum())
    sign = 1.0
    if known["unit"] == "score" and of != answer and not model.task.is_regression:
        of, sign = answer, -1.0  # the score speaks for the second class; this row is of the first
    drivers = [(str(name), sign * float(effect)) for name, effect in effects.items() if effect]
    return _sorted(drivers), {
        "how": "contributions",
        "unit": known["unit"],
        "of": plain(of),
        "base": sign * base,
        "answer": sign * total,
    }


def _sampled(model: Model, rows: Dataset, said: Predictions, seed: int, watch: Watch) -> tuple[list[tuple[str, float]], Section]:
    """Return the Shapley values of the columns of the first of the rows, with the mean answer and its own, which they lead to."""
    names = model.schema.features()
    turns = _turns(len(rows) - 1, len(names), seed)
    asked = _asked(model, rows, turns, watch)
    kind = "number" if model.task.is_regression else "probability"
    effects, base = _shares(_answer, asked, said, model, turns)
    if kind == "probability" and np.abs(effects).max(initial=0.0) < UNMOVED:
        kind = "log odds"
        effects, base = _shares(_log_odds, asked, said, model, turns)
    drivers = [(name, float(effect)) for name, effect in zip(names, effects, strict=True) if effect]
    return _sorted(drivers), {
        "how": "sampled", "unit": kind, "of": plain(_asked_about(said, model)), "base": base,
        "answer": base + float(effects.sum()),
    }  # fmt: skip


def _turns(n_others: int, n_columns: int, seed: int) -> np.ndarray:
    """Return when each column turns (n_others, n_columns), 0 first; every second order is the one before it backwards."""
    rng = np.random.default_rng([seed, 5])
    forwards = np.array([rng.permutation(n_columns) for _ in range((n_others + 1) // 2)])
    return np.stack([forwards, n_columns - 1 - forwards], axis=1).reshape(-1, n_columns)[:n_others]


def _asked(model: Model, rows: Dataset, turns: np.ndarray, watch: Watch) -> list[Predictions]:
    """Return the predictions of every row on its way to the first: for each other row as it is, with one column turned, …."""
    n_others, n_columns = turns.shape
    asked, at_once = [], max(1, min(MOST_CELLS // (n_columns * (n_columns + 1)), n_others // PARTS))
    for start in in_turn(range(0, n_others, at_once), "row", watch):
        part = np.arange(start, min(start + at_once, n_others))
        has_turned = turns[part, None, :] < np.arange(n_columns + 1)[None, :, None]
        source = np.where(has_turned, 0, part[:, None, None] + 1).reshape(-1, n_columns)
        names = rows.schema.features()
        frame = rows.frame.iloc[np.zeros(len(source), int)].reset_index(drop=True)
        for j, name in enumerate(names):
            frame[name] = rows.frame[name].array.take(source[:, j])
        asked.append(model.predict_rows(replace(rows, frame=frame, schema=replace(rows.schema, n_rows=len(frame)))))
    return asked


def _shares(
    answer: Any, asked: list[Predictions], said: Predictions, model: Model, turns: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return each column's mean step (n_columns,), exactly 0 where no answer moves, and the mean answer of the other rows."""
    ways = np.concatenate([answer(one, said, model) for one in asked]).reshape(len(turns), -1)
    steps = np.take_along_axis(np.diff(ways, axis=1), turns, axis=1)
    return steps.mean(axis=0), float(ways[:, 0].mean())


def _others(held: HeldOut, row_id: int, n_columns: int, seed: int) -> np.ndarray:
    ids = held.splits.row_ids[held.splits.row_ids != row_id]
    n = min(len(ids), MOST_OTHERS, max(2, MOST_ASKED // (n_columns + 1)))
    return np.sort(np.random.default_rng([seed, 4]).choice(ids, n, replace=False))


def _answer(of: Predictions, said: Predictions, model: Model) -> np.ndarray:
    """Return the number (n,), or the probability of the class that was predicted."""
    if of.proba is None or said.proba is None:
        return np.asarray(of.value, np.float64) if model.task.is_regression else (of.value == said.value[0]).astype(float)
    return of.proba[:, list(model.task.labels).index(plain(_asked_about(said, model)))]


def _log_odds(of: Predictions, said: Predictions, model: Model) -> np.ndarray:
    if of.proba is None:
        return _answer(of, said, model)
    k = list(model.task.labels).index(plain(_asked_about(said, model)))
    others = np.delete(of.proba, k, axis=1).sum(axis=1)  # not 1 - p, which is 0 where p rounds to 1
    if model.task.has_sets:
        others = 1 - of.proba[:, k]
    return np.log(np.maximum(of.proba[:, k], LEAST_PROBA)) - np.log(np.maximum(others, LEAST_PROBA))


def _words(known: Section, answer: Any, model: Model) -> list[list[Any]]:
    """Return [word, what it adds to the predicted class] of the words that occur, the greatest first; no marks beside words."""
    if "readings" in known:
        effects = totals(known["readings"], known["texts"][0])
        found = _spoken([(briefly(token), float(effect)) for token, effect in effects.items() if effect])  # may be sentences
        return [[token, effect] for token, effect in found[:MOST_WORDS]]
    if "words" not in known:
        return []
    table: pd.DataFrame = known["words"].droplevel("row")
    of, sign = (answer, 1.0) if answer in table.index or model.task.is_regression else (table.index[-1], -1.0)
    effects = table.iloc[-1] if model.task.is_regression else sign * table.loc[of]
    merged = effects.groupby(level="part", sort=False).sum()  # a Chinese word of one letter stands twice
    pairs = _spoken([(str(word), float(effect)) for word, effect in merged.items() if effect])
    return [[word, effect] for word, effect in pairs[:MOST_WORDS]]


def _spoken(pairs: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Return the pairs, the greatest effect first, without those of punctuation alone unless there are no others."""
    return _sorted([pair for pair in pairs if is_spoken(pair[0])] or pairs)


def is_spoken(word: str) -> bool:
    """Whether it is more than punctuation."""
    return not all(category(letter)[0] == "P" for letter in word)


def _word_scale(known: Section, answer: Any, model: Model) -> Section | None:
    """Return {unit, of}: what it is that words add to; None where the model tells of none."""
    if "readings" in known and len(known["readings"]):
        unit = "number" if model.task.is_regression else "log odds"
        return {"unit": unit, "of": plain(known["readings"]["answer"].iloc[0])}
    return {"unit": known["scale"], "of": plain(answer)} if "words" in known else None


def totals(readings: "pd.DataFrame", text: str) -> "pd.Series":
    """Return what each word of a text does, by its lower case, the sum over its parts and over the places where it stands."""
    parts = readings.groupby(words_of(text, readings[["start", "end"]].to_numpy(np.int64)))
    words = parts.agg({"start": "first", "end": "max", "effect": "sum"})
    names = [text[start:end].lower() for start, end in words[["start", "end"]].to_numpy(np.int64)]
    return words["effect"].groupby(names, sort=False).sum()


def _sorted(pairs: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(pairs, key=lambda pair: -abs(pair[1]))
