"""Starting from weights in a file: what learns when, what stays bit for bit, and files that do not fit."""

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


def test_what_learns_when():
    net, recipe = ResNet(3, 1, 16, depth=20), Recipe(epochs=9, rate=0.5)
    [head] = trainings(net, recipe, "head")
    assert learning(net, head) == {"fc.weight": 0.5, "fc.bias": 0.5}
    [everything] = trainings(net, recipe, "all")
    rates = learning(net, everything)
    assert set(rates) == {name for name, _ in net.named_parameters()}
    assert {name for name, rate in rates.items() if rate == 0.5} == {"fc.weight", "fc.bias"}
    assert set(rates.values()) == {0.5, 0.05}
    gradual = [learning(net, one) for one in trainings(net, recipe, "gradual")]
    assert [layers(one) for one in gradual] == [
        {"fc"},
        {"layer2", "layer3", "fc"},  # of conv1, bn1, layer1, layer2, layer3, fc
        {"conv1", "bn1", "layer1", "layer2", "layer3", "fc"},
    ]
    assert [one.epochs for one in trainings(net, recipe, "gradual")] == [3, 3, 3]


def test_long_sequences_are_parted_too():
    net = AlexNet(3, 1, 16)
    _, upper, _ = trainings(net, Recipe(), "gradual")
    assert layers(learning(net, upper), 2) == {"features.8", "features.10", "classifier.1", "classifier.4", "classifier.6"}
    vgg = VGG(3, 1, 16, depth=11)
    _, upper, _ = trainings(vgg, Recipe(), "gradual")
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
