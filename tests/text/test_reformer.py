"""A Reformer's layers against transformers': answers and gradients of the same weights and directions."""

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tenon.nn.transformer import LayerShape  # noqa: E402
from tenon.text.reformer import ReformerEncoder  # noqa: E402

C, H, N_LAYERS, CHUNK, N_ROUNDS, N_BUCKETS, SEED = 12, 3, 2, 8, 2, 4, 5


def pair():
    torch.manual_seed(0)
    config = transformers.ReformerConfig(
        hidden_size=C, num_attention_heads=H, attention_head_size=C // H, attn_layers=["lsh"] * N_LAYERS, feed_forward_size=20,
        num_buckets=N_BUCKETS, num_hashes=N_ROUNDS, lsh_attn_chunk_length=CHUNK, hash_seed=SEED, is_decoder=False,
        hidden_act="gelu", layer_norm_eps=1e-6, axial_pos_embds=False, hidden_dropout_prob=0.0,
        lsh_attention_probs_dropout_prob=0.0, vocab_size=9,
    )  # fmt: skip
    theirs = transformers.ReformerModel(config).encoder.double()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    shape = LayerShape(C, H, 20, "gelu", "pre", 1e-6, 0.0, 0.0)
    ours = ReformerEncoder(N_LAYERS, shape, N_BUCKETS, N_ROUNDS, CHUNK).double()
    ours.norm.load_state_dict(theirs.layer_norm.state_dict())
    for alike, thought, peer in zip(ours.layers.firsts, ours.layers.seconds, theirs.layers, strict=True):
        alike.norm.load_state_dict(peer.attention.layer_norm.state_dict())
        alike.attention.query_key.load_state_dict(peer.attention.self_attention.query_key.state_dict())
        alike.attention.value.load_state_dict(peer.attention.self_attention.value.state_dict())
        alike.attention.out.load_state_dict(peer.attention.output.dense.state_dict())
        torch.manual_seed(SEED)
        alike.attention.rotations = torch.randn(alike.attention.rotations.shape, dtype=torch.float64)
        thought[0].load_state_dict(peer.feed_forward.layer_norm.state_dict())
        thought[1].load_state_dict(peer.feed_forward.dense.dense.state_dict())
        thought[4].load_state_dict(peer.feed_forward.output.dense.state_dict())
    return theirs, ours


def test_layers_answer_and_learn_as_those_of_transformers():
    theirs, ours = pair()
    x = torch.randn(2, 40, C, dtype=torch.float64)
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    expected, found = theirs(inputs[0]).hidden_states, ours(inputs[1], torch.tensor([40, 40]))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-9)
    for said in (expected, found):
        said.square().sum().backward()
    torch.testing.assert_close(inputs[1].grad, inputs[0].grad, rtol=0, atol=1e-8)
    alike, thought = ours.layers.firsts[0], ours.layers.seconds[0]
    peer = theirs.layers[0]
    for own, other in (
        (alike.attention.query_key.weight, peer.attention.self_attention.query_key.weight),
        (thought[4].bias, peer.feed_forward.output.dense.bias),
    ):
        torch.testing.assert_close(own.grad, other.grad, rtol=0, atol=1e-8)
