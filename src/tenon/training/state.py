"""Where a training is: everything that a checkpoint has to hold for it to go on as if it had never stopped."""

import time
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import nn

from tenon.errors import SettingsError
from tenon.training.distillation import mean_of, remember
from tenon.training.history import History
from tenon.training.optimisers import make_optimiser
from tenon.training.recipe import Recipe
from tenon.training.weights import Weights, copy_of


class State:
    """A network in training, its optimiser, copies of its weights, and its place in the data."""

    def __init__(self, net: nn.Module, recipe: Recipe):
        self.net, self.recipe = net, recipe
        self.optimiser = make_optimiser(net, recipe)
        self.trained = [parameter for group in self.optimiser.param_groups for parameter in group["params"]]
        self.device = self.trained[0].device
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=recipe.precision == "float16")
        self.average: Weights | None = copy_of(net) if recipe.average else None
        self.best: Weights | None = None  # of the epoch with the least held-out loss
        self.good: Weights | None = None  # of the last epoch that ended well
        self.students: list[Weights] = []  # weights that the last steps began with, for a teacher
        self.teacher: Weights | None = None
        self.history = History()
        self.epoch = self.step = 0  # the next step to be taken
        self.saved = time.monotonic()  # when the last checkpoint was written
        self.gave_back = time.process_time()  # when free memory was last given back

    def autocast(self) -> AbstractContextManager[None]:
        """Return the context in which the forward pass runs."""
        precision = self.recipe.precision
        if precision == "auto":
            precision = "bfloat16" if self.device.type == "cuda" and torch.cuda.is_bf16_supported() else "float32"
        kind = {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(precision)
        return nullcontext() if kind is None else torch.autocast(self.device.type, kind)

    def begin_step(self) -> None:
        """Let the last students teach the step, and take in its own weights for the next ones."""
        if self.recipe.distil:
            self.teacher = mean_of(self.students)
            remember(self.students, self.net, self.recipe.students)

    def judge(self, loss: float, judged: list[float]) -> None:
        """Take in the held-out loss of the epoch that is over; judged : the figure to judge it by, none: that loss."""
        history, patience = self.history, self.recipe.patience
        history.held_out.append(loss)
        history.judged += judged
        figures = history.judged or history.held_out
        if history.best_epoch is None or figures[-1] < figures[history.best_epoch]:
            history.best_epoch = self.epoch
            self.best = self._result()
        elif patience and self.epoch - history.best_epoch >= patience:
            what = "score" if history.judged else "loss"
            history.stopped = f"no better {what} of the held-out rows in {patience} epoch{'' if patience == 1 else 's'}"

    def keep_good(self) -> None:
        """Keep the weights that were the result, had the training ended with an epoch that ended well."""
        self.good = self._result()

    def diverged(self, loss: float, where: str) -> None:
        """End a training whose loss or gradient is no number: with the last good weights, or an error where there are none."""
        advice = f"a lower rate than {self.recipe.rate:g}, or clip, may help"
        if self.good is None:
            raise SettingsError(f"the loss was {loss:g} in {where}, or its gradient infinite; {advice}.")
        self.net.load_state_dict(self.good)
        self.average = None  # the step has spoilt it
        self.history.stopped = f"the loss was {loss:g} in {where}, or its gradient infinite: weights before it are kept; {advice}"

    def _result(self) -> Weights:
        """Return a copy of the average, where there is one, else of the weights."""
        return copy_of(self.net) if self.average is None else {name: w.clone() for name, w in self.average.items()}

    def finish(self) -> None:
        """Give the network the weights that are the result."""
        result = self.best if self.best is not None else self.average
        if result is not None:
            self.net.load_state_dict(result)
        self.net.eval()
