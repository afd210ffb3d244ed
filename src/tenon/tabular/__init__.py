"""Methods that work on one matrix: baseline, naive Bayes, neighbours, linear models, support vector machines."""

from tenon.tabular.methods import METHODS

__all__ = ["METHODS"]
