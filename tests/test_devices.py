"""Every network on a device that is not the CPU: all that it makes lies there, and it says the same."""

from copy import deepcopy
from functools import partial

import pytest

torch = pytest.importorskip("torch")

from tenon.long.pooled import BertForSegments  # noqa: E402
from tenon.nn.attention import is_real  # noqa: E402
from tenon.nn.lsh import LshAttention  # noqa: E402
from tenon.tabular.mlp_net import TableNet  # noqa: E402
from tenon.text import Bert, BertConfig, bert_heads  # noqa: E402
from tenon.text.embedding import Embedding  # noqa: E402
from tenon.text.encoder_decoder import EncoderDecoder  # noqa: E402
from tenon.text.frozen import MeanOfStates, Prototypes  # noqa: E402
from tenon.text.language_net import LanguageNet  # noqa: E402
from tenon.text.tagger_net import TaggerNet  # noqa: E402
from tenon.text.transformer_translation import TransformerTranslation  # noqa: E402
from tests.elsewhere import PLACE, Elsewhere, OnPlace, send, sent  # noqa: E402
from tests.image.nets import NETS as IMAGE_NETS  # noqa: E402
from tests.text.test_nets import IDS, LENGTHS  # noqa: E402
from tests.text.test_nets import NETS as TEXT_NETS  # noqa: E402

KINDS = {
    "bert": {}, "roberta": {"n_segments": 1}, "longformer": {"windows": (3, 2), "dilations": (1, 2)},
    "big_bird": {"block": 2, "n_random": 1}, "blockbert": {},
}  # fmt: skip
READ = torch.randint(1, 40, (3, 31), generator=torch.Generator().manual_seed(0))
ROWS = READ, is_real(torch.tensor([31, 17, 5]), 31), torch.zeros_like(READ)
ALL = READ, None, ROWS[2]
TAGS = ["B-P", "I-P", "O"]


def bert(kind="bert", **settings):
    """A small one, whose texts may have 40 tokens."""
    of_kind = {**KINDS[kind], **settings}
    shape = {"d_model": 12, "n_layers": 2, "n_heads": 2, "d_hidden": 16, "n_positions": 42, "dropout": 0.0}
    return Bert(BertConfig(kind=kind, vocab_size=40, attention_dropout=0.0, **shape, **of_kind))


def head(name, *settings, kind="bert", **of_bert):
    return getattr(bert_heads, f"BertFor{name}")(bert(kind, **of_bert), *settings)


def translated(net):
    return net(Embedding(10, 6), Embedding(10, 6))


CASES = {
    **{name: (partial(net, 3, Embedding(10, 6)), (IDS, LENGTHS)) for name, net in TEXT_NETS.items()},
    **{kind: (partial(head, "Texts", 3, kind=kind), ROWS) for kind in KINDS},
    **{f"{kind}, no padding": (partial(head, "Texts", 3, kind=kind), ALL) for kind in KINDS},
    "questions": (partial(head, "Spans", kind="longformer"), (*ROWS[:2], (torch.arange(31) > 3).long().expand(3, -1))),
    "masked": (partial(head, "Masked"), (*ROWS, READ < 20)),
    "pretraining": (partial(head, "Pretraining"), (*ROWS, READ < 20)),
    "next": (partial(head, "Next"), ROWS),
    "tags": (partial(head, "Tags", 3, kind="longformer"), ROWS),
    "writing": (partial(head, "Writing", is_causal=True), (READ,)),
    "mean of states": (lambda: MeanOfStates(bert(), Prototypes(3, 12)), ROWS[:2]),
    **{f"segments, {pool}": (lambda pool=pool: BertForSegments(bert(), pool, 2), (*rows, torch.tensor([2, 1])))
       for pool, rows in (("both", ROWS), ("attention", ALL), ("lstm", ROWS), ("votes", ALL))},
    "language": (lambda: LanguageNet(Embedding(10, 6), 5, dropout=0.0), (IDS,)),
    "seq2seq": (lambda: translated(EncoderDecoder), (IDS, LENGTHS, IDS)),
    "seq2seq, lstm": (lambda: translated(partial(EncoderDecoder, attention=None, kind="lstm")), (IDS, LENGTHS, IDS)),
    "translation": (lambda: translated(partial(TransformerTranslation, n_heads=2)), (IDS, LENGTHS, IDS)),
    "tagger": (lambda: TaggerNet([10, 10], 9, TAGS, 4, 5, 0.0, 0.0), (IDS[..., None].expand(-1, -1, 2), IDS[..., None] // 2)),
    "causal buckets": (lambda: LshAttention(12, 2, 4, chunk=4, is_causal=True), (torch.randn(3, 31, 12), ROWS[1])),
    "table": (lambda: TableNet(2, [4, 5], [6], 3, 0.0), (torch.randn(4, 2), torch.tensor([[0, 1], [3, 4], [2, 2], [1, 0]]))),
    **{f"image, {name}": (lambda net=net: net(3, 1, 32), (torch.rand(2, 1, 32, 32),)) for name, net in IMAGE_NETS.items()},
}  # fmt: skip


def told(said):
    """What is said, in one."""
    return torch.cat([part.flatten() for part in (said if isinstance(said, tuple) else (said,))])


@pytest.mark.parametrize("name", CASES)
def test_a_network_makes_nothing_on_the_cpu(name, monkeypatch):
    monkeypatch.setattr(torch, "get_autocast_dtype", lambda kind: torch.bfloat16)  # PyTorch has these for
    monkeypatch.setattr(torch, "is_autocast_enabled", lambda kind: False)  # devices alone that are there
    build, inputs = CASES[name]
    torch.manual_seed(0)
    here = build().eval()
    there = deepcopy(here)
    send(there)
    with torch.no_grad():
        wanted = told(here(*inputs))
        with OnPlace():
            found = told(there(*sent(inputs)))
    assert found.device == PLACE
    torch.testing.assert_close(found.held, wanted)


@torch.no_grad()
def test_a_chain_of_tags_makes_nothing_on_the_cpu():
    torch.manual_seed(0)
    crf = TaggerNet([10], 0, TAGS, 4, 5, 0.0, 0.0).crf
    emissions, tags = torch.randn(2, 3, 3), torch.tensor([[0, 1, 2], [2, 2, -1]])
    wanted = crf.log_likelihood(emissions, tags, tags >= 0), crf.best_path(emissions, tags >= 0)
    send(crf)
    with OnPlace():
        emissions, tags = sent((emissions, tags))
        found = crf.log_likelihood(emissions, tags, tags >= 0), crf.best_path(emissions, tags >= 0)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one.held, other)


def test_a_tensor_of_the_cpu_is_seen():
    with OnPlace(), pytest.raises(AssertionError, match=r"meets a tensor \(3,\) of the CPU"):
        Elsewhere(torch.ones(3)) + torch.ones(3)
