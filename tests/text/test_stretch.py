"""Networks for long texts made of BERTs: what they say of texts of either length, and folders that transformers reads."""

import inspect
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tenon.errors import SettingsError  # noqa: E402
from tenon.nn.attention import is_real  # noqa: E402
from tenon.text import Bert, BertConfig  # noqa: E402
from tenon.text.stretch import SETTINGS, reaching, stretched  # noqa: E402
from tenon.watch import Watch  # noqa: E402

BERT = BertConfig(vocab_size=41, d_model=12, n_layers=2, n_heads=3, d_hidden=20, n_positions=9, pad=0)
CONFIGS = {"bert": BERT, "bert, other pad": replace(BERT, pad=3), "roberta": replace(BERT, kind="roberta", n_segments=1, pad=1)}
EACH = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)


def made(config):
    torch.manual_seed(0)
    net = Bert(config).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    return net


def ids_of(config, n):
    return torch.randint(4, config.vocab_size, (3, n), generator=torch.Generator().manual_seed(1))


@pytest.mark.mission("H5")
@EACH
@pytest.mark.parametrize("is_global", [False, True])
def test_texts_as_long_as_before_are_read_as_before(config, is_global):
    net = made(config)
    n = config.longest
    ids, real = ids_of(config, n), is_real(torch.tensor([n, n - 3, 2]), n)
    ids = ids.masked_fill(~real, config.pad)
    segments = torch.arange(n).remainder(config.n_segments).expand(3, -1)
    first = torch.zeros(3, n, dtype=torch.bool)
    first[:, 0] = is_global
    found = stretched(net, 40, window=n)(ids, real, segments, global_attention_mask=first)
    torch.testing.assert_close(found[real], net(ids, real, segments)[real], rtol=0, atol=1e-6)


@EACH
def test_a_big_bird_reads_texts_as_long_as_before_as_before(config):
    net, n = made(config), config.longest
    ids, real = ids_of(config, n), is_real(torch.tensor([n, n - 3, 2]), n)
    ids = ids.masked_fill(~real, config.pad)
    found = stretched(net, 40, kind="big_bird", block=2, n_random=1)(ids, real)  # sees up to 14 tokens whole
    torch.testing.assert_close(found[real], net(ids, real)[real], rtol=0, atol=1e-6)


@EACH
def test_a_block_bert_of_one_part_reads_texts_as_before(config):
    net = made(config)
    ids = ids_of(config, config.longest)
    torch.testing.assert_close(stretched(net, 40, kind="blockbert", n_parts=1)(ids), net(ids), rtol=0, atol=1e-6)
    assert not torch.allclose(stretched(net, 40, kind="blockbert", n_parts=2)(ids), net(ids), atol=1e-3)


@EACH
def test_vectors_of_places_are_repeated(config):
    net = made(config)
    before = torch.get_rng_state()
    longer = stretched(net, 2 * config.longest + 1)
    assert torch.equal(torch.get_rng_state(), before)
    own, all_ = net.embedding.positions.weight[config.first_position :], longer.embedding.positions.weight
    assert longer.config.longest == 2 * config.longest + 1 == len(all_) - config.pad - 1
    assert torch.equal(all_[config.pad + 1 :], torch.cat([own, own, own[:1]]))
    assert longer(ids_of(config, longer.config.longest)).shape == (3, longer.config.longest, 12)


@EACH
def test_transformers_reads_the_folder(config, tmp_path):
    longer = stretched(made(config), 30, window=4)
    longer.save_pretrained(tmp_path)
    ids = ids_of(config, 27)
    is_global = torch.arange(27).expand(3, -1) < 1
    expected = transformers.LongformerModel.from_pretrained(tmp_path)(ids, global_attention_mask=is_global.long())
    torch.testing.assert_close(longer(ids, global_attention_mask=is_global), expected.last_hidden_state, rtol=0, atol=1e-5)


def test_what_cannot_be_stretched_is_refused():
    with pytest.raises(SettingsError, match="longest takes a whole number from 9 on; got 8"):
        stretched(made(BERT), 8)
    with pytest.raises(SettingsError, match="this network is a Longformer already"):
        stretched(stretched(made(BERT), 20), 40)
    with pytest.raises(SettingsError, match="this network is a BigBird already"):
        stretched(stretched(made(BERT), 20, kind="big_bird"), 40)
    with pytest.raises(SettingsError, match="kind takes one of 'longformer', 'big_bird', 'blockbert'; got 'bert'"):
        stretched(made(BERT), 20, kind="bert")


def test_settings_of_a_stretch_are_those_of_the_function():
    assert tuple(inspect.signature(stretched).parameters) == ("bert", "longest", *SETTINGS)
    assert reaching(made(BERT), 20, None).config == BERT
    assert set(reaching(made(BERT), 20, {"window": 4}).config.windows) == {4}


@pytest.mark.parametrize(
    ("stretch", "asked", "said"),
    [
        ({"window": 8}, {"window": 8}, []),
        ({"window": 8}, {"window": 4}, ["window=4 is not used: the encoder is a Longformer already, and stays as it is."]),
        ({"kind": "big_bird", "block": 8}, {"kind": "big_bird", "block": 8, "n_random": 3}, []),
        (
            {"kind": "big_bird", "block": 8},
            {"kind": "big_bird", "block": 4, "n_random": 1},
            [f"{one} is not used: the encoder is a BigBird already, and stays as it is." for one in ("block=4", "n_random=1")],
        ),
    ],
)
def test_settings_that_an_encoder_of_the_kind_does_not_follow_are_told(stretch, asked, said):
    notes = []
    net = stretched(made(BERT), 20, **stretch)
    assert reaching(net, 40, asked, Watch(lambda event: notes.append(event["text"]))) is net
    assert notes == said


@pytest.mark.parametrize("kind", ["bert", "longformer"])
def test_other_settings_of_a_stretch_are_refused(kind):
    net = made(BERT) if kind == "bert" else stretched(made(BERT), 20)
    with pytest.raises(SettingsError, match=r"no setting 'windw' of stretch; did you mean 'window'\?"):
        reaching(net, 40, {"windw": 4})
    with pytest.raises(SettingsError, match="stretch takes settings by name, .* or None; got 'big_bird'"):
        reaching(net, 40, "big_bird")
