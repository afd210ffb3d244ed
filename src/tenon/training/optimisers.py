"""Optimisers by name, and which parameters they treat alike.

Biases, and gains of normalisations, are not decayed: they do not make a function more complex (Goodfellow et al. 2016, section
7.1). Every rule is PyTorch's; its page gives the paper.
"""

from collections.abc import Iterator

from torch import nn, optim

from tenon.training.recipe import Recipe

MANY = 10_000_000  # weights, from which on Adam steps in one pass over them; else a fifth or more of fine-tuning went there


def make_optimiser(net: nn.Module, recipe: Recipe) -> optim.Optimizer:
    """Return the recipe's optimiser of the net's parameters. Each group has `full_rate`, what the schedule's factor is of.

    Parameters whose rate is 0 are frozen: they take no gradient and stand in no group.
    """
    groups = list(_groups(net, recipe))
    if recipe.optimiser == "sgd":
        return optim.SGD(groups)
    if recipe.optimiser == "momentum":
        return optim.SGD(groups, momentum=recipe.momentum)
    if recipe.optimiser in ("adam", "adamw"):
        n_weights = sum(parameter.numel() for group in groups for parameter in group["params"])
        return (optim.Adam if recipe.optimiser == "adam" else optim.AdamW)(groups, fused=True if n_weights >= MANY else None)
    return {"adagrad": optim.Adagrad, "rmsprop": optim.RMSprop}[recipe.optimiser](groups)


def set_rates(optimiser: optim.Optimizer, factor: float) -> None:
    """Set the rate of every group to so many times its full rate."""
    for group in optimiser.param_groups:
        group["lr"] = factor * group["full_rate"]


def _groups(net: nn.Module, recipe: Recipe) -> Iterator[dict]:
    found: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        factor = _factor_of(name, recipe)
        parameter.requires_grad_(parameter.requires_grad and factor > 0)
        if parameter.requires_grad:
            decay = recipe.decay if parameter.ndim > 1 else 0.0
            found.setdefault((factor, decay), []).append(parameter)
    for (factor, decay), parameters in found.items():
        rate = factor * recipe.rate
        yield {"params": parameters, "lr": rate, "full_rate": rate, "weight_decay": decay}


def _factor_of(name: str, recipe: Recipe) -> float:
    fitting = [(len(start), factor) for start, factor in recipe.rate_of if name.startswith(start)]
    return max(fitting)[1] if fitting else 1.0
