"""Starting from weights in a file: what learns when, what stays bit for bit, and files that do not fit."""

import re
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from safetensors.torch import load_file, save_file  # noqa: E402
from tests.datasets import images  # noqa: E402

from tenon.catalogue import find, resolve  # noqa: E402
from tenon.errors import ModelFileError, SettingsError  # noqa: E402
from tenon.image import VGG, AlexNet, ImageClassifier, ImageRegressor, ResNet  # noqa: E402
from tenon.image.transfer import trainings  # noqa: E402
from tenon.training import Recipe  # noqa: E402
from tenon.training.optimisers import make_optimiser  # noqa: E402
from tenon.trials.ask import Ask  # noqa: E402
from tenon.trials.prepare import prepare  # noqa: E402

RNG = np.random.default_rng(0)
N = 300
SIDE = RNG.integers(0, 4, N)  # which quarter of the picture is bright
PICTURES = RNG.integers(0, 90, (N, 12, 12, 1), dtype=np.uint8)
for picture, side in zip(PICTURES, SIDE, strict=True):
    picture[6 * (side // 2) :, :][:6, 6 * (side % 2) :][:, :6] += 60


def learning(net: torch.nn.Module, recipe: Recipe) -> dict[str, float]:
    """The layer of each weight that learns, with its rate."""
    net.requires_grad_(True)
    rate_of = {id(p): group["lr"] for group in make_optimiser(net, recipe).param_groups for p in group["params"]}
    return {name: rate_of[id(p)] for name, p in net.named_parameters() if id(p) in rate_of}


def layers(names, depth: int = 1) -> set[str]:
    return {".".join(name.split(".")[:depth]) for name in names}


@pytest.mark.mission("D11")
def test_what_learns_when():
    net, recipe = ResNet(3, 1, 16, depth=20), Recipe(epochs=9, rate=0.5)
    [head] = trainings(net, recipe, "head").values()
    assert learning(net, head) == {"fc.weight": 0.5, "fc.bias": 0.5}
    [everything] = trainings(net, recipe, "all").values()
    rates = learning(net, everything)
    assert set(rates) == {name for name, _ in net.named_parameters()}
    assert {name for name, rate in rates.items() if rate == 0.5} == {"fc.weight", "fc.bias"}
    assert set(rates.values()) == {0.5, 0.05}
    gradual = [learning(net, one) for one in trainings(net, recipe, "gradual").values()]
    assert [layers(one) for one in gradual] == [
        {"fc"},
        {"layer2", "layer3", "fc"},  # of conv1, bn1, layer1, layer2, layer3, fc
        {"conv1", "bn1", "layer1", "layer2", "layer3", "fc"},
    ]
    assert [one.epochs for one in trainings(net, recipe, "gradual").values()] == [3, 3, 3]


def test_long_sequences_are_parted_too():
    net = AlexNet(3, 1, 16)
    _, upper, _ = trainings(net, Recipe(), "gradual").values()
    assert layers(learning(net, upper), 2) == {"features.8", "features.10", "classifier.1", "classifier.4", "classifier.6"}
    vgg = VGG(3, 1, 16, depth=11)
    _, upper, _ = trainings(vgg, Recipe(), "gradual").values()
    assert "features.0" not in layers(learning(vgg, upper), 2)
    assert "features.16" in layers(learning(vgg, upper), 2)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Of a LeNet that knows bright quarters, as four classes."""
    model = ImageClassifier("lenet", epochs=12, n_jobs=1, random_state=0).fit(PICTURES, SIDE)
    assert model.score(PICTURES, SIDE) > 0.9
    path = tmp_path_factory.mktemp("weights") / "lenet.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in model.net_.state_dict().items()}, path)
    return path


@pytest.mark.mission("D11")
def test_a_new_head_learns_from_few_and_the_rest_stays_bit_for_bit(weights):
    few, is_upper = slice(0, 24), np.where(SIDE < 2, "upper", "lower")
    settings = {"net": "lenet", "epochs": 20, "rate": 0.01, "n_jobs": 1, "random_state": 0}
    model = ImageClassifier(**settings, checkpoint=str(weights), learns="head").fit(PICTURES[few], is_upper[few])
    assert model.score(PICTURES[24:], is_upper[24:]) > 0.9
    for name, tensor in load_file(weights).items():
        if not name.startswith("classifier.4."):
            assert torch.equal(model.net_.state_dict()[name], tensor)


@pytest.mark.parametrize("learns", ["all", "gradual"])
def test_all_weights_learn_in_the_end(weights, learns):
    model = ImageRegressor("lenet", epochs=3, checkpoint=str(weights), learns=learns, n_jobs=1, random_state=0)
    model.fit(PICTURES, SIDE.astype(float))
    old = load_file(weights)
    assert all(not torch.equal(tensor, old[name]) for name, tensor in model.net_.state_dict().items())
    assert len(model.history_.loss) == {"all": 57, "gradual": 19}[learns]  # 300 rows by 16, in 3 passes or 1 of 3 trainings
    before = {name: len(history.loss) for name, history in model.history_.before.items()}
    assert before == {"all": {}, "gradual": {"the heads": 19, "the upper half": 19}}[learns]


def test_weights_of_another_shape_are_told(weights, tmp_path):
    said = (
        r"lenet.safetensors does not fit this network: features.1.weight is 6x1x5x5 in the file and 6x3x5x5 here. Build it with"
    )
    with pytest.raises(ModelFileError, match=said):
        ImageClassifier("lenet", checkpoint=str(weights)).fit(np.repeat(PICTURES, 3, axis=3), SIDE)
    with pytest.raises(ModelFileError, match="there is no file .*none.pth; name one of weights"):
        ImageClassifier("lenet", checkpoint=str(tmp_path / "none.pth")).fit(PICTURES, SIDE)
    with pytest.raises(SettingsError, match="learns takes one of 'head', 'all', 'gradual'; got 'haed'; did you mean 'head'"):
        ImageClassifier("lenet", learns="haed").fit(PICTURES, SIDE)


def test_the_method_needs_a_file_and_is_not_among_all(tmp_path):
    method = find("transfer")
    assert method not in resolve("all")
    assert method in resolve("all,transfer")
    with pytest.raises(SettingsError, match=r"transfer cannot do without checkpoint; give it: --set transfer.checkpoint=…"):
        method.with_defaults({"net": "resnet20"})


def test_a_checkpoint_is_for_every_method_that_takes_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some.pth").touch()
    assert find("transfer") in Ask(checkpoint="some.pth").chosen()
    assert find("transfer") not in Ask().chosen()
    assert find("transfer") not in Ask(checkpoint=".").chosen(), "a folder is of an encoder of texts"
    ask = Ask(checkpoint="some.pth", settings={"transfer": {"net": "resnet50"}, "knn": {"k": 3}})
    assert ask.all_settings == {"transfer": {"checkpoint": "some.pth", "net": "resnet50"}, "knn": {"k": 3}}
    assert ask.settings_of("transfer")["checkpoint"] == "some.pth"
    own = Ask(checkpoint="some.pth", settings={"transfer": {"checkpoint": "other.pth"}})
    assert own.settings_of("transfer") == {"checkpoint": "other.pth"}, "what is set for the method goes first"


def test_the_method_brings_images_to_what_published_weights_expect(tmp_path):
    data, task = images(tmp_path)
    path = tmp_path / "resnet20.pth"
    torch.save(ResNet(7, 3, 16, depth=20).state_dict(), path)
    params = find("transfer").with_defaults({"net": "resnet20", "checkpoint": str(path), "longest_side": 16})
    model = find("transfer").fit(data, task, params=params, seed=0, budget="quick")
    assert model.estimator.shape_ == [13, 16, 3]  # most are 6 x 5
    path.unlink()
    model.save(tmp_path / "model")
    again = find("transfer").load(tmp_path / "model", data.schema, task)  # holds all weights itself
    assert again.predict(data.without_target()).proba.tobytes() == model.predict(data.without_target()).proba.tobytes()


class Malice:
    """What a pickle may hold: it writes a file when it is read."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return self.path.write_text, ("ran",)


NO_WEIGHTS = {
    "random.safetensors": lambda path: path.write_bytes(np.random.default_rng(0).bytes(5000)),
    "random.pth": lambda path: path.write_bytes(np.random.default_rng(1).bytes(5000)),
    "empty.safetensors": lambda path: path.touch(),
    "empty.pth": lambda path: path.touch(),
    "text.pth": lambda path: path.write_text("resnet18"),
    "cut.safetensors": lambda path: path.write_bytes(whole(path)[:-100]),
    "cut.pth": lambda path: path.write_bytes(whole(path)[:-100]),
    "evil.pth": lambda path: torch.save({"conv1.weight": Malice(path.with_name("ran"))}, path),
}


def whole(path: Path) -> bytes:
    """The weights that fit, in the format of this name."""
    state = ResNet(7, 3, 16, depth=20).state_dict()
    save_file(state, path) if path.suffix == ".safetensors" else torch.save(state, path)
    return path.read_bytes()


@pytest.mark.parametrize("way", ["checkpoint", "set", "also"])
@pytest.mark.parametrize("name", NO_WEIGHTS)
def test_a_file_that_holds_no_weights_is_told_before_anything_is_fitted(name, way, tmp_path):
    data, _ = images(tmp_path / "images")
    path, good = tmp_path / name, tmp_path / "good.pth"
    NO_WEIGHTS[name](path)
    whole(good)
    small = {"net": "resnet20", "longest_side": 16}
    ask = {
        "checkpoint": lambda: Ask(checkpoint=str(path), settings={"transfer": small}),
        "set": lambda: Ask(methods="transfer", settings={"transfer": small | {"checkpoint": str(path)}}),
        "also": lambda: Ask(
            methods="transfer",
            settings={"transfer": small | {"checkpoint": str(good)}},
            also=[f"transfer.checkpoint={path}"],
        ),
    }[way]()
    with pytest.raises(ModelFileError, match=rf"^{re.escape(str(path))} holds no weights that can be read: it is damaged or cut"):
        prepare(data, ask, tmp_path / "run")
    assert not (tmp_path / "ran").exists(), "what is in a pickle is not run"


@pytest.mark.parametrize(
    ("made", "settings", "said"),
    [
        (
            lambda: ResNet(7, 3, 128, depth=34), {},
            r"does not fit this network: layer1\.2\.conv1\.weight is only in the file; layer1\.2\.bn1\.weight is only in the "
            r"file; layer1\.2\.bn1\.bias is only in the file and \d+ more\. It is resnet18 for images of 128x107 pixels: give "
            r"--set transfer\.net=resnet34\.$",
        ),
        (
            lambda: ResNet(7, 3, 128, depth=18), {"longest_side": 64},
            r"does not fit this network: conv1\.weight is 64x3x7x7 in the file and 64x3x3x3 here\. It is resnet18 for images "
            r"of 64x53 pixels: give the net that the file is of, and a longest_side of its kind, up to 64 pixels or more\.$",
        ),
        (
            lambda: VGG(7, 3, 128, depth=16), {"net": "vgg16_bn"},
            r"It is vgg16_bn for images of 128x107 pixels: give --set transfer\.net=vgg16\.$",
        ),
    ],
)  # fmt: skip
def test_weights_of_another_network_are_told_before_anything_is_fitted(made, settings, said, tmp_path):
    data, _ = images(tmp_path / "images")
    torch.save(made().state_dict(), tmp_path / "w.pth")
    with pytest.raises(ModelFileError, match=said):
        prepare(data, Ask(methods="transfer", checkpoint=str(tmp_path / "w.pth"), settings={"transfer": settings}), tmp_path)


def test_weights_that_fit_are_let_through_and_no_chance_is_drawn(tmp_path):
    data, _ = images(tmp_path / "images")
    whole(tmp_path / "w.pth")
    before = torch.get_rng_state()
    ask = Ask(checkpoint=str(tmp_path / "w.pth"), settings={"transfer": {"net": "resnet20", "longest_side": 16}})
    assert "transfer" in [method.name for method in prepare(data, ask, tmp_path / "run").running]
    assert torch.equal(before, torch.get_rng_state())
