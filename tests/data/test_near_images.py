"""Images that are nearly the same: copies made in the usual ways are found, other pictures are not."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageEnhance

from tenon.data.near_images import near_images


def picture(seed, side=64):
    """A smooth colour picture, like a photograph out of focus: 6 x 6 random colours made larger."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC)


def stored(image, form="PNG", **settings):
    content = io.BytesIO()
    image.save(content, form, **settings)
    return content.getvalue()


def groups(cells, root):
    return pd.factorize(near_images(cells, root))[0].tolist()


COPIES = {
    "jpeg": lambda image: stored(image, "JPEG", quality=60),
    "smaller": lambda image: stored(image.resize((40, 40))),
    "larger": lambda image: stored(image.resize((150, 150))),
    "brighter": lambda image: stored(ImageEnhance.Brightness(image).enhance(1.05)),
    "more contrast": lambda image: stored(ImageEnhance.Contrast(image).enhance(1.1)),
    "webp": lambda image: stored(image, "WEBP"),
    "opaque": lambda image: stored(image.convert("RGBA")),
    "palette": lambda image: stored(image.quantize(256)),
}


@pytest.mark.parametrize("how", COPIES)
def test_copies_are_found(how, tmp_path):
    originals = [picture(seed) for seed in range(20)]
    cells = [stored(image) for image in originals] + [COPIES[how](image) for image in originals]
    assert groups(cells, tmp_path) == [*range(20), *range(20)]


@pytest.mark.parametrize(
    "other",
    [
        lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda image: image.rotate(90),
        lambda image: Image.fromarray(np.asarray(image)[..., ::-1].copy()),  # red for blue: a class may be a colour
        lambda image: Image.fromarray(255 - np.asarray(image)),
        lambda image: ImageEnhance.Brightness(image).enhance(0.6),
    ],
)
def test_other_pictures_are_not(other, tmp_path):
    assert groups([stored(picture(0)), stored(other(picture(0)))], tmp_path) == [0, 1]


def test_pairs_at_the_limit_against_all_pairs(tmp_path):
    """One picture mixed with more and more of another: near exactly where the 16 x 16 pictures correlate by 0.995."""
    one, other = (np.asarray(picture(seed, side=16), float) for seed in (1, 2))
    mixed = [np.round((1 - share) * one + share * other).astype(np.uint8) for share in np.linspace(0, 0.3, 13)]
    small = np.stack(mixed).reshape(13, -1).astype(float)
    is_near = (np.corrcoef(small) >= 0.995) & (np.abs(small[:, None] - small[None]).mean(axis=2) <= 12)
    assert 13 < is_near.sum() < 13 * 13
    # neighbours are near, so all go together; without every other one, chains break where the pairs say so
    for kept in (range(13), range(0, 13, 4), range(0, 13, 6)):
        label = list(range(len(kept)))
        for i, a in enumerate(kept):
            for j, b in enumerate(kept):
                if is_near[a, b]:
                    label = [label[j] if one == label[i] else one for one in label]
        assert groups([stored(Image.fromarray(mixed[k])) for k in kept], tmp_path) == pd.factorize(np.array(label))[0].tolist()


def test_plain_pictures_and_damaged_files_are_only_like_themselves(tmp_path):
    plain = [stored(Image.new("RGB", (20, 20), colour)) for colour in ("white", "black", (254, 255, 255))]
    cells = [*plain, b"no image", plain[0], b"no image", b"neither", None, float("nan")]
    assert groups(cells, tmp_path) == [0, 1, 2, 3, 0, 3, 4, 5, 5]


def test_what_shows_through_is_not_the_picture(tmp_path):
    """Two icons drawn in the transparency of one black square."""
    shapes = [np.asarray(picture(seed).convert("L")) for seed in (1, 2)]
    icons = [Image.fromarray(np.dstack([np.zeros((64, 64, 3), np.uint8), shape])) for shape in shapes]
    assert groups([stored(icons[0]), stored(icons[1]), stored(icons[0].resize((40, 40)))], tmp_path) == [0, 1, 0]


def test_sixteen_bits(tmp_path):
    grey = picture(3).convert("L")
    wide = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    assert wide.mode == "I;16"
    assert groups([stored(grey), stored(wide), stored(picture(4).convert("L"))], tmp_path) == [0, 0, 1]


def test_paths_start_from_the_root_and_order_does_not_matter(tmp_path):
    (tmp_path / "a").mkdir()
    names = []
    for seed in range(12):
        for form in ("PNG", "BMP") if seed % 2 else ("PNG",):
            names.append(f"a/{seed}.{form.lower()}")
            (tmp_path / names[-1]).write_bytes(stored(picture(seed), form))
    label = np.array(groups(names, tmp_path))
    assert label.tolist() == pd.factorize(np.array([int(name[2:].split(".")[0]) for name in names]))[0].tolist()
    order = np.random.default_rng(0).permutation(len(names))
    assert groups([names[k] for k in order], tmp_path) == pd.factorize(label[order])[0].tolist()
