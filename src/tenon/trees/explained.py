"""What all estimators of trees share for those who ask why they answer so."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenon.trees.treeshap import Contributions


class Explained:
    """Adds contributions(X)."""

    def contributions(self, X: Any) -> "Contributions":
        """Return by how much each column moves the answers for the rows of X away from the mean answer: exact Shapley values."""
        from tenon.trees.treeshap import contributions

        return contributions(self, X)
