"""Tokens: what every way to cut has in common on strange texts, each way on hand-cut ones, vocabularies, files, and refusals."""

import json
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("tokenizers")

from tenon.data.language import is_cjk  # noqa: E402
from tenon.errors import DataError, NeedsExtra, SettingsError  # noqa: E402
from tenon.text import subwords, tokens, units  # noqa: E402
from tenon.text.tokens import SubwordTokens, learnt_tokens, tokens_from  # noqa: E402

ENGLISH = ["The film isn't bad.", "the FILM is good!", "a bad, bad film"] * 3
CHINESE = ["房间很干净", "服务很好，房间很大", "很差"] * 3
STRANGE = {
    "empty": "",
    "blanks": " \t\n\u3000",
    "controls": "a\x00b\x07\x7fc",
    "emoji": "good 👍🏽 family 👨‍👩‍👧 flag 🇨🇳",
    "rare planes": "𠮷野家 𝒳 𪚥",
    "half characters": "a \ud83d b \udc00",
    "accents": "ＡＢＣ İstanbul naïve e\u0301te\u0301",
    "endless": "x" * 50_000,
    "endless Chinese": "很好" * 5_000,
    "mixed": "iPhone手机100%好",
}
ALL = [unit for unit in tokens.UNITS if unit != "auto"]
MADE = {unit: learnt_tokens(ENGLISH + CHINESE, unit, fewest=1) for unit in ALL}


def cut(how: str, text: str) -> list[str]:
    return [text[start:end] for start, end in MADE[how].encode(text).spans]


@pytest.mark.parametrize("how", ALL)
@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_every_letter_stands_in_one_token_in_its_place(how, text):
    """Only blanks, controls and marks without a width of their own may be left out, and places never go back or overlap."""
    ids, spans = MADE[how].encode(text)
    assert (ids.dtype, spans.dtype, spans.shape) == (np.int64, np.int64, (len(ids), 2))
    assert ((ids >= 0) & (ids < len(MADE[how]))).all()
    assert (spans[:, 0] < spans[:, 1]).all()
    assert (spans[1:, 0] >= spans[:-1, 1]).all()
    covered = np.zeros(len(text) + 1, bool)
    for start, end in spans:
        covered[start:end] = True
    left = {c for c, is_in in zip(text, covered, strict=False) if not is_in}
    assert all(c.isspace() or unicodedata.category(c)[0] in "CM" for c in left)


@pytest.mark.parametrize("how", ["words", "characters", "jieba"])
@given(text=st.text(st.characters(), max_size=40))
def test_whole_units_are_their_places(how, text):
    for word, start, end in units.CUTS[how](units.plain(text)):
        assert word == units.plain(text)[start:end]
        assert word.strip()


@pytest.mark.mission("F4")
def test_texts_cut_by_hand():
    assert cut("words", "She didn't see 2 films; 他看了!") == ["She", "didn't", "see", "2", "films", ";", "他", "看", "了", "!"]
    assert cut("characters", "A b，好") == ["A", "b", "，", "好"]
    assert cut("jieba", "房间很干净 OK") == ["房间", "很", "干净", "OK"]
    assert cut("wordpiece", "bad films") == ["bad", "film", "s"]


def test_unspaced_scripts_are_those_of_the_language_module():
    import re

    pattern = re.compile(f"[{units.UNSPACED}]")
    assert all(bool(pattern.match(chr(i))) == is_cjk(chr(i)) for i in range(0x40000))


def test_a_vocabulary_holds_the_most_frequent_and_the_rest_is_unknown():
    made = learnt_tokens(["b a a c", "a b d"], "words", most=4, fewest=1)
    assert list(made.words) == ["[PAD]", "[UNK]", "a", "b"]
    assert made.encode("D a B zzz").ids.tolist() == [1, 2, 3, 1]
    assert list(learnt_tokens(["b a a c", "a b d"], "words", fewest=2).words) == ["[PAD]", "[UNK]", "a", "b"]
    assert list(learnt_tokens(["", " "]).words) == ["[PAD]", "[UNK]"]


@pytest.mark.parametrize("how", ALL)
def test_case_counts_where_it_shall(how):
    """Parts of words lose accents together with their case."""
    texts, asked = ["Élan élan THE the OK好 ok好"] * 3, "Élan THE OK好"
    plain = "elantheok好" if how in ("wordpiece", "bpe") else "élantheok好"
    for is_cased, said in ((False, plain), (True, "ÉlanTHEOK好")):
        made = learnt_tokens(texts, how, is_cased=is_cased)
        for one in (made, tokens_from(json.loads(json.dumps(made.to_json())))):
            assert one.decode(one.encode(asked).ids).replace(" ", "") == said
            assert (one.encode(asked).ids.tolist() == one.encode(asked.lower()).ids.tolist()) is not is_cased


