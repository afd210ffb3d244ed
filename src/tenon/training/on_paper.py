"""Networks on paper: names and shapes of weights, and no weights; to see what would fit, or to take those of a file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

DRAWS = (nn.init.normal_, nn.init.uniform_, nn.init.kaiming_uniform_, Tensor.normal_, Tensor.uniform_)


class _Undrawn(TorchFunctionMode):
    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        if func in DRAWS:
            return args[0] if args else given["tensor"]
        return func(*args, **given)


@contextmanager
def on_paper() -> Iterator[None]:
    """Let networks that are built in the block have names and shapes alone: they take no memory, and no chance.

    Nothing is drawn for them: for that torch, which knows of no numbers there either, would first load its compiler, two seconds.
    """
    with torch.device("meta"), _Undrawn():
        yield
