"""Networks for images, from LeNet to EfficientNet: `Net(n_classes, channels=3, size=224, …)`, images (B, C, H, W) into (B, K)."""

from typing import TYPE_CHECKING

from tenon.image.methods import METHODS
from tenon.lazy import exports

if TYPE_CHECKING:
    from tenon.image.alexnet import AlexNet
    from tenon.image.augment import Augmentation
    from tenon.image.efficientnet import EfficientNet
    from tenon.image.estimators import ImageClassifier, ImageRegressor
    from tenon.image.googlenet import GoogLeNet
    from tenon.image.lenet import LeNet
    from tenon.image.resnet import ResNet
    from tenon.image.vgg import VGG
    from tenon.image.weights import load_weights

_WHERE = {
    "VGG": "vgg",
    "AlexNet": "alexnet",
    "Augmentation": "augment",
    "EfficientNet": "efficientnet",
    "GoogLeNet": "googlenet",
    "ImageClassifier": "estimators",
    "ImageRegressor": "estimators",
    "LeNet": "lenet",
    "ResNet": "resnet",
    "load_weights": "weights",
}
__all__ = [
    "METHODS", "VGG", "AlexNet", "Augmentation", "EfficientNet", "GoogLeNet", "ImageClassifier", "ImageRegressor", "LeNet",
    "ResNet", "load_weights",
]  # fmt: skip
__getattr__, __dir__ = exports(__name__, _WHERE)
