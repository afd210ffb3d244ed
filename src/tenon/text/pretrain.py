"""Learn from a file of texts without labels, and keep what was learnt in a folder."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from errno import EACCES, ENOTDIR
from os import W_OK, access
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon import ranges
from tenon.data.lines import read_lines
from tenon.errors import NeedsExtra, SettingsError, unknown
from tenon.files import cannot_write
from tenon.text.vector_files import WORDS, save
from tenon.text.vectors import WordVectors
from tenon.text.word2vec import Word2Vec
from tenon.text.word_lists import units_of, word_list
from tenon.watch import SILENT, Watch

if TYPE_CHECKING:
    from tenon.text.pretrain_nets import PretrainedNet

PASSES = {"quick": 2, "normal": 5, "thorough": 15}  # of vectors of words
PASSES_OF_NETS = {"quick": 4, "normal": 10, "thorough": 40}
ABOUT = "pretraining.json"  # in the folder of a network: what it was learnt from, and how
WORDS_BETWEEN_TALK = 100_000


@dataclass(frozen=True)
class Pretrained:
    """What was learnt, and where it lies."""

    objective: str
    out: Path
    vectors: WordVectors
    n_words: int  # of the corpus
    settings: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return all but the vectors themselves, ready for JSON."""
        size = {"n_vectors": len(self.vectors), "n_words": self.n_words}
        return {"objective": self.objective, "out": str(self.out), "settings": self.settings} | size


@dataclass(frozen=True)
class Asked:
    """What is learnt from what. start : folder of the network that goes on, None: a new one; epochs : unless settings tell."""

    objective: str
    corpus: Path
    out: Path
    settings: Mapping[str, Any]
    start: Path | None
    seed: int
    jobs: int
    epochs: int
    watch: Watch


def pretrain(
    corpus: Path,
    out: Path | None = None,
    objective: str = "word2vec",
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    seed: int = 0,
    jobs: int = 1,
    budget: str = "normal",
    start: Path | None = None,
    watch: Watch = SILENT,
) -> "Pretrained | PretrainedNet":
    """Learn by an objective from a text file, a text a line, and write a folder; by default runs/NAME-OBJECTIVE.

    settings : {objective: {name: value}}. jobs : threads. budget : passes over the corpus: quick 2, normal 5, thorough 15, for
    networks 4, 10 and 40. start : folder of a network that goes on.
    Raises SettingsError for what is not known or out of range, DataError for what is no corpus, ModelFileError for a start that
    cannot be read, OutputError where nothing can be written; all but a full disk before anything is read.
    """
    ranges.one_of("objective", objective, OBJECTIVES)
    ranges.one_of("budget", budget, PASSES)
    ranges.whole("jobs", jobs, 1, ranges.MOST_THREADS)
    ranges.whole("seed", seed, 0, 2**32 - 1)
    for name in settings or {}:
        if name != objective:
            raise unknown("objective", name, [objective], of=" here")
    out = Path("runs") / f"{corpus.name.partition('.')[0]}-{objective}" if out is None else out
    _check_place(out, {"corpus": corpus} | ({"network of --from": start} if start else {}))
    learn, passes = OBJECTIVES[objective]
    own = (settings or {}).get(objective, {})
    return learn(Asked(objective, corpus, out, own, start, seed, jobs, passes[budget], watch))


def _word2vec(asked: Asked) -> Pretrained:
    if asked.start is not None:
        raise SettingsError("word2vec starts from chance; --from is for mlm, mlm+nsp and ar.")
    model = Word2Vec(epochs=asked.epochs, random_state=asked.seed, threads=asked.jobs)
    known = [name for name in model.get_params() if name not in ("random_state", "threads")]
    for name in asked.settings:
        if name not in known:
            raise unknown("setting", name, known, of=" of word2vec")
    model.set_params(**asked.settings)
    model.watch = asked.watch
    model.fit(_told(cut_texts(asked.corpus), asked.watch))
    about = {name: value for name, value in model.get_params().items() if name != "threads"}
    save(model.vectors_, asked.out, about | {"objective": "word2vec", "n_words": model.n_words_})
    return Pretrained("word2vec", asked.out, model.vectors_, model.n_words_, about)


def _net(asked: Asked) -> "PretrainedNet":
    try:
        from tenon.text.pretrain_nets import learn  # loads torch
    except ImportError as error:
        raise NeedsExtra("networks are trained by PyTorch: pip install 'tenon[deep]'.") from error
    return learn(asked)


OBJECTIVES: dict[str, tuple[Callable[[Asked], "Pretrained | PretrainedNet"], Mapping[str, int]]] = {
    "word2vec": (_word2vec, PASSES),
    **dict.fromkeys(("mlm", "mlm+nsp", "ar"), (_net, PASSES_OF_NETS)),
}


def cut_texts(path: Path) -> Iterator[list[str]]:
    """Yield the words of each line; its first 1,000 decide what words are. Raises DataError as `read_lines` does."""
    units = units_of(read_lines(path))
    for line in read_lines(path):
        yield word_list(line, units, is_seen_again=False)


def _told(texts: Iterator[list[str]], watch: Watch) -> Iterator[list[str]]:
    """Yield the texts and tell how many words were read."""
    n, told = 0, 0
    for text in texts:
        n += len(text)
        if n - told >= WORDS_BETWEEN_TALK:
            told = n
            watch.tell({"event": "reading", "n_words": n})
        yield text


def _check_place(out: Path, read: Mapping[str, Path]) -> None:
    """Raise before hours of work what would stand against writing the folder, which takes the place of an older one."""
    if out.exists() and not out.is_dir():
        raise SettingsError(f"--out {out} is a file; name a folder.")
    if out.is_dir() and any(out.iterdir()) and not any((out / name).exists() for name in (WORDS, ABOUT)):
        raise SettingsError(f"--out {out} is a folder with other files in it; name a new one.")
    for what, path in read.items():
        if out.resolve() in (path.resolve(), *path.resolve().parents):
            raise SettingsError(f"--out {out} holds the {what} itself; name another folder.")
    above = next(folder for folder in out.absolute().parents if folder.exists())
    if not above.is_dir() or not access(above, W_OK):
        raise cannot_write(out, OSError(EACCES if above.is_dir() else ENOTDIR, ""))
