"""Layers of a Transformer and stacks of them (Vaswani et al. 2017, arXiv:1706.03762, section 3).

What each part adds is normalised with its input behind it ("post", as there, and as in BERT), or its input alone is before it
("pre", Xiong et al. 2020, arXiv:2002.04745), which trains without a warm-up; a stack of these ends in a norm of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast, get_args

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from tenon import ranges
from tenon.nn.activations import ACTIVATIONS, Activation, activation_layer
from tenon.nn.attention import Attention, Read, is_before
from tenon.nn.initialise import initialise
from tenon.nn.long_attention import Seen

Norm = Literal["pre", "post"]
IN_CACHE = 1_024
"""Tokens that are thought over together where nothing is learnt: of 3,072 numbers each they fit into a processor's cache."""


@dataclass(frozen=True)
class LayerShape:
    """What all layers of a stack are like. Raises SettingsError for a value that is out of its range.

    d_model : C; n_heads : of its attention, each d_head wide, None: d_model / n_heads; d_hidden : width within the feed-forward
    part. eps : of the norms.
    dropout : of what each part adds, attention_dropout : of the weights of attention.
    """

    d_model: int = 128
    n_heads: int = 4
    d_hidden: int = 512
    activation: Activation = "gelu"
    norm: Norm = "pre"
    eps: float = 1e-5
    dropout: float = 0.1
    attention_dropout: float = 0.1
    d_head: int | None = None

    def __post_init__(self) -> None:
        for name in ("d_model", "n_heads", "d_hidden"):
            ranges.whole(name, getattr(self, name), 1)
        ranges.whole("d_head", self.d_head, 1, or_none=True)
        ranges.one_of("activation", self.activation, ACTIVATIONS)
        ranges.one_of("norm", self.norm, get_args(Norm))
        ranges.number("eps", self.eps, 0, open_low=True)
        ranges.number("dropout", self.dropout, 0, 1)
        ranges.number("attention_dropout", self.attention_dropout, 0, 1)

    def attention(self) -> Attention:
        return Attention(self.d_model, self.n_heads, dropout=self.attention_dropout, d_head=self.d_head)

    def layer_norm(self) -> nn.LayerNorm:
        return nn.LayerNorm(self.d_model, self.eps)


class Residual(nn.Module):
    """The way past a part of a layer: what the part gives is added to its input, and the norm stands where the shape says."""

    def __init__(self, shape: LayerShape):
        super().__init__()
        self.is_pre, self.norm, self.dropout = shape.norm == "pre", shape.layer_norm(), nn.Dropout(shape.dropout)

    def before(self, x: Tensor) -> Tensor:
        """Return what the part is given of x (…, C)."""
        return self.norm(x) if self.is_pre else x

    def after(self, x: Tensor, y: Tensor) -> Tensor:
        """Return what leaves the layer where the part gave y; all (…, C)."""
        x = x + self.dropout(y)
        return x if self.is_pre else self.norm(x)


class FeedForward(nn.Module):
    """Two linear layers that see one token at a time, with the way past them."""

    def __init__(self, shape: LayerShape):
        super().__init__()
        self.inner, self.outer = nn.Linear(shape.d_model, shape.d_hidden), nn.Linear(shape.d_hidden, shape.d_model)
        self.activation, self.past = activation_layer(shape.activation), Residual(shape)

    def forward(self, x: Tensor) -> Tensor:
        """x: (…, C) float. Returns the same shape."""
        if torch.is_grad_enabled() or x.device.type != "cpu" or x.shape[:-1].numel() <= IN_CACHE:
            return self._thought_over(x)
        return torch.cat([self._thought_over(some) for some in x.flatten(0, -2).split(IN_CACHE)]).view(x.shape)

    def _thought_over(self, x: Tensor) -> Tensor:
        return self.past.after(x, self.outer(self.activation(self.inner(self.past.before(x)))))


