"""Ways to get an LSTM cell wrong: (x, h, c, W_x, W_h, b_x, b_h) -> h, c each; nb03_lstm_cell gives them names."""

import torch

_SQUEEZES = torch.sigmoid, torch.sigmoid, torch.tanh, torch.sigmoid  # of i, f, g, o


def _sums(x, h, W_x, W_h, b_x, b_h):
    return x @ W_x.T + b_x + h @ W_h.T + b_h


def _finish(i, f, g, o, c):
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def blocks(order):
    """A cell that takes the four blocks of rows in another order, such as "figo"."""

    def wrong(x, h, c, *weights):
        blocks = dict(zip(order, _sums(x, h, *weights).chunk(4, dim=1), strict=True))
        return _finish(*(blocks[gate] for gate in "ifgo"), c)

    return wrong


def equations(new_c, new_h=lambda c_new, o, **_: o * c_new.tanh(), squeeze=torch.sigmoid):
    """A cell with other equations for c and h, written with i, f, o (squeezed), g (after tanh), a (before it) and c."""

    def wrong(x, h, c, *weights):
        i, f, a, o = _sums(x, h, *weights).chunk(4, dim=1)
        gates = {"i": squeeze(i), "f": squeeze(f), "g": a.tanh(), "o": squeeze(o), "a": a, "c": c}
        c_new = new_c(**gates)
        return new_h(**gates, c_new=c_new), c_new

    return wrong


def right_c(i, f, g, c, **_):
    """The new cell, as it should be."""
    return f * c + i * g


right = equations(right_c)


def on_changed(change):
    """The right cell on changed arguments."""
    return lambda *arguments: right(*change(*arguments))


def interleaved(x, h, c, *weights):
    """Rows dealt out in turn, one to each gate."""
    sums = _sums(x, h, *weights)
    return _finish(*sums.unflatten(1, (-1, 4)).unbind(dim=2), c)


def transposed(x, h, c, W_x, W_h, b_x, b_h):
    """W_x as it stands."""
    return _finish(*(x @ W_x + b_x + h @ W_h.T + b_h).chunk(4, dim=1), c)


def squeezed_apart(x, h, c, W_x, W_h, b_x, b_h):
    """The input's share and the state's, each squeezed for itself."""
    xs, hs = (x @ W_x.T + b_x).chunk(4, dim=1), (h @ W_h.T + b_h).chunk(4, dim=1)
    i, f, g, o = (squeeze(a) + squeeze(b) for squeeze, a, b in zip(_SQUEEZES, xs, hs, strict=True))
    c = f * c + i * g
    return o * c.tanh(), c


def matrix_products(show):
    """Matrix products between gates and cells; `show` is the product of the output gate and the squeezed cell."""

    def wrong(x, h, c, *weights):
        i, f, g, o = (squeeze(a) for squeeze, a in zip(_SQUEEZES, _sums(x, h, *weights).chunk(4, dim=1), strict=True))
        c = f @ c + i @ g
        return show(o, c.tanh()), c

    return wrong


def concatenated(x, h, c, W_x, W_h, b_x, b_h):
    """Vectors and matrices side by side, in different orders."""
    sums = torch.cat([x, h], dim=1) @ torch.cat([W_h, W_x], dim=1).T + b_x + b_h
    return _finish(*sums.chunk(4, dim=1), c)
