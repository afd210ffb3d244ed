"""Parts of words: WordPiece (Schuster & Nakajima 2012) and byte pair encoding (Sennrich, Haddow & Birch 2016), by `tokenizers`.

Either is learnt from texts, or read from a file: a list of parts, one a line, as BERT's vocab.txt, or a tokenizer.json, or from
the folder of a checkpoint with either. Texts are made plain as BERT does (Devlin et al. 2019): Chinese characters alone,
and lower case without accents where case does not count. RoBERTa's parts, in vocab.json and merges.txt, are pairs of bytes
(Radford et al. 2019, section 2.2), for which a text is taken as it is.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tenon.errors import DataError, NeedsExtra
from tenon.text.units import UNSPACED, plain

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PAD, UNKNOWN, INSIDE = "[PAD]", "[UNK]", "##"
START, END, MASK = "[CLS]", "[SEP]", "[MASK]"  # of a row that BERT reads, of a text in it, of a token that it shall foretell


class Marks(NamedTuple):
    """What marks of a vocabulary are called."""

    pad: str
    unknown: str
    start: str
    end: str
    mask: str


BERT, ROBERTA = Marks(PAD, UNKNOWN, START, END, MASK), Marks("<pad>", "<unk>", "<s>", "</s>", "<mask>")
BLANK = "Ġ"  # how a pair of bytes begins that a blank stands before
MERGES = "merges.txt"
THEIR_NAMES = {"lowercase": "do_lower_case", "strip_accents": "strip_accents", "handle_chinese_chars": "tokenize_chinese_chars"}
LONGEST_WORD = 100  # characters; a longer one is unknown to WordPiece
ENDLESS = re.compile(rf"(?:(?![{UNSPACED}])\w){{{LONGEST_WORD + 1},}}")


def learnt_bpe(texts: Iterable[str], most: int, fewest: int, is_cased: bool = False) -> "Tokenizer":
    """Return a tokenizer of at most `most` parts, each of which a pair made that stands `fewest` times or more."""
    kinds = library()
    made = kinds.Tokenizer(kinds.models.BPE(unk_token=UNKNOWN))
    _prepare(made, kinds, lowercase=not is_cased)
    settings = {"vocab_size": most, "min_frequency": fewest, "special_tokens": [PAD, UNKNOWN], "show_progress": False}
    made.train_from_iterator(map(_learnable, texts), kinds.trainers.BpeTrainer(**settings))
    return made


def learnt_wordpiece(
    texts: Iterable[str], most: int, fewest: int, is_cased: bool = False, marks: Sequence[str] = ()
) -> "Tokenizer":
    """Return a tokenizer of at most `most` parts: those that byte pair encoding cuts words into; behind a start they have ##.

    texts : read twice. marks : of rows, which stand among the parts, and between which the tokenizer puts a text.

    The trainer of the package's own gives other parts from call to call (tokenizers 0.23), since it numbers them as a hash map of
    words with a chance of its own gives them; it is byte pair encoding, too.
    """
    pairs, parts, letters = learnt_bpe(texts, most, fewest, is_cased), Counter[str](), Counter[str]()
    for text in texts:
        found, before = pairs.encode(_learnable(text)), None
        for part, word in zip(found.tokens, found.word_ids, strict=True):
            if part != UNKNOWN:
                of_part = [INSIDE + part if word == before else part, *(INSIDE + letter for letter in part[1:])]
                parts[of_part[0]] += 1
                letters.update([of_part[0][: len(of_part[0]) - len(part) + 1], *of_part[1:]])
            before = word
    ranked = [*_by_count(letters), *(part for part in _by_count(parts) if part not in letters)]  # letters make up all else
    kinds = library()
    made = _wordpiece([PAD, UNKNOWN, *marks, *ranked][:most], kinds, lowercase=not is_cased)
    if marks:
        made.add_special_tokens([PAD, UNKNOWN, *marks])
        made.post_processor = kinds.processors.BertProcessing(*((mark, made.token_to_id(mark)) for mark in (END, START)))
    return made


def _learnable(text: str) -> str:
    """Return a text without endless words, from which pairs would be learnt in days: WordPiece does not know these."""
    return ENDLESS.sub(" ", plain(text))


def _by_count(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda part: (-counts[part], part))


def from_file(path: Path) -> "Tokenizer":
    """Return the tokenizer of a file. Raises DataError where it cannot be read, or lacks [PAD] or [UNK]."""
    kinds = library()
    with _reading(path) as text:
        made = kinds.Tokenizer.from_str(text) if path.suffix == ".json" else _wordpiece(_lines(text), kinds)
    return _checked(made, path)


def from_folder(folder: Path) -> "Tokenizer":
    """Return the tokenizer of a checkpoint: its tokenizer.json, vocab.txt as tokenizer_config.json says, or vocab.json's pairs.

    A text that holds a mark as [SEP] has that mark there. Raises DataError where no such file is there, or as `from_file`.
    """
    names = ("tokenizer.json", "vocab.txt", "vocab.json")
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None:
        raise DataError(f"{folder} has neither {' nor '.join(names)}, which hold its parts of words; copy one there.")
    if path.name == "vocab.json":
        return _checked(_byte_pairs(path, folder / MERGES), path)
    if path.suffix == ".json":
        return from_file(path)
    kinds, told = library(), {}
    if (folder / "tokenizer_config.json").is_file():
        with _reading(folder / "tokenizer_config.json") as text:
            told = {known: json.loads(text).get(theirs) for known, theirs in THEIR_NAMES.items()}
    with _reading(path) as text:
        made = _wordpiece(_lines(text), kinds, **{known: value for known, value in told.items() if value is not None})
        made.add_special_tokens([mark for mark in (PAD, UNKNOWN, START, END, MASK) if made.token_to_id(mark) is not None])
    return _checked(made, path)


@contextmanager
def _reading(path: Path) -> Iterator[str]:
    """Yield what a file says; what is raised about it becomes a DataError that names it."""
    try:
        yield path.read_text(encoding="utf-8")
    except Exception as error:  # tokenizers raises plain Exception
        raise DataError(f"{path} holds no vocabulary that can be read ({error}).") from error


def _lines(text: str) -> list[str]:
    """Return what stands between line feeds: other ends of lines may be tokens."""
    return text.removesuffix("\n").split("\n")


def _byte_pairs(path: Path, merges: Path) -> "Tokenizer":
    """Return the tokenizer of RoBERTa's files: blanks belong to what follows them, but not to its place in the text."""
    kinds = library()
    if not merges.is_file():
        raise DataError(f"{path.parent} has a vocab.json and no {MERGES}, which says what its parts are made of; copy it there.")
    with _reading(merges) as text:
        if any(len(line.split(" ")) != 2 for line in _lines(text) if line and not line.startswith("#version")):
            raise ValueError("a line is not two parts with a blank between them")
    with _reading(path):
        made = kinds.Tokenizer(kinds.models.BPE.from_file(str(path), str(merges)))
    made.pre_tokenizer = kinds.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.post_processor, made.decoder = kinds.processors.ByteLevel(add_prefix_space=False), kinds.decoders.ByteLevel()
    made.add_special_tokens([mark for mark in ROBERTA if made.token_to_id(mark) is not None])
    return made


