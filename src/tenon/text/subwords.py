"""Parts of words: WordPiece (Schuster & Nakajima 2012) and byte pair encoding (Sennrich, Haddow & Birch 2016), by `tokenizers`.

Either is learnt from texts, or read from a file: a list of parts, one a line, as BERT's vocab.txt, or a tokenizer.json. Texts are
made plain as BERT does (Devlin et al. 2019): lower case, without accents, Chinese characters alone.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenon.errors import DataError, NeedsExtra, failure_reason
from tenon.text.units import plain

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PAD, UNKNOWN, INSIDE = "[PAD]", "[UNK]", "##"
LONGEST_WORD = 100  # characters; a longer one is unknown to WordPiece


def learnt_bpe(texts: Iterable[str], most: int, fewest: int) -> "Tokenizer":
    """Return a tokenizer of at most `most` parts, each of which a pair made that stands `fewest` times or more."""
    kinds = _library()
    made = kinds.Tokenizer(kinds.models.BPE(unk_token=UNKNOWN))
    _prepare(made, kinds, lowercase=True)
    settings = {"vocab_size": most, "min_frequency": fewest, "special_tokens": [PAD, UNKNOWN], "show_progress": False}
    made.train_from_iterator((plain(text) for text in texts), kinds.trainers.BpeTrainer(**settings))
    return made


def learnt_wordpiece(texts: Sequence[str], most: int, fewest: int) -> "Tokenizer":
    """Return a tokenizer of at most `most` parts: those that byte pair encoding cuts words into; behind a start they have ##.

    The trainer of the package's own gives other parts from call to call (tokenizers 0.23), since it numbers them as a hash map of
    words with a chance of its own gives them; it is byte pair encoding, too.
    """
    pairs, parts, letters = learnt_bpe(texts, most, fewest), Counter[str](), Counter[str]()
    for text in texts:
        found, before = pairs.encode(plain(text)), None
        for part, word in zip(found.tokens, found.word_ids, strict=True):
            if part != UNKNOWN:
                of_part = [INSIDE + part if word == before else part, *(INSIDE + letter for letter in part[1:])]
                parts[of_part[0]] += 1
                letters.update([of_part[0][: len(of_part[0]) - len(part) + 1], *of_part[1:]])
            before = word
    ranked = [*_by_count(letters), *(part for part in _by_count(parts) if part not in letters)]  # letters make up all else
    return _wordpiece([PAD, UNKNOWN, *ranked][:most], _library())


def _by_count(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda part: (-counts[part], part))


def from_file(path: Path) -> "Tokenizer":
    """Return the tokenizer of a file. Raises DataError where it cannot be read, or lacks [PAD] or [UNK]."""
    kinds = _library()
    try:
        text = path.read_text(encoding="utf-8")
        made = kinds.Tokenizer.from_str(text) if path.suffix == ".json" else _wordpiece(text.splitlines(), kinds)
    except Exception as error:  # tokenizers raises plain Exception
        raise DataError(f"{path} holds no vocabulary that can be read ({failure_reason(error)}).") from error
    for special in (PAD, UNKNOWN):
        if made.token_to_id(special) is None:
            raise DataError(f"{path} has no {special}, which stands for {'what pads' if special == PAD else 'what is unknown'}.")
    made.no_padding()
    made.no_truncation()
    return made


def from_json(words: dict[str, Any]) -> "Tokenizer":
    """Return the tokenizer that `to_json` told of."""
    return _library().Tokenizer.from_str(json.dumps(words))


def to_json(tokenizer: "Tokenizer") -> dict[str, Any]:
    return json.loads(tokenizer.to_str())


def _wordpiece(parts: list[str], kinds: Any) -> "Tokenizer":
    """A vocabulary with a capital letter in some part keeps capitals."""
    ids = {part: i for i, part in enumerate(parts)}
    made = kinds.Tokenizer(kinds.models.WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=LONGEST_WORD))
    _prepare(made, kinds, lowercase=all(part == part.lower() for part in parts if not part.startswith("[")))
    return made


def _prepare(tokenizer: "Tokenizer", kinds: Any, lowercase: bool) -> None:
    tokenizer.normalizer = kinds.normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = kinds.pre_tokenizers.BertPreTokenizer()


def _library() -> Any:
    try:
        import tokenizers
    except ImportError as error:
        raise NeedsExtra("parts of words are cut by tokenizers: pip install 'tenon[deep]'.") from error
    return tokenizers
