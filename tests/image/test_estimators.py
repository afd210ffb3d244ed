"""Image networks as estimators: what they learn, equal seeds, files, views by hand, few rows, and what they refuse."""

import json

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

torch = pytest.importorskip("torch")

from tenon.errors import DataError, ModelFileError, SettingsError  # noqa: E402
from tenon.image.augment import NONE, Augmentation  # noqa: E402
from tenon.image.estimators import NUMBERS, WORDS, ImageClassifier, ImageRegressor  # noqa: E402
from tenon.image.kinds import KINDS  # noqa: E402
from tenon.training import History  # noqa: E402
from tenon.training.held_out import parts_by_chance  # noqa: E402
from tenon.watch import Watch  # noqa: E402

RNG = np.random.default_rng(0)
N = 240
SLANT = RNG.normal(size=N)
STEPS = np.arange(12.0) - 5.5
FIELD = 128 + 12 * (SLANT[:, None, None] * STEPS[None, :, None] + RNG.normal(size=(N, 1, 1)) * STEPS[None, None, :])
PICTURES = (FIELD[..., None] + RNG.normal(0, 20, (N, 12, 12, 1))).clip(0, 255).astype(np.uint8)  # brighter below or above
CLASSES = np.where(SLANT > 0, "下", "上")
QUICK = {"net": "lenet", "epochs": 12, "n_jobs": 1, "random_state": 0}
TRAIN, TEST = slice(0, 160), slice(160, N)


def test_classes_and_numbers_are_learnt():
    model = ImageClassifier(**QUICK).fit(PICTURES[TRAIN], CLASSES[TRAIN])
    assert model.classes_.tolist() == ["上", "下"]
    assert (model.predict(PICTURES[TEST]) == CLASSES[TEST]).mean() > 0.9
    assert model.predict_proba(PICTURES[TEST]).sum(axis=1) == pytest.approx(np.ones(80), abs=1e-12)
    numbers = ImageRegressor(**QUICK).fit(PICTURES[TRAIN], 50 + 7 * SLANT[TRAIN])
    assert numbers.score(PICTURES[TEST], 50 + 7 * SLANT[TEST]) > 0.7


@pytest.mark.parametrize("net", KINDS)
def test_every_network_takes_small_pictures_in_colour_and_is_the_same_from_a_file(net, tmp_path):
    pictures = np.repeat(PICTURES[:17, :8, :9], 3, axis=3)  # a batch of 16, and a row that is left over
    model = ImageClassifier(net, epochs=1, n_jobs=1, random_state=0).fit(pictures, CLASSES[:17])
    model.write_files(tmp_path)
    loaded = ImageClassifier.read_files(tmp_path)
    proba = model.predict_proba(pictures)
    assert proba.tobytes() == loaded.predict_proba(pictures).tobytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [WORDS, NUMBERS]
    assert loaded.get_params() == model.get_params() | {"augmentation": model.augmentation_}


@pytest.mark.parametrize("kind", [ImageClassifier, ImageRegressor])
def test_equal_seeds_are_equal_bits_and_others_are_not(kind, tmp_path):
    target = CLASSES if kind is ImageClassifier else SLANT
    changes = Augmentation(mirror=True, rotation=10.0, lighting=0.2, erasing=0.2)
    first = kind(**QUICK | {"epochs": 2}, augmentation=changes).fit(PICTURES, target)
    torch.manual_seed(77)
    again, other = clone(first).fit(PICTURES, target), clone(first).set_params(random_state=1).fit(PICTURES, target)
    assert again.predict(PICTURES[:9]).tolist() == first.predict(PICTURES[:9]).tolist()
    for name, tensor in first.net_.state_dict().items():
        assert torch.equal(again.net_.state_dict()[name], tensor)
    assert not torch.equal(other.net_.state_dict()["classifier.4.weight"], first.net_.state_dict()["classifier.4.weight"])
    first.write_files(tmp_path)
    assert kind.read_files(tmp_path).predict(PICTURES).tolist() == first.predict(PICTURES).tolist()


