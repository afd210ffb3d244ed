"""Texts and sequences that cannot be read or learnt from: tags and tokens that do not line up, texts with nothing to predict."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp

from tests.bad_input.case import READ, Case
from tests.bad_input.given import file, says
from tests.cli.fakes import write_model

SENTENCES = "EU\tB-ORG\nrejects\tO\n\nPeter\tB-PER\nsays\tO\n\n" * 6
PAIRS = "en\tzh\n" + "".join(f"I see {i} cats\t我看见{i}只猫\n" for i in range(40))
NOTHING = READ + re.escape(
    "tenon: l.txt holds a text a line and nothing to predict; --task language foretells their words. Sentences with tags have a "
    "token, a tab and its tag in each line, and an empty line between them."
)
ALIGNED = '{"tokens":["a","b"],"tags":["O","O"]}\n' * 19


def translating(content: str) -> Callable[[Path], list[str]]:
    return file("p.tsv", content, "--task", "translation", target="zh")


def pretraining(name: str, content: str | bytes) -> Callable[[Path], list[str]]:
    def make(folder: Path) -> list[str]:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return ["pretrain", name]

    return make


@cache
def _tagger() -> Path:
    folder = Path(mkdtemp())
    (folder / "t.txt").write_text(SENTENCES, encoding="utf-8")
    return write_model(folder / "t.txt", "baseline", target=None)


def new_sentences(name: str, content: str) -> Callable[[Path], list[str]]:
    """Predict a file with a model of tagged sentences."""

    def make(folder: Path) -> list[str]:
        copytree(_tagger(), folder / "run" / "model")
        (folder / name).write_text(content, encoding="utf-8")
        return ["predict", "run", name]

    return make


TAGS = (
    says(
        "a line without a tag",
        file("t.txt", SENTENCES + "lonely\n", target=""),
        "t.txt, line 37: 'lonely' has no tag; each line is a token, a tab and its tag, and sentences have an empty line between.",
    ),
    says(
        "no empty line",
        file("t.txt", "EU\tB-ORG\nrejects\tO\n", target=""),
        "t.txt has fields with tabs between, but no empty line between sentences; if it is a table, call it .tsv.",
    ),
    Case("blanks in the place of tabs", file("l.txt", SENTENCES.replace("\t", " "), target=""), NOTHING),
    says(
        "a NUL character among tags",
        file("t.txt", SENTENCES + "x\0y\tO\n", target=""),
        "t.txt, line 37: holds a NUL character, so it is no plain text; save it as UTF-8 (or, if it is UTF-16, with a byte order "
        "mark).",
    ),
    says(
        "fewer tags than tokens",
        file("t.jsonl", '{"tokens":["a","b"],"tags":["O"]}\n' * 20, target="tags"),
        "t.jsonl, row 1: 2 tokens have 1 tags; each token needs one (the sentence begins 'a b').",
    ),
    says(
        "tags that do not line up, as texts",
        file(
            "t.csv",
            "said,tags\n" + "a b,O B-X\n" * 19 + "a b c,O O\n",
            "--kind",
            "said=tokens",
            "--task",
            "tagging",
            target="tags",
        ),
        "t.csv, row 20: 3 tokens have 2 tags; each token needs one (the sentence begins 'a b c').",
    ),
    Case(
        "texts that are not cut",
        file(
            "t.csv",
            "said,tags\n" + "".join(f"a b{k},O B-X\n" for k in range(20)),
            "--task",
            "tagging",
            "--methods",
            "perceptron",
            target="tags",
        ),
        r"(?s:.*)tenon: no method got through\..*there is none\. To cut the texts at blanks, give --kind said=tokens(?s:.*)",
    ),
    says(
        "no entity, and entity F1",
        file("t.txt", "a\tNN\nsaid\tVB\n\n" * 20, "--metric", "entity_f1", target=""),
        "no tag in column 'tags' is of an entity, such as B-PER or I-PER; use --metric tag_accuracy.",
    ),
    says(
        "a single sentence",
        file("t.txt", "EU\tB-ORG\n\n", target=""),
        "t.txt has fields with tabs between, but no empty line between sentences; if it is a table, call it .tsv.",
    ),
    says(
        "a tag that is missing",
        file("t.jsonl", ALIGNED + '{"tokens":["a","b"],"tags":["O",null]}\n', target="tags"),
        "t.jsonl, row 20, column 'tags': a list of tokens or tags holds null; each of them is a text, in quotes.",
    ),
)
NEW = (
    says(
        "a token that is missing",
        new_sentences("n.jsonl", '{"tokens":["Anna"]}\n{"tokens":["Anna",null]}\n'),
        "n.jsonl, row 2, column 'tokens': a list of tokens or tags holds null; each of them is a text, in quotes.",
    ),
    says(
        "numbers for tokens",
        new_sentences("n.jsonl", '{"tokens":[1,2]}\n'),
        "n.jsonl, row 1, column 'tokens': a list of tokens or tags holds '1'; each of them is a text, in quotes.",
    ),
    says(
        "another column",
        new_sentences("n.csv", "words\nAnna in Paris\n"),
        "n.csv lacks the one column the model was trained on: 'tokens'.",
    ),
    Case("lists without tokens", new_sentences("n.jsonl", '{"tokens":["EU"]}\n{"tokens":[]}\n{"tokens":null}\n'), "", 0),
    Case("tags that were never seen", new_sentences("n.txt", "Anna\tB-ZZZ\n\nEU\tQ\n\n"), "", 0),
    Case("a text a line", new_sentences("n.txt", "Anna in Paris\nEU\n"), "", 0),
)
ONE_TEXT = "a,b,y\n" + "".join(f"a text number {i} of many,{i},{i % 2}\n" for i in range(30))
TEXTS = (
    Case(
        "one text for a pair",
        file("p.csv", ONE_TEXT, "--task", "pair", target="y"),
        READ
        + r"tenon: --task pair is about two columns of texts; there is 1, 'a'\. --kind NAME=text makes a column one, =ignore "
        r"none\.",
    ),
    Case("texts alone", file("l.txt", "hello you\nbye you\n" * 10, target=""), NOTHING),
    Case(
        "a single text",
        file("l.txt", "to be or not\n", "--task", "language", target=""),
        rf"{READ}tenon: l\.txt has 1 row with a target; at least 6 are needed to train and score anything\.",
    ),
    says(
        "bytes",
        file("l.txt", bytes(range(256)), "--task", "language", target=""),
        "l.txt, line 2: the byte 0x80 is not UTF-8, and the text reads neither as GB18030 nor as Windows-1252; save it as UTF-8.",
    ),
    says(
        "a line that is no UTF-8 among lines that are",
        file("l.txt", "ein Bär, ein Käse\n".encode() * 20 + b"bad \xff\xc3(\n", "--task", "language", target=""),
        "l.txt, line 21: the byte 0xFF is not UTF-8, but the rest of the text is (2 such bytes); correct the line, or save the "
        "file anew as UTF-8.",
    ),
    Case(
        "one word again and again",
        file("l.txt", "a\n" * 40, "--task", "language", target=""),
        READ + re.escape("tenon: l.txt cannot be split: all its rows are alike, and copies stay on one side."),
    ),
    says(
        "every translation empty",
        translating("en\tzh\n" + "".join(f"I {k}\t\n" for k in range(40))),
        "p.tsv, column 'zh', the target, is empty in every row.",
    ),
    says(
        "a single pair",
        translating("en\tzh\nI\t我\n"),
        "p.tsv has no column to learn from ('en' the same value in every row: 'I'); --kind NAME=text reads a column all the "
        "same.",
    ),
    says(
        "every source empty",
        translating("en\tzh\n" + "\t你好\n" * 30),
        "p.tsv has no column to learn from ('en' empty in every row); --kind NAME=text reads a column all the same.",
    ),
    says(
        "a pair of three",
        translating(PAIRS + "a\tb\tc\n"),
        "p.tsv, row 41: has 3 cells where the first line names 2 columns; put cells that hold the delimiter in double quotes.",
    ),
)
PRETRAINING = (
    says("an empty corpus", pretraining("c.txt", ""), "c.txt holds no text."),
    says(
        "a corpus of one word",
        pretraining("c.txt", "hello\n" * 50),
        "only 'hello' stands 5 times or more, and a vector says what sets words apart; bring more text, or lower min_count "
        "(tenon pretrain … --set word2vec.min_count=1).",
    ),
    says(
        "a corpus of marks",
        pretraining("c.txt", "... !!!\n" * 50),
        "there is no word at all; bring text with words.",
    ),
    says(
        "a picture for a corpus",
        pretraining("c.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
        "c.txt, line 1: the byte 0x89 is not UTF-8, and the text reads neither as GB18030 nor as Windows-1252; save it as UTF-8.",
    ),
)
CASES: tuple[Case, ...] = (*TAGS, *NEW, *TEXTS, *PRETRAINING)
