"""A linear-chain conditional random field: the probability of a whole sequence of tags, given scores of each tag at each place.

Lafferty, McCallum & Pereira 2001; on top of a network: Lample et al. 2016 (arXiv:1603.01360, section 2.1). The score of a path is
the sum of its emissions, of its transitions, and of what its first and last tags get; its probability is the softmax over all
paths. All sums are of logarithms. Paths that a scheme of tags forbids have the score -inf, so they have no part in any of it.
"""

import numpy as np
import torch
from torch import Tensor, nn


class CRF(nn.Module):
    """Scores of transitions (K, K) from row to column, of first tags and of last tags, (K,); all 0 before training.

    allowed : (K, K) bool, which tag may follow which; may_start : (K,) bool, which may come first. Each tag must be within
    reach at every place but the first, as every I-X is that has its B-X.

    Below, emissions are (B, T, K) float; is_real (B, T) bool is False on padding, which stands behind the tokens, of which
    there is at least one in each row.
    """

    def __init__(self, allowed: np.ndarray, may_start: np.ndarray):
        super().__init__()
        self.transition = nn.Parameter(torch.zeros(allowed.shape))
        self.start = nn.Parameter(torch.zeros(len(may_start)))
        self.end = nn.Parameter(torch.zeros(len(may_start)))
        self.register_buffer("forbidden", torch.from_numpy(~np.asarray(allowed, bool)), persistent=False)
        self.register_buffer("forbidden_start", torch.from_numpy(~np.asarray(may_start, bool)), persistent=False)

    def steps(self) -> tuple[Tensor, Tensor]:
        """Return the scores of transitions (K, K) and of first tags (K,), -inf where forbidden."""
        return (
            self.transition.masked_fill(self.get_buffer("forbidden"), -torch.inf),
            self.start.masked_fill(self.get_buffer("forbidden_start"), -torch.inf),
        )

    def log_likelihood(self, emissions: Tensor, tags: Tensor, is_real: Tensor) -> Tensor:
        """Return the logarithm of the probability of tags (B, T) int64, (B,); padding may hold any number."""
        log_z = self.log_partition(self.forward_scores(emissions, is_real))
        return self.path_score(emissions, tags, is_real) - log_z

    def path_score(self, emissions: Tensor, tags: Tensor, is_real: Tensor) -> Tensor:
        """Return the scores (B,) of tags (B, T) int64."""
        transition, start = self.steps()
        tags = tags.where(is_real, 0)
        emitted = emissions.gather(2, tags[..., None])[..., 0]
        moved = transition[tags[:, :-1], tags[:, 1:]].where(is_real[:, 1:], 0.0)  # no product: -inf times 0 is no number
        last = tags.gather(1, is_real.sum(dim=1, keepdim=True) - 1)[:, 0]
        return emitted.where(is_real, 0.0).sum(dim=1) + moved.sum(dim=1) + start[tags[:, 0]] + self.end[last]

    def forward_scores(self, emissions: Tensor, is_real: Tensor) -> Tensor:
        """Return alpha (B, T, K): the logarithm of the sum over all paths up to the tag here; on padding the last one."""
        transition, start = self.steps()
        alpha = [start + emissions[:, 0]]
        for t in range(1, emissions.shape[1]):
            reached = torch.logsumexp(alpha[-1][:, :, None] + transition, dim=1) + emissions[:, t]
            alpha.append(reached.where(is_real[:, t, None], alpha[-1]))
        return torch.stack(alpha, dim=1)

    def backward_scores(self, emissions: Tensor, is_real: Tensor) -> Tensor:
        """Return beta (B, T, K): the logarithm of the sum over all ways on from the tag here, which itself is not counted."""
        transition, _ = self.steps()
        last = self.end.expand(len(emissions), -1)
        beta = [last]
        for t in range(emissions.shape[1] - 1, 0, -1):
            onward = torch.logsumexp(transition + (emissions[:, t] + beta[-1])[:, None, :], dim=2)
            beta.append(onward.where(is_real[:, t, None], last))
        return torch.stack(beta[::-1], dim=1)

    def log_partition(self, alpha: Tensor) -> Tensor:
        """Return the logarithm of the sum over all paths, (B,)."""
        return torch.logsumexp(alpha[:, -1] + self.end, dim=1)

    def marginals(self, alpha: Tensor, beta: Tensor) -> Tensor:
        """Return the probability of each tag at each place, (B, T, K), from forward and backward scores."""
        return (alpha + beta - self.log_partition(alpha)[:, None, None]).exp()

    def stretch_probability(
        self, emissions: Tensor, alpha: Tensor, beta: Tensor, tags: Tensor, begin: int, may_end: Tensor
    ) -> Tensor:
        """Return the probability () that one sentence, all (T, K), has the tags (m,) from token begin on and ends them there.

        may_end : (K,) bool, the tags of which one stands behind the stretch, where the sentence goes on.
        """
        transition, _ = self.steps()
        end = begin + len(tags)
        inside = transition[tags[:-1], tags[1:]].sum() + emissions[range(begin + 1, end), tags[1:]].sum()
        onward = self.end[tags[-1]]
        if end < len(emissions):
            ways = transition[tags[-1]] + emissions[end] + beta[end]
            onward = torch.logsumexp(ways.where(may_end, -torch.inf), dim=0)
        return (alpha[begin, tags[0]] + inside + onward - self.log_partition(alpha[None])[0]).exp()

    @torch.no_grad()
    def best_path(self, emissions: Tensor, is_real: Tensor) -> Tensor:
        """Return the tags (B, T) int64 of the path of the highest score (Viterbi 1967); on padding the last tag."""
        transition, start = self.steps()
        stays = torch.arange(len(start), device=emissions.device)
        best, came_from = start + emissions[:, 0], []
        for t in range(1, emissions.shape[1]):
            reached, before = (best[:, :, None] + transition).max(dim=1)
            best = (reached + emissions[:, t]).where(is_real[:, t, None], best)
            came_from.append(before.where(is_real[:, t, None], stays))
        path = [(best + self.end).argmax(dim=1)]
        for before in reversed(came_from):
            path.append(before.gather(1, path[-1][:, None])[:, 0])
        return torch.stack(path[::-1], dim=1)
