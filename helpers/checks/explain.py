"""What an exception says, where it came from, and what it means in plain words."""

import difflib
import re
import traceback

import torch

# Pattern of the exception's text -> what it means; {1} is the pattern's first group. The first match speaks.
MEANINGS = {
    r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)": (
        "A matrix product pairs the {2} columns on the left with the {3} rows on the right: the two must be equal."
    ),
    r"size mismatch, got input \(\d+\), mat \((\d+)x(\d+)\), vec \((\d+)\)": (
        "A matrix times a vector pairs the {2} columns of the one with the {3} numbers of the other: the two must be "
        "equal."
    ),
    r"inconsistent tensor size, expected tensor \[(\d+)\] and src \[(\d+)\]": (
        "Two vectors are multiplied number by number: {1} on the left, {2} on the right."
    ),
    r"too many indices for tensor of dimension (\d+)": (
        "Square brackets name a place for each axis, and more were named than the {1} that this tensor has."
    ),
    r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)": (
        "Element by element, axis {3} holds {1} numbers on one side and {2} on the other: only an axis of size 1 "
        "stretches to fit."
    ),
    r"only integer tensors of a single element can be converted to an index": (
        "A slice (`:`), a list's index and `range` take one whole number, and here it is a tensor of several."
    ),
    r"Can't call numpy\(\) on Tensor that requires grad": (
        "numpy keeps no way back for a gradient, and one is needed here: stay with torch."
    ),
    r"leaf Variable that requires grad is being used in an in-place": (
        "An input is changed in place. Make a new tensor instead of `-=`, `*=`, `..._()` or `x[...] =`."
    ),
    r"does not require grad": (
        "No way back was recorded: autograd follows only what came from a tensor with `requires_grad`."
    ),
    r"could not be broadcast together with shapes (\([\d, ]*\)) (\([\d, ]*\))": (
        "Element by element, shapes {1} and {2} do not fit: only an axis of size 1 stretches."
    ),
    r"Dimension out of range \(expected to be in range of \[-([2-9]), \d+\], but got (-?\d+)\)": (
        "There is no axis {2} here: the tensor has {1} (axes are counted from 0, or from the end with -1)."
    ),
    r"Dimension out of range .* got (-?\d+)": "There is no axis {1} here: the tensor has one axis, or none.",
    r"only one element tensors|cannot be converted to Scalar|must be real number, not Tensor": (
        "One single number belongs in this place (`float`, `.item()` and Python's `math` take no more), but it is a "
        "tensor of several."
    ),
    r"math range error|Numerical result out of range": "The result is larger than any number a computer holds.",
    r"must be real number, not torch.Size|and 'torch.Size'": "A shape is a list of sizes: pick the one that is meant.",
    r"must be Tensor, not (int|float)": "This function of torch takes tensors, and here it meets a plain number.",
    r"return_types\.max|return_types\.min": "Along an axis, `max` and `min` give two things: the values and where.",
    r"'float' object is not iterable|iteration over a 0-d tensor": (
        "A loop walks through a single number here: there are more loops than axes."
    ),
    r'missing 1 required positional arguments: "dim"': "It is not told along which axis.",
    r"1D tensors expected": "`dot` takes two vectors, and these are matrices.",
    r"must be a 3D tensor": "`bmm` multiplies whole batches of matrices, and here are single ones.",
    r"same dtype|expected .*scalar type": (
        "The two sides hold different kinds of numbers: whole and decimal ones, or float32 and float64."
    ),
    r"'(?:builtin_function_or_method|method|function)'": (
        "A function stands where its result should: are the round brackets of a call missing?"
    ),
    r"Expected target size": (
        "`cross_entropy` wants the axis it chooses along second. Or lay all places in one row: logits (n, V), ids (n,)."
    ),
    r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)": (
        "{1} rows of logits meet {2} targets. What leaves places out has to leave them out on both sides."
    ),
    r"only for scalar outputs": "A gradient is taken of one single number, and here it would be taken of several.",
    r"got (?:float|\((?:int, )*float)|'float' object cannot be interpreted as an integer": (
        "`/` makes a decimal number even of 4 / 2, and a size, a count or an index is a whole one: `//` makes those."
    ),
    r"first two dimensions of batch2 tensor to be: \[\d+, (\d+)\] but got: \[\d+, (\d+)\]": (
        "In each part of the batch, {1} columns on the left meet {2} rows on the right: the two must be equal."
    ),
    r"'Tensor' object is not callable": "Round brackets call a function; square ones pick from a tensor.",
}


