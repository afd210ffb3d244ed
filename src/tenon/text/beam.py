"""Beam search: the likeliest text of a network that tells how likely each next token is, among the few kept at each length.

A text that ends leaves the beam (Sutskever, Vinyals & Le 2014, section 3.2), and of all that ended the one with the largest
log p / length^power is the answer: without the division short texts would win, as every token costs (Wu et al. 2016,
arXiv:1609.08144, section 7, with the length itself for their (5 + length) / 6). A beam of one is greedy search; one that holds
all texts is exhaustive.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

State = tuple[Tensor, ...]  # each (B, width, …)
Step = Callable[[Tensor, State], tuple[Tensor, State]]  # (last tokens (B, width), state) -> log p (B, width, V), state


@dataclass(frozen=True)
class Beam:
    """width : texts kept of each row; longest : most tokens of a text, its end not counted; power : of the length."""

    width: int = 5
    longest: int = 50
    power: float = 1.0


@torch.no_grad()
def beam_search(step: Step, state: State, end: int, beam: Beam) -> list[list[int]]:
    """Return the ids of the best text of each row, without its end; `end` is also what is read first.

    state : as the network starts, each part (B, …).
    """
    n_rows, device = len(state[0]), state[0].device
    state = tuple(part[:, None].expand(-1, beam.width, *part.shape[1:]) for part in state)
    last = torch.full((n_rows, beam.width), end, device=device)
    said = last[:, :, None][:, :, :0]
    scores = torch.full((n_rows, beam.width), -math.inf, device=device)
    scores[:, 0] = 0.0  # all start alike, so only one counts
    best = torch.full((n_rows,), -math.inf, device=device)
    ids: list[list[int]] = [[] for _ in range(n_rows)]
    for length in range(1, beam.longest + 2):
        log_p, state = step(last, state)
        if length > beam.longest:
            log_p = _ended(log_p, end)
        scores, parent, last = _picked(scores, log_p)
        state = tuple(_of_parents(part, parent) for part in state)
        said = torch.cat([_of_parents(said, parent), last[:, :, None]], dim=2)
        finished = (scores / length**beam.power).masked_fill(last != end, -math.inf)
        value, place = finished.max(dim=1)
        for row in (value > best).nonzero()[:, 0].tolist():
            ids[row] = said[row, place[row], :-1].tolist()
        best = torch.maximum(best, value)
        scores = scores.masked_fill(last == end, -math.inf)
        if (scores.amax(dim=1) / (beam.longest + 1) ** beam.power <= best).all():
            break  # what goes on becomes less likely with each token, and can be divided by no more than that
    return ids


def _ended(log_p: Tensor, end: int) -> Tensor:
    """Return the same where nothing but the end may come."""
    only = torch.full_like(log_p, -math.inf)
    only[:, :, end] = log_p[:, :, end]
    return only


def _picked(scores: Tensor, log_p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the best continuations of each row: their scores, which text each goes on from, and its token; (B, width) each."""
    n_rows, width, n_tokens = log_p.shape
    scores, picked = (scores[:, :, None] + log_p).flatten(1).topk(width)
    return scores, picked // n_tokens, picked % n_tokens


def _of_parents(part: Tensor, parent: Tensor) -> Tensor:
    return part[torch.arange(len(part), device=part.device)[:, None], parent]
