"""Layers whose weights are whole numbers of 8 bits, a quarter of the memory, and whose products a processor sums faster.

A weight is a whole number from -127 to 127 times the scale of its output, or of its token: the largest weight there over 127
(Jacob et al. 2018, arXiv:1712.05877, section 2.1, symmetric). Inputs are rounded to 255 steps from their least to their greatest
number, 0 among them: of all numbers that a layer is given at once (dynamic), so that what a row gives hangs in its last digits
on the rows beside it, or of a range seen before (static).
"""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

LARGEST, STEPS = 127, 255  # of a weight; of inputs
DYNAMIC = torch.ops.quantized.linear_dynamic.default  # named whole, they are found faster
STATIC = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32.default
FEWEST = 10_000  # weights of a layer that is worth it


def rounded(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return weights (n, m) as int8 and the scale of each row (n,) float32; a row of zeros has scale 1."""
    scale = weight.abs().amax(dim=1) / LARGEST
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    return (weight / scale[:, None]).round().to(torch.int8), scale.float()


class Int8Linear(nn.Module):
    """`nn.Linear` with weights of 8 bits, for a processor. extremes : (2,) of its inputs; NaN: those of each batch."""

    values: Tensor
    scale: Tensor
    bias: Tensor
    extremes: Tensor

    def __init__(self, n_in: int, n_out: int):
        super().__init__()
        self.register_buffer("values", torch.zeros(n_out, n_in, dtype=torch.int8))
        self.register_buffer("scale", torch.ones(n_out))
        self.register_buffer("bias", torch.zeros(n_out))
        self.register_buffer("extremes", torch.full((2,), torch.nan))
        self._packed: Any = None  # as the kernel reads it; of no file, and made when it is first needed
        self._step: tuple[float, int] | None = None  # of inputs, and which of them is 0; None: of each batch
        self._is_narrow = n_steps() < STEPS

    @classmethod
    def of(cls, layer: nn.Linear) -> "Int8Linear":
        made = cls(layer.in_features, layer.out_features)
        made.values, made.scale = rounded(layer.weight.detach())
        if layer.bias is not None:
            made.bias = layer.bias.detach().clone()
        return made

    @property
    def weight(self) -> Tensor:
        """(n_out, n_in) float32, as rounded."""
        return self.values * self.scale[:, None]

    def forward(self, x: Tensor) -> Tensor:
        """x: (…, n_in), rounded to float32. Returns (…, n_out) of the dtype of x."""
        if self._packed is None:
            self._pack()
        single = x.float()
        if self._step is None:
            return DYNAMIC(single, self._packed, self._is_narrow).to(x.dtype)
        return STATIC(single, *self._step, self._packed).to(x.dtype)

    def _pack(self) -> None:
        low, high = (float(end) for end in self.extremes)
        if low <= high:
            step = max(max(high, 0.0) - min(low, 0.0), torch.finfo(torch.float32).tiny) / n_steps()
            self._step = step, round(-min(low, 0.0) / step)
        zeros = torch.zeros(len(self.scale), dtype=torch.int64)
        with warnings.catch_warnings(), _engine():
            warnings.simplefilter("ignore", UserWarning)  # torch 2.13: its 8-bit tensors are to go; the kernels take no others
            weight = torch._make_per_channel_quantized_tensor(self.values, self.scale.double(), zeros, 0)
            self._packed = torch.ops.quantized.linear_prepack(weight, self.bias.float())


def n_steps() -> int:
    """Return into how many steps inputs are rounded: half as many where a processor would overflow (no VNNI)."""
    return STEPS if torch.cpu._is_vnni_supported() else STEPS // 2


@contextmanager
def _engine() -> Iterator[None]:
    """Pack for FBGEMM where it is: of torch's engines the fastest for few rows, and as fast for many."""
    before = torch.backends.quantized.engine
    if "fbgemm" in torch.backends.quantized.supported_engines:
        torch.backends.quantized.engine = "fbgemm"
    try:
        yield
    finally:
        torch.backends.quantized.engine = before


class Int8Embedding(nn.Module):
    """`nn.Embedding` with vectors of 8 bits, each with a scale of its own."""

    values: Tensor
    scale: Tensor

    def __init__(self, n: int, width: int):
        super().__init__()
        self.register_buffer("values", torch.zeros(n, width, dtype=torch.int8))
        self.register_buffer("scale", torch.ones(n))

    @classmethod
    def of(cls, layer: nn.Embedding) -> "Int8Embedding":
        made = cls(layer.num_embeddings, layer.embedding_dim)
        made.values, made.scale = rounded(layer.weight.detach())
        return made

    @property
    def weight(self) -> Tensor:
        """(n, width) float32, as rounded."""
        return self.values * self.scale[:, None]

    def forward(self, ids: Tensor) -> Tensor:
        """ids: (…) int64. Returns (…, width) float32."""
        return self.values[ids] * self.scale[ids][..., None]


def put_int8(
    net: nn.Module, names: Iterable[str] | None = None, extremes: Mapping[str, Tensor] | None = None
) -> list[str]:  # fmt: skip
    """Put layers of 8 bits in the place of a network's linear layers and embeddings, and return the names of these.

    names : of the layers; None: of all with FEWEST weights or more. extremes : of the inputs of linear layers, as `extremes_of`
    gives them; of others, those of each batch.
    """
    found = dict(net.named_modules())
    wanted = [name for name, layer in found.items() if _is_worth_it(layer)] if names is None else list(names)
    for name in wanted:
        above, _, last = name.rpartition(".")
        layer = found[name]
        kind = Int8Linear if isinstance(layer, nn.Linear) else Int8Embedding
        rounded_layer = kind.of(layer)
        if extremes is not None and name in extremes:
            rounded_layer.register_buffer("extremes", extremes[name])
        setattr(found[above], last, rounded_layer)
    return wanted


def extremes_of(net: nn.Module, run: Callable[[], Any]) -> dict[str, Tensor]:
    """Return the least and the greatest input of each linear layer, (2,), that it is given while `run` runs."""
    found: dict[str, Tensor] = {}

    def listening(name: str) -> Callable[..., None]:
        def listen(layer: nn.Module, given: tuple[Tensor, ...]) -> None:
            low, high = given[0].aminmax()
            before = found.get(name, torch.stack([low, high]))
            found[name] = torch.stack([torch.minimum(before[0], low), torch.maximum(before[1], high)])

        return listen

    layers = [(name, layer) for name, layer in net.named_modules() if isinstance(layer, nn.Linear)]
    hooks = [layer.register_forward_pre_hook(listening(name)) for name, layer in layers]
    try:
        run()
    finally:
        for hook in hooks:
            hook.remove()
    return found


def int8_layers(net: nn.Module) -> list[str]:
    """Return the names of a network's layers of 8 bits."""
    return [name for name, layer in net.named_modules() if isinstance(layer, Int8Linear | Int8Embedding)]


def _is_worth_it(layer: nn.Module) -> bool:
    return isinstance(layer, nn.Linear | nn.Embedding) and layer.weight.numel() >= FEWEST
