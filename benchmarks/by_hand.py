"""How one would train a network of transformers by hand: AdamW, a rate that rises and falls in lines, gradients cut at 1."""

import torch
import transformers
from torch import Tensor, nn

from tenon.text.fine_tuning import RATE_OF_ONE


class ByHandSteps:
    """Steps of a network (with `config.hidden_size`), n_steps in all; the rate is by its width, one for all layers."""

    def __init__(self, net: nn.Module, n_steps: int):
        self.net = net
        self.optimiser = torch.optim.AdamW(net.parameters(), lr=RATE_OF_ONE / net.config.hidden_size, weight_decay=0.01)
        self.schedule = transformers.get_linear_schedule_with_warmup(self.optimiser, round(0.1 * n_steps), n_steps)

    def take(self, loss: Tensor) -> None:
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
