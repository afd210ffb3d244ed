"""BERT by itself: folders of every layout, what is refused, and what must not change an answer; peers are in tests/parity."""

import json
import re

import pytest

torch = pytest.importorskip("torch")
from dataclasses import replace  # noqa: E402

from safetensors import safe_open  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

from tenon.errors import ModelFileError, SettingsError  # noqa: E402
from tenon.nn.attention import is_real  # noqa: E402
from tenon.text import Bert, BertConfig  # noqa: E402
from tenon.text.bert_config import SIZES  # noqa: E402
from tenon.text.bert_heads import BertForMasked, BertForNext, BertForTags, BertForTexts  # noqa: E402

SMALL = BertConfig(vocab_size=41, d_model=12, n_layers=2, n_heads=3, d_hidden=20, n_positions=9)
ROBERTA = replace(SMALL, kind="roberta", n_segments=1, pad=1)
LONGFORMER = replace(ROBERTA, kind="longformer", windows=(2, 1), dilations=(1, 2))
BIG_BIRD = replace(SMALL, kind="big_bird", block=1, n_random=0, n_positions=30)
BLOCK_BERT = replace(SMALL, kind="blockbert")
IDS = torch.randint(2, 41, (3, 7), generator=torch.Generator().manual_seed(0))


def made(config=SMALL, seed=0):
    torch.manual_seed(seed)
    return Bert(config).eval()


def bits(net):
    return {name: x.numpy().tobytes() for name, x in net.state_dict().items()}


@pytest.fixture
def folder(tmp_path):
    made().save_pretrained(tmp_path)
    return tmp_path


def rewritten(folder, change):
    """Put other weights into a folder; change : of {name: tensor}."""
    save_file(change(load_file(folder / "model.safetensors")), folder / "model.safetensors")
    return folder


def configured(folder, **said):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | said))
    return folder


@pytest.mark.parametrize("config", [SMALL, ROBERTA, LONGFORMER, replace(SMALL, activation="gelu_tanh", eps=1e-5)])
def test_a_folder_gives_the_same_network(config, tmp_path):
    net = made(config)
    net.save_pretrained(str(tmp_path / "new" / "folder"))
    read = Bert.from_pretrained(str(tmp_path / "new" / "folder"))
    assert read.config == config
    assert (bits(read), read.fresh, read.training) == (bits(net), (), False)
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == ["config.json", "model.safetensors"]
    with safe_open(tmp_path / "new" / "folder" / "model.safetensors", "pt") as file:
        assert file.metadata() == {"format": "pt"}  # without which transformers before 5 does not read it


@pytest.mark.parametrize(
    "change",
    [
        lambda name: f"bert.{name}",
        lambda name: f"0.auto_model.{name}",
        lambda name: name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"),
        lambda name: "module.bert." + name.replace("LayerNorm.bias", "LayerNorm.beta"),
    ],
    ids=["bert.", "another prefix", "gamma and beta", "both"],
)
def test_names_of_other_layouts_are_read(change, folder):
    before = bits(Bert.from_pretrained(folder))
    rewritten(folder, lambda found: {change(name): tensor for name, tensor in found.items()})
    assert bits(Bert.from_pretrained(folder)) == before


def test_what_others_keep_beside_it_is_passed_over(folder):
    before = bits(Bert.from_pretrained(folder))
    more = {
        "embeddings.position_ids": torch.arange(9)[None],
        "cls.predictions.bias": torch.zeros(41),
        "classifier.bias": torch.zeros(4),
    }
    rewritten(folder, lambda found: found | more)
    assert bits(Bert.from_pretrained(folder)) == before


def test_a_pooler_that_is_missing_is_drawn_and_told(folder):
    rewritten(folder, lambda found: {name: x for name, x in found.items() if "pooler" not in name})
    read = Bert.from_pretrained(folder)
    assert read.fresh == ("pooler.weight", "pooler.bias")
    assert read.pooler.weight.std().item() == pytest.approx(0.02, rel=0.2)
    assert torch.equal(read(IDS), made()(IDS))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_becomes_single(dtype, folder):
    rewritten(folder, lambda found: {name: x.to(dtype) for name, x in found.items()})
    read = Bert.from_pretrained(folder)
    assert {x.dtype for x in read.state_dict().values()} == {torch.float32}
    assert torch.equal(read.pooler.weight, made().pooler.weight.to(dtype).float())