def marks_of(tokenizer: "Tokenizer") -> Marks:
    """Return what the marks of a tokenizer are called; BERT's where it has none."""
    return ROBERTA if tokenizer.token_to_id(ROBERTA.pad) is not None and tokenizer.token_to_id(PAD) is None else BERT


def _checked(made: "Tokenizer", path: Path) -> "Tokenizer":
    marks = marks_of(made)
    for special, what in ((marks.pad, "what pads"), (marks.unknown, "what is unknown")):
        if made.token_to_id(special) is None:
            raise DataError(f"{path} has no {special}, which stands for {what}.")
    made.no_padding()
    made.no_truncation()
    return made


def from_json(words: dict[str, Any]) -> "Tokenizer":
    """Return the tokenizer that `to_json` told of."""
    return library().Tokenizer.from_str(json.dumps(words))


def to_json(tokenizer: "Tokenizer") -> dict[str, Any]:
    return json.loads(tokenizer.to_str())


def _wordpiece(parts: list[str], kinds: Any, **told: bool) -> "Tokenizer":
    """told : of what is made plain; a vocabulary with a capital letter in some part keeps capitals where nothing is told."""
    ids = {part: i for i, part in enumerate(parts)}
    made = kinds.Tokenizer(kinds.models.WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=LONGEST_WORD))
    is_lower = all(part == part.lower() for part in parts if not part.startswith("["))
    _prepare(made, kinds, **{"lowercase": is_lower, **told})
    return made


def _prepare(tokenizer: "Tokenizer", kinds: Any, **told: bool) -> None:
    tokenizer.normalizer = kinds.normalizers.BertNormalizer(**told)
    tokenizer.pre_tokenizer = kinds.pre_tokenizers.BertPreTokenizer()


def library() -> Any:
    try:
        import tokenizers
    except ImportError as error:
        raise NeedsExtra("parts of words are cut by tokenizers: pip install 'tenon[deep]'.") from error
    return tokenizers