def describe_error(error, fn, arguments=(), silent=""):
    """Say what was raised, what that means, and where: "It raises ValueError: ... That is line 3 of your ...".

    Args:
        error: the exception that came out of fn.
        fn: the learner's function.
        arguments: the names of what it was called with.
        silent: the function of the learner's that returned nothing last, if any did.
    """
    if isinstance(error, RecursionError):
        return "It calls itself without end (RecursionError): no call returns before the next one starts."
    frames = _frames(error, fn)
    line = frames[-1].line if frames else ""
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(str(error).split()))  # an address would differ every time
    told = text.partition(" - got")[0][:300].rstrip(".")  # what torch lists behind it are its own signatures
    raised = f"It raises {type(error).__name__}{': ' + told if told else ''}."
    if isinstance(error, TypeError) and not frames and arguments:  # it broke at the call itself
        return f"{raised} The check calls it with {len(arguments)}: `{', '.join(arguments)}`."
    return " ".join(filter(None, (raised, _meaning(error, text, line, fn, silent), _where(frames, fn))))


def _frames(error, fn):
    """The calls on the way to the error that stand in the learner's own cells, outermost first."""
    own = getattr(fn, "__globals__", None)
    found = [(frame, number) for frame, number in traceback.walk_tb(error.__traceback__) if frame.f_globals is own]
    return traceback.StackSummary.extract(found)


def _where(frames, fn):
    """The line of the function; and of what it calls, when it broke there."""
    code = getattr(fn, "__code__", None)
    own = [frame for frame in frames if code and (frame.name, frame.filename) == (code.co_name, code.co_filename)]
    if not own or not frames[-1].line:
        return ""
    number = own[-1].lineno - code.co_firstlineno + 1
    source = f"`{frames[-1].line.strip()[:120]}`"
    if frames[-1] is own[-1] or frames[-1].name.startswith("<"):  # a comprehension belongs to its line
        return f"That is line {number} of your function: {source}."
    return f"That is in `{frames[-1].name}`, called from line {number} of your function: {source}."


def _meaning(error, text, line, fn, silent):
    if re.search("NoneType|ellipsis", text.partition(" - got")[0]):  # numpy hands None on where it has no wish
        if silent:
            return f"`{silent}` returned nothing: is it still to be written, or is its `return` missing?"
        return "Something in this line is None, which is what a function without a `return` gives."
    if isinstance(error, NameError):
        return _unknown_name(error, fn)
    if isinstance(error, TypeError) and re.search(r"\b(np|numpy)\.", line):
        return "A function of numpy meets a tensor of torch: torch has its own, with `dim` and `keepdim`."
    if unpacked := re.search(r"values to unpack \(expected (\d+)(?:, got (\d+))?", text):
        wanted, got = unpacked.groups()
        if re.search(r"\b(chunk|split)\(", line):
            return (
                "`chunk` and `split` cut along axis 0 unless told otherwise; `chunk(4)` gives four pieces, `split(4)` "
                "pieces of width 4."
            )
        return f"The tensor has {got} axes here, not {wanted}." if got and "shape" in line else ""
    if "tuple index out of range" in text and "shape" in line:
        return "The tensor has fewer axes here than the line asks for."
    if "batch2" in text and re.search(r"\.T\b", line):
        return "`.T` turns *all* axes round, that of the batch too; `.mT` exchanges the last two."
    for pattern, meaning in MEANINGS.items():
        if match := re.search(pattern, text):
            return meaning.format(match.group(), *match.groups())
    return ""


def _unknown_name(error, fn):
    if not error.name:
        return ""
    if hasattr(torch, error.name):
        return f"Is it `torch.{error.name}` that is meant?"
    near = difflib.get_close_matches(error.name, getattr(getattr(fn, "__code__", None), "co_varnames", ()), n=1)
    return f"Is it `{near[0]}` that is meant?" if near else ""
