"""`tenon pretrain` of networks: folders that are read, what is said, a killed training, networks that go on, and refusals."""

import json
import re
import shlex
import sys
from dataclasses import fields
from inspect import signature
from typing import get_args

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from tests.cli.fakes import run  # noqa: E402
from tests.training.killing import Killed, kill_at  # noqa: E402

import tenon  # noqa: E402
from tenon.text import (  # noqa: E402
    Bert,
    BertConfig,
    BertForMasked,
    BertForPretraining,
    MarkedTokens,
    Word2Vec,
    Writer,
    pretrain_nets,
)
from tenon.text.bert_config import SIZES  # noqa: E402
from tenon.text.bert_files import WEIGHTS  # noqa: E402
from tenon.text.masking import Masks  # noqa: E402
from tenon.text.pretrain import ABOUT  # noqa: E402
from tenon.text.pretrain_nets import NetSettings  # noqa: E402
from tenon.training import loop  # noqa: E402

SMALL = {"vocabulary": 100, "longest": 24, "epochs": 3, "batch_size": 8}
SETS = [word for name, value in SMALL.items() for word in ("--set", f"mlm.{name}={value}")]
FILES = [WEIGHTS, "config.json", ABOUT, "tokenizer.json", "tokenizer_config.json", "vocab.txt"]


def story(n, seed=0):
    """Documents of sentences in which each animal does one thing alone."""
    rng = np.random.default_rng(seed)
    said = [("the cat", "drinks milk."), ("the dog", "eats bones."), ("a bird", "sings songs."), ("one cow", "gives cheese.")]
    return "".join("\n".join(" ".join(said[i]) for i in rng.integers(0, 4, rng.integers(3, 9))) + "\n\n" for _ in range(n))


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text(story(80), encoding="utf-8")
    return path


def weights(folder):
    return (folder / WEIGHTS).read_bytes()


@pytest.mark.mission("G6")
def test_masked_tokens(corpus, tmp_path):
    out = tmp_path / "net"
    done = run("pretrain", corpus, "--objective", "mlm", "-o", out, *SETS, "--set", "mlm.epochs=20", "--set", "mlm.rate=0.002")
    assert done.exit_code == 0, done.stderr
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.txt", "net"]
    about = json.loads((out / ABOUT).read_text(encoding="utf-8"))
    said = " ".join(done.stdout.split())
    assert f"network {out}: 2 layers of 128 numbers, " in said
    assert " tokens in 20 passes next " in said
    assert about["after"]["nats"] < 0.5 * about["before"]["nats"]
    assert f"{about['before']['nats']:.2f} nats before, {about['after']['nats']:.2f} after" in said
    *_, option, folder = shlex.split(done.stdout.splitlines()[-1])
    assert (option, folder) == ("--checkpoint", str(out))
    assert BertForMasked.from_pretrained(out).fresh == ()
    assert MarkedTokens.from_pretrained(out).tokens.words == (out / "vocab.txt").read_text(encoding="utf-8").splitlines()


