"""The network that translates: padding, attention by hand, and a decoder that says step by step what it says at once."""

import pytest

torch = pytest.importorskip("torch")

from tenon.nn.attention import attention_weights  # noqa: E402
from tenon.nn.recurrent import last_states  # noqa: E402
from tenon.text.embedding import Embedding  # noqa: E402
from tenon.text.encoder_decoder import EncoderDecoder  # noqa: E402

EVERY = [(attention, kind) for attention in ("additive", "dot", None) for kind in ("gru", "lstm")]


def net_of(attention, kind="gru", n_layers=1):
    torch.manual_seed(3)
    return EncoderDecoder(Embedding(9, 6), Embedding(8, 5), attention, kind, d_hidden=7, n_layers=n_layers).eval()


SOURCE, LENGTHS, READ = torch.tensor([[2, 3, 4, 5], [6, 7, 0, 0]]), torch.tensor([4, 2]), torch.tensor([[7, 2, 3], [7, 4, 5]])


@pytest.mark.parametrize(("attention", "kind"), EVERY)
@torch.no_grad()
def test_padding_changes_nothing(attention, kind):
    """Six digits: products of other shapes are summed in another order."""
    net = net_of(attention, kind, n_layers=2)
    together = net(SOURCE, LENGTHS, READ)
    assert together.shape == (2, 3, 8)
    torch.testing.assert_close(net(SOURCE[1:, :2], LENGTHS[1:], READ[1:]), together[1:], rtol=1e-5, atol=1e-6)
    filled = SOURCE.masked_fill(SOURCE == 0, 8)  # whatever stands behind a text
    torch.testing.assert_close(net(filled, LENGTHS, READ), together, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("attention", "kind"), EVERY)
@torch.no_grad()
def test_step_by_step_is_as_at_once(attention, kind):
    net = net_of(attention, kind, n_layers=2)
    memory = net.encode(SOURCE, LENGTHS)
    state, said = net.start(memory), []
    for last in READ.split(1, dim=1):
        outputs, state = net.read(last, state)
        said.append(net.say(outputs, memory)[0])
    torch.testing.assert_close(torch.cat(said, dim=1), net(SOURCE, LENGTHS, READ), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("attention", ["additive", "dot"])
@torch.no_grad()
def test_weights_sum_to_one_over_the_source_and_are_those_of_the_score(attention):
    net = net_of(attention)
    memory = net.encode(SOURCE, LENGTHS)
    outputs, _ = net.read(READ, net.start(memory))
    weights = net.say(outputs, memory)[1]
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(2, 3))
    assert (weights[1, :, 2:] == 0).all()
    query, keys = net.attention.query(outputs[0]), net.attention.key(memory.states[0])
    scores = query @ keys.T
    if attention == "additive":
        score = net.attention.score
        scores = torch.stack([score.out(torch.tanh(score.query(query) + score.key(key)))[:, 0] for key in keys], dim=1)
    torch.testing.assert_close(weights[0], attention_weights(scores), rtol=1e-5, atol=1e-6)


@torch.no_grad()
def test_without_attention_the_last_states_are_all_that_is_known():
    net = net_of(None)
    memory = net.encode(SOURCE, LENGTHS)
    states = net.encoder(net.source(SOURCE), LENGTHS)
    torch.testing.assert_close(memory.last, torch.stack([
        torch.cat([states[0, 3, :7], states[0, 0, 7:]]), torch.cat([states[1, 1, :7], states[1, 0, 7:]]),
    ]))  # fmt: skip
    torch.testing.assert_close(memory.last, last_states(states, LENGTHS))
    assert net.say(net.read(READ, net.start(memory))[0], memory)[1] is None
