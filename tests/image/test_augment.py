"""Changes of images against NumPy, brute force and geometry; each image by itself, and nothing at strength 0."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tenon.errors import SettingsError  # noqa: E402
from tenon.image.augment import NONE, Augmentation, erased, lit, moved, rotated  # noqa: E402
from tenon.training.noise import own_chance  # noqa: E402

RNG = np.random.default_rng(0)
IMAGES = RNG.random((6, 3, 7, 9)).astype(np.float32)
TENSOR = torch.from_numpy(IMAGES)
NOWHERE, NEVER = torch.zeros(6, dtype=torch.int64), torch.zeros(6, dtype=torch.bool)


def moved_slowly(image: np.ndarray, down: int, right: int, is_mirrored: bool) -> np.ndarray:
    """Pixel by pixel: each takes the pixel that lay before it, the nearest one on the edge where there is none."""
    result = np.empty_like(image)
    _, height, width = image.shape
    for row in range(height):
        for column in range(width):
            from_row, from_column = min(max(row - down, 0), height - 1), min(max(column - right, 0), width - 1)
            if is_mirrored:
                from_column = width - 1 - from_column
            result[:, row, column] = image[:, from_row, from_column]
    return result


@pytest.mark.mission("B6")
def test_mirrored_images_are_numpys():
    assert np.array_equal(moved(TENSOR, NOWHERE, NOWHERE, ~NEVER), IMAGES[..., ::-1])


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_each_image_moves_by_its_own_steps(layout):
    down, right = torch.tensor([0, 2, -3, 1, -9, 8]), torch.tensor([4, 0, -1, -2, 9, 30])
    is_mirrored = torch.tensor([False, True, True, False, True, False])
    ours = moved(TENSOR.to(memory_format=layout), down, right, is_mirrored).numpy()
    slow = [moved_slowly(*each) for each in zip(IMAGES, down.tolist(), right.tolist(), is_mirrored.tolist(), strict=True)]
    assert np.array_equal(ours, np.stack(slow))
    assert np.array_equal(TENSOR.numpy(), IMAGES)  # what was given is left alone


@pytest.mark.parametrize("side", [6, 7])
def test_quarter_turns_are_numpys(side):
    images = RNG.random((4, 2, side, side)).astype(np.float32)
    turned = rotated(torch.from_numpy(images), torch.tensor([0.0, 90.0, 180.0, -90.0])).numpy()
    expected = [np.rot90(image, k, axes=(1, 2)) for image, k in zip(images, (0, 1, 2, -1), strict=True)]
    assert turned == pytest.approx(np.stack(expected), abs=1e-5)  # bilinear weights are right to some float32 digits


def test_a_turn_keeps_lengths_where_images_are_wide():
    """A dot 10 pixels to the right of the middle stands 10 x sin 30° = 5 above it and 8.66 to the right after a turn of 30°."""
    image = torch.zeros(1, 1, 21, 41)
    image[0, 0, 10, 30] = 1.0
    turned = rotated(image, torch.tensor([30.0]))[0, 0]
    rows, columns = torch.meshgrid(torch.arange(21.0), torch.arange(41.0), indexing="ij")
    centre = (turned * rows).sum() / turned.sum(), (turned * columns).sum() / turned.sum()
    assert centre[0] == pytest.approx(10 - 5.0, abs=0.1)
    assert centre[1] == pytest.approx(20 + 8.66, abs=0.1)


def test_light_by_hand():
    image = torch.tensor([[[[0.2, 0.4], [0.4, 0.6]]]]).repeat(2, 1, 1, 1)  # mean 0.4
    ours = lit(image, torch.tensor([0.1, 0.5]), torch.tensor([0.5, 2.0]))
    assert ours[0].flatten().tolist() == pytest.approx([0.4, 0.5, 0.5, 0.6])
    assert ours[1].flatten().tolist() == pytest.approx([0.5, 0.9, 0.9, 1.0])  # 1.3 is no light


def test_erased_squares_have_the_mean_colour_and_nothing_else_changes():
    top, left = torch.tensor([0, 1, 5, 2, 0, 3]), torch.tensor([0, 7, 2, 3, 4, 1])
    ours = erased(TENSOR, top, left, 2, 2).numpy()
    for image, before, i, j in zip(ours, IMAGES, top.tolist(), left.tolist(), strict=True):
        expected = before.copy()
        expected[:, i : i + 2, j : j + 2] = before.mean(axis=(1, 2))[:, None, None]
        assert image == pytest.approx(expected, abs=1e-6)


def test_nothing_changes_at_strength_zero():
    torch.manual_seed(5)
    state = torch.get_rng_state()
    assert torch.equal(NONE(TENSOR), TENSOR)
    assert torch.equal(torch.get_rng_state(), state)  # nor is chance used up
    still = dict.fromkeys(("shift", "rotation", "lighting", "erasing"), 0.0)
    for name in still:
        tiny = Augmentation(mirror=False, **still | {name: 1e-12})
        assert tiny(TENSOR).numpy() == pytest.approx(IMAGES, abs=1e-6)


def test_bytes_become_the_same_as_their_numbers():
    levels = torch.from_numpy(RNG.integers(0, 256, (6, 3, 7, 9), dtype=np.uint8))
    changes = Augmentation(mirror=True, shift=0.2, rotation=9.0, lighting=0.2, erasing=0.3)
    with own_chance(1):
        ours = changes(levels)
    with own_chance(1):
        assert torch.equal(ours, changes(levels.float() / 255))
    assert torch.equal(NONE(levels), levels.float() / 255)


@pytest.mark.parametrize(
    ("mirror", "n_channels", "expected"), [(None, 1, False), (None, 3, True), (True, 1, True), (False, 3, False)]
)
def test_colours_are_mirrored_and_greys_are_not_unless_it_is_asked_for(mirror, n_channels, expected):
    images = TENSOR[:1, :n_channels].repeat(64, 1, 1, 1)
    ours = Augmentation(mirror=mirror, shift=0.0)(images)
    mirrored = [torch.equal(image, images[0].flip(-1)) for image in ours]
    same = [torch.equal(image, images[0]) for image in ours]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert (10 < sum(mirrored) < 54) == expected  # of 64 halves; so far off comes by chance once in 10^8
    assert any(mirrored) == expected


def test_images_change_each_in_its_own_way_and_within_bounds():
    image = torch.arange(100.0).view(1, 1, 10, 10).repeat(200, 1, 1, 1) / 100
    with own_chance(3):
        ours = Augmentation(mirror=False, shift=0.2)(image)
    with own_chance(3):
        assert torch.equal(Augmentation(mirror=False, shift=0.2)(image), ours)
    mirrors = Augmentation(mirror=True, shift=0.0)
    assert not torch.equal(mirrors(image), mirrors(image))  # each batch has chance of its own
    middle = ours[:, 0, 5, 5] * 100
    assert sorted({round(55 - float(value)) for value in middle}) == [10 * i + j for i in range(-2, 3) for j in range(-2, 3)]
    lights = Augmentation(mirror=False, shift=0.0, lighting=0.3)(torch.full((500, 1, 2, 2), 0.5))[:, 0, 0, 0]
    assert 0.2 <= lights.min() < 0.25
    assert 0.75 < lights.max() <= 0.8


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shift": 1.5}, "shift takes a number from 0 to 1; got 1.5"),
        ({"rotation": -1.0}, "rotation takes a number from 0 to 180; got -1.0"),
        ({"erasing": float("nan")}, "erasing takes a number from 0 to 1; got nan"),
    ],
)
def test_settings_out_of_range_are_named(settings, message):
    with pytest.raises(SettingsError, match=message):
        Augmentation(**settings)
