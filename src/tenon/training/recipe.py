"""Recipe: how a network is trained, in words and numbers. What each does stands in the file that does it."""

from dataclasses import dataclass
from typing import Literal, get_args

from tenon import ranges

Optimiser = Literal["sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw"]
Schedule = Literal["constant", "step", "cosine", "linear"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]
WORDS = {"optimiser": get_args(Optimiser), "schedule": get_args(Schedule), "precision": get_args(Precision)}
MOST_AVERAGE = 1 - 1e-9  # and momentum; at 1 nothing would be learnt


@dataclass(frozen=True)
class Recipe:
    """Settings of one training. Raises SettingsError for a value that is out of its range.

    epochs : times that every row is used; batch_size : rows in a step, None for all (full batch gradient descent).
    accumulate : batches whose gradients are summed up before a step.
    optimiser, rate, momentum : see optimisers.py; decay : weight decay (L2) of weight matrices, l1 : price of |w|.
    rate_of : factors of the rate by how a parameter's name begins, the longest that fits; 0 freezes it.
    schedule : of the rate over steps, after warmup, the share of the steps in which it rises from 0; schedules.py.
    clip : longest gradient (L2 norm of all) that a step is made with; None: any.
    input_noise, weight_noise : standard deviation of what is added to inputs, to weights, for one forward and backward pass.
    average : share of the old mean that stays in a step where an exponential moving average of the weights is the result;
        0: the last weights are. After t steps at most (1 + t) / (10 + t) stays, so that the first weights are soon forgotten.
    patience : epochs in which the held-out rows are judged no better until training stops; None: never. With held-out rows the
        best epoch's weights are the result.
    distil, students : price of leaving what the mean of the last `students` weights says; see distillation.py.
    precision : of the forward pass on the device; float16 scales the loss; auto: bfloat16 on a GPU that has it, else float32.
    """

    epochs: int = 10
    batch_size: int | None = 64
    accumulate: int = 1
    optimiser: Optimiser = "adamw"
    rate: float = 1e-3
    momentum: float = 0.9
    decay: float = 0.01
    l1: float = 0.0
    rate_of: tuple[tuple[str, float], ...] = ()
    schedule: Schedule = "constant"
    warmup: float = 0.0
    clip: float | None = None
    input_noise: float = 0.0
    weight_noise: float = 0.0
    average: float = 0.0
    patience: int | None = None
    distil: float = 0.0
    students: int = 1
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        ranges.whole("epochs", self.epochs, 1)
        ranges.whole("batch_size", self.batch_size, 1, or_none=True)
        ranges.whole("accumulate", self.accumulate, 1)
        ranges.whole("students", self.students, 1)
        ranges.whole("patience", self.patience, 1, or_none=True)
        ranges.number("rate", self.rate, 0, open_low=True)
        ranges.number("clip", self.clip, 0, open_low=True, or_none=True)
        for name in ("momentum", "average"):
            ranges.number(name, getattr(self, name), 0, MOST_AVERAGE)
        ranges.number("warmup", self.warmup, 0, 1)
        for name in ("decay", "l1", "input_noise", "weight_noise", "distil"):
            ranges.number(name, getattr(self, name), 0)
        for start, factor in self.rate_of:
            ranges.number(f"the rate of {start!r}", factor, 0)
        for name, known in WORDS.items():
            ranges.one_of(name, getattr(self, name), known)
