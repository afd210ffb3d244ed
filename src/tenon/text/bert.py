"""BERT: an encoder that reads a text both ways at once (Devlin et al. 2019, arXiv:1810.04805), and RoBERTa (Liu et al. 2019).

It starts from chance, or from a folder as Hugging Face lays it out, and is written as one that their programs read.
"""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

import torch
from torch import Tensor, nn

from tenon.errors import ModelFileError, SettingsError
from tenon.nn.attention import Read, is_before
from tenon.nn.long_attention import Seen
from tenon.nn.transformer import Encoder, Layers
from tenon.text.bert_attention import long_attention
from tenon.text.bert_config import BY_ENDS, CONFIG, LONG, BertConfig, read_config
from tenon.text.bert_files import POOLERS, Names, read_weights, write_config, write_weights
from tenon.text.looks import Looks
from tenon.text.marked import Marked
from tenon.training.on_paper import on_paper

FIRST = 0.02  # standard deviation of first weights (google-research/bert, initializer_range)


class BertEmbedding(nn.Module):
    """What a token says, which text of the row it is of, and where it stands: the sum of a vector for each."""

    def __init__(self, config: BertConfig):
        super().__init__()
        self.config = config
        is_roberta = config.family == "roberta"
        self.tokens = nn.Embedding(config.vocab_size, config.d_model, padding_idx=config.pad)
        self.positions = nn.Embedding(config.n_positions, config.d_model, padding_idx=config.pad if is_roberta else None)
        self.segments = nn.Embedding(config.n_segments, config.d_model)
        self.norm, self.dropout = config.layer.layer_norm(), nn.Dropout(config.dropout)

    def forward(self, ids: Tensor, segments: Tensor | None, n_before: int = 0) -> Tensor:
        """ids, segments: (B, T) int64, None: all of segment 0; n_before : tokens that stand before these. Returns (B, T, C).

        A network that knows one kind of text in a row does not look at segments. Raises SettingsError for more tokens than it
        knows places, and for ids that it does not know.
        """
        if n_before + ids.shape[1] > self.config.longest:
            raise SettingsError(
                f"a text has {ids.shape[1]:,} tokens, and this network knows {self.config.longest:,} places; cut texts to that, "
                "or read them in parts."
            )
        try:
            kind = self.segments.weight[0] if segments is None or self.config.n_segments == 1 else self.segments(segments)
            said = self.tokens(ids) + kind
        except IndexError as error:  # on a processor; a GPU says so later, in words of its own
            if told := _unknown_ids(ids, segments, self.config):
                raise SettingsError(told) from error
            raise
        return self.dropout(self.norm(said + self.positions(self._places(ids, n_before))))

    def _places(self, ids: Tensor, n_before: int = 0) -> Tensor:
        """Return where each token stands, (T,) or (B, T); RoBERTa counts the tokens that are no padding."""
        if self.config.family != "roberta":
            return torch.arange(n_before, n_before + ids.shape[1], device=ids.device)
        is_token = (ids != self.config.pad).long()  # ONNX does not sum up truths
        return (n_before + is_token.cumsum(dim=1)) * is_token + self.config.pad


