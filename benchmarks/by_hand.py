"""How one would train a network of transformers by hand: AdamW, a rate that rises and falls in lines, gradients cut at 1."""

from typing import Any

import torch
import transformers
from torch import Tensor, nn

from tenon.text.fine_tuning import RATE_OF_ONE
from tenon.training.device import fastest


class ByHandSteps:
    """Steps of a network (with `config.hidden_size`), n_steps in all; the rate is by its width, one for all layers.

    On a GPU, if there is one, with bfloat16 there.
    """

    def __init__(self, net: nn.Module, n_steps: int):
        self.net, self.device = net.to(fastest()), fastest()
        self.optimiser = torch.optim.AdamW(net.parameters(), lr=RATE_OF_ONE / net.config.hidden_size, weight_decay=0.01)
        self.schedule = transformers.get_linear_schedule_with_warmup(self.optimiser, round(0.1 * n_steps), n_steps)

    def loss(self, inputs: Any, **targets: Tensor) -> Tensor:
        """Return the network's loss of a batch."""
        on_gpu = self.device.type == "cuda"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=on_gpu):
            return self.net(**inputs.to(self.device), **{name: values.to(self.device) for name, values in targets.items()}).loss

    def take(self, loss: Tensor) -> None:
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
