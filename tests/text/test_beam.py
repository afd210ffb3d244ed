"""Beam search against all texts and against the likeliest token at each place, of small random machines."""

import math
from itertools import product

import pytest

torch = pytest.importorskip("torch")

from tenon.text.beam import Beam, beam_search  # noqa: E402

END = 0


def machine(seed, n_tokens=4):
    """A step whose log p depends on the last two tokens and the row; state: the row, and the token before the last."""
    table = torch.randn(3, n_tokens, n_tokens, n_tokens, generator=torch.Generator().manual_seed(seed)).log_softmax(dim=-1)

    def step(last, state):
        row, before = state
        return table[row, before, last], (row, last)

    return table, step


def start(rows):
    return torch.tensor(rows), torch.full((len(rows),), END)


def cost(table, row, text):
    before, last, total = END, END, 0.0
    for token in text:
        total, before, last = total + float(table[row, before, last, token]), last, token
    return total


@pytest.mark.mission("F7")
@pytest.mark.parametrize("power", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_beam_that_holds_everything_is_exhaustive(seed, power):
    table, step = machine(seed)
    found = beam_search(step, start([0, 1, 2]), END, Beam(width=100, longest=3, power=power))
    for row in range(3):
        texts = [(*text, END) for n in range(4) for text in product([1, 2, 3], repeat=n)]
        best = max(texts, key=lambda text: cost(table, row, text) / len(text) ** power)
        assert (*found[row], END) == best


@pytest.mark.parametrize("seed", range(5))
def test_a_beam_of_one_is_greedy(seed):
    table, step = machine(seed)
    for row, said in enumerate(beam_search(step, start([0, 1, 2]), END, Beam(width=1, longest=6))):
        before, last, expected = END, END, []
        while len(expected) < 6 and (token := int(table[row, before, last].argmax())) != END:
            expected.append(token)
            before, last = last, token
        assert said == expected


@pytest.mark.parametrize("width", [1, 2, 3])
def test_rows_do_not_disturb_one_another(width):
    _, step = machine(11)
    rows = [2, 0, 1, 1, 0]
    together = beam_search(step, start(rows), END, Beam(width, 5))
    assert together == [beam_search(step, start([row]), END, Beam(width, 5))[0] for row in rows]


def test_a_wider_beam_finds_what_begins_unlikely():
    """ "1 1" is likelier at first, "2" in the end: .4 against .6 · .5 · .6."""
    p = {(): [0.0, 0.6, 0.4], (1,): [0.0, 0.5, 0.5], (2,): [1.0, 0.0, 0.0]}

    def step(last, state):
        rows = [[p[()] if a == 0 else p[(a,)] if b == 0 else [0.6, 0.2, 0.2] for a, b in one]
                for one in torch.stack([last, state[0]], dim=2).tolist()]  # fmt: skip
        return torch.tensor(rows).log(), (last,)

    for width, expected in ((1, [1, 1]), (2, [2])):
        assert beam_search(step, (torch.zeros(1, dtype=torch.int64),), END, Beam(width, 5, power=0.0)) == [expected]


def test_a_text_ends_at_the_longest_length():
    def step(last, state):
        return torch.tensor([-math.inf, 0.0]).expand(*last.shape, 2).clone().index_fill(2, torch.tensor([0]), -5.0), state

    assert beam_search(step, (torch.zeros(2, 1),), END, Beam(2, longest=4, power=0.0)) == [[], []]  # -5 at once, as at any length
    assert beam_search(step, (torch.zeros(2, 1),), END, Beam(1, longest=4)) == [[1] * 4, [1] * 4]
