"""A Transformer that translates: as torch's, padding, steps from what is kept, beams, and what each token was said by."""

import pytest

torch = pytest.importorskip("torch")

from tests.nn.test_transformer import copied  # noqa: E402
from torch import nn  # noqa: E402

from tenon.text.beam import Beam, beam_search  # noqa: E402
from tenon.text.embedding import Embedding  # noqa: E402
from tenon.text.transformer_translation import TransformerTranslation  # noqa: E402

SOURCE, LENGTHS, READ = torch.tensor([[2, 3, 4, 5], [6, 7, 0, 0]]), torch.tensor([4, 2]), torch.tensor([[7, 2, 3], [7, 4, 5]])
NORMS = pytest.mark.parametrize("norm", ["pre", "post"])


def net_of(norm="pre", n_layers=2):
    torch.manual_seed(3)
    return TransformerTranslation(Embedding(9, 6), Embedding(8, 5), n_layers, 2, norm).double().eval()


def of_torch(ours, norm):
    """Stacks of PyTorch's with the weights of ours."""
    shape = {"nhead": 2, "dim_feedforward": 256, "dropout": 0.0, "activation": "gelu", "norm_first": norm == "pre"}
    shape |= {"batch_first": True, "dtype": torch.float64}
    norms = [net.norm if norm == "pre" else None for net in (ours.encoder, ours.decoder)]
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(64, **shape), 2, norms[0], enable_nested_tensor=False)
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(64, **shape), 2, norms[1])
    for layer, theirs in zip(ours.encoder.layers, encoder.layers, strict=True):
        copied(layer, theirs, {"self_attn": layer.attention})
    for layer, theirs in zip(ours.decoder.layers, decoder.layers, strict=True):
        copied(layer, theirs, {"self_attn": layer.attention, "multihead_attn": layer.cross})
    return encoder.eval(), decoder.eval()


@pytest.mark.mission("G4")
@NORMS
@torch.no_grad()
def test_logits_are_those_of_torch(norm):
    ours = net_of(norm)
    encoder, decoder = of_torch(ours, norm)
    padding, later = torch.arange(4) >= LENGTHS[:, None], torch.ones(3, 3, dtype=torch.bool).triu(1)
    memory = encoder(ours.read_tokens(SOURCE), src_key_padding_mask=padding)
    states = decoder(ours.said_tokens(READ), memory, tgt_mask=later, memory_key_padding_mask=padding)
    vectors = ours.said_tokens.embedding.vectors.weight
    expected = (states @ ours.narrow.weight.T + ours.narrow.bias) @ vectors.T + ours.bias
    torch.testing.assert_close(ours(SOURCE, LENGTHS, READ), expected, atol=1e-10, rtol=1e-10)


@NORMS
@torch.no_grad()
def test_padding_changes_nothing(norm):
    net = net_of(norm)
    together = net(SOURCE, LENGTHS, READ)
    torch.testing.assert_close(net(SOURCE[1:, :2], LENGTHS[1:], READ[1:]), together[1:])
    torch.testing.assert_close(net(SOURCE.masked_fill(SOURCE == 0, 8), LENGTHS, READ), together)


@NORMS
@torch.no_grad()
def test_step_by_step_from_what_is_kept_is_as_at_once(norm):
    """Two texts of each row at a time, which read different tokens."""
    net, other = net_of(norm), READ.flip(1)
    memory = net.encode(SOURCE, LENGTHS)
    state, said = tuple(part[:, None].expand(-1, 2, *part.shape[1:]) for part in net.start(memory)), []
    for i in range(3):
        logits, state = net.step(torch.stack([READ[:, i], other[:, i]], dim=1), state, memory)
        said.append(logits)
    both = torch.stack(said, dim=2)
    torch.testing.assert_close(both[:, 0], net(SOURCE, LENGTHS, READ))
    torch.testing.assert_close(both[:, 1], net(SOURCE, LENGTHS, other))
    assert [part.shape for part in state] == [(2, 2, 2, 3, 32)] * 4  # keys and values of 2 layers, of 3 tokens each


@torch.no_grad()
def test_a_beam_finds_what_a_search_that_keeps_nothing_finds():
    net, end = net_of(), 7
    memory = net.encode(SOURCE, LENGTHS)

    def kept(last, state):
        logits, state = net.step(last, state, memory)
        return logits.log_softmax(dim=2), state

    def anew(last, state):
        read = torch.cat([state[0], last[:, :, None]], dim=2)
        logits = [net(SOURCE, LENGTHS, read[:, i])[:, -1] for i in range(read.shape[1])]
        return torch.stack(logits, dim=1).log_softmax(dim=2), (read,)

    beam = Beam(3, 5, 1.0)
    found = beam_search(kept, net.start(memory), end, beam)
    assert found == beam_search(anew, (torch.zeros(2, 0, dtype=torch.int64),), end, beam)
    assert any(found)


@torch.no_grad()
def test_what_tokens_looked_at_is_the_mean_over_layers_and_heads_of_torchs_weights():
    net = net_of()
    _, decoder = of_torch(net, "pre")
    memory, later = net.encode(SOURCE, LENGTHS), torch.ones(3, 3, dtype=torch.bool).triu(1)
    padding = torch.arange(4) >= LENGTHS[:, None]
    states = net.encoder(net.read_tokens(SOURCE), ~padding[:, None])
    x, found = net.said_tokens(READ), []
    for layer in decoder.layers:
        asked = x + layer.self_attn(layer.norm1(x), layer.norm1(x), layer.norm1(x), attn_mask=later, need_weights=False)[0]
        found.append(layer.multihead_attn(layer.norm2(asked), states, states, key_padding_mask=padding)[1])
        x = layer(x, states, tgt_mask=later, memory_key_padding_mask=padding)
    torch.testing.assert_close(net.alignment(memory, READ), (found[0] + found[1]) / 2)


def test_every_weight_learns():
    net = net_of().train()
    net(SOURCE, LENGTHS, READ).square().sum().backward()
    for name, parameter in net.named_parameters():
        assert torch.isfinite(parameter.grad).all()
        assert parameter.grad.abs().max() > 0 or name.endswith("key.bias"), name
