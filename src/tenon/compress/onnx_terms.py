"""Linear models of one column of texts as a graph of ONNX and a tokenizer.json, which gives the words of a text their ids.

The graph counts words and pairs of these, weighs them as `tenon.features.tfidf` does, and sums what each adds to the scores.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.compress.onnx_graph import DOUBLE, Graph
from tenon.compress.onnx_linear import linear_of
from tenon.compress.onnx_words import LETTERS, found_by
from tenon.text.subwords import PAD, UNKNOWN

if TYPE_CHECKING:
    import onnx

    from tenon.adapter import EstimatorModel


def is_of_terms(model: "EstimatorModel") -> bool:
    """Whether it is a linear model that reads texts alone."""
    kinds = {model.schema[name].kind for name in model.schema.features()}
    return kinds == {"text"} and linear_of(model.estimator) is not None


def why_not_terms(model: "EstimatorModel") -> str | None:
    from tenon.features.tfidf import NO_TERM, TextTfidf

    if len(model.schema.features()) > 1:
        return "reads one column of texts, and no other beside it"
    tfidf = _tfidf(model)
    if not isinstance(tfidf, TextTfidf) or NO_TERM in tfidf.vectorizer_.vocabulary_:
        return "reads words of texts"
    if tfidf.vectorizer_.analyzer != "word":
        return "reads texts with blanks between words"
    return None


def graph_of_terms(model: "EstimatorModel") -> "onnx.ModelProto":
    """Return the model as a graph of ONNX, of the inputs of `tenon.compress.onnx_texts`."""
    from tenon.features.tfidf import TEXT_LENGTH

    linear, scale, mean = linear_of(model.estimator)
    vectorizer, weights = _tfidf(model).vectorizer_, np.atleast_2d(linear.coef_).T
    graph = Graph(model.schema)
    counts = _counts(graph, vectorizer.vocabulary_, _ids(vectorizer.vocabulary_))
    raised = graph.add("Add", graph.add("Log", graph.add("Max", counts, graph.constant(np.ones(1)))), graph.constant(np.ones(1)))
    is_there = graph.add("Cast", graph.add("Greater", counts, graph.constant(np.zeros(1))), to=DOUBLE)
    terms = graph.add("Mul", graph.add("Mul", raised, is_there), graph.constant(vectorizer.idf_))
    length = graph.add("ReduceL2", terms, axes=[1], keepdims=1)
    shares = graph.add("Div", terms, graph.add("Max", length, graph.constant(np.full(1, np.finfo(np.float64).tiny))))
    scores = graph.add("MatMul", shares, graph.constant(TEXT_LENGTH * weights))
    scores = graph.add("Add", scores, graph.constant(np.atleast_2d(np.zeros(weights.shape[1]) + linear.intercept_)))
    if model.task.is_regression:
        answer = graph.add("Add", graph.add("Mul", scores, graph.constant(scale)), graph.constant(mean))
        return graph.finished(answer, model.task, of_tokens=True)
    return graph.finished(graph.probabilities(scores, weights.shape[1]), model.task, of_tokens=True)


def tokenizer_of_terms(model: "EstimatorModel") -> str:
    """Return tokenizer.json, which makes rows of the words of texts."""
    made = found_by(rf"[{LETTERS}]+", _ids(_tfidf(model).vectorizer_.vocabulary_), is_cased=False)
    made.enable_padding(pad_id=0, pad_token=PAD)
    return made.to_str()


def _tfidf(model: "EstimatorModel") -> Any:
    [(_, part, _)] = model.transformer.transformers_
    return part


def _ids(vocabulary: dict[str, int]) -> dict[str, int]:
    """Return an id for each word that stands in a term."""
    words = sorted({word for term in vocabulary for word in term.split(" ")})
    return {word: i for i, word in enumerate((PAD, UNKNOWN, *words))}


def _counts(graph: Graph, vocabulary: dict[str, int], ids: dict[str, int]) -> str:
    """Return how often each term stands in each text, (n, terms) double."""
    terms = sorted(vocabulary, key=lambda term: (" " in term, vocabulary[term]))
    pool = [[ids[word] for word in term.split(" ")] for term in terms]
    n_words = sum(len(one) == 1 for one in pool)
    starts = [0, n_words] if n_words < len(pool) else [0]
    padded = graph.add("Pad", "input_ids", graph.constant(np.array([0, 0, 0, 1])), graph.constant(np.array(0)))
    found = graph.add(
        "TfIdfVectorizer", padded, mode="TF", min_gram_length=1, max_gram_length=len(starts), max_skip_count=0,
        ngram_counts=starts, ngram_indexes=[vocabulary[term] for term in terms],
        pool_int64s=[i for one in pool for i in one],
    )  # fmt: skip
    return graph.add("Cast", found, to=DOUBLE)
