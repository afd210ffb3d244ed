"""The conditional random field against a sum over every path, written out; its gradients; constraints; padding."""

import math
from itertools import product

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tenon.text.crf import CRF  # noqa: E402
from tenon.text.tags import transitions  # noqa: E402

BIO = ["B-L", "B-P", "I-L", "I-P", "O"]
FREE = ["a", "b", "c"]
LENGTHS = [4, 1, 3]


def field(tags: list[str], seed: int) -> tuple[CRF, torch.Tensor, torch.Tensor]:
    """A field with scores by chance, emissions (3, 4, K) in double precision, and which are real."""
    crf = CRF(*transitions(tags)).double()
    generator = torch.Generator().manual_seed(seed)
    for weights in crf.parameters():
        weights.data = 2 * torch.randn(weights.shape, generator=generator, dtype=torch.float64)
    emissions = 3 * torch.randn(3, 4, len(tags), generator=generator, dtype=torch.float64)
    return crf, emissions, torch.arange(4) < torch.tensor(LENGTHS)[:, None]


def path_scores(crf: CRF, tags: list[str], emissions: np.ndarray) -> dict[tuple[int, ...], float]:
    """The score of every path that the scheme allows, of one sentence (T, K)."""
    follows, begins = transitions(tags)
    start, end, move = (weights.detach().numpy() for weights in (crf.start, crf.end, crf.transition))
    scores = {}
    for path in product(range(len(tags)), repeat=len(emissions)):
        steps = list(zip(path, path[1:], strict=False))
        if begins[path[0]] and all(follows[step] for step in steps):
            scores[path] = start[path[0]] + end[path[-1]] + sum(move[step] for step in steps)
            scores[path] += sum(emissions[t, tag] for t, tag in enumerate(path))
    return scores


@pytest.mark.parametrize("tags", [BIO, FREE, ["O"]], ids=["bio", "free", "one"])
@pytest.mark.parametrize("seed", range(3))
def test_sums_best_paths_and_marginals_are_those_over_all_paths(tags, seed):
    crf, emissions, is_real = field(tags, seed)
    alpha, beta = crf.forward_scores(emissions, is_real), crf.backward_scores(emissions, is_real)
    log_z, best, marginals = crf.log_partition(alpha), crf.best_path(emissions, is_real), crf.marginals(alpha, beta)
    for i, n in enumerate(LENGTHS):
        scores = path_scores(crf, tags, emissions[i, :n].numpy())
        whole = np.logaddexp.reduce(list(scores.values()))
        assert log_z[i].item() == pytest.approx(whole, abs=1e-9)
        assert tuple(best[i, :n].tolist()) == max(scores, key=lambda path: scores[path])
        shares = np.zeros((n, len(tags)))
        for path, score in scores.items():
            shares[range(n), path] += np.exp(score - whole)
        assert marginals[i, :n].detach().numpy() == pytest.approx(shares, abs=1e-9)


def test_the_likelihood_is_the_share_of_the_path_whatever_stands_on_padding():
    crf, emissions, is_real = field(BIO, 0)
    tags = torch.tensor([[1, 3, 4, 0], [4, -1, -1, -1], [0, 2, 2, 99]])
    found = crf.log_likelihood(emissions, tags, is_real)
    for i, n in enumerate(LENGTHS):
        scores = path_scores(crf, BIO, emissions[i, :n].numpy())
        asked = tuple(tags[i, :n].tolist())
        assert found[i].item() == pytest.approx(scores[asked] - np.logaddexp.reduce(list(scores.values())), abs=1e-9)
    assert crf.log_likelihood(emissions, torch.full((3, 4), 3), is_real).tolist() == [-np.inf] * 3  # I-P first


def test_gradients_are_those_of_small_steps():
    crf, emissions, is_real = field(BIO, 1)
    tags = torch.tensor([[1, 3, 4, 0], [4, 0, 0, 0], [0, 2, 2, 0]])

    def likelihood(emissions, transition, start, end):
        weights = {"transition": transition, "start": start, "end": end}
        return torch.func.functional_call(
            Likelihood(crf), {f"crf.{name}": value for name, value in weights.items()}, (emissions, tags, is_real)
        )

    inputs = (emissions, crf.transition, crf.start, crf.end)
    assert torch.autograd.gradcheck(likelihood, [one.detach().clone().requires_grad_() for one in inputs])


class Likelihood(torch.nn.Module):
    def __init__(self, crf: CRF):
        super().__init__()
        self.crf = crf

    def forward(self, *inputs):
        return self.crf.log_likelihood(*inputs)


@pytest.mark.parametrize("tags", [[1, 3], [1], [1, 3, 3, 3], [0, 2]])
@pytest.mark.parametrize("begin", [0, 1, 2])
def test_a_stretch_has_the_probability_of_all_paths_through_it(tags, begin):
    crf, emissions, is_real = field(BIO, 2)
    if begin + len(tags) > 4:
        tags = tags[: 4 - begin]
    alpha, beta = crf.forward_scores(emissions, is_real)[0], crf.backward_scores(emissions, is_real)[0]
    goes_on = torch.tensor([tag[2:] == BIO[tags[0]][2:] and tag.startswith("I-") for tag in BIO])
    found = crf.stretch_probability(emissions[0], alpha, beta, torch.tensor(tags), begin, ~goes_on)
    scores = path_scores(crf, BIO, emissions[0].numpy())
    end = begin + len(tags)
    through = [
        score for path, score in scores.items()
        if path[begin:end] == tuple(tags) and (end == 4 or not goes_on[path[end]])
    ]  # fmt: skip
    assert found.item() == pytest.approx(
        np.exp(np.logaddexp.reduce(through) - np.logaddexp.reduce(list(scores.values()))), abs=1e-9
    )


def test_no_emission_is_strong_enough_for_a_forbidden_step():
    crf, emissions, is_real = field(BIO, 0)
    emissions[:, :, 3] += 1e6  # I-P everywhere
    path = crf.best_path(emissions, is_real)
    assert path[0].tolist() == [1, 3, 3, 3]
    assert path[1, 0] != 3
    assert torch.isfinite(crf.log_partition(crf.forward_scores(emissions, is_real))).all()


def test_long_sentences_lose_no_digits():
    """Two thousand tokens that say nothing: every path is as likely as another, so the sum counts them."""
    crf = CRF(*transitions(BIO)).double()
    emissions, is_real = torch.zeros(1, 2000, 5, dtype=torch.float64), torch.ones(1, 2000).bool()
    alpha, beta = crf.forward_scores(emissions, is_real), crf.backward_scores(emissions, is_real)
    assert crf.marginals(alpha, beta).sum(dim=2).detach().numpy() == pytest.approx(np.ones((1, 2000)), abs=1e-9)
    paths = np.array([1, 1, 0, 0, 1], object)  # whole numbers without end
    for _ in range(1999):
        paths = np.array([paths.sum(), paths.sum(), paths[0] + paths[2], paths[1] + paths[3], paths.sum()], object)
    n = int(paths.sum())
    assert crf.log_partition(alpha).item() == pytest.approx(math.log(n), rel=1e-12)
