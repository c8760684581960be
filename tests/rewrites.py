"""All small changes of a function's source: operators, axes, constants, names, dropped arguments, lines and calls."""

import ast
import copy
import inspect
import textwrap
import warnings
from dataclasses import dataclass

OPERATORS = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult, ast.Sub],
    ast.MatMult: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.Mod: [ast.FloorDiv],
    ast.FloorDiv: [ast.Mod],
    ast.Lt: [ast.LtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.GtE],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
    ast.And: [ast.Or],
    ast.Or: [ast.And],
}
PAIRS = "amax amin, max min, sum mean, exp exp2, log log2, sqrt square, tanh sigmoid, tril triu, zeros ones, cos sin"
NAMES = {
    "std": ["var"],
    "softmax": ["log_softmax"],
    "relu": ["gelu"],
    "query": ["key"],
    "key": ["query"],
    "value": ["key"],
}
for one, other in (pair.split() for pair in PAIRS.split(", ")):
    NAMES |= {one: [other], other: [one]}
NAMES["exp"] = ["exp2", "expm1"]
TRANSPOSES = {"transpose", "swapaxes", "permute"}


@dataclass(frozen=True)
class Mutant:
    """One changed reference: what was changed, and the function it makes."""

    change: str
    function: object


def mutants(reference):
    """Yield one Mutant for every place and way in which the reference can be changed."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(reference)))
    nodes = list(ast.walk(tree))
    for position, node in enumerate(nodes):
        for number, (change, _) in enumerate(changes(node)):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[position]
            before = ast.unparse(node).splitlines()[0]
            list(changes(target))[number][1]()
            function = compiled(ast.fix_missing_locations(changed), reference)
            yield Mutant(f"line {getattr(node, 'lineno', '?')}: {change} in `{before}`", function)


def changes(node):
    """Yield (description, function that changes the node in place) for one node."""
    if isinstance(node, ast.BinOp):
        for other in OPERATORS.get(type(node.op), []):
            yield f"{type(node.op).__name__} -> {other.__name__}", lambda other=other: setattr(node, "op", other())
        yield "operands exchanged", lambda: exchange(node)
        yield "right operand dropped", lambda: become(node, node.left)
        yield "left operand dropped", lambda: become(node, node.right)
    if isinstance(node, ast.Compare):
        for other in OPERATORS.get(type(node.ops[0]), []):
            yield f"comparison -> {other.__name__}", lambda other=other: node.ops.__setitem__(0, other())
    if isinstance(node, ast.BoolOp):
        for other in OPERATORS[type(node.op)]:
            yield f"-> {other.__name__}", lambda other=other: setattr(node, "op", other())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Invert | ast.Not):
        yield "sign dropped", lambda: become(node, node.operand)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
        for other in constants(node.value):
            yield f"{node.value} -> {other}", lambda other=other: setattr(node, "value", other)
    if isinstance(node, ast.Attribute | ast.Name):
        field = "attr" if isinstance(node, ast.Attribute) else "id"
        for other in NAMES.get(getattr(node, field), []) if isinstance(node.ctx, ast.Load) else []:
            yield f"-> {other}", lambda other=other, field=field: setattr(node, field, other)
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield "transpose dropped", lambda: become(node, node.value)
    if isinstance(node, ast.Call):
        yield from call_changes(node)
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        yield "order reversed", lambda: node.elts.reverse()
        yield "last dropped", lambda: become(node, node.elts[0])
    for field in ("body", "orelse"):
        statements = getattr(node, field, None)
        for i in range(len(statements) if isinstance(statements, list) else 0):
            if not isinstance(statements[i], ast.FunctionDef) and not is_docstring(statements[i]):
                yield (
                    f"`{ast.unparse(statements[i])[:50]}` dropped",
                    lambda s=statements, i=i: s.__setitem__(i, ast.Pass()),
                )


def is_docstring(statement):
    """Whether a statement is only a text."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def call_changes(node):
    """The changes of one call: arguments exchanged, keywords dropped, the call skipped."""
    if len(node.args) > 1:
        yield "first two arguments exchanged", lambda: node.args.__setitem__(slice(2), node.args[1::-1])
    for i, keyword in enumerate(node.keywords):
        yield f"{keyword.arg}= dropped", lambda i=i: node.keywords.pop(i)
    if isinstance(node.func, ast.Attribute) and node.func.attr in TRANSPOSES:
        yield "transpose dropped", lambda: become(node, node.func.value)
    elif len(node.args) == 1 and not node.keywords:
        yield "call skipped", lambda: become(node, node.args[0])


def constants(value):
    """Other values of a constant: axes next to it, a sign, a factor."""
    if isinstance(value, bool):
        return [not value]
    near = [value + 1, value - 1] if isinstance(value, int) else [value * 2, value + 0.5, -value]
    return [other for other in near if other != value]


def become(node, other):
    """Turn a node into another one, in place."""
    node.__class__ = other.__class__
    node.__dict__.clear()
    node.__dict__.update(other.__dict__)


def exchange(node):
    """Exchange the operands of a binary operation."""
    node.left, node.right = node.right, node.left


def compiled(tree, reference):
    """Compile a changed definition in the reference's own module."""
    space = dict(reference.__globals__)
    with warnings.catch_warnings(action="ignore"):  # "'int' object is not subscriptable": it is a mutant, after all
        code = compile(tree, "<mutant>", "exec")
    exec(code, space)
    return space[reference.__name__]
