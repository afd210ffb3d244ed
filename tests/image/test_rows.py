"""Pictures as batches: unit numbers, each channel standardised; views by hand; a killed training with chance goes on the same."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from tests.training.killing import Killed, kill_at  # noqa: E402
from torch import nn  # noqa: E402

from tenon.image.augment import NONE, Augmentation, in_unit  # noqa: E402
from tenon.image.rows import Channels, PictureRows, channels_first, views  # noqa: E402
from tenon.training import Recipe, train  # noqa: E402

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (40, 8, 10, 3), dtype=np.uint8)
PICTURES[..., 1] //= 4
CPU = torch.device("cpu")


def test_means_and_deviations_are_numpys():
    channels = Channels.of(PICTURES)
    assert channels.mean == pytest.approx(PICTURES.mean(axis=(0, 1, 2)) / 255)
    assert channels.deviation == pytest.approx(PICTURES.std(axis=(0, 1, 2)) / 255)
    rows = PictureRows(torch.from_numpy(PICTURES), torch.zeros(40), channels)
    (images,), _ = rows.batch(torch.arange(40), CPU)
    assert images.dtype == torch.float32
    assert images.mean(dim=(0, 2, 3)).tolist() == pytest.approx([0, 0, 0], abs=1e-5)
    assert images.std(dim=(0, 2, 3), correction=0).tolist() == pytest.approx([1, 1, 1], abs=1e-5)


def test_pictures_of_one_colour_stay_finite():
    plain = np.full((5, 8, 8, 1), 255, np.uint8)
    (images,), _ = PictureRows(torch.from_numpy(plain), torch.zeros(5), Channels.of(plain)).batch(torch.arange(5), CPU)
    assert torch.equal(images, torch.zeros(5, 1, 8, 8))


def test_a_batch_is_the_rows_asked_for():
    targets = torch.arange(40.0)
    rows = PictureRows(torch.from_numpy(PICTURES), targets, Channels((0.0,) * 3, (1.0,) * 3))
    (images,), batch_targets = rows.batch(torch.tensor([7, 3]), CPU)
    assert batch_targets.tolist() == [7, 3]
    assert images.numpy() == pytest.approx(PICTURES[[7, 3]].transpose(0, 3, 1, 2) / 255)
    assert len(rows) == 40


def test_views_are_the_image_its_neighbours_and_their_mirrors():
    image = in_unit(channels_first(torch.from_numpy(PICTURES[:2])))
    assert [torch.equal(view, image) for view in views(image, NONE)] == [True]
    plain, up, down, left, right = views(image, Augmentation(mirror=False, shift=0.2))  # 1 of 8 rows, 1 of 10 columns
    assert torch.equal(plain, image)
    assert torch.equal(up[:, :, :-1], image[:, :, 1:])
    assert torch.equal(down[:, :, 1:], image[:, :, :-1])
    assert torch.equal(left[..., :-1], image[..., 1:])
    assert torch.equal(right[..., 1:], image[..., :-1])
    both = list(views(image, Augmentation(mirror=True, shift=0.2)))
    assert len(both) == 10
    assert torch.equal(both[5], image.flip(-1))


def net() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 8, 2))


@pytest.mark.parametrize("step", [1, 3, 4, 8])
def test_a_killed_training_with_augmentation_goes_on_to_the_same_bits(step, tmp_path, monkeypatch):
    monkeypatch.setattr("tenon.training.loop.SAVE_EVERY", 0.0)
    changes = Augmentation(mirror=True, shift=0.2, rotation=15.0, lighting=0.2, erasing=0.3)
    rows = PictureRows(torch.from_numpy(PICTURES), torch.arange(40) % 2, Channels.of(PICTURES), changes)
    recipe, loss = Recipe(epochs=3, batch_size=10), nn.functional.cross_entropy
    whole, killed, again = net(), net(), net()
    expected = train(whole, rows, loss, recipe, seed=4)
    with pytest.raises(Killed):
        train(killed, rows, loss, recipe, seed=4, folder=tmp_path, watch=kill_at(step))
    torch.manual_seed(77)
    assert train(again, rows, loss, recipe, seed=4, folder=tmp_path) == expected
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
    plain = PictureRows(rows.pictures, rows.targets, rows.channels)
    assert train(net(), plain, loss, recipe, seed=4) != expected  # the changes do change something