class Bert(nn.Module):
    """Tokens (B, T) into states (B, T, C).

    `from_pretrained` takes it from a folder; `fresh` then names the weights that the folder lacked, which are as first drawn.
    """

    fresh: tuple[str, ...] = ()

    def __init__(self, config: BertConfig | None = None):
        super().__init__()
        self.config = config or BertConfig()
        self.embedding = BertEmbedding(self.config)
        looks = partial(long_attention, self.config) if self.config.kind in LONG else None
        self.encoder = Encoder(self.config.n_layers, self.config.layer, looks)
        self.pooler = nn.Linear(self.config.d_model, self.config.d_model)
        draw(self)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None,
        n_asked: int | None = None, global_attention_mask: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """input_ids: (B, T) int64; attention_mask: (B, T), 1 or True for tokens, 0 or False for padding, None: no padding.

        token_type_ids : (B, T) int64, which text of a pair each token is of; None: 0. Returns (B, T, C); padding has no meaning.
        n_asked : of so many first tokens alone, (B, n_asked, C). global_attention_mask : (B, T), 1 or True for tokens that see
        all and are seen by all, which only a Longformer asks about. Raises SettingsError for more tokens than it knows places,
        for other shapes, and for padding before a token where the network counts from a text's ends (BigBird, BlockBERT).
        """
        check_shapes(input_ids, attention_mask, token_type_ids, global_attention_mask)
        if self.config.kind in BY_ENDS and attention_mask is not None and _has_padding_before(attention_mask):
            raise SettingsError(f"a {self.config.name} takes padding behind a text alone; attention_mask has a 0 before a 1.")
        states = self.embedding(input_ids, token_type_ids)
        if self.config.kind in LONG:
            is_any, is_global = (None if one is None else one.bool() for one in (attention_mask, global_attention_mask))
            return self.encoder(states, Seen(is_any, is_global), n_asked)
        return self.encoder(states, self._seen(input_ids, attention_mask), n_asked)

    def step(self, input_ids: Tensor, read: Sequence[Read] = ()) -> tuple[Tensor, list[Read]]:
        """Return states of the next tokens, as `forward` of a causal network gives them for the whole, and what is read then."""
        n_before = read[0].keys.shape[2] if read else 0
        return self.encoder.step(self.embedding(input_ids, None, n_before), read)

    def each(self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None) -> Layers:
        """Return the states before and after every layer, and whom each head of it looked at (`tenon.nn.transformer.Layers`).

        Raises SettingsError of networks for long texts, which never hold that of all pairs.
        """
        if self.config.kind in LONG:
            raise SettingsError(f"a {self.config.name} does not tell whom its tokens look at: it never holds that of all pairs.")
        return self.encoder.each(self.embedding(input_ids, token_type_ids), self._seen(input_ids, attention_mask))

    @torch.no_grad()
    def looks(self, row: Marked, words: Sequence[str]) -> Looks:
        """Return whom the tokens of a row look at; words : what each id says."""
        ids, segments = (torch.from_numpy(part)[None] for part in (row.ids, row.segments))
        return Looks([words[i] for i in row.ids], [layer[0].numpy() for layer in self.each(ids, None, segments).weights])

    def pooled(self, states: Tensor, activation: Callable[[Tensor], Tensor] = torch.tanh) -> Tensor:
        """Return what stands for each text as a whole, (B, C), of its states (B, T, C): a layer on the first token's."""
        return activation(self.pooler(states[:, 0]))

    def _seen(self, ids: Tensor, attention_mask: Tensor | None) -> Tensor | None:
        """Return whom each token may look at, (B, T, T) bool, a side may be 1; None: at all."""
        seen = None if attention_mask is None else attention_mask.bool()[:, None]
        if not self.config.is_causal:
            return seen
        before = is_before(ids.shape[1]).to(ids.device)[None]
        return before if seen is None else before & seen

    @classmethod
    def from_pretrained(cls, folder: "Path | str") -> Self:
        """Return the network in a folder's config.json and model.safetensors, in evaluation mode.

        Raises ModelFileError where it is not there, is damaged, or of another kind.
        """
        config = read_config(Path(folder))
        net, fresh = with_weights_from(Path(folder), lambda: cls(config), POOLERS.get(config.kind, {}))
        net.fresh = fresh
        return net

    def save_pretrained(self, folder: "Path | str") -> None:
        """Write config.json and model.safetensors into a folder. Raises OutputError where it cannot be written."""
        write_weights(self, Path(folder), POOLERS.get(self.config.kind, {}), prefix="")
        write_config(Path(folder), self.config, architectures=[architecture(self.config, "Model")])


