"""A GPU that is none: numbers stay on the CPU, but they may only meet numbers on the same device.

    with PretendGpu() as gpu, patch.object(training, "pick_device", lambda: gpu.device):
        fit(...)                           a tensor that was forgotten on the CPU raises an error, as on a real GPU

Every operation passes through torch's function mode. What lies on the GPU is known by its storage, so that views, and
parameters whose numbers were exchanged, lie there too. As on a real GPU, single numbers and indices may come from the
CPU.
"""

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten

INDEXING = (torch.Tensor.__getitem__, torch.Tensor.__setitem__)
MOVING = (torch.Tensor.to, torch.Tensor.cpu)
EXCHANGING = (torch.Tensor.copy_, torch.Tensor.data.__set__, torch._has_compatible_shallow_copy_type)
TO_PYTHON = (torch.Tensor.numpy, torch.Tensor.__array__)


class PretendGpu(TorchFunctionMode):
    """Refuses operations on tensors of both devices."""

    device = torch.device("cuda")

    def __init__(self):
        super().__init__()
        self.storages = {}  # they are held, so that no address is used again

    def __torch_function__(self, function, types, args=(), kwargs=None):
        """Run one operation of torch."""
        kwargs = kwargs or {}
        tensors = [each for each in tree_flatten((args, kwargs))[0] if isinstance(each, torch.Tensor)]
        here = [each for each in tensors if self.holds(each)]
        if function == torch.Tensor.device.__get__:
            return self.device if here else function(*args)
        if function in EXCHANGING:
            return function(*args, **kwargs)
        if function in MOVING:
            return self._move(function, args, kwargs)
        if here and function in TO_PYTHON:
            raise TypeError("numpy cannot read what lies on the GPU; .cpu() comes first")
        met = [args[0], *args[2:]] if function in INDEXING and self.holds(args[0]) else tensors
        left = [each for each in met if isinstance(each, torch.Tensor) and each.dim() and not self.holds(each)]
        if here and left:
            shapes = ", ".join(str(tuple(each.shape)) for each in left)
            raise RuntimeError(f"{function.__name__}: on the CPU, where all else is on the GPU: {shapes}")
        wanted = kwargs.get("device")
        made_here = wanted is not None and torch.device(wanted) == self.device
        result = function(*args, **{**kwargs, "device": "cpu"} if made_here else kwargs)
        return self._keep(result) if here or made_here else result

    def holds(self, tensor):
        """Whether a tensor lies on the GPU."""
        return self._address(tensor) in self.storages

    def _move(self, function, args, kwargs):
        tensor, *rest = args
        asked = ["cpu"] if function == torch.Tensor.cpu else [*rest, kwargs.pop("device", None)]
        device = next((torch.device(each) for each in asked if isinstance(each, str | torch.device)), None)
        to_gpu = self.holds(tensor) if device is None else device == self.device
        rest = ["cpu" if isinstance(each, str | torch.device) else each for each in rest]
        moved = tensor.to(*rest or ["cpu"], **kwargs)
        if moved is tensor and to_gpu != self.holds(tensor):
            moved = tensor.clone()
        return self._keep(moved) if to_gpu else moved

    def _keep(self, result):
        for each in tree_flatten(result)[0]:
            if isinstance(each, torch.Tensor):
                self.storages[self._address(each)] = each.untyped_storage()
        return result

    @staticmethod
    def _address(tensor):
        with torch._C.DisableTorchFunction():
            return tensor.untyped_storage()._cdata
