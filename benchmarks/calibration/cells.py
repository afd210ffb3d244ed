"""All designs of the calibration, with the number of boards of each; docs/verdicts.md says why the methods are equal."""

from functools import partial

from calibration import learners, populations
from calibration.cell import Cell
from calibration.learners import boosting, forest, lda, least_squares, neighbours, network, subspace
from calibration.populations import adult_seeds, adult_twins, clusters, gaussian, heavy, history, tokens

three = partial(gaussian, n_classes=3)
bleu_tokens, random_past = partial(tokens, n_classes=12), partial(history, memory=0.3)


def _worse(signal: float):
    return partial(gaussian, own=("half", signal))


def _spread(low: float):
    return partial(gaussian, own=("spread", low, 0.9))


_SIMULATED = (
    Cell("LDA", gaussian, lda, 200, 400, splits=("5x1", "5x2", "5x4")),
    Cell("LDA", gaussian, lda, 1000, 400, splits=("1 split", "5x1", "5x2", "5x4")),
    Cell("LDA", gaussian, lda, 5000, 600),
    Cell("nearest centroid", gaussian, learners.centroid, 200, 400, sizes=(5, 20), splits=("5x4",)),
    Cell("5-NN", gaussian, neighbours, 200, 600, sizes=(5, 10)),
    Cell("5-NN", gaussian, neighbours, 1000, 500, sizes=(5, 10)),
    Cell("lottery", populations.wide, subspace, 1000, 400, any_seeded=True),
    Cell("lottery", populations.wide, subspace, 5000, 250, splits=("5x2",), sizes=(5, 20), any_seeded=True),
    Cell("3 classes", three, lda, 200, 600, ("macro_f1", "accuracy"), (5, 10)),
    Cell("3 classes", three, lda, 1000, 400, ("macro_f1", "accuracy"), (5, 10)),
    Cell("t5 regression", heavy, least_squares, 200, 800, ("rmse",), (5,), ("5x4",)),
    Cell("t5 regression", heavy, least_squares, 1000, 1400, ("rmse",), (5,), ("5x4",)),
    Cell("half worse", _worse(0.44), lda, 200, 200, truth="half"),
    Cell("half worse", _worse(0.718), lda, 1000, 200, truth="half"),
    Cell("half worse", _worse(0.845), lda, 5000, 150, splits=("5x2",), truth="half"),
    Cell("ladder", _spread(0.44), lda, 200, 300, sizes=(5, 20), splits=("5x4",), truth="spread"),
    Cell("ladder", _spread(0.6), lda, 1000, 300, sizes=(5, 20), splits=("5x4",), truth="spread"),
)
_DEAR = (
    Cell("dear", gaussian, lda, 1000, 400, sizes=(3, 5, 10), splits=("5x4 + 1 dear", "5x4 + 2 dear")),
    Cell("dear, seeds", populations.wide, subspace, 1000, 350, sizes=(5, 10), splits=("5x4 + 1 dear", "5x4 + 2 dear")),
)
_NESTED = (
    Cell("nested folds", gaussian, lda, 120, 280, sizes=(10,), kind="nested", truth="nested"),
    Cell("nested folds", gaussian, lda, 400, 250, sizes=(10,), kind="nested", truth="nested"),
)
_REAL = (
    Cell("adult, LDA", adult_twins, lda, 200, 400, sizes=(5, 10)),
    Cell("adult, LDA", adult_twins, lda, 1000, 400, sizes=(5, 10)),
    Cell("adult, 5-NN", adult_twins, neighbours, 1000, 400, sizes=(5,)),
    Cell("adult, boosting", adult_twins, boosting, 1000, 200, sizes=(5,), splits=("5x2",)),
    Cell("adult, forest", adult_twins, forest, 1000, 200, sizes=(5,), splits=("5x2",)),
    Cell("adult, boosting, seeds", adult_seeds, boosting, 1000, 200, sizes=(5,), splits=("5x2",), any_seeded=True),
    Cell("adult, forest, seeds", adult_seeds, forest, 1000, 200, sizes=(5,), splits=("5x2",), any_seeded=True),
    Cell("adult, MLP, seeds", adult_seeds, network, 1000, 200, sizes=(5,), splits=("5x2",), any_seeded=True),
    Cell("bike, least squares", populations.bike_twins, least_squares, 1000, 1500, ("rmse",), (5,), ("5x4",)),
)
_SENTENCES = (
    Cell("tagger", tokens, lda, 200, 600, ("entity_f1",), (5, 10)),
    Cell("tagger", tokens, lda, 1000, 700, ("entity_f1",), (5, 10)),
    Cell("tagger, 5-NN", tokens, neighbours, 200, 200, ("entity_f1",), (5,)),
    Cell("translator", bleu_tokens, learners.centroid, 200, 400, ("bleu",), (5, 10)),
    Cell("translator", bleu_tokens, learners.centroid, 1000, 400, ("bleu",), (5, 10)),
)
_DEPENDENT = (
    Cell("users", clusters, lda, 12, 600, sizes=(5, 10)),
    Cell("users", clusters, lda, 40, 600, sizes=(5, 10)),
    Cell("per user", clusters, lda, 40, 400, sizes=(5,), splits=("5x4",), per_group=True),
    Cell("per user", clusters, lda, 200, 500, sizes=(5, 10), splits=("5x4",), per_group=True),
    Cell("history AR(0.3)", random_past, lda, 1000, 600, sizes=(5, 10), kind="history"),
    Cell("history AR(0.7)", history, lda, 1000, 600, sizes=(5, 10), kind="history"),
    Cell("history AR(0.7), refitted", history, lda, 1000, 1000, sizes=(5, 10), kind="history"),
)
_FINAL = (
    Cell("final rows, 3 classes", three, lda, 200, 600, ("macro_f1",), (2, 10), kind="fixed"),
    Cell("final rows", gaussian, lda, 100, 600, sizes=(2, 10), kind="fixed"),
    Cell("final rows", gaussian, lda, 400, 600, sizes=(2, 10), kind="fixed"),
    Cell("final rows, t5", heavy, least_squares, 400, 1500, ("rmse",), (2, 5), kind="fixed"),
)
CELLS: tuple[Cell, ...] = (*_SIMULATED, *_DEAR, *_REAL, *_SENTENCES, *_DEPENDENT, *_FINAL, *_NESTED)