@pytest.mark.mission("D13")
def test_views_are_the_mean_of_what_is_said_of_each():
    model = ImageClassifier(**QUICK | {"epochs": 2}, augmentation=Augmentation(mirror=True, shift=0.17)).fit(PICTURES, CLASSES)
    several, image = [], PICTURES[:5]
    for picture in (image, image[:, :, ::-1]):
        padded = np.pad(picture, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")  # 0.17 of 12 pixels is 2, and half of it 1
        for i, j in ((1, 1), (2, 1), (0, 1), (1, 2), (1, 0)):
            several.append(model.predict_proba(np.ascontiguousarray(padded[:, i : i + 12, j : j + 12])))
    model.views = True
    assert model.predict_proba(image) == pytest.approx(np.mean(several, axis=0), abs=1e-6)
    assert np.abs(np.mean(several, axis=0) - several[0]).max() > 1e-4


@pytest.mark.mission("D13")
def test_networks_of_folds_are_averaged_and_each_row_is_left_out_by_one(tmp_path):
    y = np.array(["b", "a", "a", "b", "a", "a", "a"])
    parts = parts_by_chance(np.unique(y, return_inverse=True)[1], 3, seed=0)
    assert set(parts) == {0, 1, 2}
    assert all(set(y[parts != k]) == {"a", "b"} for k in range(3))
    assert {int((y[parts == k] == "a").sum()) for k in range(3)} <= {1, 2}  # five rows dealt to three
    model = ImageClassifier(**QUICK | {"epochs": 4}, folds=3).fit(PICTURES[:60], CLASSES[:60])
    each = []
    for net in model.nets_:
        one = clone(model).set_params(folds=1)
        one.channels_, one.target_, one.augmentation_, one.nets_ = (
            model.channels_,
            model.target_,
            NONE,
            torch.nn.ModuleList([net]),
        )
        each.append(one.predict_proba(PICTURES[60:70]))
    assert len(each) == 3
    assert np.abs(each[0] - each[1]).max() > 1e-4
    assert model.predict_proba(PICTURES[60:70]) == pytest.approx(np.mean(each, axis=0), abs=1e-12)
    assert len(model.history_.held_out) == 4  # the rows left out choose the epoch
    model.write_files(tmp_path)
    assert ImageClassifier.read_files(tmp_path).predict_proba(PICTURES).tobytes() == model.predict_proba(PICTURES).tobytes()


def test_each_network_leaves_out_the_part_that_is_named(monkeypatch):
    seen = []

    def noted(net, rows, loss, recipe, *, held_out, **others):
        seen.append((set(rows.rows.tolist()), None if held_out is None else set(held_out.rows.tolist())))
        return History()

    monkeypatch.setattr("tenon.training.in_turn.train", noted)
    ImageClassifier(**QUICK, folds=3).fit(PICTURES[:6], CLASSES[:6], parts=[1, -1, 0, 0, 1, -1])
    assert seen == [({0, 1, 4, 5}, {2, 3}), ({1, 2, 3, 5}, {0, 4}), (set(range(6)), None)]  # nobody is in the third part


def test_rows_of_no_weight_are_not_listened_to():
    wrong, weight = CLASSES[TRAIN].copy(), np.ones(160)
    wrong[:80], weight[:80] = np.where(CLASSES[:80] == "上", "下", "上"), 0.0
    model = ImageClassifier(**QUICK | {"epochs": 20}).fit(PICTURES[TRAIN], wrong, sample_weight=weight)
    assert (model.predict(PICTURES[TEST]) == CLASSES[TEST]).mean() > 0.85


def test_a_batch_is_an_eightieth_of_the_rows_and_small_ones_take_small_steps():
    model, own = ImageClassifier("resnet"), KINDS["resnet"].recipe
    sizes = {n: model._recipe(n).batch_size for n in (40, 1280, 4000, 100_000)}
    assert sizes == {40: 16, 1280: 16, 4000: 50, 100_000: 128}
    assert model._recipe(100_000).rate == own.rate
    assert model._recipe(2560).rate == pytest.approx(own.rate / 2)  # batches of 32, a quarter
    asked = ImageClassifier("resnet", epochs=7, batch_size=64, rate=0.3, decay=0.0)._recipe(40)
    assert (asked.epochs, asked.batch_size, asked.rate, asked.decay) == (7, 64, 0.3, 0.0)


def test_progress_is_told_with_the_loss():
    events: list[dict] = []
    model = ImageClassifier(**QUICK | {"epochs": 1})
    model.watch = Watch(events.append)
    model.fit(PICTURES, CLASSES)
    assert [(event["done"], event["total"]) for event in events] == [(i + 1, 15) for i in range(15)]  # 240 rows by 16
    assert [event["loss"] for event in events] == model.history_.loss


def test_progress_of_several_networks_is_that_of_the_whole():
    events: list[dict] = []
    model = ImageClassifier(**QUICK | {"epochs": 1}, folds=2)
    model.watch = Watch(events.append)
    model.fit(PICTURES[:64], CLASSES[:64])  # two halves of 32, two steps each
    assert [event["done"] for event in events if "loss" in event] == [1, 2, 3, 4]
    assert {event["total"] for event in events} == {4}


def test_what_cannot_be_is_told(tmp_path):
    with pytest.raises(SettingsError, match="net takes one of 'lenet', 'alexnet', .*; got 'resnett'; did you mean 'resnet'"):
        ImageClassifier("resnett").fit(PICTURES, CLASSES)
    with pytest.raises(SettingsError, match="batch_size takes a whole number from 2 on, or None; got 1"):
        ImageClassifier(batch_size=1).fit(PICTURES, CLASSES)
    with pytest.raises(
        DataError, match=r"pictures are \(n, height, width, channels\) uint8; got float64 of shape \(240, 12, 12, 1\)"
    ):
        ImageClassifier().fit(PICTURES / 255, CLASSES)
    with pytest.raises(SettingsError, match="folds takes a whole number from 1 to 240; got 0"):
        ImageClassifier(folds=0).fit(PICTURES, CLASSES)
    with pytest.raises(DataError, match=r"pictures are \(n, height, width, channels\) uint8; got list"):
        ImageClassifier().fit([], CLASSES)
    model = ImageClassifier(**QUICK | {"epochs": 1}).fit(PICTURES, CLASSES)
    model.write_files(tmp_path)
    words = json.loads((tmp_path / WORDS).read_text(encoding="utf-8"))
    (tmp_path / WORDS).write_text(json.dumps(words | {"shape": [12, 12, 3]}), encoding="utf-8")
    with pytest.raises(ModelFileError, match=r"holds no image network that can be read \(RuntimeError: Error\(s\) in loading"):
        ImageClassifier.read_files(tmp_path)


def test_views_of_arrays_and_arrays_that_are_read_only_are_taken():
    upside_down = PICTURES[:40, ::-1]
    locked = np.ascontiguousarray(upside_down)
    locked.flags.writeable = False
    one, other = (ImageClassifier(**QUICK | {"epochs": 1}).fit(X, CLASSES[:40]) for X in (upside_down, locked))
    assert one.predict_proba(upside_down).tolist() == other.predict_proba(locked).tolist()


@pytest.mark.parametrize("kind", [ImageClassifier, ImageRegressor])
def test_nothing_is_predicted_before_training(kind):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        kind().predict(PICTURES)