@pytest.mark.parametrize("config", [SMALL, ROBERTA, LONGFORMER, BIG_BIRD, BLOCK_BERT], ids=lambda one: one.kind)
def test_padding_changes_nothing(config):
    net, lengths = made(config), torch.tensor([7, 2, 4])
    real = is_real(lengths, 7)
    ids = IDS.masked_fill(~real, config.pad)
    states = net(ids, real)
    for row, length in enumerate(lengths.tolist()):
        torch.testing.assert_close(states[row, :length], net(IDS[row : row + 1, :length])[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("config", [SMALL, LONGFORMER, BIG_BIRD, BLOCK_BERT], ids=lambda one: one.kind)
@pytest.mark.parametrize("dtype", [torch.bool, torch.long])
def test_padding_before_a_text_is_refused_where_its_ends_count_and_else_not_read(config, dtype):
    net, real = made(config), torch.tensor([[0, 0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0, 0]]).to(dtype)
    if config.kind in ("big_bird", "blockbert"):
        with pytest.raises(SettingsError, match="takes padding behind a text alone; attention_mask has a 0 before a 1"):
            net(IDS[:2], real)
        return
    other = IDS[:2].where(real.bool(), 40 - IDS[:2])
    assert torch.allclose(net(IDS[:2], real)[real.bool()], net(other, real)[real.bool()], rtol=0, atol=1e-6)


@pytest.mark.parametrize("config", [SMALL, LONGFORMER, BIG_BIRD, BLOCK_BERT], ids=lambda one: one.kind)
def test_other_shapes_are_refused(config):
    net, ids = made(config), torch.full((2, 7), 5)
    for wrong in (ids[0], ids.float(), ids[:, :0]):
        with pytest.raises(
            SettingsError, match=r"input_ids are whole numbers \(B, T\), of one text ids\[None\], with .*; got (int|float)"
        ):
            net(wrong)
    for name in ("attention_mask", "token_type_ids", "global_attention_mask"):
        with pytest.raises(SettingsError, match=r"are \(B, T\) as input_ids, \(2, 7\); got \(2, 6\)\."):
            net(ids, **{name: torch.ones(2, 6, dtype=torch.long)})


def test_ids_that_the_network_does_not_know_are_refused():
    net, ids = made(SMALL), torch.full((2, 7), 5)
    for wrong in (-1, SMALL.vocab_size):
        ids[1, 3] = wrong
        with pytest.raises(SettingsError, match=rf"input_ids are whole numbers from 0 to {SMALL.vocab_size - 1}; got .*{wrong}"):
            net(ids)
    ids[1, 3] = 0
    with pytest.raises(
        SettingsError,
        match="^token_type_ids are whole numbers from 0 to 1; got 0 to 2; take those that the network's own folder gives",
    ):
        net(ids, None, torch.where(ids == 0, 2, 0))


@pytest.mark.parametrize("config", [SMALL, LONGFORMER, BIG_BIRD, BLOCK_BERT], ids=lambda one: one.kind)
def test_nothing_but_padding_is_read(config):
    assert made(config)(torch.full((2, 7), 5), torch.zeros(2, 7)).isfinite().all()


def test_windows_of_a_longformer_are_those_of_its_layers():
    """2 to either side, then one of every second token: a change of token 6 reaches tokens 2 to 6; among all it reaches all."""
    other = IDS.clone()
    other[:, 6] = 40 - IDS[:, 6]
    for config, unmoved in ((replace(LONGFORMER, windows=(2, 1), dilations=(1, 2)), [0, 1]), (ROBERTA, [])):
        net = made(config)
        moved = (net(IDS) - net(other)).abs().amax(dim=(0, 2)) > 0
        assert (~moved).nonzero().flatten().tolist() == unmoved


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"windows": (2,)}, r"windows and dilations are of each of the 2 layers; got \(2,\)"),
        ({"dilations": (1, 2, 3)}, "windows and dilations are of each of the 2 layers"),
        ({"kind": "roberta"}, "windows and dilations are of a Longformer alone"),
        ({"windows": (2, -1)}, "windows .* -1"),
        ({"dilations": (1, 0)}, "dilations .* 0"),
    ],
)
def test_windows_that_do_not_fit_are_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        Bert(replace(LONGFORMER, **given))


def test_a_longformer_shows_no_looks():
    with pytest.raises(
        SettingsError, match="a Longformer does not tell whom its tokens look at: it never holds that of all pairs"
    ):
        made(LONGFORMER).each(IDS)


