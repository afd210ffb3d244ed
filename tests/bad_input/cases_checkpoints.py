"""Folders of encoders that cannot be begun with, for a comparison and for further pretraining alike, and texts of a domain."""

import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.bad_input.case import READ, Case

Change = Callable[[Path], object]


@cache
def _encoder() -> Path:
    from tests.text.encoders import small_encoder

    return small_encoder(Path(mkdtemp()))


def texts(folder: Path) -> None:
    """Leave reviews.csv, 40 of them with labels, and corpus.txt."""
    said = [f"{'a great film' if k % 2 else 'a dull plot'} the scene {k}" for k in range(40)]
    rows = (f"{text},{'yes' if k % 2 else 'no'}\n" for k, text in enumerate(said))
    (folder / "reviews.csv").write_text("text,label\n" + "".join(rows), encoding="utf-8")
    (folder / "corpus.txt").write_text("\n".join(said * 9), encoding="utf-8")


def compared(change: Change, *words: str) -> Callable[[Path], list[str]]:
    """Compare bert on the reviews from net, in which something was changed."""

    def make(folder: Path) -> list[str]:
        texts(folder)
        shutil.copytree(_encoder(), folder / "net")
        change(folder / "net")
        data = ["reviews.csv", "--target", "label", "--kind", "text=text"]
        return ["compare", *data, "--methods", "bert", "--checkpoint", "net", *words]

    return make


def pretrained(change: Change, *words: str) -> Callable[[Path], list[str]]:
    """Go on with net, in which something was changed."""

    def make(folder: Path) -> list[str]:
        compared(change)(folder)
        sets = ["--set", "mlm.longest=16", "--set", "mlm.epochs=1"]
        return ["pretrain", "corpus.txt", "--objective", "mlm", "--from", "net", *sets, *words]

    return make


def without(*names: str) -> Change:
    return lambda net: [(net / name).unlink() for name in names]


def saying(**settings: object) -> Change:
    """Change what config.json says."""

    def change(net: Path) -> None:
        told = json.loads((net / "config.json").read_text(encoding="utf-8"))
        (net / "config.json").write_text(json.dumps(told | settings), encoding="utf-8")

    return change


def written(name: str, content: bytes) -> Change:
    return lambda net: (net / name).write_bytes(content)


def pickled(net: Path) -> None:
    (net / "model.safetensors").rename(net / "pytorch_model.bin")


def saying_of_letters(net: Path) -> None:
    """Leave a vocabulary that knows no word of the texts."""
    n_known = json.loads((net / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"αβγδ{k}" for k in range(n_known - 5))]
    (net / "tokenizer.json").unlink()
    (net / "vocab.txt").write_text("\n".join(words), encoding="utf-8")


