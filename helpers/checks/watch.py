"""See what a function calls, under whatever name it imported it."""

import sys
import time

from torch.overrides import TorchFunctionMode

from helpers.checks.guards import Refused


class Watch(TorchFunctionMode):
    """While active in a thread, refuse calls of what an exercise forbids.

    Torch's own functions pass through __torch_function__ however they were imported; Python functions (the package's,
    another library's, a module's forward) are seen by the interpreter's profile hook.
    """

    def __init__(self, exercise, fn):
        super().__init__()
        self.name = exercise.name
        self.torch_calls, self.codes = set(), {}
        for thing in exercise.forbidden:
            code = getattr(getattr(thing, "forward", thing), "__code__", None)
            if code is not None and code is not getattr(fn, "__code__", None):  # the reference may call itself
                self.codes[code] = _title(thing)
            if not isinstance(thing, type):
                self.torch_calls.add(thing)
        self.refused = ""  # what was called
        self.park = self.parked = False

    def __enter__(self):
        sys.setprofile(self._profile)
        return super().__enter__()

    def __exit__(self, *error):
        sys.setprofile(None)
        return super().__exit__(*error)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in self.torch_calls:
            self._refuse(_title(func))
        return func(*args, **(kwargs or {}))

    def _profile(self, frame, event, arg):
        if self.park and event in ("call", "c_call"):
            self.parked = True
            while True:  # a loop that swallows every exception: keep it asleep, it is a daemon thread
                time.sleep(3600)
        if event == "call":
            code = frame.f_code
            if code in self.codes:
                self._refuse(self.codes[code])
            if code.co_name == self.name and "site-packages" in code.co_filename:  # scipy.special.softmax, say
                self._refuse(f"{frame.f_globals.get('__name__', 'a library')}.{code.co_name}")

    def _refuse(self, title):
        self.refused = title
        raise Refused


def _title(thing):
    """A readable name: "torch.nn.functional.softmax", "torch.softmax", "Tensor.softmax"."""
    name = getattr(thing, "__name__", str(thing))
    module = getattr(thing, "__module__", None) or "Tensor"
    return f"torch.{name}" if module.startswith(("torch._C", "torch._ops")) else f"{module}.{name}"
