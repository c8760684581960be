"""See what a function calls, under whatever name it imported it."""

import sys

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
        self.silent = ""  # the learner's other function that returned nothing last
        self.fn, self.cell = getattr(fn, "__code__", None), getattr(fn, "__globals__", None)

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
        code = frame.f_code
        if event == "call":
            if code in self.codes:
                self._refuse(self.codes[code])
            if code.co_name == self.name and "site-packages" in code.co_filename:  # scipy.special.softmax, say
                self._refuse(f"{frame.f_globals.get('__name__', 'a library')}.{code.co_name}")
        elif event == "return" and (arg is None or arg is ...) and self._is_theirs(frame):
            self.silent = code.co_name

    def _is_theirs(self, frame):
        """Whether this is another function of the learner's."""
        code = frame.f_code
        return frame.f_globals is self.cell and code is not self.fn and not code.co_name.startswith("<")

    def _refuse(self, title):
        self.refused = title
        raise Refused


def _title(thing):
    """A readable name: "torch.nn.functional.softmax", "torch.softmax", "Tensor.softmax"."""
    name = getattr(thing, "__name__", str(thing))
    module = getattr(thing, "__module__", None) or "Tensor"
    return f"torch.{name}" if module.startswith(("torch._C", "torch._ops")) else f"{module}.{name}"
