"""Batches of marked rows by hand, and through the loop that trains every network."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tenon.text import BertConfig  # noqa: E402
from tenon.text.bert import Bert  # noqa: E402
from tenon.text.bert_heads import BertForTexts  # noqa: E402
from tenon.text.fine_tuning import RECIPE, layer_rates  # noqa: E402
from tenon.text.marked import Marked  # noqa: E402
from tenon.text.marked_rows import MarkedRows  # noqa: E402
from tenon.training.loop import train  # noqa: E402
from tenon.training.optimisers import make_optimiser  # noqa: E402

CPU = torch.device("cpu")
SMALL = BertConfig(vocab_size=20, d_model=16, n_layers=3, n_heads=2, d_hidden=32, n_positions=12)


def row(*ids, second=0):
    """Marked tokens, the last `second` of which are of another text."""
    segments = [0] * (len(ids) - second) + [1] * second
    return Marked(np.array(ids), np.array(segments), np.zeros((len(ids), 2), np.int64))


def test_rows_are_padded_to_the_longest_of_their_batch():
    rows = MarkedRows([row(2, 5, 3), row(2, 6, 3, 7, 3, second=2), row(2, 8, 3)], torch.tensor([1.0, 2.0, 3.0]), pad=9)
    assert rows.lengths.tolist() == [3, 5, 3]
    (ids, mask, segments), targets = rows.batch(torch.tensor([1, 0]), CPU)
    assert ids.tolist() == [[2, 6, 3, 7, 3], [2, 5, 3, 9, 9]]
    assert mask.tolist() == [[True] * 5, [True] * 3 + [False] * 2]
    assert segments.tolist() == [[0, 0, 0, 1, 1], [0] * 5]
    assert targets.tolist() == [2.0, 1.0]
    ids, mask, segments = rows.inputs(torch.tensor([2, 0]), CPU)
    assert ids.tolist() == [[2, 8, 3], [2, 5, 3]]
    assert mask is None


def test_the_loop_trains_a_bert_on_them():
    """The class is whether a row holds token 7, wherever: nothing that a bag of first tokens could tell."""
    chance = np.random.default_rng(0)
    texts = [chance.integers(4, 20, chance.integers(1, 9)) for _ in range(240)]
    classes = torch.tensor([int(7 in text) for text in texts])
    rows = MarkedRows([row(2, *text, 3) for text in texts], classes, pad=0)
    torch.manual_seed(0)
    net = BertForTexts(Bert(SMALL), 2)
    recipe = type(RECIPE)(
        epochs=25, batch_size=16, rate=3e-3, schedule="linear", warmup=0.1, clip=1.0, rate_of=layer_rates(SMALL)
    )
    train(net, rows, torch.nn.functional.cross_entropy, recipe)
    net.eval()
    with torch.no_grad():
        found = net(*rows.inputs(torch.arange(240), CPU)).argmax(dim=1)
    assert (found == classes).float().mean() > 0.97 > classes.float().mean()


@pytest.mark.mission("D9")
def test_lower_layers_learn_more_slowly_and_biases_and_norms_are_not_decayed():
    """Groups against each parameter's own name and the formula of the paper, 0.9^(layers above it)."""
    config = BertConfig(vocab_size=20, d_model=4, n_layers=12, n_heads=1, d_hidden=4, n_positions=12)
    net = BertForTexts(Bert(config), 2)
    recipe = type(RECIPE)(rate=2e-5, decay=0.01, rate_of=layer_rates(config, 0.9))
    found = {parameter: group for group in make_optimiser(net, recipe).param_groups for parameter in group["params"]}
    for name, parameter in net.named_parameters():
        above = 12 if "embedding" in name else 11 - int(name.split(".")[3]) if "layers" in name else 0
        assert found[parameter]["lr"] == pytest.approx(2e-5 * 0.9**above), name
        assert found[parameter]["weight_decay"] == (0.0 if "bias" in name or "norm" in name else 0.01), name
    assert len(found) == len(list(net.parameters()))
