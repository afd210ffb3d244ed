"""Training networks: one loop for all of them, and what it is made of."""

from typing import TYPE_CHECKING

from tenon.lazy import exports

if TYPE_CHECKING:
    from tenon.training.history import History
    from tenon.training.loop import train
    from tenon.training.recipe import Recipe
    from tenon.training.rows import Rows, TensorRows

_WHERE = {"History": "history", "Recipe": "recipe", "Rows": "rows", "TensorRows": "rows", "train": "loop"}
__all__ = ["History", "Recipe", "Rows", "TensorRows", "train"]
__getattr__, __dir__ = exports(__name__, _WHERE)