def test_auto_goes_by_the_script_and_by_what_is_there(monkeypatch):
    assert learnt_tokens(ENGLISH).to_json()["units"] == "words"
    assert learnt_tokens(CHINESE).to_json()["units"] == "jieba"
    monkeypatch.setattr(units, "find_spec", lambda name: None)
    assert learnt_tokens(CHINESE).to_json()["units"] == "characters"


@pytest.mark.parametrize("how", ALL)
def test_the_same_from_json(how):
    read = tokens_from(json.loads(json.dumps(MADE[how].to_json(), ensure_ascii=False).encode()))
    assert list(read.words) == list(MADE[how].words)
    assert (read.pad, read.unknown) == (0, 1)
    for text in [*ENGLISH, *CHINESE, *STRANGE.values()]:
        for then, now in zip(MADE[how].encode(text), read.encode(text), strict=True):
            assert then.tolist() == now.tolist()


def test_learning_twice_gives_the_same():
    texts = [f"word{i % 7} part{i % 11} whole{i % 5}" for i in range(200)]
    for how in ALL:
        assert learnt_tokens(texts, how).to_json() == learnt_tokens(texts, how).to_json()


def test_bytes_pairs_join_the_most_frequent_first():
    """aab aab ab: (a, b) stands three times, (a, a) twice; then a + ab twice."""
    made = learnt_tokens(["aab aab ab"], "bpe", fewest=2)
    assert list(made.words) == ["[PAD]", "[UNK]", "a", "b", "ab", "aab"]


def test_a_vocabulary_of_ones_own(tmp_path):
    path = tmp_path / "vocab.txt"
    path.write_text("[PAD]\n[unused1]\n[UNK]\n[CLS]\ngood\n##ness\nbad\n好\n", encoding="utf-8")
    made = learnt_tokens([], file=path)
    assert (made.pad, made.unknown, len(made)) == (0, 2, 8)
    ids, spans = made.encode("Goodness, 好x")
    assert ids.tolist() == [4, 5, 2, 7, 2]
    assert spans.tolist() == [[0, 4], [4, 8], [8, 9], [10, 11], [11, 12]]
    path.write_text("[PAD]\n[UNK]\nGood\n", encoding="utf-8")
    assert learnt_tokens([], file=path).encode("Good good").ids.tolist() == [2, 1]  # a capital in it: capitals count
    (tmp_path / "tokenizer.json").write_text(json.dumps(MADE["bpe"].to_json()["tokenizer"]), encoding="utf-8")
    read = learnt_tokens([], file=str(tmp_path / "tokenizer.json"))
    assert isinstance(read, SubwordTokens)
    assert read.encode(ENGLISH[0]).ids.tolist() == MADE["bpe"].encode(ENGLISH[0]).ids.tolist()


def test_a_blank_put_before_a_text_stands_in_it(tmp_path):
    """Else it would be taken for a mark, which alone stands nowhere; of an empty text there is no letter to stand on."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    made = Tokenizer(models.BPE({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4, "Ġ": 5, "a": 6, "b": 7}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.post_processor = processors.ByteLevel(trim_offsets=True)  # blanks are left out of places
    made.save(str(tmp_path / "tokenizer.json"))
    read = learnt_tokens([], file=str(tmp_path / "tokenizer.json"))
    ids, spans = read.encode("ab a")
    assert ids.tolist() == [5, 6, 7, 5, 6]
    assert spans.tolist() == [[0, 1], [0, 1], [1, 2], [3, 3], [3, 4]]
    assert (read.encode("").spans <= 0).all()


def test_what_cannot_be_is_told(tmp_path, monkeypatch):
    with pytest.raises(SettingsError, match="units takes one of 'auto', .*; got 'word'; did you mean 'words'"):
        learnt_tokens(ENGLISH, "word")
    with pytest.raises(DataError, match=r"no\.txt holds no vocabulary that can be read \(.*No such file"):
        learnt_tokens(ENGLISH, file=tmp_path / "no.txt")
    (tmp_path / "short.txt").write_text("[UNK]\na\n")
    with pytest.raises(DataError, match=r"short\.txt has no \[PAD\], which stands for what pads"):
        learnt_tokens(ENGLISH, file=tmp_path / "short.txt")
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(NeedsExtra, match=r"parts of words are cut by tokenizers: pip install 'tenon\[deep\]'"):
        subwords.learnt_bpe(ENGLISH, 10, 1)