def _unknown_ids(ids: Tensor, segments: Tensor | None, config: BertConfig) -> str:
    """Return what to tell of ids or segments that the network does not know; "" where it knows all."""
    named = ("input_ids", ids, config.vocab_size), ("token_type_ids", segments, config.n_segments)
    wrong = [
        f"{name} are whole numbers from 0 to {n - 1:,}; got {int(one.min()):,} to {int(one.max()):,}"
        for name, one, n in named
        if one is not None and (one.min() < 0 or one.max() >= n)
    ]
    return f"{' and '.join(wrong)}; take those that the network's own folder gives." if wrong else ""


def _has_padding_before(mask: Tensor) -> bool:
    """mask: (B, T), 1 or True for tokens. Returns whether any has padding before it."""
    return bool((mask[:, 1:] > mask[:, :-1]).any())


def check_shapes(input_ids: Tensor, *beside: Tensor | None) -> None:
    """Raise SettingsError unless ids are whole numbers (B, T), and what is told of each token beside them is (B, T), too.

    A row has one token at least.
    """
    if input_ids.ndim != 2 or input_ids.is_floating_point() or not input_ids.shape[1]:
        got = f"{str(input_ids.dtype).removeprefix('torch.')} of shape {tuple(input_ids.shape)}"
        raise SettingsError(f"input_ids are whole numbers (B, T), of one text ids[None], with a token at least; got {got}.")
    if wrong := [tuple(one.shape) for one in beside if one is not None and one.shape != input_ids.shape]:
        raise SettingsError(f"masks and token_type_ids are (B, T) as input_ids, {tuple(input_ids.shape)}; got {wrong[0]}.")


def architecture(config: BertConfig, what: str) -> str:
    """Return the name of a class of Hugging Face; what : "Model", or the head."""
    return config.name + what


def first_of(input_ids: Tensor) -> Tensor:
    """Return which tokens stand first, (B, T) bool: what asks all others in a Longformer that says one thing of a text."""
    return (torch.arange(input_ids.shape[1], device=input_ids.device) == 0).expand_as(input_ids)


def question_of(segments: Tensor) -> Tensor:
    """Return which tokens of pairs stand before the mark that ends the first text, (B, T) bool; segments: (B, T) int64.

    That is [CLS] and all of a question, which ask all others in a Longformer that answers it (Beltagy et al. 2020, section 3.1);
    of a row in which no second text is told of, [CLS] alone.
    """
    is_past = segments.cumsum(dim=1) > 0
    is_before = ~torch.cat([is_past[:, 1:], is_past.new_ones(len(segments), 1)], dim=1)
    return torch.where(is_past.any(dim=1, keepdim=True), is_before, first_of(segments))


Net = TypeVar("Net", bound=nn.Module)


def with_weights_from(folder: Path, build: Callable[[], Net], names: Names) -> tuple[Net, tuple[str, ...]]:
    """Return the network that is built, with the weights in a folder, in evaluation mode, and what of it the folder lacks.

    names : of its head. Only what is lacking is drawn, from torch's generator: to draw all took longer than to read it. Raises
    ModelFileError where the weights do not fit, or no memory holds what config.json tells of.
    """
    device = torch.get_default_device()
    try:
        with on_paper():
            net = build()
        net.to_empty(device=device)
    except RuntimeError as error:
        raise ModelFileError(
            f"{folder / CONFIG} tells of a network too large for any memory here; copy the folder again."
        ) from error
    fresh = read_weights(net, folder, names)
    draw(net, fresh)
    return net.eval(), fresh


@torch.no_grad()
def draw(net: nn.Module, names: Collection[str] | None = None) -> None:
    """Set weights by chance from torch's generator, normal; biases to 0, gains of norms to 1; the vector of padding is 0.

    names : of parameters; None: of all.
    """
    for name, parameter in net.named_parameters():
        if names is not None and name not in names:
            continue
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=FIRST)
        else:
            nn.init.constant_(parameter, 0.0 if name.endswith("bias") else 1.0)
    for part in net.modules():
        if isinstance(part, nn.Embedding) and part.padding_idx is not None and names is None:
            part.weight[part.padding_idx] = 0.0
