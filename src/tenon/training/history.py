"""What a training tells when it is over: its curves, the epoch that was kept, and why it stopped."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class History:
    """Curves by step and by epoch. All lists grow while training goes on; they are part of a checkpoint."""

    loss: list[float] = field(default_factory=list)  # of each step's rows, before the step, penalties left out
    norm: list[float] = field(default_factory=list)  # of each step's gradient, before it is clipped
    rate: list[float] = field(default_factory=list)  # of each step, of the first group
    held_out: list[float] = field(default_factory=list)  # mean loss of the held-out rows after each epoch
    best_epoch: int | None = None  # from 0; None without held-out rows
    stopped: str = ""  # why it ended before its last epoch
    before: "dict[str, History]" = field(default_factory=dict)  # trainings that it went on from, in turn, by what learnt in them
    judged: list[float] = field(default_factory=list)  # what chose the epoch, the least, if not that loss

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def brief(self) -> dict[str, Any]:
        """Return the same with figures of six digits, for a file that is kept."""
        short = {name: [float(f"{x:.6g}") for x in value] for name, value in vars(self).items() if isinstance(value, list)}
        return vars(self) | short | {"before": {name: history.brief() for name, history in self.before.items()}}
