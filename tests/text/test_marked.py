"""Rows of marks and texts by hand, and folders whose parts of words cannot be read; peers are in tests/parity."""

import json

import pytest

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tenon.errors import ModelFileError  # noqa: E402
from tenon.text import MarkedTokens  # noqa: E402

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "##ness", "bad", "好", "film", "é", "e"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    return tmp_path


def test_a_text_and_a_pair_by_hand(folder):
    marked = MarkedTokens.from_pretrained(str(folder))
    assert (marked.start, marked.end, marked.mask, marked.tokens.pad, marked.tokens.unknown) == (2, 3, 4, 0, 1)
    one, other = marked.tokens.encode("Goodness 好!"), marked.tokens.encode("bad")
    row = marked.row(one)
    assert row.ids.tolist() == [2, 5, 6, 8, 1, 3]
    assert row.segments.tolist() == [0] * 6
    assert row.spans.tolist() == [[0, 0], [0, 4], [4, 8], [9, 10], [10, 11], [0, 0]]
    pair = marked.row(one, other)
    assert pair.ids.tolist() == [2, 5, 6, 8, 1, 3, 7, 3]
    assert pair.segments.tolist() == [0] * 6 + [1, 1]
    assert pair.spans.tolist() == [*row.spans.tolist(), [0, 3], [0, 0]]
    assert marked.encode("").ids.tolist() == [2, 3]
    assert {part.dtype.name for part in (*pair, *marked.encode(""))} == {"int64"}


def test_a_pair_for_a_network_without_segments_by_hand(folder):
    (folder / "config.json").write_text(
        json.dumps({"model_type": "longformer", "type_vocab_size": 1, "pad_token_id": 0, "vocab_size": 12})
    )
    marked = MarkedTokens.from_pretrained(folder)
    pair = marked.encode("Goodness", "bad")
    assert pair.ids.tolist() == [2, 5, 6, 3, 3, 7, 3]
    assert pair.segments.tolist() == [0] * 4 + [1] * 3
    assert pair.spans.tolist() == [[0, 0], [0, 4], [4, 8], [0, 0], [0, 0], [0, 3], [0, 0]]
    assert len(pair.ids) - 3 == marked.n_marks(2) == 4
    assert len(marked.encode("bad").ids) - 1 == marked.n_marks(1) == 2


def test_the_folder_says_what_is_made_plain(folder):
    def ids(text, **said):
        (folder / "tokenizer_config.json").write_text(json.dumps(said))
        return MarkedTokens.from_pretrained(folder).tokens.encode(text).ids.tolist()

    assert ids("Good É") == [5, 11]
    assert ids("Good É", do_lower_case=False) == [1, 1]
    assert ids("Good É", do_lower_case=True, strip_accents=False) == [5, 10]
    assert ids("film好", tokenize_chinese_chars=True) == [9, 8]
    assert ids("film好", tokenize_chinese_chars=False) == [1]
    assert ids("good [MASK] film", do_lower_case=True) == [5, 4, 9]


def test_a_token_may_be_another_end_of_line(folder):
    (folder / "vocab.txt").write_text("\n".join([*WORDS, "\u2028", "\x85", "last"]), encoding="utf-8")
    marked = MarkedTokens.from_pretrained(folder)
    assert marked.tokens.words[-3:] == ["\u2028", "\x85", "last"]


def test_the_same_from_its_own_json(folder):
    made = MarkedTokens.from_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps(made.tokens.to_json()["tokenizer"]), encoding="utf-8")
    (folder / "vocab.txt").unlink()
    read = MarkedTokens.from_pretrained(folder)
    assert read.encode("Good [SEP] 好").ids.tolist() == [2, 5, 3, 8, 3]


def test_what_cannot_be_is_told(folder):
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "vocab_size": 11}))
    with pytest.raises(ModelFileError, match=(
        r"the vocabulary in .* has 12 tokens, and its network knows 11 \(config\.json\); take both from one place"
    )):  # fmt: skip
        MarkedTokens.from_pretrained(folder)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "vocab_size": 25}))
    with pytest.raises(ModelFileError, match="has 12 tokens, and its network knows 25"):  # it was cut, or is of another
        MarkedTokens.from_pretrained(folder)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "vocab_size": 24}))
    MarkedTokens.from_pretrained(folder)
    (folder / "config.json").unlink()
    (folder / "tokenizer_config.json").write_text("{")
    with pytest.raises(ModelFileError, match=r"tokenizer_config\.json holds no vocabulary that can be read \(Expecting"):
        MarkedTokens.from_pretrained(folder)
    (folder / "tokenizer_config.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(word for word in WORDS if word not in ("[CLS]", "[MASK]")))
    with pytest.raises(ModelFileError, match=r"the vocabulary has no \[CLS\] and no \[MASK\], with which BERT marks its rows"):
        MarkedTokens.from_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS[1:]))
    with pytest.raises(ModelFileError, match=r"vocab\.txt has no \[PAD\], which stands for what pads"):
        MarkedTokens.from_pretrained(folder)
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelFileError, match=r"tokenizer\.json holds no vocabulary that can be read"):
        MarkedTokens.from_pretrained(folder)
    with pytest.raises(
        ModelFileError,
        match=r"gone has neither tokenizer\.json nor vocab\.txt nor vocab\.json, which hold its parts of words; copy one",
    ):
        MarkedTokens.from_pretrained(folder / "gone")
