"""Self-distillation: a network is held to what its own last weights say (Xu et al. 2020, arXiv:2002.10345, section 3).

To the loss of a step comes `distil` times the mean squared distance of its outputs from those of a teacher, whose weights are the
mean of those before each of the last `students` steps. The first step has no teacher.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from tenon.training.weights import Weights, copy_of


def remember(students: list[Weights], net: nn.Module, most: int) -> None:
    """Take in the weights that a step begins with, and forget the oldest above `most`."""
    students.append(copy_of(net))
    del students[:-most]


@torch.no_grad()
def mean_of(students: list[Weights]) -> Weights | None:
    """Return the teacher's weights; None where there are none yet."""
    if not students:
        return None
    newest = students[-1]  # of what is no floating point number, the last
    return {
        name: torch.stack([one[name] for one in students]).mean(dim=0) if newest[name].is_floating_point() else newest[name]
        for name in newest
    }


def distance(net: nn.Module, teacher: Weights, inputs: tuple[Any, ...], outputs: Tensor) -> Tensor:
    """Return the mean squared distance of outputs from those of the teacher, which leaves nothing out of what it knows."""
    net.eval()
    with torch.no_grad():
        said = functional_call(net, teacher, inputs)
    net.train()
    return nn.functional.mse_loss(outputs, said)
