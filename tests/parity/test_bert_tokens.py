"""Rows of marked tokens beside those of transformers, from vocab.txt and from tokenizer.json, on texts that are hard to cut."""

import json

import pytest
from transformers import AutoTokenizer

from tenon.text import MarkedTokens

PARTS = (
    "[PAD] [unused0] [UNK] [CLS] [SEP] [MASK] the film is not good bad un ##friend ##ly na ##ive naïve cafe café i istanbul "
    "##s ##ness 好 房 间 很 不 · , . ! ? ' - ( ) 1 2 20 ##2 ##4 $ € ™ a b c x "
    "##x ß ss ##ß ﬁ fi ##ne ｆ ｕ ｌ ｌ か な ##な ア 한 국 "
    "ж и ##во ##т א ב 👍 🏽 👨 👩 👧 ‍ 🇨 🇳 The Film É é e ##é ∑ 𝒳 𠮷"
).split()
TEXTS = {
    "english": "The film isn't un-friendly; it's 20.24$ — not (that) good!",
    "capitals and accents": "NAÏVE Café İstanbul É e\u0301 naïve Straße ẞ ﬁne",
    "chinese": "房间很好，不bad！iPhone手机20元。",
    "chinese of rare planes": "𠮷野家 𝒳 㐀 豈",
    "japanese and korean": "かな アな 한국 한국",
    "emoji": "good 👍🏽 👨‍👩‍👧 🇨🇳☺️",
    "full width": "ｆｕｌｌ ＡＢＣ　１２，",
    "controls": "a\x00b\x07\x7fc\x85d\u200be\ufeffg\u00adh \ufffd i",
    "blanks": " \t a\u00a0b\u3000c\u2028d\u2029e\r\n f ",
    "marks in a text": "a [SEP] b [MASK] [mask] [CLS][PAD] [unused0] [UNK]x",
    "russian and hebrew": "Живот אב ж\u0306и",
    "endless": "x" * 101 + " " + "x" * 100 + " " + "a" * 500,
    "unknown": "zzz ∑∑ qqq ☃",
    "empty": "",
    "only blanks": " \u3000\n",
    "combining marks": "a\u0300\u0301\u0302b \u0301 x\u20dd",
    "apostrophes and dashes": "l’été ‘a’ – — ― ··· ''",
    "arabic digits and signs": "١٢ ½ x² № ℃ ©",
}
SAID = [{}, {"do_lower_case": True}, {"do_lower_case": False}, {"do_lower_case": True, "strip_accents": False}]
SAID += [{"do_lower_case": False, "strip_accents": True}, {"do_lower_case": True, "tokenize_chinese_chars": False}]


@pytest.fixture(params=SAID, ids=str)
def folder(request, tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(PARTS) + "\n", encoding="utf-8")
    said = request.param or {"do_lower_case": False}  # where nothing is told they take lower case, we look for capitals
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", **said}))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert", "vocab_size": len(PARTS)}))
    return tmp_path


def assert_alike(ours, theirs):
    others = [*(text or " " for text in list(TEXTS.values())[1:]), "good"]  # to them an empty second text is none
    for text, other in zip(TEXTS.values(), others, strict=True):
        for pair in ([text], [text, other]):
            expected = theirs(*pair, return_offsets_mapping=True)
            row = ours.encode(*pair)
            assert row.ids.tolist() == expected["input_ids"], pair
            assert row.segments.tolist() == expected["token_type_ids"], pair
            assert row.spans.tolist() == [list(span) for span in expected["offset_mapping"]], pair


@pytest.mark.mission("F4")
def test_parts_marks_segments_and_places_of_a_vocabulary(folder):
    assert_alike(MarkedTokens.from_pretrained(folder), AutoTokenizer.from_pretrained(folder))


def test_the_same_of_the_json_that_they_write(folder, tmp_path):
    theirs = AutoTokenizer.from_pretrained(folder)
    theirs.save_pretrained(tmp_path / "written")
    assert_alike(MarkedTokens.from_pretrained(tmp_path / "written"), theirs)
