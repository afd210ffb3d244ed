"""Grad-CAM: where in an image a network sees a class (Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2)."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional


def grad_cam(net: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
    """Return (B, H, W) float, 0 where nothing speaks for the class and larger where more does; not scaled.

    net : with `last_map`, the name of the layer that gives its last map. images : (B, C, H, W). classes : (B,) int.
    The network is asked in evaluation mode, and left in the mode that it was in.
    """
    with _evaluating(net), _leaf(net.get_submodule(str(net.last_map))) as leaves, torch.enable_grad():
        scores = net(images).gather(1, classes[:, None])
        [gradient] = torch.autograd.grad(scores.sum(), leaves)
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    seen = (weights * leaves[0].detach()).sum(dim=1, keepdim=True).relu()
    return functional.interpolate(seen, images.shape[-2:], mode="bilinear", align_corners=False)[:, 0]


@contextmanager
def _leaf(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Let the layer's output be a leaf that takes a gradient, also where its weights are frozen, and fill it into the list."""
    leaves: list[Tensor] = []

    def replace(_layer: nn.Module, _inputs: tuple, output: Tensor) -> Tensor:
        leaves.append(output.detach().requires_grad_())
        return leaves[-1]

    hook = layer.register_forward_hook(replace)
    try:
        yield leaves
    finally:
        hook.remove()


@contextmanager
def _evaluating(net: nn.Module) -> Iterator[None]:
    was_training = net.training
    net.eval()
    try:
        yield
    finally:
        net.train(was_training)
