"""The learning rate over a training, as a factor of the recipe's rate.

constant; step: divided by 10 after half and after three quarters of the steps (He et al. 2015, section 4.2); cosine: half a wave
down to 0 (Loshchilov & Hutter 2017, eq. 5, one cycle); linear: straight down to 0 (Devlin et al. 2019, appendix A.2). Each after
a warm-up in which the rate rises in a straight line (Goyal et al. 2017, section 2.2).
"""

import math

from tenon.training.recipe import Schedule

STEPS = ((0.75, 0.01), (0.5, 0.1))  # share of the training from which on the rate has this factor


def rate_factor(schedule: Schedule, warmup: float, step: int, n_steps: int) -> float:
    """Return the factor of step 0 … n_steps - 1."""
    n_warm = round(warmup * n_steps)
    if step < n_warm:
        return (step + 1) / n_warm
    done = (step - n_warm) / max(1, n_steps - n_warm)
    if schedule == "cosine":
        return 0.5 * (1.0 + math.cos(math.pi * done))
    if schedule == "linear":
        return 1.0 - done
    if schedule == "step":
        return next((factor for start, factor in STEPS if done >= start), 1.0)
    return 1.0