class EncoderLayer(nn.Module):
    """Every token looks at all that it may see, then each is thought over alone.

    attention : called as `Attention` is, with x, memory and is_seen; None: of the shape.
    """

    def __init__(self, shape: LayerShape, attention: nn.Module | None = None):
        super().__init__()
        self.attention = cast(Attention, attention or shape.attention())
        self.past, self.feed_forward = Residual(shape), FeedForward(shape)

    def forward(self, x: Tensor, is_seen: Tensor | Seen | None = None, n_asked: int | None = None) -> Tensor:
        """x: (B, T, C) float; is_seen: (B, T, T) bool, a side may be 1, or what else its attention takes.

        Returns (B, T, C), or of the first n_asked tokens.
        """
        read = self.past.before(x)
        return self.feed_forward(self.past.after(x[:, :n_asked], self.attention(read[:, :n_asked], read, is_seen)))

    def step(self, x: Tensor, read: Read | None, is_seen: Tensor | None = None) -> tuple[Tensor, Read]:
        """Return the same of tokens that stand behind others, which were read before, and all that is read by now."""
        asked = self.past.before(x)
        new = self.attention.read(asked)
        read = new if read is None else read.followed_by(new)
        return self.feed_forward(self.past.after(x, self.attention.ask(asked, read, is_seen))), read

    def with_weights(self, x: Tensor, is_seen: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the same with the weights of its attention (B, H, T, T)."""
        y, weights = self.attention.with_weights(self.past.before(x), is_seen=is_seen)
        return self.feed_forward(self.past.after(x, y)), weights


class Layers(NamedTuple):
    """What goes through a stack: states (B, T, C), the first what it was given, and the weights (B, H, T, T) of each layer."""

    states: list[Tensor]
    weights: list[Tensor]


class Encoder(nn.Module):
    """A stack of layers that read a text as a whole. attention : of each layer, by its place from below; None: of the shape.

    most_kept : tokens of a batch beyond which a layer, to learn, is computed once more instead of kept (Chen et al. 2016,
    arXiv:1604.06174): the same gradients from the memory of one layer, for a third more time. None: all are kept.
    """

    most_kept: int | None = None

    def __init__(self, n_layers: int, shape: LayerShape, attention: Callable[[int], nn.Module] | None = None):
        super().__init__()
        ranges.whole("n_layers", n_layers, 1)
        self.layers = nn.ModuleList(EncoderLayer(shape, attention and attention(i)) for i in range(n_layers))
        self.norm = shape.layer_norm() if shape.norm == "pre" else nn.Identity()
        initialise(self, "xavier")

    def forward(self, x: Tensor, is_seen: Tensor | Seen | None = None, n_asked: int | None = None) -> Tensor:
        """x, is_seen: as of `EncoderLayer`. Returns (B, T, C), or of the first n_asked tokens.

        The last layer is then computed for these alone: the others are only looked at.
        """
        for layer in self.layers[:-1]:
            x = self._through(layer, x, is_seen)
        return self.norm(self._through(self.layers[-1], x, is_seen, n_asked))

    def _through(self, layer: nn.Module, *given: Any) -> Tensor:
        if self.most_kept is None or given[0].shape[:-1].numel() <= self.most_kept or not torch.is_grad_enabled():
            return cast(Tensor, layer(*given))
        return cast(Tensor, checkpoint(layer, *given, use_reentrant=False))

    def step(self, x: Tensor, read: Sequence[Read] = ()) -> tuple[Tensor, list[Read]]:
        """Return states of the next tokens x, both (B, T, C), where none sees later ones, and all that each layer has read then.

        read : what each layer had read before them; empty before the first.
        """
        is_seen = is_before(x.shape[1], read[0].keys.shape[2] if read else 0).to(x.device)[None]
        earlier: Sequence[Read | None] = read or [None] * len(self.layers)
        now = []
        for layer, before in zip(self.layers, earlier, strict=True):
            x, after = cast(EncoderLayer, layer).step(x, before, is_seen)
            now.append(after)
        return self.norm(x), now

    def each(self, x: Tensor, is_seen: Tensor | None = None) -> Layers:
        """Return what every layer makes of it; the last state is what `forward` returns."""
        found = Layers([x], [])
        for layer in self.layers:
            x, weights = cast(EncoderLayer, layer).with_weights(x, is_seen)
            found.states.append(x)
            found.weights.append(weights)
        found.states[-1] = self.norm(x)
        return found


class DecoderLayer(nn.Module):
    """Every token looks at those before it, then at a memory, then each is thought over alone."""

    def __init__(self, shape: LayerShape):
        super().__init__()
        self.attention, self.past = shape.attention(), Residual(shape)
        self.cross, self.past_cross = shape.attention(), Residual(shape)
        self.feed_forward = FeedForward(shape)

    def forward(
        self, x: Tensor, said: Read | None, memory: Read, is_said: Tensor | None, is_real: Tensor | None
    ) -> tuple[Tensor, Read]:
        """x: (B, T, C) float, what is said next. Returns (B, T, C), and all that is said by now.

        said : earlier tokens; is_said : (B, T, earlier + T) bool, which of all these each sees; is_real : (B, T, S) bool, which
        of the memory. A side of either may be 1.
        """
        x, said = self._heard(x, said, is_said)
        x = self.past_cross.after(x, self.cross.ask(self.past_cross.before(x), memory, is_real))
        return self.feed_forward(x), said

    def with_weights(self, x: Tensor, memory: Read, is_said: Tensor | None, is_real: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the same where nothing is said yet, with the weights (B, H, T, S) over the memory."""
        x, _ = self._heard(x, None, is_said)
        y, weights = self.cross.ask_with_weights(self.past_cross.before(x), memory, is_real)
        return self.feed_forward(self.past_cross.after(x, y)), weights

    def _heard(self, x: Tensor, said: Read | None, is_said: Tensor | None) -> tuple[Tensor, Read]:
        """Return x when it has looked at what is said, and all that is said by now."""
        asked = self.past.before(x)
        new = self.attention.read(asked)
        said = new if said is None else said.followed_by(new)
        return self.past.after(x, self.attention.ask(asked, said, is_said)), said


class Said(NamedTuple):
    """What a decoder goes on from: of each layer the tokens said so far, None before the first, and the memory it read.

    is_real : (B, 1, S) bool, which of the memory is no padding; None: all.
    """

    tokens: list[Read | None]
    memory: list[Read]
    is_real: Tensor | None


class Decoder(nn.Module):
    """A stack of layers that say a text token by token, each from those before it and a memory.

    Tokens see none behind them, so padding behind a text needs no mask.
    """

    def __init__(self, n_layers: int, shape: LayerShape):
        super().__init__()
        ranges.whole("n_layers", n_layers, 1)
        self.layers = nn.ModuleList(DecoderLayer(shape) for _ in range(n_layers))
        self.norm = shape.layer_norm() if shape.norm == "pre" else nn.Identity()
        initialise(self, "xavier")

    def forward(self, x: Tensor, memory: Tensor, is_real: Tensor | None = None) -> Tensor:
        """x: (B, T, C), memory: (B, S, C) float; is_real: (B, S) bool. Returns (B, T, C)."""
        return self.step(x, self.start(memory, is_real))[0]

    def start(self, memory: Tensor, is_real: Tensor | None = None) -> Said:
        """Return where a text begins that is said of a memory (B, S, C); is_real : (B, S) bool."""
        read = [cast(DecoderLayer, layer).cross.read(memory) for layer in self.layers]
        return Said([None] * len(read), read, None if is_real is None else is_real[:, None])

    def step(self, x: Tensor, said: Said) -> tuple[Tensor, Said]:
        """Return states of the next tokens x, both (B, T, C), as `forward` gives them for the whole, and what is said then."""
        first, now = said.tokens[0], []
        is_said = is_before(x.shape[1], 0 if first is None else first.keys.shape[2]).to(x.device)[None]
        for layer, tokens, memory in zip(self.layers, said.tokens, said.memory, strict=True):
            x, tokens = layer(x, tokens, memory, is_said, said.is_real)
            now.append(tokens)
        return self.norm(x), said._replace(tokens=now)

    def looked(self, x: Tensor, said: Said) -> list[Tensor]:
        """Return where in the memory the first tokens x (B, T, C) look, (B, H, T, S) of each layer."""
        is_said, found = is_before(x.shape[1]).to(x.device)[None], []
        for layer, memory in zip(self.layers, said.memory, strict=True):
            x, weights = cast(DecoderLayer, layer).with_weights(x, memory, is_said, said.is_real)
            found.append(weights)
        return found