def test_windows_of_a_file_are_even(tmp_path):
    made(LONGFORMER).save_pretrained(tmp_path)
    with pytest.raises(ModelFileError, match="attention_window is even, as many tokens to either side; got 7"):
        Bert.from_pretrained(configured(tmp_path, attention_window=[4, 7]))


def test_segments_and_places_tell():
    """The same tokens in another order, or another segment, are read otherwise; RoBERTa starts behind what pads."""
    net = made()
    assert not torch.allclose(net(IDS)[:, 0], net(IDS.flip(1))[:, -1], atol=1e-4)
    assert not torch.allclose(net(IDS), net(IDS, token_type_ids=torch.ones_like(IDS)), atol=1e-4)
    assert torch.equal(net(IDS), net(IDS, token_type_ids=torch.zeros_like(IDS)))
    ids = torch.tensor([[5, 6, 1, 1]])
    assert made(ROBERTA).embedding._places(ids).tolist() == [[2, 3, 1, 1]]


def test_the_longest_text_is_read_and_no_longer_one():
    net = made(ROBERTA)
    assert net.config.longest == 7
    assert net(IDS).shape == (3, 7, 12)
    with pytest.raises(SettingsError, match="a text has 8 tokens, and this network knows 7 places; cut texts to that, or read"):
        net(torch.full((1, 8), 5))


def test_sizes_have_the_parameters_that_are_published():
    """Turc et al. 2019, table 1, in millions, and Devlin et al. 2019, section 3.1."""
    published = {"tiny": 4.4, "mini": 11.3, "small": 29.1, "medium": 41.7, "base": 110.1, "large": 340.0}
    for size in SIZES:
        with torch.device("meta"):
            n = sum(parameter.numel() for parameter in Bert(BertConfig.of_size(size)).parameters())
        assert n / 1e6 == pytest.approx(published[size], rel=0.02), size


def test_first_weights():
    net = made(replace(SMALL, vocab_size=5000, pad=3))
    assert net.embedding.tokens.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert (net.embedding.tokens.weight[3] == 0).all()
    assert (net.encoder.layers[0].attention.query.bias == 0).all()
    assert (net.embedding.norm.weight == 1).all()


def test_only_what_was_asked_for_meets_the_vocabulary(folder):
    net = BertForMasked.from_pretrained(folder)
    assert net.fresh == ("masked.bias", "masked.dense.weight", "masked.dense.bias", "masked.norm.weight", "masked.norm.bias")
    drawn = net.masked.dense.weight
    assert drawn.std().item() == pytest.approx(0.02, rel=0.3)  # of a few hundred numbers
    assert (net.masked.norm.weight == 1).all()
    assert not torch.cat([net.masked.bias, net.masked.dense.bias, net.masked.norm.bias]).any()
    places = torch.zeros(3, 7, dtype=torch.bool)
    places[0, 2] = places[2, 5] = True
    torch.testing.assert_close(net(IDS, places=places), net(IDS)[places])
    assert net(IDS, places=places).shape == (2, 41)


def test_a_head_for_other_classes_is_drawn_anew_and_the_same_kept(folder, tmp_path):
    torch.manual_seed(0)
    BertForTexts(made(), 4).save_pretrained(tmp_path / "four")
    assert BertForTexts.from_pretrained(tmp_path / "four", 4).fresh == ()
    assert BertForTexts.from_pretrained(tmp_path / "four", 3).fresh == ("out.weight", "out.bias")
    assert BertForTags.from_pretrained(folder, 5).fresh == ("out.weight", "out.bias")
    assert Bert.from_pretrained(tmp_path / "four").fresh == ()
    assert json.loads((tmp_path / "four" / "config.json").read_text())["id2label"] == {str(i): f"LABEL_{i}" for i in range(4)}


def test_roberta_foretells_no_next_text():
    with pytest.raises(SettingsError, match="BertForNext is not built on roberta, which was never trained for it"):
        BertForNext(made(ROBERTA))


