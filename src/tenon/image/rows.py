"""Pictures as batches for a network: bytes in memory, unit numbers changed by chance, each channel standardised."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tenon.image.augment import NONE, Augmentation, moved
from tenon.training.rows import Batch

LEAST_DEVIATION = 1e-3  # of a channel, a quarter of a level of 255: train rows of one colour are not blown up


@dataclass(frozen=True)
class Channels:
    """Mean and standard deviation of each channel in the train rows, (C,) of values from 0 to 1."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @classmethod
    def of(cls, pictures: np.ndarray) -> "Channels":
        """pictures : (n, H, W, C) uint8."""
        counts = [np.bincount(pictures[..., channel].ravel(), minlength=256) for channel in range(pictures.shape[-1])]
        levels = np.arange(256) / 255
        means = [float(count @ levels / count.sum()) for count in counts]
        deviations = [
            float(np.sqrt(count @ (levels - mean) ** 2 / count.sum())) for count, mean in zip(counts, means, strict=True)
        ]
        return cls(tuple(means), tuple(max(LEAST_DEVIATION, deviation) for deviation in deviations))

    def standardised(self, images: Tensor) -> Tensor:
        """Return images (b, C, H, W) with mean 0 and deviation 1 of each channel over all train rows."""
        mean, deviation = (self._as_image(values, images) for values in (self.mean, self.deviation))
        return (images - mean).div_(deviation).contiguous(memory_format=torch.channels_last)

    def _as_image(self, values: tuple[float, ...], images: Tensor) -> Tensor:
        """Return (1, C, H, W) of one value a channel, laid out in full: torch is slow at so short an innermost axis."""
        line = torch.tensor(values).to(images).expand(*images.shape[2:], len(values))
        return line.contiguous().permute(2, 0, 1)[None]


class PictureRows:
    """Pictures (n, H, W, C) uint8 and targets (n, …) to train on or to judge by; rows : which of them, (m,) int64, None: all."""

    def __init__(
        self, pictures: Tensor, targets: Tensor, channels: Channels, augmentation: Augmentation = NONE, rows: Tensor | None = None
    ):
        self.pictures, self.targets, self.channels, self.augmentation = pictures, targets, channels, augmentation
        self.rows = torch.arange(len(targets)) if rows is None else rows

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        """Return images (b, C, H, W) float32 and targets of rows ids (b,)."""
        rows = self.rows[ids]
        images = self.augmentation(channels_first(self.pictures.index_select(0, rows).to(device)))
        return (self.channels.standardised(images),), self.targets[rows].to(device)


def channels_first(pictures: Tensor) -> Tensor:
    """Return (b, C, H, W) of pictures (b, H, W, C), where they lie."""
    return pictures.permute(0, 3, 1, 2)


def views(images: Tensor, augmentation: Augmentation) -> Iterator[Tensor]:
    """Yield images (b, C, H, W) as they are, and moved and mirrored as far as they were while training.

    They are moved by half of the longest shift, up, down, left and right; each view is mirrored, too, where training did that.
    """
    b, n_channels, height, width = images.shape
    down, right = (max(1, round(augmentation.shift * side / 2)) if augmentation.shift else 0 for side in (height, width))
    steps = dict.fromkeys([(0, 0), (-down, 0), (down, 0), (0, -right), (0, right)])  # each once
    for mirrored in (False, True) if augmentation.mirrors(n_channels) else (False,):
        for step in steps:
            along = torch.tensor(step).expand(b, 2)
            yield moved(images, along[:, 0], along[:, 1], torch.full((b,), mirrored))
