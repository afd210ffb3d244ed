"""Images changed by chance while a network learns, a whole batch at a time: it sees none twice, and learns what does not matter.

Mirrored and shifted as in He et al. 2015 (arXiv:1512.03385, section 4.2), but what comes in from outside repeats the edge;
squares erased as in DeVries & Taylor 2017 (arXiv:1708.04552). Each image has its own chance, drawn from torch's global generator,
which a checkpoint holds: a training that was killed goes on bit for bit.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tenon import ranges


@dataclass(frozen=True)
class Augmentation:
    """How far images may change; 0 everywhere, and no mirror, changes nothing. Raises SettingsError for what is out of range.

    mirror : whether left and right change places in half of the images; None: where images have colours. Digits, letters and
        X-rays, which a mirror makes wrong, are grey, and photographs, which it does not, are not.
    shift : share of height and width by which an image moves at most. rotation : degrees, at most, either way.
    lighting : by how much brightness (of 0 to 1) and contrast (as a factor of 1) change at most.
    erasing : share of height and width of a square that takes the image's mean colour.
    """

    mirror: bool | None = None
    shift: float = 0.1
    rotation: float = 0.0
    lighting: float = 0.0
    erasing: float = 0.0

    def __post_init__(self) -> None:
        for name in ("shift", "lighting", "erasing"):
            ranges.number(name, getattr(self, name), 0, 1)
        ranges.number("rotation", self.rotation, 0, 180)

    def mirrors(self, n_channels: int) -> bool:
        """Whether images of so many channels are mirrored."""
        return n_channels > 1 if self.mirror is None else self.mirror

    def __call__(self, images: Tensor) -> Tensor:
        """Return images (b, C, H, W), uint8 or float in [0, 1], as the latter, each changed in its own way."""
        b, n_channels, height, width = images.shape
        mirrors = self.mirrors(n_channels)
        if mirrors or self.shift:
            down, right = (_whole_steps(b, round(self.shift * side)) for side in (height, width))
            is_mirrored = torch.rand(b) < 0.5 if mirrors else torch.zeros(b, dtype=torch.bool)
            images = moved(images, down, right, is_mirrored)
        images = in_unit(images)
        if self.rotation:
            images = rotated(images, self.rotation * _signed(b))
        if self.lighting:
            images = lit(images, self.lighting * _signed(b), 1.0 + self.lighting * _signed(b))
        if self.erasing:
            tall, wide = round(self.erasing * height), round(self.erasing * width)
            top, left = torch.randint(height - tall + 1, (b,)), torch.randint(width - wide + 1, (b,))
            images = erased(images, top, left, tall, wide)
        return images


NONE = Augmentation(mirror=False, shift=0.0)


def in_unit(images: Tensor) -> Tensor:
    """Return images of bytes as float32 from 0 to 1, others as they are."""
    return images.float().div_(255) if images.dtype == torch.uint8 else images


def moved(images: Tensor, down: Tensor, right: Tensor, is_mirrored: Tensor) -> Tensor:
    """Return images mirrored where is_mirrored (b,), then moved by whole pixels down and right (b,); edges repeat.

    Each line of pixels is laid out between its repeated edges, and mirrored once more behind that: a line of the result is a
    window into this strip, copied in one piece, where pixels taken one by one would cost as much as all else of a batch.
    """
    b, n_channels, height, width = images.shape
    most = max(map(abs, right.tolist()), default=0)
    lines = images.permute(0, 2, 3, 1)
    first, last = (end.expand(-1, -1, most, -1) for end in (lines[:, :, :1], lines[:, :, -1:]))
    wide = torch.cat([first, lines, last], dim=2)
    strips = torch.cat([wide, wide.flip(2)], dim=2)
    rows = (torch.arange(height) - down[:, None]).clamp_(0, height - 1) + height * torch.arange(b)[:, None]
    starts = most - right + is_mirrored * wide.shape[2]
    windows = strips.flatten().unfold(0, width * n_channels, n_channels)  # at every pixel of all strips
    chosen = windows.index_select(0, (strips.shape[2] * rows + starts[:, None]).flatten().to(images.device))
    return chosen.view(b, height, width, n_channels).permute(0, 3, 1, 2)


def rotated(images: Tensor, degrees: Tensor) -> Tensor:
    """Return images turned about their middle, degrees (b,) counter-clockwise; between pixels bilinear, edges repeat."""
    height, width = images.shape[-2:]
    angle = torch.deg2rad(degrees)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    ratio = height / width  # a step of 1 down is that many steps to the right, in the grid's units of half a side
    map_back = torch.stack([torch.stack([cos, -sin * ratio, zero], 1), torch.stack([sin / ratio, cos, zero], 1)], 1)
    grid = functional.affine_grid(map_back.to(images), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


def lit(images: Tensor, added: Tensor, factor: Tensor) -> Tensor:
    """Return images with their distance from their mean times factor (b,), and added (b,) on top; within [0, 1]."""
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    added, factor = (values.to(images).view(-1, 1, 1, 1) for values in (added, factor))
    return (mean + added + factor * (images - mean)).clamp_(0.0, 1.0)


def erased(images: Tensor, top: Tensor, left: Tensor, tall: int, wide: int) -> Tensor:
    """Return images in which tall x wide pixels from top and left (b,) have the image's mean colour."""
    height, width = images.shape[-2:]
    rows, columns = torch.arange(height) - top[:, None], torch.arange(width) - left[:, None]
    inside = ((rows >= 0) & (rows < tall))[:, :, None] & ((columns >= 0) & (columns < wide))[:, None, :]
    return torch.where(inside[:, None].to(images.device), images.mean(dim=(2, 3), keepdim=True), images)


def _signed(b: int) -> Tensor:
    return 2.0 * torch.rand(b) - 1.0


def _whole_steps(b: int, most: int) -> Tensor:
    return torch.randint(-most, most + 1, (b,))
