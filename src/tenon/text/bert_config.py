"""What a BERT is like, and the config.json of Hugging Face that says so.

BERT is of Devlin et al. 2019 (arXiv:1810.04805), in sizes from theirs down to those of Turc et al. 2019 (arXiv:1908.08962).
RoBERTa (Liu et al. 2019, arXiv:1907.11692) is the same network, whose places count from behind the id that pads, and whose texts
have no segments. Three read longer texts, since their tokens do not see all others (`tenon.text.bert_attention`): Longformer
(Beltagy et al. 2020, arXiv:2004.05150) is such a RoBERTa, BigBird (Zaheer et al. 2020, arXiv:2007.14062) and BlockBERT (Qiu et
al. 2020, arXiv:1911.02972), of which no files were published, are such BERTs.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from tenon import ranges
from tenon.errors import ModelFileError, SettingsError
from tenon.nn.activations import ACTIVATIONS, Activation
from tenon.nn.patterns import Window
from tenon.nn.transformer import LayerShape

Kind = Literal["bert", "roberta", "longformer", "big_bird", "blockbert"]
Family = Literal["bert", "roberta", "big_bird"]
LONG = ("longformer", "big_bird", "blockbert")
BY_ENDS = ("big_bird", "blockbert")  # of these, where a text ends tells who sees whom in it
SIZES = {"tiny": (2, 128), "mini": (4, 256), "small": (4, 512), "medium": (8, 512), "base": (12, 768), "large": (24, 1024)}
WIDTH_OF_HEAD = 64  # in all of these
CONFIG = "config.json"
THEIR_NAMES = {
    "vocab_size": "vocab_size", "d_model": "hidden_size", "n_layers": "num_hidden_layers", "n_heads": "num_attention_heads",
    "d_hidden": "intermediate_size", "n_positions": "max_position_embeddings", "n_segments": "type_vocab_size",
    "pad": "pad_token_id", "eps": "layer_norm_eps", "dropout": "hidden_dropout_prob",
    "attention_dropout": "attention_probs_dropout_prob", "is_causal": "is_decoder",
    "d_head": "attention_head_size",  # ours: theirs are d_model / n_heads wide, and no file of theirs says so
}  # fmt: skip
THEIR_ACTIVATIONS: dict[str, Activation] = {
    **{name: name for name in ACTIVATIONS if name != "gelu_tanh"}, "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh"
}  # fmt: skip
THEIR_DEFAULTS: dict[str, dict[str, Any]] = {  # where a file says nothing, beside the class's
    "bert": {}, "blockbert": {},
    "roberta": {"vocab_size": 50_265, "pad_token_id": 1},
    "longformer": {"pad_token_id": 1},
    "big_bird": {"vocab_size": 50_358, "hidden_act": "gelu_new", "max_position_embeddings": 4096},
}  # fmt: skip
WINDOWS, DILATIONS = "attention_window", "attention_dilation"  # theirs: tokens of both sides; ours: they know none
WINDOW = 512
MOST_LAYERS = 1_000  # the deepest encoder of all has so many (Wang et al. 2022, arXiv:2203.00555)
FIXED = 5  # blocks that one of a BigBird sees by no chance, at most: the ends, its neighbours, itself
OF_BLOCKS = {"big_bird": {"block": "block_size", "n_random": "num_random_blocks"}, "blockbert": {"n_parts": "num_parts"}}
OTHERWISE = {
    "position_embedding_type": "absolute", "add_cross_attention": False, "attention_type": "block_sparse",
    "rescale_embeddings": False, "use_bias": True,
}  # alone are read here  # fmt: skip


@dataclass(frozen=True)
class BertConfig:
    """Settings of `tenon.text.Bert`. Raises SettingsError for a value that is out of its range.

    vocab_size : tokens that it knows; pad : id of what fills up. n_positions : places that it has a vector for; n_segments :
    kinds of text in one row, 2 for pairs. is_causal : whether no token sees those behind it, as in GPT (Radford et al. 2018).
    windows, dilations : of a Longformer, for each layer, how many tokens each sees to either side, and whether only every
    second, third … of them; no dilations: all of them. block, n_random : of a BigBird, tokens of a block, and how many blocks
    each sees by chance; n_parts : of a BlockBERT, into which a text falls. d_head : None but where heads were taken out, which
    leaves the others as wide as they were. The others are those of `tenon.nn.transformer.LayerShape`.
    """

    kind: Kind = "bert"
    vocab_size: int = 30_522
    d_model: int = 768
    n_layers: int = 12
    n_heads: int = 12
    d_hidden: int = 3072
    activation: Activation = "gelu"
    n_positions: int = 512
    n_segments: int = 2
    pad: int = 0
    eps: float = 1e-12
    dropout: float = 0.1
    attention_dropout: float = 0.1
    is_causal: bool = False
    windows: tuple[int, ...] = ()
    dilations: tuple[int, ...] = ()
    block: int = 64
    n_random: int = 3
    n_parts: int = 2
    d_head: int | None = None

    def __post_init__(self) -> None:
        ranges.one_of("kind", self.kind, get_args(Kind))
        for name in ("vocab_size", "n_segments", "block", "n_parts"):
            ranges.whole(name, getattr(self, name), 1)
        ranges.whole("n_layers", self.n_layers, 1, MOST_LAYERS)
        is_long = self.kind == "longformer"
        windows = self.windows or ((WINDOW // 2,) * self.n_layers if is_long else ())
        object.__setattr__(self, "windows", tuple(windows))  # lists, from files
        object.__setattr__(self, "dilations", tuple(self.dilations) or (1,) * len(windows))
        if {len(self.windows), len(self.dilations)} != {self.n_layers * is_long}:
            of = f"each of the {self.n_layers} layers" if is_long else "a Longformer alone"
            raise SettingsError(f"windows and dilations are of {of}; got {self.windows} and {self.dilations}.")
        for width, dilation in zip(self.windows, self.dilations, strict=True):
            ranges.whole("windows", width, 0)
            ranges.whole("dilations", dilation, 1)
        ranges.whole("n_random", self.n_random, 0)
        if self.is_causal and self.kind in OF_BLOCKS:
            raise SettingsError(f"a network of kind {self.kind} reads a text both ways; is_causal is of others.")
        ranges.whole("pad", self.pad, 0, self.vocab_size - 1)
        ranges.whole("n_positions", self.n_positions, 1 + self.first_position)
        if self.d_head is not None and self.kind in LONG:
            raise SettingsError(f"d_head is of networks that read a text at once, and not of kind {self.kind}.")
        if self.d_head is None and self.d_model % self.layer.n_heads:
            raise SettingsError(f"d_model is a multiple of n_heads; got {self.d_model} and {self.n_heads}.")

    @classmethod
    def of_size(cls, size: str, vocab_size: int = 30_522) -> "BertConfig":
        """Return the settings of a size: tiny, mini, small, medium, base or large."""
        ranges.one_of("size", size, SIZES)
        n_layers, d_model = SIZES[size]
        n_heads = d_model // WIDTH_OF_HEAD
        return cls(vocab_size=vocab_size, d_model=d_model, n_layers=n_layers, n_heads=n_heads, d_hidden=4 * d_model)

    @property
    def layer(self) -> LayerShape:
        return LayerShape(
            self.d_model, self.n_heads, self.d_hidden, self.activation, "post", self.eps, self.dropout, self.attention_dropout,
            self.d_head,
        )  # fmt: skip

    @property
    def family(self) -> Family:
        """Whose heads it has, and how it counts places."""
        return "roberta" if self.kind == "longformer" else "bert" if self.kind == "blockbert" else self.kind

    @property
    def name(self) -> str:
        """How Hugging Face's classes for it begin."""
        return "".join(part.capitalize() for part in self.kind.split("_"))

    @property
    def prefix(self) -> str:
        """What stands in their files before what is of the encoder."""
        return f"{'bert' if self.kind in OF_BLOCKS else self.kind}."

    @property
    def first_position(self) -> int:
        return self.pad + 1 if self.family == "roberta" else 0

    @property
    def longest(self) -> int:
        """Tokens that a text may have."""
        return self.n_positions - self.first_position

    @property
    def whole(self) -> int:
        """Tokens of the longest text that a BigBird sees whole: as many blocks as each sees twice over of those by chance."""
        return (FIXED + 2 * self.n_random) * self.block

    def seen(self, n: int) -> int:
        """Return how many tokens each looks at, at most, in a text of n: of blocks of keys, also where few of them are seen."""
        if self.kind == "longformer":
            reach = -(-max(self.windows) // Window.block)  # blocks to either side
            return min(n, (2 * reach + 1) * Window.block)
        if self.kind == "big_bird":
            return n if n <= self.whole else min(n, (FIXED + self.n_random) * self.block)
        return -(-n // self.n_parts) if self.kind == "blockbert" else n

    def to_json(self) -> dict[str, Any]:
        """Return what config.json says."""
        activation = next(theirs for theirs, ours in THEIR_ACTIVATIONS.items() if ours == self.activation)
        said = {theirs: getattr(self, ours) for ours, theirs in THEIR_NAMES.items() if getattr(self, ours) is not None}
        if self.kind == "longformer":
            said |= {WINDOWS: [2 * width for width in self.windows], DILATIONS: list(self.dilations)}
        said |= {theirs: getattr(self, ours) for ours, theirs in OF_BLOCKS.get(self.kind, {}).items()}
        return {"model_type": self.kind, "hidden_act": activation, **said}


def read_config(folder: Path) -> BertConfig:
    """Return what the config.json of a folder says. Raises ModelFileError where it lacks, or is of another network."""
    path = folder / CONFIG
    if not path.is_file():
        raise ModelFileError(f"{folder} has no {CONFIG}; name the folder of a BERT, with {CONFIG} and model.safetensors in it.")
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{path} cannot be read as JSON; copy the folder again.") from error
    if not isinstance(said, dict):
        raise ModelFileError(f"{path} holds no settings by name; copy the folder again.")
    kind = said.get("model_type", "bert")  # of which the first files told nothing
    if kind not in get_args(Kind):
        raise ModelFileError(f"{path} is of {kind!r}, a network that is not read here; {', '.join(get_args(Kind))} are.")
    said = {**THEIR_DEFAULTS[kind], **{name: value for name, value in said.items() if value is not None}}
    for name, value in OTHERWISE.items():
        if said.get(name, value) != value:
            raise ModelFileError(f"{path} has {name} {said[name]!r}, which is not read here; {value!r} is.")
    activation = said.get("hidden_act", "gelu")
    if str(activation) not in THEIR_ACTIVATIONS:
        known = ", ".join(THEIR_ACTIVATIONS)
        raise ModelFileError(f"{path} has hidden_act {activation!r}, which is not read here; one of {known} is.")
    names = THEIR_NAMES | OF_BLOCKS.get(kind, {})
    settings = {ours: said[theirs] for ours, theirs in names.items() if theirs in said}
    try:
        settings |= _windows(said) if kind == "longformer" else {}
        return BertConfig(kind=kind, activation=THEIR_ACTIVATIONS[activation], **settings)
    except (SettingsError, TypeError) as error:  # a number in the place of a list, or the other way round
        raise ModelFileError(f"{path} tells of a network that cannot be built: {error}") from error


def _windows(said: dict[str, Any]) -> dict[str, Any]:
    """Return the windows of a Longformer, and its dilations; one number stands for all layers. Raises SettingsError."""
    n_layers = said.get("num_hidden_layers", BertConfig.n_layers)
    ranges.whole("num_hidden_layers", n_layers, 1, MOST_LAYERS)
    both = said.get(WINDOWS, WINDOW)
    both = both if isinstance(both, list) else [both] * n_layers
    for width in both:
        ranges.whole(WINDOWS, width, 2)
        if width % 2:
            raise SettingsError(f"{WINDOWS} is even, as many tokens to either side; got {width}.")
    return {"windows": tuple(width // 2 for width in both), "dilations": tuple(said.get(DILATIONS, ()))}
