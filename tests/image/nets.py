"""The networks that all tests of this room go through: one of each kind, by name."""

from functools import partial

from tenon.image import VGG, AlexNet, EfficientNet, GoogLeNet, LeNet, ResNet

NETS = {
    "lenet": LeNet,
    "alexnet": AlexNet,
    "vgg": partial(VGG, depth=11),
    "vgg-norm": partial(VGG, depth=11, batch_norm=True),
    "googlenet": GoogLeNet,
    "resnet": ResNet,
    "resnet-bottleneck": partial(ResNet, depth=50),
    "resnet-narrow": partial(ResNet, depth=20),
    "plain": partial(ResNet, depth=20, shortcut=False),
    "efficientnet": EfficientNet,
}