def test_pairs_in_json_and_the_default_folder(corpus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sets = [word.replace("mlm.", "mlm+nsp.") for word in SETS]
    content = json.loads(run("pretrain", corpus, "--objective", "mlm+nsp", "--json", *sets).stdout)
    assert content["out"] == "runs/corpus-mlm+nsp"
    assert 0 <= content["after"]["pairs"] <= 1
    assert content["settings"]["masks"] == "tokens"
    assert BertForPretraining.from_pretrained(content["out"]).fresh == ()
    assert content["network"]["max_position_embeddings"] == 24


@pytest.mark.mission("G10")
def test_a_network_that_writes(corpus, tmp_path, capsys):
    out = tmp_path / "it's here"
    sets = [word.replace("mlm.", "ar.") for word in SETS]
    done = run("pretrain", corpus, "--objective", "ar", "-o", out, *sets, "--set", "ar.epochs=25", "--set", "ar.rate=0.005")
    assert done.exit_code == 0, done.stderr
    assert "a perplexity of" in done.stdout.splitlines()[0]
    exec(shlex.split(done.stdout.splitlines()[-1])[3])
    assert capsys.readouterr().out.strip()
    writer = Writer.from_pretrained(out)
    assert writer.generate("the dog", 3, temperature=0) == "eats bones."
    assert writer.perplexity(["the dog eats bones."]) < writer.perplexity(["the dog sings bones."])


@pytest.mark.parametrize("objective", ["mlm", "ar"])
def test_a_killed_training_goes_on_to_the_same_bits(corpus, tmp_path, monkeypatch, objective):
    monkeypatch.setattr(loop, "SAVE_EVERY", 0.0)

    def learnt(out, **more):
        return tenon.pretrain(corpus, tmp_path / out, objective, settings={objective: SMALL}, **more)

    learnt("whole")
    with pytest.raises(Killed):
        learnt("killed", watch=kill_at(7))
    assert (tmp_path / "killed.unfinished").is_dir()
    assert not (tmp_path / "killed").exists()
    begun = []
    learnt("killed", watch=tenon.api.Watch(begun.append))
    assert next(event["done"] for event in begun if "loss" in event) == 7  # the step whose telling killed it was not saved
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")
    assert not (tmp_path / "killed.unfinished").exists()
    one, other = (json.loads((tmp_path / name / ABOUT).read_text()) | {"out": ""} for name in ("killed", "whole"))
    assert one == other


def test_few_texts_are_told_of(corpus, tmp_path, monkeypatch):
    """Where an encoder begins from chance; of one that goes on, of one that writes, and of enough text nothing is said."""

    def said(name, objective="mlm", **more):
        told = []
        settings = {objective: {**SMALL, "epochs": 1} if "start" not in more else {"longest": 24, "epochs": 1}}
        tenon.pretrain(corpus, tmp_path / name, objective, settings=settings, watch=tenon.api.Watch(told.append), **more)
        return [event["text"] for event in told if event["event"] == "note"]

    n = sum(map(len, corpus.read_text(encoding="utf-8").splitlines()))
    assert [text.partition(": bring")[0] for text in said("few")] == [
        f"corpus.txt has {n:,} characters. From 800,000 and fewer an encoder that begins from chance has earned nothing that we "
        "could measure"
    ]
    assert said("on", start=tmp_path / "few") == said("writes", "ar") == []
    monkeypatch.setattr(pretrain_nets, "FEW_CHARACTERS", n - 1)
    assert said("enough") == []


def test_seeds_and_what_is_told(corpus, tmp_path):
    told = []
    for name, seed in (("one", 1), ("two", 1), ("three", 2)):
        watch = tenon.api.Watch(told.append)
        tenon.pretrain(corpus, tmp_path / name, "mlm", settings={"mlm": SMALL}, seed=seed, watch=watch)
    assert weights(tmp_path / "one") == weights(tmp_path / "two") != weights(tmp_path / "three")
    steps = [event for event in told if "loss" in event]
    assert all(0 <= event["accuracy"] <= 1 and event["tokens_per_second"] > 0 for event in steps)
    assert any("held_out" in event for event in told)


def test_a_network_goes_on(corpus, tmp_path):
    first = tenon.pretrain(corpus, tmp_path / "first", "mlm", settings={"mlm": SMALL})
    other = tmp_path / "more.txt"
    other.write_text(story(60, seed=1), encoding="utf-8")
    done = run("pretrain", other, "--objective", "mlm", "--from", first.out, "-o", tmp_path / "then", "--set", "mlm.longest=24")
    assert done.exit_code == 0, done.stderr
    about = json.loads((tmp_path / "then" / ABOUT).read_text())
    assert about["before"]["nats"] == pytest.approx(first.after.nats, abs=0.5)  # the same kind of texts
    assert about["settings"]["rate"] == pytest.approx(1e-4 * 768 / 128)  # for a width of 128
    for name in ("tokenizer.json", "vocab.txt", "tokenizer_config.json"):
        assert (tmp_path / "then" / name).read_bytes() == (first.out / name).read_bytes()
    assert Bert.from_pretrained(tmp_path / "then").config == first.config


@pytest.mark.parametrize("masks", ["words", "spans"])
def test_chinese_words_are_masked_whole(tmp_path, masks):
    path = tmp_path / "zh.txt"
    path.write_text(
        "\u6211\u4eec\u5728\u5317\u4eac\u5927\u5b66\u5b66\u4e60\u3002\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002\n\n" * 30
    )
    found = tenon.pretrain(path, tmp_path / "net", "mlm", settings={"mlm": SMALL | {"masks": masks}})
    assert found.n_tokens == 17 * 30


@pytest.mark.parametrize(
    ("content", "objective", "said"),
    [
        (b"", "mlm", "corpus.txt holds no text."),
        (b"one sentence alone.\n", "mlm", "tokens, too few for two rows of up to 24 tokens: one to learn from"),
        (b"one sentence alone.\n", "ar", "tokens, too few for two rows of up to 24 tokens: one to learn from"),
        (b"one sentence alone.\n", "mlm+nsp", "tokens, too few for two pairs of sentences of one document: one to"),
        (b"alone.\n\n" * 9, "mlm+nsp", ": one to learn from, one to judge by. Bring more text."),
        (b"a" * 3_000_000, "mlm", "has 3 tokens, too few for two rows"),  # endless: unknown, in three pieces
        (b"\xff\xfe\x00", "mlm", "corpus.txt"),
    ],
)
def test_what_is_no_corpus(tmp_path, monkeypatch, content, objective, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus.txt").write_bytes(content)
    sets = [word.replace("mlm.", f"{objective}.") for word in SETS]
    done = run("pretrain", "corpus.txt", "--objective", objective, *sets)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.startswith("tenon: ")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.txt"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "mlm.sise=tiny"], "no setting 'sise' of mlm; did you mean 'size'?"),
        (["--set", "mlm.size=huge"], "size takes one of 'tiny', 'mini'"),
        (["--set", "mlm.masks=letters"], "masks takes one of 'tokens', 'words', 'spans'; got 'letters'"),
        (["--set", "mlm.redraw=maybe"], "redraw takes true or false; got 'maybe'."),
        (["--set", "mlm.epochs=0"], "epochs takes a whole number from 1 on; got 0."),
        (["--set", "mlm.rate=-1"], "rate takes a number above 0"),
        (["--from", "nowhere"], "nowhere has no config.json; name the folder of a BERT"),
    ],
)
def test_what_is_refused_before_work(corpus, monkeypatch, words, said):
    monkeypatch.chdir(corpus.parent)
    done = run("pretrain", corpus, "--objective", "mlm", *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert [path.name for path in corpus.parent.iterdir()] == ["corpus.txt"]


@pytest.fixture
def start(tmp_path):
    """A network with a vocabulary of letters."""
    tokens = MarkedTokens.learnt(["a b c d"] * 3, 100)
    BertForMasked(Bert(BertConfig("bert", len(tokens.tokens), 8, 1, 2, 8, n_positions=16))).save_pretrained(tmp_path / "start")
    tokens.save_pretrained(tmp_path / "start")
    return tmp_path / "start"


CAUSAL, ROBERTA = '{"model_type": "bert", "is_decoder": true}', '{"model_type": "roberta"}'
CAUSAL_ROBERTA = '{"model_type": "roberta", "is_decoder": true}'
NEITHER = (
    "start holds a network of kind roberta that reads only what stands before each token, and of such only kind bert goes on "
    "here; name the folder of another network, or leave out --from."
)


@pytest.mark.parametrize(
    ("objective", "change", "words", "said"),
    [
        ("mlm", {"tokenizer.json": None, "vocab.txt": None}, [], "has neither tokenizer.json nor vocab.txt"),
        ("mlm", {WEIGHTS: None}, [], f"has no {WEIGHTS}, the weights"),
        ("mlm", {"tokenizer.json": None, "vocab.txt": "[PAD]\n[UNK]\na\n"}, [], "has no [CLS] and no [SEP] and no [MASK]"),
        ("mlm", {"tokenizer.json": None, "vocab.txt": "\n".join("[PAD] [UNK] [CLS] [SEP] [MASK]".split()) + "\n" + "\n".join(
            f"w{i}" for i in range(50))}, [], "has 55 tokens, and its network knows"),
        ("mlm", {}, [], " of the tokens of corpus.txt are unknown to the vocabulary in start; take a network of the same"),
        ("mlm", {}, ["--set", "mlm.longest=17"], "longest is 17, and the network in"),
        ("mlm", {}, ["--set", "mlm.size=mini"], "size is of a new network; that of --from has its own."),
        ("ar", {}, [], "start holds a network that reads texts both ways, so it cannot learn to write; go on with"),
        ("mlm", {"config.json": CAUSAL}, [], "start holds a network that reads only what stands before each token; it goes on "
            "with --objective ar."),
        ("mlm+nsp", {"config.json": ROBERTA}, [], "start holds a network of kind roberta, which never learns by mlm+nsp; take "
            "--objective mlm."),
        ("mlm", {"config.json": CAUSAL_ROBERTA}, [], NEITHER),
        ("mlm+nsp", {"config.json": CAUSAL_ROBERTA}, [], NEITHER),
        ("ar", {"config.json": CAUSAL_ROBERTA}, [], NEITHER),
        ("ar", {"config.json": ROBERTA}, [], "start holds a network that reads texts both ways, so it cannot learn to write; go"),
        ("word2vec", {}, [], "word2vec starts from chance; --from is for mlm, mlm+nsp and ar."),
        ("mlm", {}, ["-o", "start"], "--out start is a folder with other files in it; name a new one."),
        ("mlm", {ABOUT: "{}"}, ["-o", "start"], "--out start holds the network of --from itself; name another folder."),
    ],
)  # fmt: skip
def test_a_start_that_does_not_fit(corpus, start, monkeypatch, objective, change, words, said):
    monkeypatch.chdir(corpus.parent)
    for name, text in change.items():
        (start / name).unlink(missing_ok=True)
        if text is not None:
            (start / name).write_text(text, encoding="utf-8")
    sets = [] if objective == "word2vec" or "longest" in str(words) else ["--set", f"{objective}.longest=16"]
    done = run("pretrain", corpus, "--objective", objective, "--from", start.name, *sets, *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in corpus.parent.iterdir()) == ["corpus.txt", "start"]


def test_without_pytorch_the_extra_is_named(corpus, monkeypatch):
    monkeypatch.setitem(sys.modules, "tenon.text.pretrain_nets", None)
    done = run("pretrain", corpus, "--objective", "mlm")
    assert done.exit_code != 0
    assert "networks are trained by PyTorch: pip install 'tenon[deep]'." in done.stderr


def test_the_help_lists_every_setting_with_its_choices():
    said = set(re.findall(r"\w+", run("pretrain", "--help", width=200).stdout))
    of_nets = {field.name for field in fields(NetSettings)}
    of_vectors = {name for name in signature(Word2Vec).parameters if name not in ("random_state", "threads")}
    assert said >= of_nets | of_vectors | set(SIZES) | set(get_args(Masks))
