"""Sample data for a first look and for tests: real sets that are there wherever Tenon is installed, and generated ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tenon.data.samples import long_documents, planted, questions, sentence_pairs, sources, tagged_text
from tenon.errors import DataError, unknown
from tenon.files import new_file, new_folder


@dataclass(frozen=True)
class Sample:
    """One data set that `write_sample` can write."""

    name: str
    description: str  # one line: what the rows are, how many, which classes
    task: str  # binary, multiclass, regression, pair, tagging or answer
    target: str  # column to predict; empty where the file's form already says it (a folder of images, tags, questions)
    example: str  # the command line to try next
    make: Callable[[int], Mapping[str, bytes]]  # seed -> content by file name; "folder/…" for a folder


def _compare(data: str, target: str = "", *more: str) -> str:
    return " ".join(["tenon compare", data, *([f"--target {target}"] if target else []), *more])


_ALL = (
    Sample(
        "breast-cancer",
        "569 cells from breast tumours, 30 measurements; malignant or benign",
        "binary",
        "diagnosis",
        _compare("breast-cancer.csv", "diagnosis"),
        sources.breast_cancer,
    ),
    Sample(
        "wine",
        "178 wines, 13 chemical measurements; which of 3 cultivars",
        "multiclass",
        "cultivar",
        _compare("wine.csv", "cultivar"),
        sources.wine,
    ),
    Sample(
        "iris",
        "150 flowers, 4 lengths; which of 3 species",
        "multiclass",
        "species",
        _compare("iris.csv", "species"),
        sources.iris,
    ),
    Sample(
        "diabetes",
        "442 patients, 10 measurements; how far the disease went within a year",
        "regression",
        "progression",
        _compare("diabetes.csv", "progression"),
        sources.diabetes,
    ),
    Sample(
        "digits",
        "1,797 images of handwritten digits, 8x8 pixels, a folder per digit",
        "multiclass",
        "",
        _compare("digits"),
        sources.digits,
    ),
    Sample(
        "docstrings",
        "about 1,600 docstrings of Python's standard library; which of 8 packages they come from",
        "multiclass",
        "package",
        _compare("docstrings.csv", "package"),
        sources.docstrings,
    ),
    Sample(
        "jieba-words",
        "3,000 Chinese words of jieba's dictionary; which of 6 parts of speech (needs tenon[zh])",
        "multiclass",
        "part_of_speech",
        _compare("jieba-words.csv", "part_of_speech"),
        sources.jieba_words,
    ),
    Sample(
        "long-documents",
        "300 generated case files of 2,000-5,000 words; one sentence anywhere in them decides: granted or refused",
        "binary",
        "outcome",
        _compare("long-documents.jsonl", "outcome"),
        long_documents.english,
    ),
    Sample(
        "long-documents-zh",
        "the same in Chinese: 300 generated case files of about 3,000-6,500 characters; 支持 or 驳回",
        "binary",
        "outcome",
        _compare("long-documents-zh.jsonl", "outcome"),
        long_documents.chinese,
    ),
    Sample(
        "planted",
        "400 generated documents of about 2,000 tokens; one sentence anywhere in them says which of 4 keys is theirs",
        "multiclass",
        "key",
        _compare("planted.jsonl", "key"),
        planted.english,
    ),
    Sample(
        "planted-zh",
        "the same in Chinese: 400 generated documents of about 2,000 characters",
        "multiclass",
        "key",
        _compare("planted-zh.jsonl", "key"),
        planted.chinese,
    ),
    Sample(
        "tagged-text",
        "1,000 generated sentences, a token and its tag a line; persons, places and organisations",
        "tagging",
        "",
        _compare("tagged-text.txt"),
        tagged_text.tagged_text,
    ),
    Sample(
        "questions",
        "600 generated questions on 150 paragraphs; the answer is a passage, or is not there",
        "answer",
        "",
        _compare("questions.json"),
        questions.questions,
    ),
    Sample(
        "sentence-pairs",
        "1,200 generated pairs of sentences; do both say the same?",
        "binary",
        "label",
        _compare("sentence-pairs.csv", "label"),
        sentence_pairs.sentence_pairs,
    ),
)
SAMPLES: dict[str, Sample] = {sample.name: sample for sample in _ALL}


def write_sample(name: str, folder: Path = Path(), seed: int = 0) -> list[Path]:
    """Write a sample into `folder` and return what was written: files, or one folder of images.

    The same seed gives the same bytes; the real sets have no chance in them, but for jieba-words, which draws its rows.
    What is already there with the same content is left as it is. Raises DataError where something else is there,
    SettingsError for an unknown name, NeedsExtra where an optional package is missing.
    """
    if name not in SAMPLES:
        raise unknown("sample", name, SAMPLES)
    contents = SAMPLES[name].make(seed)
    tops = list(dict.fromkeys(name.split("/")[0] for name in contents))
    missing = [top for top in tops if not _is_there(folder, top, contents)]
    for top in missing:
        _write(folder, top, contents)
    return [folder / top for top in tops]


def _is_there(folder: Path, top: str, contents: Mapping[str, bytes]) -> bool:
    """Tell whether `top` exists with exactly this content. Raises DataError where it exists with another."""
    path = folder / top
    if not path.exists():
        return False
    wanted = {name: content for name, content in contents.items() if name.split("/")[0] == top}
    found = [p for p in sorted(path.rglob("*")) if p.is_file()] if path.is_dir() else [path]
    names = {p.relative_to(folder).as_posix() for p in found}
    if names != set(wanted) or any((folder / name).read_bytes() != content for name, content in wanted.items()):
        raise DataError(f"{path} exists and is not this sample; move it away, or write the sample into another folder.")
    return True


def _write(folder: Path, top: str, contents: Mapping[str, bytes]) -> None:
    if top in contents:
        with new_file(folder / top) as unfinished:
            unfinished.write_bytes(contents[top])
        return
    with new_folder(folder / top) as unfinished:
        for name, content in contents.items():
            path = unfinished / Path(name).relative_to(top)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
