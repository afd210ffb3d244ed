"""A device that is not there: tensors say that they lie on it, are computed on the CPU, and meet none that lie on the CPU.

Without gradients, for which PyTorch asks the device itself.
"""

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

PLACE = torch.device("lazy")  # a kind of which PyTorch asks nothing where it is not there
RECURRENT = ("rnn_tanh", "lstm", "gru")  # these turn what they say round in place


class Elsewhere(torch.Tensor):
    """A tensor of PLACE. held : the same on the CPU."""

    @staticmethod
    def __new__(cls, held):
        said = {"strides": held.stride(), "storage_offset": held.storage_offset(), "dtype": held.dtype, "device": PLACE}
        made = torch.Tensor._make_wrapper_subclass(cls, held.shape, **said)
        made.held = held
        return made

    def __repr__(self):
        return f"Elsewhere({self.held})"

    def tolist(self):
        return self.held.tolist()

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        with torch._C.DisableTorchFunctionSubclass():
            return (_run if function.__name__ in RECURRENT else _plainly)(function, args, kwargs or {})

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return _run(function, args, kwargs or {})


class OnPlace(TorchDispatchMode):
    """Within, what is made with `device=PLACE` lies there."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        return _run(function, args, kwargs or {})


def _plainly(function, args, kwargs):
    return function(*args, **kwargs)


def _run(function, args, kwargs):
    tensors = [one for one in tree_leaves((args, kwargs)) if isinstance(one, torch.Tensor)]
    asked = kwargs.get("device")
    are_there = asked == PLACE if asked is not None else any(isinstance(one, Elsewhere) for one in tensors)
    strangers = [one for one in tensors if not isinstance(one, Elsewhere) and one.ndim]
    is_move = asked is not None or function is torch.ops.aten.copy_.default
    assert is_move or not (are_there and strangers), f"{function} meets a tensor {tuple(strangers[0].shape)} of the CPU"
    plain = tree_map(lambda one: one.held if isinstance(one, Elsewhere) else one, (args, kwargs))
    if asked is not None:
        plain[1]["device"] = torch.device("cpu")
    found = function(*plain[0], **plain[1])
    if not are_there:
        return found
    if function.__name__.partition(".")[0].endswith("_") and isinstance(args[0], Elsewhere):
        return args[0]
    return tree_map(lambda one: Elsewhere(one) if isinstance(one, torch.Tensor) else one, found)


def sent(x):
    """Return tensors, alone or within tuples, as they are on PLACE."""
    return tree_map(lambda one: Elsewhere(one.detach().clone()) if isinstance(one, torch.Tensor) else one, x)


def send(net):
    """Bring a network to PLACE."""
    for part in net.modules():
        for name, parameter in part._parameters.items():
            if parameter is not None:
                part._parameters[name] = nn.Parameter(Elsewhere(parameter.detach().clone()), requires_grad=False)
        for name, buffer in part._buffers.items():
            if buffer is not None:
                part._buffers[name] = Elsewhere(buffer.clone())
