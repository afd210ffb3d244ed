"""The Bayesian line: where the true difference lies, against a region of practical equivalence (Benavoli et al. 2017).

The posterior is Student's t about the observed difference with the standard error of the board test, so that both
answers rest on one variance and cannot disagree. Below about 1,000 rows it is overconfident by some 0.05 (flat prior).
"""

from dataclasses import dataclass

from tenon.metrics.student import below

SURE = 0.95  # posterior probability that "same" takes


@dataclass(frozen=True)
class Posterior:
    """Probabilities that the true difference is below -rope, within it, above it; they sum to 1."""

    worse: float
    same: float
    better: float


def posterior(difference: float, scale: float, nu: float, rope: float) -> Posterior:
    """Return the posterior of a difference: t with nu degrees of freedom at `difference` with this scale.

    difference, scale, rope : in one unit; a positive difference is in favour. scale 0: all mass at the difference.
    """
    if not scale > 0:
        worse, better = float(difference < -rope), float(difference > rope)
    else:
        worse = float(below((-rope - difference) / scale, nu))
        better = float(below((difference - rope) / scale, nu))
    return Posterior(worse, max(0.0, 1.0 - worse - better), better)


def word(difference: float, told_apart: bool, beliefs: Posterior) -> str:
    """Return the word for a method that is `difference` better than another (worse where negative)."""
    if not told_apart:
        return "same" if beliefs.same >= SURE else "cannot tell"
    likely = beliefs.better if difference > 0 else beliefs.worse
    if likely < 0.5:
        return "small difference"
    return "better" if difference > 0 else "worse"
