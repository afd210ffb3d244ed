"""What a fitted estimator says of itself, as frames: coefficients of features, contributions of features to single answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.features.origins import Origin

if TYPE_CHECKING:
    import pandas as pd


MOST_MAPS = 8  # of a layer of a network for images


@dataclass(frozen=True)
class Said:
    """A fitted estimator and the rows that it is asked about."""

    estimator: Any
    X: Any  # (n, p) as the estimator reads it; of Blocks a dict
    features: Sequence[Origin]
    rows: np.ndarray  # (n,) row ids
    answers: Sequence[Any]  # what is predicted; of two classes coefficients and scores speak for the second

    def of(self, n_answers: int) -> Sequence[Any]:
        return self.answers[-1:] if n_answers == 1 else self.answers


def coefficients(said: Said) -> dict[str, Any]:
    """Return {coefficients, scale, words} of an estimator that has coefficients, {} of others.

    coefficients: one row for each feature and answer, with column, part, kind, answer, coefficient and per_unit (by how much the
    answer differs where the column's own number differs by 1; NaN where the feature is no multiple of it). scale: what they add
    up to, "number", "log odds" or "margin". words: one row for each row of X and answer, one column (column, word) for each word
    that occurs, holding coefficient times weight of the word; a word that does not occur adds 0.
    """
    import pandas as pd

    weights, features = _weights(said.estimator), said.features
    if weights is None or weights.shape[1] != len(features):
        return {}
    of = said.of(len(weights))
    table = pd.DataFrame(list(features) * len(of), columns=list(Origin._fields))
    table.insert(3, "answer", [answer for answer in of for _ in features])
    table["coefficient"] = weights.ravel()
    table["per_unit"] = table["coefficient"] / table.pop("step")
    known = {"coefficients": table, "scale": _scale(said.estimator)}
    texts = np.flatnonzero([feature.kind == "text" for feature in features])
    if not len(texts):
        return known
    X = said.X["counts"] if isinstance(said.X, dict) else said.X
    present = X[:, texts].toarray() if hasattr(X, "toarray") else np.asarray(X)[:, texts]
    occurs = (present != 0).any(axis=0)
    each = present[:, None, occurs] * weights[None][:, :, texts[occurs]]
    return known | {"words": _by_row(each, texts[occurs], said, of)}


def contributions(said: Said) -> dict[str, Any]:
    """Return {contributions, base, unit} of an estimator of trees, {} of others.

    contributions: one row for each row of X and answer, one column (column, part) for each feature that some tree asks for.
    base: the mean answers. A row's contributions and its base add up to the answer, in `unit`: see `trees.treeshap`.
    """
    import pandas as pd

    has_trees = hasattr(said.estimator, "trees_") or hasattr(said.estimator, "tree_")
    if not has_trees or not hasattr(said.estimator, "contributions"):
        return {}
    found = said.estimator.contributions(said.X)
    of = said.of(len(found.base))
    table = _by_row(found.values.transpose(0, 2, 1), found.columns, said, of)
    return {"contributions": table, "base": pd.Series(found.base, index=pd.Index(of, name="answer")), "unit": found.unit}


def sights(said: Said) -> dict[str, Any]:
    """Return {sights} of a network for images, {} of others: the pictures as it gets them, (n, H, W, C) uint8, where in them it
    sees the class that it thinks most probable, (n, H, W) from 0 to 1 (Grad-CAM), these classes, and the MOST_MAPS strongest maps
    of a few layers, see `tenon.image.feature_maps`.
    """
    if not hasattr(said.estimator, "seen_in"):
        return {}
    places = _places_of_answers(said)
    where = said.estimator.seen_in(said.X, places)
    return {
        "sights": {
            "pictures": said.X,
            "where": where,
            "answers": [said.answers[k] for k in places],
            "maps": said.estimator.maps_in(said.X, MOST_MAPS),
        }
    }


def readings(said: Said) -> dict[str, Any]:
    """Return {readings, texts} of a network for texts, {} of others: one row for each token that was read of each row of X.

    readings: row, answer (the class that it thinks most probable), start and end of the token in the text, token, effect (the
    answer with the token less that without it; of classes in log odds) and, of networks with gates, "gate NAME" from 0 to 1.
    texts: the whole text of each row; of a pair both, a line each.
    """
    import pandas as pd

    if not hasattr(said.estimator, "effects_in"):
        return {}
    places = _places_of_answers(said)
    texts = [one if isinstance(one, str) else "\n".join(one) for one in said.X]  # a pair as one
    found = zip(texts, said.rows, places, said.estimator.effects_in(said.X, places), said.estimator.gates_in(said.X), strict=True)
    parts = [
        pd.DataFrame({
            "row": row, "answer": [said.answers[place]] * len(of.spans), "start": of.spans[:, 0], "end": of.spans[:, 1],
            "token": [text[start:end] for start, end in of.spans], "effect": of.effects,
            **{f"gate {name}": opened for name, opened in gates.items()},
        })
        for text, row, place, of, gates in found
    ]  # fmt: skip
    return {"readings": pd.concat(parts, ignore_index=True), "texts": texts}


def kept(said: Said) -> dict[str, Any]:
    """Return {kept} of a network that reads only some blocks of each text, {} of others.

    kept: one row for each block, with row, start and end of it in the text, and score, by which it was chosen, from 0 to 1.
    """
    import pandas as pd

    if not hasattr(said.estimator, "recalled_in"):
        return {}
    found = zip(said.rows, said.estimator.recalled_in(said.X), strict=True)
    table = [(row, *span, score) for row, of in found for span, score in zip(of.spans.tolist(), of.scores.tolist(), strict=True)]
    return {"kept": pd.DataFrame(table, columns=["row", "start", "end", "score"])}


def entity_effects(said: Said) -> dict[str, Any]:
    """Return {entity_effects} of a tagger that tells how sure it is, {} of others: for each entity found one row for each token.

    entity_effects: row, entity (counted in its row from 0), type, start and end (its first token, and that behind it), first and
    behind (those of the token), token, effect (log odds of the entity with the token less those without it). Of a long sentence
    a token is a run of tokens.
    """
    import pandas as pd

    if not hasattr(said.estimator, "entity_effects_in"):
        return {}
    table = [
        (row, number, *one.entity, first, behind, " ".join(tokens[first:behind]), effect)
        for tokens, row, found in zip(said.X, said.rows, said.estimator.entity_effects_in(said.X), strict=True)
        for number, one in enumerate(found)
        for (first, behind), effect in zip(one.runs.tolist(), one.effects.tolist(), strict=True)
    ]
    columns = ["row", "entity", "type", "start", "end", "first", "behind", "token", "effect"]
    return {"entity_effects": pd.DataFrame(table, columns=columns)}


def answer_effects(said: Said) -> dict[str, Any]:
    """Return {answer_effects} of a network that answers questions, {} of others: one row for each token that it read of each row.

    answer_effects: row, of ("question" or "context"), start and end of the token there, token, effect (log odds of the answer
    that is given, or of none, with the token less those without it). Of a long context a token is a run of tokens.
    """
    import pandas as pd

    if not hasattr(said.estimator, "answer_effects_in"):
        return {}
    table = [
        (row, name, start, end, text[start:end], effect)
        for texts, row, found in zip(said.X, said.rows, said.estimator.answer_effects_in(said.X), strict=True)
        for name, text, of_text in zip(found._fields, texts, found, strict=True)
        for (start, end), effect in zip(of_text.spans.tolist(), of_text.effects.tolist(), strict=True)
    ]
    return {"answer_effects": pd.DataFrame(table, columns=["row", "of", "start", "end", "token", "effect"])}


def alignments(said: Said) -> dict[str, Any]:
    """Return {alignments} of a network that translates by attention, {} of others: an `Alignment` of each row."""
    return {"alignments": said.estimator.alignments(said.X)} if getattr(said.estimator, "looks_back", False) else {}


def looks(said: Said) -> dict[str, Any]:
    """Return {looks} of a network whose tokens look at one another, {} of others: `tenon.text.looks.Looks` of each row."""
    found = said.estimator.looks_in(said.X) if hasattr(said.estimator, "looks_in") else []
    return {"looks": found} if found else {}


def surprises(said: Said) -> dict[str, Any]:
    """Return {surprises} of a language model, {} of others: one row for each unit of each text and one for its end.

    surprises: row, start and end of the unit in the text, unit ("" is the end), nats that it costs.
    """
    import pandas as pd

    if not hasattr(said.estimator, "surprises"):
        return {}
    parts = []
    for text, row, nats in zip(said.X, said.rows, said.estimator.surprises(said.X), strict=True):
        spans = said.estimator.events_.spans(text)
        unit = [text[start:end] for start, end in spans]
        parts.append(pd.DataFrame({"row": row, "start": spans[:, 0], "end": spans[:, 1], "unit": unit, "nats": nats}))
    return {"surprises": pd.concat(parts, ignore_index=True)}


def _places_of_answers(said: Said) -> np.ndarray:
    """Return the place of the class that is thought most probable, (n,) int; 0 for numbers."""
    is_number = not hasattr(said.estimator, "predict_proba")
    return np.zeros(len(said.rows), np.int64) if is_number else said.estimator.predict_proba(said.X).argmax(axis=1)


def _by_row(values: np.ndarray, places: np.ndarray, said: Said, answers: Sequence[Any]) -> "pd.DataFrame":
    """Return values (n, K, k) of the features at these places as a frame of n K rows."""
    import pandas as pd

    index = pd.MultiIndex.from_product([said.rows, answers], names=["row", "answer"])
    names = pd.MultiIndex.from_arrays(
        [[said.features[j].column for j in places], [said.features[j].part for j in places]], names=["column", "part"]
    )
    return pd.DataFrame(values.reshape(len(index), len(places)), index=index, columns=names)


def _weights_of_labels(classifiers: Sequence[Any]) -> np.ndarray | None:
    """Return the coefficients (K, p) of classifiers of two classes, 0 of those that are None."""
    found = [None if one is None else _weights(one) for one in classifiers]
    known = [weights for weights in found if weights is not None]
    if not known or len(known) < sum(one is not None for one in classifiers):
        return None
    return np.vstack([np.zeros_like(known[0]) if weights is None else weights for weights in found])


def _scale(estimator: Any) -> str:
    if hasattr(estimator, "of_labels_"):
        return _scale(next(one for one in estimator.of_labels_ if one is not None))
    if not hasattr(estimator, "classes_"):
        return "number"
    return "margin" if hasattr(estimator, "calibrated_classifiers_") else "log odds"


def _weights(estimator: Any) -> np.ndarray | None:
    """Return the coefficients (answers, p), in the target's own unit where it was scaled."""
    if hasattr(estimator, "calibrated_classifiers_"):  # margins behind a sigmoid, all of one estimator
        return _weights(estimator.calibrated_classifiers_[0].estimator)
    if hasattr(estimator, "regressor_"):
        scaled = _weights(estimator.regressor_)
        return None if scaled is None else scaled * estimator.transformer_.scale_
    if hasattr(estimator, "of_labels_"):  # one classifier for each label
        return _weights_of_labels(estimator.of_labels_)
    if hasattr(estimator, "count_log_odds"):
        return estimator.count_log_odds()
    found = getattr(estimator, "coef_", None)
    return None if found is None else np.atleast_2d(np.asarray(found.toarray() if hasattr(found, "toarray") else found, float))


def candidates(said: Said) -> dict[str, Any]:
    """Return {candidates} of an estimator that weighs answers, {} of others: row, text, start and score, the best first.

    The text "" is no answer.
    """
    import pandas as pd

    if not hasattr(said.estimator, "candidates"):
        return {}
    found = zip(said.rows, said.estimator.candidates(said.X), strict=True)
    table = [(row, *span) for row, spans in found for span in spans]
    return {"candidates": pd.DataFrame(table, columns=["row", "text", "start", "score"])}


TELLERS = (
    coefficients, contributions, sights, readings, kept, entity_effects, answer_effects, alignments, looks, surprises, candidates
)  # fmt: skip
