"""Networks that read words, characters or parts of words, as a graph of ONNX and a tokenizer.json (`tenon.compress.onnx_texts`).

The patterns of `tenon.text.units` are said again as the package `tokenizers` writes them: by Unicode's categories of characters
(Oniguruma, doc/RE), since its \\w takes in accents that stand alone. It makes a text small before it is cut, and Tenon each word
behind that, which differs for a single letter, the Turkish I with a dot.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tenon.text.subwords import UNKNOWN, from_json, library
from tenon.text.tokens import Tokens, WordTokens
from tenon.text.units import PATTERNS

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import nn

    from tenon.adapter import EstimatorModel
    from tenon.text.readers import TextReader

LETTERS, BLANKS = r"\p{L}\p{N}_", r"\p{Z}\p{Cc}"
CASED = r"[\p{Lu}\p{Ll}\p{Lt}]"
LAST_SIGMA = rf"(?<={CASED}|{CASED}['’])Σ(?!['’]?{CASED})"  # the one letter whose small form, ς, hangs on its place in a word


def why_not_words(model: "EstimatorModel") -> str | None:
    from tenon.text import AttentiveNet, RecurrentNet, TextCNN, TransformerText

    net, tokens = model.estimator.net_, model.estimator.reader_.tokens
    if not isinstance(net, TextCNN | RecurrentNet | AttentiveNet | TransformerText):
        return "is for networks that read a text at once"
    if isinstance(tokens, WordTokens) and tokens.units not in PATTERNS:
        return (
            "needs words that other programs cut alike, and jieba's they do not: "
            f"compare with --set {model.method_name}.units=characters, or wordpiece"
        )
    return None


def called_as_encoders(net: "nn.Module", tokens: Tokens) -> "nn.Module":
    """Return a network of tokens and lengths such that it is called with tokens, masks and segments (B, T), where T may be 0.

    A text without tokens is read as one that is unknown.
    """
    import torch
    from torch import Tensor, nn
    from torch.nn import functional

    class Called(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, ids: Tensor, mask: Tensor, segments: Tensor) -> Tensor:
            lengths = mask.sum(dim=1)
            padded = functional.pad(ids, (0, 1), value=tokens.pad)
            first = torch.where(lengths == 0, tokens.unknown, padded[:, 0])
            return self.net(torch.cat([first[:, None], padded[:, 1:]], dim=1), lengths.clamp(min=1))

    return Called()


def tokenizer_of_words(reader: "TextReader") -> "Tokenizer":
    """Return what makes rows of texts as the reader does."""
    tokens = reader.tokens
    made = _of_units(tokens) if isinstance(tokens, WordTokens) else _of_parts(tokens.to_json()["tokenizer"])
    made.enable_truncation(reader.room)
    made.enable_padding(pad_id=tokens.pad, pad_token=tokens.words[tokens.pad])
    return made


def found_by(pattern: str, ids: Mapping[str, int], is_cased: bool, has_words: bool = True) -> "Tokenizer":
    """Return what gives ids to all that a pattern finds in texts.

    is_cased : are capitals told apart? has_words : whether letters stand in words, so that the last of one may be another.
    """
    kinds = library()
    made = kinds.Tokenizer(kinds.models.WordLevel(dict(ids), unk_token=UNKNOWN))
    made.pre_tokenizer = kinds.pre_tokenizers.Split(kinds.Regex(pattern), "removed", invert=True)
    if not is_cased:
        known = kinds.normalizers
        last = [known.Replace(kinds.Regex(LAST_SIGMA), "ς")] if has_words else []
        made.normalizer = known.Sequence([*last, known.Lowercase()])
    return made


def _of_units(tokens: WordTokens) -> "Tokenizer":
    ids = {word: i for i, word in enumerate(tokens.words)}
    return found_by(PATTERNS[tokens.units](LETTERS, BLANKS), ids, tokens.is_cased, tokens.units == "words")


def _of_parts(words: dict[str, Any]) -> "Tokenizer":
    """Return parts of words without marks around a text."""
    return from_json(words | {"post_processor": None})
