"""The small step of its inputs that harms a network most, to first order (Goodfellow, Shlens & Szegedy 2015, section 4)."""

from collections.abc import Callable

import torch
from torch import Tensor


def uphill(answer: Callable[[Tensor], Tensor], loss: Callable[..., Tensor], inputs: Tensor, targets: Tensor) -> Tensor:
    """Return -1, 0 or 1 for each number of inputs (b, …): the way in which it makes the loss of its row larger.

    answer : what the network, in evaluation mode, says of inputs.
    """
    inputs = inputs.detach().requires_grad_()
    with torch.enable_grad():
        [gradient] = torch.autograd.grad(loss(answer(inputs), targets), inputs)
    return gradient.sign()
