"""What methods for texts begin with, learnt from the texts of the run itself: of train rows, and others without labels.

An encoder may learn in stages, each from what the one before left: texts of the domain, then texts of the task, then the task
itself (Gururangan et al. 2020, arXiv:2004.10964, section 5).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from tenon.data.dataset import Dataset
from tenon.data.unlabelled import DOMAIN, UNLABELLED, Text, columns_of_text
from tenon.errors import DataError, SettingsError
from tenon.method import NONE, PREPARED, STAGES, Model
from tenon.tasks import Task
from tenon.text.bert_cost import seconds_of_encoder
from tenon.text.word_lists import listing
from tenon.watch import SILENT, Watch

if TYPE_CHECKING:
    from tenon.text.vectors import WordVectors

DIM, MIN_COUNT = 100, 2  # for texts as few as a run has; other settings of Word2Vec are its defaults
EPOCHS = {"quick": 5, "normal": 15, "thorough": 40}
SECONDS_OF_PASS = 0.53  # of a million characters

TASK = "task"  # a stage: train rows, and texts without labels
ROADS = {NONE: (), TASK: (TASK,), f"{DOMAIN}+{TASK}": (DOMAIN, TASK)}  # values of the setting STAGES -> the stages, in order

Learn = Callable[..., None]


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


def mlm(train: Sequence[Text], others: Iterable[Text], folder: Path, seed: int, budget: str, watch: Watch, **how: str) -> None:
    """Leave an encoder in an empty folder, as `tenon.text.prepared_nets` learns it; how : its stage and start."""
    from tenon.text.prepared_nets import masked_tokens

    masked_tokens(map(in_one, chain(train, others)), folder, seed, budget, watch, **how)


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


def check_vectors(value: str, texts: Sequence[Text], what: str = "") -> None:
    """Raise DataError or ModelFileError where no vectors of words lie there."""
    vectors_at(value)


def check_encoder(value: str, texts: Sequence[Text], what: str = "the texts") -> None:
    """Raise ModelFileError where no encoder lies there, and DataError where most of the texts is unknown to its vocabulary.

    what : the texts are called.
    """
    if value != PREPARED:
        from tenon.text.checkpoint import check_folder  # loads torch

        check_folder(value, map(in_one, texts), what)


def seconds_of_vectors(n_characters: float, script: str, budget: str) -> float:
    """Return about how many seconds `word2vec` takes."""
    return SECONDS_OF_PASS * EPOCHS[budget] * n_characters / 1e6


@dataclass(frozen=True)
class Objective:
    """learn(train texts, others, empty folder, seed, budget, watch, **how) leaves what is learnt in the folder; how : see `how`.

    check(path, texts, what these are called) raises where texts cannot begin with what lies there. takes(characters, script of
    the texts, budget, **how) returns about how many seconds `learn` takes.
    """

    learn: Learn
    check: Callable[..., None]
    takes: Callable[..., float]


OBJECTIVES = {
    "word2vec": Objective(word2vec, check_vectors, seconds_of_vectors),
    "mlm": Objective(mlm, check_encoder, seconds_of_encoder),
}


class Wish(NamedTuple):
    """What is learnt before a method begins. stages : in order, (NONE,) for what chance draws; start : path, "" for none."""

    objective: str
    stages: tuple[str, ...]
    start: str


def wish_of(settings: Mapping[str, Any], setting: str, objective: str) -> Wish | None:
    """Return what is learnt for a setting with an objective; None where its value is where the method begins.

    settings : all of the method, each with what it means.
    """
    is_prepared = settings[setting] == PREPARED
    stages = ROADS[settings[STAGES]] if STAGES in settings else (TASK,) if is_prepared else ()
    if not (is_prepared or stages):
        return None
    return Wish(objective, stages or (NONE,), "" if is_prepared else settings[setting])


def how(stage: str, start: str) -> dict[str, str]:
    """Return what an objective is told of a stage beside the texts: nothing of the task's own, from chance."""
    return ({} if stage == TASK else {"stage": stage}) | ({"start": start} if start else {})


def stages_meant(settings: Mapping[str, Any], setting: str, texts: Collection[str]) -> str:
    """Return the stages of a method whose setting STAGES says nothing; texts : options that bring some."""
    if DOMAIN in texts:
        return f"{DOMAIN}+{TASK}"
    return TASK if UNLABELLED in texts or settings[setting] == PREPARED else NONE


def by_itself(parts: Mapping[str, Any], setting: str, objective: str) -> dict[str, Any]:
    """Return the parts of a method, which then learns from its train rows alone what nobody has prepared for it.

    What lies at a path is looked at before the first fit.
    """

    def fit(
        train: Dataset, task: Task, *, params: Mapping[str, Any], seed: int, budget: str = "normal", watch: Watch = SILENT
    ) -> Model:
        if STAGES in params:
            params = {**params, STAGES: params[STAGES] or stages_meant(params, setting, ())}
        wish = wish_of(params, setting, objective)
        if wish is None:
            return parts["fit"](train, task, params=params, seed=seed, budget=budget, watch=watch)
        if DOMAIN in wish.stages:
            raise SettingsError("texts of a domain are read in a comparison alone (--domain FILE).")
        with TemporaryDirectory(prefix="tenon-") as folder:
            [stage] = wish.stages
            OBJECTIVES[objective].learn(texts_of(train), (), Path(folder), seed, budget, watch, **how(stage, wish.start))
            return parts["fit"](train, task, params={**params, setting: folder}, seed=seed, budget=budget, watch=watch)

    def check(rows: Dataset, params: Mapping[str, Any]) -> None:
        OBJECTIVES[objective].check(params[setting], texts_of(rows))

    return {**parts, "fit": fit, "check": check}
