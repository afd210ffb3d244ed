"""What methods for texts begin with, learnt from the texts of the run itself: of train rows, and others without labels."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tenon.data.dataset import Dataset
from tenon.data.unlabelled import Text, columns_of_text
from tenon.errors import DataError
from tenon.method import NONE, PREPARED, Model
from tenon.tasks import Task
from tenon.text.word_lists import listing
from tenon.watch import SILENT, Watch

if TYPE_CHECKING:
    from tenon.text.vectors import WordVectors

DIM, MIN_COUNT = 100, 2  # for texts as few as a run has; other settings of Word2Vec are its defaults
EPOCHS = {"quick": 5, "normal": 15, "thorough": 40}

Learn = Callable[[Sequence[Text], Iterable[Text], Path, int, str, Watch], None]


def word2vec(train: Sequence[Text], others: Iterable[Text], folder: Path, seed: int, budget: str, watch: Watch) -> None:
    """Leave vectors of the words of all texts in an empty folder; what words are, those of the train rows decide.

    One thread learns, so that the same texts and seed give the same vectors. Where words stand too rarely, none has a vector.
    """
    import numpy as np

    from tenon.text.vector_files import write_folder
    from tenon.text.vectors import WordVectors
    from tenon.text.word2vec import Word2Vec

    words_of = listing(train)
    model = Word2Vec(dim=DIM, min_count=MIN_COUNT, epochs=EPOCHS[budget], random_state=seed)
    model.watch = watch
    try:
        vectors = model.fit(words_of(text) for text in chain(train, others)).vectors_
    except DataError:  # of lists of words it has nothing else to say
        vectors = WordVectors((), np.zeros((0, DIM)))
    write_folder(vectors, folder, model.get_params())


def mlm(train: Sequence[Text], others: Iterable[Text], folder: Path, seed: int, budget: str, watch: Watch) -> None:
    """Leave an encoder in an empty folder, as `tenon.text.prepared_nets` learns it."""
    from tenon.text.prepared_nets import masked_tokens

    masked_tokens(map(in_one, train), map(in_one, others), folder, seed, budget, watch)


def in_one(text: Text) -> str:
    """Return a sentence of tokens as a text, which an encoder cuts again; a text is one."""
    return text if isinstance(text, str) else " ".join(text)


def texts_of(rows: Dataset) -> list[Text]:
    """Return every text of the rows, column after column; where no column holds texts, every sentence of tokens."""
    return [text for name in columns_of_text(rows.schema) for text in rows.frame[name].dropna()]


def vectors_at(value: str) -> "WordVectors | None":
    """Return the vectors at a path, None for a word in its place. Raises DataError or ModelFileError for what holds none."""
    from tenon.text.vector_files import read_vectors

    return None if value in ("", NONE, PREPARED) else read_vectors(value)


def check_vectors(value: str, texts: Sequence[Text]) -> None:
    """Raise DataError or ModelFileError where no vectors of words lie there."""
    vectors_at(value)


def check_encoder(value: str, texts: Sequence[Text]) -> None:
    """Raise ModelFileError where no encoder lies there, and DataError where most of the texts is unknown to its vocabulary."""
    if value != PREPARED:
        from tenon.text.checkpoint import check_folder  # loads torch

        check_folder(value, map(in_one, texts))


@dataclass(frozen=True)
class Objective:
    """learn : leaves what is learnt in an empty folder. check : raises where texts cannot begin with what lies at a path."""

    learn: Learn
    check: Callable[[str, Sequence[Text]], None]


OBJECTIVES = {"word2vec": Objective(word2vec, check_vectors), "mlm": Objective(mlm, check_encoder)}


def by_itself(parts: Mapping[str, Any], setting: str, objective: str) -> dict[str, Any]:
    """Return the parts of a method, which then learns from its train rows alone what nobody has prepared for it.

    What lies at a path is looked at before the first fit.
    """

    def fit(
        train: Dataset, task: Task, *, params: Mapping[str, Any], seed: int, budget: str = "normal", watch: Watch = SILENT
    ) -> Model:
        if params[setting] != PREPARED:
            return parts["fit"](train, task, params=params, seed=seed, budget=budget, watch=watch)
        with TemporaryDirectory(prefix="tenon-") as folder:
            OBJECTIVES[objective].learn(texts_of(train), (), Path(folder), seed, budget, watch)
            return parts["fit"](train, task, params={**params, setting: folder}, seed=seed, budget=budget, watch=watch)

    def check(rows: Dataset, params: Mapping[str, Any]) -> None:
        OBJECTIVES[objective].check(params[setting], texts_of(rows))

    return {**parts, "fit": fit, "check": check}
