"""Networks for images, from LeNet to EfficientNet: `Net(n_classes, channels=3, size=224, …)`, images (B, C, H, W) into (B, K)."""

from typing import TYPE_CHECKING

from tenon.lazy import exports

if TYPE_CHECKING:
    from tenon.image.alexnet import AlexNet
    from tenon.image.efficientnet import EfficientNet
    from tenon.image.googlenet import GoogLeNet
    from tenon.image.lenet import LeNet
    from tenon.image.resnet import ResNet
    from tenon.image.vgg import VGG
    from tenon.image.weights import load_weights

_WHERE = {
    "VGG": "vgg",
    "AlexNet": "alexnet",
    "EfficientNet": "efficientnet",
    "GoogLeNet": "googlenet",
    "LeNet": "lenet",
    "ResNet": "resnet",
    "load_weights": "weights",
}
__all__ = ["VGG", "AlexNet", "EfficientNet", "GoogLeNet", "LeNet", "ResNet", "load_weights"]
__getattr__, __dir__ = exports(__name__, _WHERE)