def cut_off(net: Path) -> None:
    path = net / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def not_finite(net: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(net / "model.safetensors")
    weights["encoder.layer.1.output.dense.bias"][3] = float("nan")
    save_file(weights, net / "model.safetensors")


def complex_numbers(net: Path) -> None:
    from safetensors.torch import load_file, save_file
    from torch import complex64

    weights = load_file(net / "model.safetensors")
    save_file({name: tensor.to(complex64) for name, tensor in weights.items()}, net / "model.safetensors")


def without_masks(net: Path) -> None:
    (net / "tokenizer.json").unlink()
    words = (net / "vocab.txt").read_text(encoding="utf-8")
    (net / "vocab.txt").write_text(words.replace("[MASK]", "mask"), encoding="utf-8")


TAKE_BOTH = "Take both files from one place: config.json does not tell of these weights."
MISFIT = f"net/model.safetensors does not fit this network: {{}}. {TAKE_BOTH}"
DAMAGED = (
    "net/model.safetensors holds no weights that can be read: it is damaged or cut off, or holds more than tensors, of which "
    "nothing is run here. Save `net.state_dict()` alone."
)
FOLDERS: tuple[tuple[str, Change, str], ...] = (
    ("no config", without("config.json"),
     "net has no config.json; name the folder of a BERT, with config.json and model.safetensors in it."),
    ("no weights", without("model.safetensors"), "net has no model.safetensors, the weights; copy it there beside config.json."),
    (
        "no vocabulary",
        without("tokenizer.json", "vocab.txt"),
        "net has neither tokenizer.json nor vocab.txt nor vocab.json, which hold its parts of words; copy one there.",
    ),
    ("another network", saying(model_type="gpt2"),
     "net/config.json is of 'gpt2', a network that is not read here; bert, roberta, longformer, big_bird, blockbert are."),
    (
        "pickled weights",
        pickled,
        "net has its weights in pytorch_model.bin alone, a kind of file that can run code when it is read, which is never done "
        "here. Where you trust it, write model.safetensors from it: "
        "AutoModel.from_pretrained(folder).save_pretrained(folder) of the package "
        "transformers does.",
    ),
    ("more parts of words than the network knows", saying(vocab_size=20), MISFIT.format(
        "embeddings.word_embeddings.weight is 39x32 in the file and 20x32 here")),
    ("other weights than the config tells of", saying(hidden_size=64), MISFIT.format(
        "embeddings.word_embeddings.weight is 39x32 in the file and 39x64 here; embeddings.position_embeddings.weight is 40x32 "
        "in the file and 40x64 here; embeddings.token_type_embeddings.weight is 2x32 in the file and 2x64 here and 34 more")),
    ("weights that are cut off", cut_off, DAMAGED),
    ("weights that are empty", written("model.safetensors", b""), DAMAGED),
    ("a config that is no JSON", written("config.json", b"{model"),
     "net/config.json cannot be read as JSON; copy the folder again."),
    ("a config that is a list", written("config.json", b"[1]"),
     "net/config.json holds no settings by name; copy the folder again."),
    ("a setting that cannot be", saying(num_hidden_layers=0),
     "net/config.json tells of a network that cannot be built: n_layers takes a whole number from 1 to 1000; got 0."),
    ("more layers than any network has", saying(num_hidden_layers=10**9),
     "net/config.json tells of a network that cannot be built: n_layers takes a whole number from 1 to 1000; got 1000000000."),
    ("layers of a Longformer that are a word", saying(model_type="longformer", num_hidden_layers="2"),
     "net/config.json tells of a network that cannot be built: num_hidden_layers takes a whole number from 1 to 1000; got '2'."),
    ("weights that are not finite", not_finite,
     "net/model.safetensors holds numbers that are not finite, in encoder.layer.1.output.dense.bias first; its "
     "training had come to grief."),
    ("weights of a kind that is not read", complex_numbers,
     "net/model.safetensors holds complex64, in embeddings.word_embeddings.weight first, which is not read here; save its "
     "numbers as float32."),
    ("a width that is a word", saying(hidden_size="wide"),
     "net/config.json tells of a network that cannot be built: d_model takes a whole number from 1 on; got 'wide'."),
    ("more places than any memory holds", saying(max_position_embeddings=10**15),
     "net/config.json tells of a network too large for any memory here; copy the folder again."),
    ("windows that are a word", saying(model_type="longformer", attention_window="wide"),
     "net/config.json tells of a network that cannot be built: attention_window takes a whole number from 2 on; got 'wide'."),
    ("no heads", saying(num_attention_heads=0),
     "net/config.json tells of a network that cannot be built: n_heads takes a whole number from 1 on; got 0."),
    ("a vocabulary that is no JSON", written("tokenizer.json", b"{"),
     "net/tokenizer.json holds no vocabulary that can be read (EOF while parsing an object at line 1 column 1)."),
    ("a vocabulary of nothing", written("tokenizer.json", b"{}"),
     "net/tokenizer.json holds no vocabulary that can be read (Model missing. at line 1 column 2)."),
    ("a vocabulary without a mark", without_masks,
     "net: the vocabulary has no [MASK], with which BERT marks its rows; take one of a BERT."),
    ("a vocabulary of another language", saying_of_letters,
     "100% of the tokens of {} are unknown to the vocabulary in net; take a "
     "network of the same language, or none: a new one learns a vocabulary of its own."),
)  # fmt: skip


def of_domain(name: str, content: str, *words: str) -> Callable[[Path], list[str]]:
    """Compare on the reviews with texts of their domain in a file of this name, "" for one that is not there."""

    def make(folder: Path) -> list[str]:
        texts(folder)
        if name:
            (folder / name).write_text(content, encoding="utf-8")
        data = ["reviews.csv", "--target", "label", "--kind", "text=text"]
        return ["compare", *data, "--domain", name or "gone.txt", *(words or ("--methods", "bert"))]

    return make


def in_another_language(folder: Path) -> list[str]:
    (folder / "d.txt").write_text("这部电影非常精彩，值得一看\n" * 9, encoding="utf-8")
    return compared(lambda net: None, "--domain", "d.txt")(folder)


DOMAINS: tuple[tuple[str, Callable[[Path], list[str]], str], ...] = (
    ("no domain", of_domain("", ""), r"no file 'gone\.txt'\."),
    ("an empty domain", of_domain("d.txt", ""), r"d\.txt holds no text\."),
    ("a domain of blank lines", of_domain("d.txt", "\n \n\n"), r"d\.txt holds no text\."),
    (
        "a domain in other columns",
        of_domain("d.csv", "one,two\na,b\n"),
        r"d\.csv has no column 'text' as reviews\.csv has, and more than one other; call it so\. Columns: 'one', 'two'\.",
    ),
    (
        "a domain of numbers",
        of_domain("d.jsonl", '{"text": 3}\n{"text": 4}\n'),
        r"d\.jsonl, column 'text' holds no texts, but int64\.",
    ),
    (
        "a domain of the labelled rows",
        of_domain(
            "d.csv", "text\n" + "".join(f"{'a great film' if k % 2 else 'a dull plot'} the scene {k}\n" for k in range(40))
        ),
        r"every text in d\.csv equals that of a labelled row; --domain takes others\.",
    ),
    (
        "a domain for nobody",
        of_domain("d.txt", "another film\n", "--methods", "logistic,lstm"),
        r"--domain is for prototypes, bert-frozen, .*, none of which runs here, or begins with what is learnt from texts\.",
    ),
    (
        "stages without their texts",
        of_domain("d.txt", "another film\n", "--set", "bert.stages=domain", "--methods", "bert"),
        r"no value of bert\.stages 'domain'.*",
    ),
)


def begun_anew(*words: str) -> Callable[[Path], list[str]]:
    """Learn a new network with these words behind."""

    def make(folder: Path) -> list[str]:
        texts(folder)
        return ["pretrain", "corpus.txt", "--objective", "mlm", "--set", "mlm.epochs=1", *words]

    return make


NEW: tuple[tuple[str, Callable[[Path], list[str]], str], ...] = (
    ("places that no memory holds", begun_anew("--set", f"mlm.longest={10**8}"),
     "longest takes a whole number from 8 to 100000; got 100000000."),
    ("parts of words that no memory holds", begun_anew("--set", f"mlm.vocabulary={10**11}"),
     "vocabulary takes a whole number from 100 to 500000; got 100000000000."),
    ("more threads than any machine has", begun_anew("--jobs", "100000"),
     "jobs takes a whole number from 1 to 1024; got 100000."),
)  # fmt: skip
CASES = [
    Case(
        "a domain in another language than the network's",
        in_another_language,
        READ
        + r"tenon: .*% of the tokens of d\.txt are unknown to the vocabulary in net; take a network of the same language, .*",
    ),
    *(
        Case(f"{name}, compared", compared(change), READ + re.escape(f"tenon: {said.format('the texts')}"))
        for name, change, said in FOLDERS
    ),
    *(
        Case(f"{name}, further", pretrained(change), re.escape(f"tenon: {said.format('corpus.txt')}"))
        for name, change, said in FOLDERS
    ),
    *(Case(name, make, f"{READ}tenon: {said}") for name, make, said in DOMAINS),
    *(Case(name, make, re.escape(f"tenon: {said}")) for name, make, said in NEW),
]