def test_folders_that_lack_a_file_are_told(folder):
    with pytest.raises(
        ModelFileError,
        match=r"gone has no config\.json; name the folder of a BERT, with config\.json and model\.safetensors in it",
    ):
        Bert.from_pretrained(folder / "gone")
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelFileError, match=r"has no model\.safetensors, the weights; copy it there beside config\.json\.$"):
        Bert.from_pretrained(folder)
    (folder / "pytorch_model.bin").write_bytes(weights)
    with pytest.raises(ModelFileError, match=(
        r"has its weights in pytorch_model\.bin alone, a kind of file that can run code .* Where you trust it, write "
        r"model\.safetensors from it: AutoModel\.from_pretrained\(folder\)\.save_pretrained\(folder\) of the package transformers"
    )):  # fmt: skip
        Bert.from_pretrained(folder)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"model_type": "distilbert"}, r"is of 'distilbert', a network that is not read here; bert, .*, blockbert are\.$"),
        ({"position_embedding_type": "relative"}, "has position_embedding_type 'relative', which is not read here; 'abs"),
        ({"add_cross_attention": True}, "has add_cross_attention True, which is not read here; False is"),
        ({"hidden_act": "silu"}, "has hidden_act 'silu', which is not read here; one of sigmoid, tanh, relu, leaky_relu, mish"),
        ({"hidden_act": ["gelu"]}, r"has hidden_act \['gelu'\], which is not read here"),
        ({"model_type": {}}, "is of {}, a network that is not read here"),
        ({"hidden_size": 13}, "tells of a network that cannot be built: d_model is a multiple of n_heads; got 13 and 3"),
        ({"hidden_size": "12"}, "tells of a network that cannot be built: d_model takes a whole number from 1 on; got '12'"),
        ({"vocab_size": 0}, ".* cannot be built: vocab_size takes a whole number from 1 on; got 0"),
        ({"pad_token_id": 41}, ".* cannot be built: pad takes a whole number from 0 to 40; got 41"),
        ({"hidden_dropout_prob": 2}, ".* cannot be built: dropout takes a number from 0 to 1; got 2"),
        ({"layer_norm_eps": 0}, ".* cannot be built: eps takes a number above 0"),
    ],
)  # fmt: skip
def test_another_network_is_told(said, told, folder):
    with pytest.raises(ModelFileError, match=rf"config\.json {told}"):
        Bert.from_pretrained(configured(folder, **said))


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "\ud83d"])
def test_a_config_that_is_none_is_told(text, folder):
    (folder / "config.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    told = "holds no settings by name" if text in ("[]", "3") else "cannot be read as JSON"
    with pytest.raises(ModelFileError, match=rf"config\.json {told}; copy the folder again"):
        Bert.from_pretrained(folder)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"vocab_size": 40}, "embeddings.word_embeddings.weight is 41x12 in the file and 40x12 here"),
        ({"num_hidden_layers": 1}, "encoder.layer.1.attention.output.LayerNorm.bias is only in the file; .* and 13 more"),
        ({"num_hidden_layers": 3}, "encoder.layer.2.attention.self.query.weight is missing in the file; .* and 13 more"),
        ({"intermediate_size": 21}, "encoder.layer.0.intermediate.dense.weight is 20x12 in .* and 21x12 here; .* and 3 more"),
        ({"type_vocab_size": 1}, "embeddings.token_type_embeddings.weight is 2x12 in the file and 1x12 here"),
    ],
)  # fmt: skip
def test_weights_that_do_not_fit_are_named(said, told, folder):
    with pytest.raises(
        ModelFileError, match=rf"model\.safetensors does not fit this network: {told}\. Take both files from one pl"
    ):
        Bert.from_pretrained(configured(folder, **said))


def test_weights_that_are_none_are_told(folder):
    path = folder / "model.safetensors"
    whole = path.read_bytes()
    for broken in (whole[:500], b"no weights", b"", whole[:-5]):
        path.write_bytes(broken)
        with pytest.raises(
            ModelFileError, match=r"model\.safetensors holds no weights that can be read: it is damaged or cut off"
        ):
            Bert.from_pretrained(folder)
    path.write_bytes(whole)
    rewritten(folder, lambda found: {name: x for name, x in found.items() if "word_embeddings" not in name})
    with pytest.raises(
        ModelFileError, match=re.escape("holds no weights of one BERT: none end in embeddings.word_embeddings.weight")
    ):
        Bert.from_pretrained(folder)
    path.write_bytes(whole)
    rewritten(folder, lambda found: found | {"pooler.dense.weight": torch.zeros(3, 3)})
    with pytest.raises(ModelFileError, match=r"pooler\.dense\.weight is 3x3 in the file and 12x12 here\. Take both"):
        Bert.from_pretrained(folder)
    path.write_bytes(whole)
    rewritten(folder, lambda found: found | {"pooler.dense.bias": torch.full((12,), torch.nan)})
    with pytest.raises(ModelFileError, match=r"holds numbers that are not finite, in pooler\.dense\.bias first"):
        Bert.from_pretrained(folder)
