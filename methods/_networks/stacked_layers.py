"""K networks of one architecture as a single network, whose weights have a leading axis of K members.

A batch has K * B rows: those of the first member, then those of the second, and so on. The results of a
member do not depend on the others, bit for bit, if there are at least two members, B * features is a multiple
of ALIGNED, and the batches of the members differ only in their number of steps. For this every product is
computed step by step; steps that a member does not have add zeros.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from recurbench.methods._networks.network import ReadoutNet
from recurbench.methods._networks.positions import reversed_positions, take_positions
from recurbench.methods._networks.recurrence import Directions, TorchLoop
from torch import Tensor, nn
from torch.nn import functional

ALIGNED = 32  # numbers; torch uses another formula for those after the last full vector


class Products(torch.autograd.Function):
    """y_t = x_t W + b for all steps; x [T, K, B, I], W [K, I, O], b [K, 1, O]."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, W: Tensor, b: Tensor) -> Tensor:
        y = x.new_empty(*x.shape[:3], W.shape[2])
        for given, now in zip(x, y, strict=True):
            torch.baddbmm(b, given, W, out=now)
        ctx.save_for_backward(x, W)
        return y

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor | None, ...]:
        x, W = ctx.saved_tensors
        above_x = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        above_W, above_b = _sums(W), W.new_zeros(len(W), 1, W.shape[2])
        for t, d in enumerate(above[0].contiguous()):
            above_W.baddbmm_(x[t].mT, d)
            above_b += d.sum(1, keepdim=True)
            if above_x is not None:
                torch.bmm(d, W.mT, out=above_x[t])
        return above_x, above_W, above_b


class PlainLoop(torch.autograd.Function):
    """h_t = tanh(x_t U + h_{t-1} W) from h_0 = 0; x [T, K, B, I] ends with a channel of ones.

    The result is all states [T, K, B, H] or, with `ends` [K, B], the state at the end of each row [K, B, H].
    10 members of 64 x 128 x 64 take 3.8 ms each; autograd takes 6.7 ms. The gradients of the weights are
    added up step by step, while their inputs are in the cache. tanh is computed as 2 s(2a) - 1, because
    torch's sigmoid s takes a sixth of the time of its tanh.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, U: Tensor, W: Tensor, ends: Tensor | None) -> Tensor:
        h = x.new_empty(*x.shape[:3], W.shape[2])
        U2, W2, minus = 2 * U, 2 * W, x.new_tensor(-1.0)
        each = h.unbind()
        for t, (given, now) in enumerate(zip(x.unbind(), each, strict=True)):
            torch.bmm(given, U2, out=now)
            if t:
                now.baddbmm_(each[t - 1], W2)
            torch.add(minus, now.sigmoid_(), alpha=2, out=now)
        ctx.save_for_backward(x, h, U, W)
        ctx.ends = ends
        return _read(h, ends)

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor | None, ...]:
        x, h, U, W = ctx.saved_tensors
        entering = _entering(above[0], ctx.ends, len(x))
        above_x = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        above_U, above_W, back = _sums(U), _sums(W), W.mT.contiguous()
        given, each = x.unbind(), h.unbind()
        d, free = torch.zeros_like(each[0]), torch.empty_like(each[0])
        for t in range(len(each) - 1, -1, -1):
            arriving = entering[t]
            if arriving is not None:
                d += arriving
            torch.ops.aten.tanh_backward.grad_input(d, each[t], grad_input=d)
            above_U.baddbmm_(given[t].mT, d)
            if above_x is not None:
                torch.bmm(d, U.mT, out=above_x[t])
            if t:
                above_W.baddbmm_(each[t - 1].mT, d)
                d, free = torch.bmm(d, back, out=free), d
        return above_x, above_U, above_W, None


class GatedLoop(torch.autograd.Function):
    """The GRU of torch, from h_0 = 0; x, `ends` and the result are those of `PlainLoop`.

    r, z = s(x U_rz + h W_rz); q = h W_q + b; n = tanh(x U_n + r q); h = n + z (h - n). U [K, I, 3H] is in the
    order r, z, n; W [K, H, 3H] in the order q, r, z; b [K, 1, H]. It takes 4.5 ms where autograd takes 11 ms.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, U: Tensor, W: Tensor, b: Tensor, ends: Tensor | None) -> Tensor:
        H = W.shape[1]
        rz = x.new_empty(*x.shape[:3], 2 * H)
        q, n, h = (x.new_empty(*x.shape[:3], H) for _ in range(3))
        U_rz, U_n, minus = U[..., : 2 * H].contiguous(), 2 * U[..., 2 * H :], x.new_tensor(-1.0)
        W_q, W_rz = W[..., :H].contiguous(), W[..., H:].contiguous()
        before = torch.zeros_like(h[0])
        for given, gates, inner, new, now in zip(*(v.unbind() for v in (x, rz, q, n, h)), strict=True):
            torch.bmm(given, U_rz, out=gates)
            gates.baddbmm_(before, W_rz).sigmoid_()
            torch.baddbmm(b, before, W_q, out=inner)
            torch.bmm(given, U_n, out=new)
            new.addcmul_(gates[..., :H], inner, value=2).sigmoid_()
            torch.add(minus, new, alpha=2, out=new)
            before = torch.lerp(new, before, gates[..., H:], out=now)
        ctx.save_for_backward(x, rz, q, n, h, U, W)
        ctx.ends = ends
        return _read(h, ends)

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor | None, ...]:
        x, rz, q, n, h, U, W = ctx.saved_tensors
        H = W.shape[1]
        entering = _entering(above[0], ctx.ends, len(x))
        above_x = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        above_U, above_W, above_b = _sums(U), _sums(W), W.new_zeros(len(W), 1, H)
        back = W.mT.contiguous()
        d = torch.zeros_like(h[0])
        # The gradients of q, r, z and n, side by side: W needs the first three, U the last three.
        into = d.new_empty(*d.shape[:2], 4 * H)
        into_q, into_rz, into_n = into[..., :H], into[..., H : 3 * H], into[..., 3 * H :]
        gated, kept, zero = d.new_empty(*d.shape[:2], 2 * H), torch.empty_like(d), torch.zeros_like(d)
        steps = list(zip(*(v.unbind() for v in (x, rz, q, n, h)), strict=True))
        for t in range(len(steps) - 1, -1, -1):
            given, gates, inner, new, _ = steps[t]
            before = steps[t - 1][-1] if t else zero
            r, z = gates[..., :H], gates[..., H:]
            arriving = entering[t]
            if arriving is not None:
                d += arriving
            torch.sub(before, new, out=gated[..., H:]).mul_(d)
            torch.addcmul(d, d, z, value=-1, out=kept)
            torch.ops.aten.tanh_backward.grad_input(kept, new, grad_input=into_n)
            torch.mul(into_n, r, out=into_q)
            torch.mul(into_n, inner, out=gated[..., :H])
            torch.ops.aten.sigmoid_backward.grad_input(gated, gates, grad_input=into_rz)
            above_U.baddbmm_(given.mT, into[..., H:])
            above_W.baddbmm_(before.mT, into[..., : 3 * H])
            above_b += into_q.sum(1, keepdim=True)
            if above_x is not None:
                torch.bmm(into[..., H:], U.mT, out=above_x[t])
            d.mul_(z).baddbmm_(into[..., : 3 * H], back)
        return above_x, above_U, above_W, above_b, None


def _sums(W: Tensor) -> Tensor:
    """Zeros in the shape of W [K, I, O] to add products to; each member starts at a full vector.

    Otherwise MKL uses different kernels for small products. Torch is faster if there are no gaps, that is if
    I * O is a multiple of ALIGNED.
    """
    size = W.shape[1] * W.shape[2]
    return W.new_zeros(len(W), size + -size % ALIGNED)[:, :size].view(W.shape)


def _read(h: Tensor, ends: Tensor | None) -> Tensor:
    """All states, or the states at `ends`."""
    if ends is None:
        return h
    return h.gather(0, ends[None, ..., None].expand(1, -1, -1, h.shape[3]))[0]


def _entering(above: Tensor, ends: Tensor | None, steps: int) -> list[Tensor | None]:
    """The gradient of each step's states from the layer above; None for zero."""
    if ends is None:
        return list(above.unbind())
    gradients: list[Tensor | None] = [None] * steps
    for t in sorted(set(ends.flatten().tolist())):
        gradients[t] = above * (ends == t)[..., None]
    return gradients


def steps_first(x: Tensor, members: int) -> Tensor:
    """Rearrange [K * B, T, C] to [T, K, B, C]."""
    return x.view(members, -1, *x.shape[1:]).permute(2, 0, 1, 3)


class StackedLinear(nn.Module):
    """The `nn.Linear` layers of all members."""

    def __init__(self, one: nn.Linear) -> None:
        super().__init__()
        self.weight = nn.Parameter(one.weight[None])
        self.bias = nn.Parameter(one.bias[None])

    def forward(self, x: Tensor) -> Tensor:
        """Map [K * B, I] to [K * B, O], or [K * B, T, I] to [K * B, T, O]."""
        K = len(self.weight)
        steps = steps_first(x if x.ndim == 3 else x[:, None], K).contiguous()
        y: Tensor = Products.apply(steps, self.weight.mT.contiguous(), self.bias[:, None])  # type: ignore[no-untyped-call]
        y = y.flatten(1, 2).transpose(0, 1)
        return y if x.ndim == 3 else y[:, 0]


class StackedLoop(nn.Module):
    """The `nn.RNN` or `nn.GRU` layers of all members, with torch's names for the weights."""

    weight_ih_l0: Tensor
    weight_hh_l0: Tensor
    bias_ih_l0: Tensor
    bias_hh_l0: Tensor

    def __init__(self, one: nn.RNN | nn.GRU) -> None:
        super().__init__()
        self.gated = isinstance(one, nn.GRU)
        for name, value in one.named_parameters():
            self.register_parameter(name, nn.Parameter(value[None]))

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        """Return all states [K * B, T, H], and None where torch returns the last state."""
        return self.states(x, None).flatten(1, 2).transpose(0, 1), None

    def last(self, x: Tensor, lengths: Tensor) -> Tensor:
        """The states at the last step of each row, [K * B, H]; faster, as no other state has a gradient."""
        return self.states(x, (lengths - 1).view(len(self.weight_hh_l0), -1)).flatten(0, 1)

    def states(self, x: Tensor, ends: Tensor | None) -> Tensor:
        """The states, as `PlainLoop` and `GatedLoop` return them."""
        U, W, b, b_h = self.weight_ih_l0, self.weight_hh_l0, self.bias_ih_l0, self.bias_hh_l0
        ones = functional.pad(x, (0, 1), value=1.0)
        steps = steps_first(ones, len(W)).contiguous()
        if not self.gated:
            U = torch.cat([U, (b + b_h)[..., None]], dim=2).mT.contiguous()
            return PlainLoop.apply(steps, U, W.mT.contiguous(), ends)  # type: ignore[no-any-return, no-untyped-call]
        H = W.shape[2]
        b = b + functional.pad(b_h[:, : 2 * H], (0, H))
        U = torch.cat([U, b[..., None]], dim=2).mT.contiguous()
        W = torch.cat([W[:, 2 * H :], W[:, : 2 * H]], dim=1).mT.contiguous()
        return GatedLoop.apply(steps, U, W, b_h[:, None, 2 * H :], ends)  # type: ignore[no-any-return, no-untyped-call]


class StackedDirections(Directions):
    """`Directions` that computes the last states only, if it needs no others."""

    def sequence_state(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return [K * B, width]."""
        if self.reset_every or self.shuffle or self.pooling != "last":
            return super().sequence_state(x, lengths)
        states = []
        for i, cell in enumerate(self.cells):
            assert isinstance(cell, TorchLoop)
            loop = cell.loop
            assert isinstance(loop, StackedLoop)
            states.append(
                loop.last(take_positions(x, reversed_positions(lengths, x.shape[1])) if i else x, lengths)
            )
        return torch.cat(states, dim=1)


def stackable(net: nn.Module) -> bool:
    """Whether all layers of `net` have a stacked form, and nothing else is trained or random."""
    if isinstance(net, nn.Linear):
        stacks = net.bias is not None
    elif isinstance(net, (nn.RNN, nn.GRU)):
        plain = isinstance(net, nn.GRU) or net.nonlinearity == "tanh"
        stacks = plain and net.num_layers == 1 and net.bias and not net.bidirectional and not net.dropout
    else:
        parts, held = list(net.children()), [*net.parameters(recurse=False), *net.buffers(recurse=False)]
        stacks = not held and (bool(parts) or isinstance(net, (nn.ReLU, nn.Identity, nn.ParameterList)))
        stacks = stacks and all(map(stackable, parts))
    return stacks and all(value.requires_grad for value in net.parameters())


def stacked(module: nn.Module) -> nn.Module:
    """Return `module` with every layer in its stacked form; a module with layers is changed in place."""
    if isinstance(module, nn.Linear):
        return StackedLinear(module)
    if isinstance(module, (nn.RNN, nn.GRU)):
        return StackedLoop(module)
    for name, part in module.named_children():
        setattr(module, name, stacked(part))
    if type(module) is Directions and all(isinstance(cell, TorchLoop) for cell in module.cells):
        module.__class__ = StackedDirections
    return module


class Stack:
    """K networks as a single one, `net`. Their weights are the rows of a matrix [K, P], padded with zeros.

    The parameters of `net` are views of `weights`, so one Adam optimizer of `weights` acts as K optimizers.

    Parameters
    ----------
    nets : sequence of ReadoutNet
        All of the same architecture, and `stackable`.
    """

    def __init__(self, nets: Sequence[ReadoutNet]) -> None:
        self.shapes = {name: value.shape for name, value in nets[0].named_parameters()}
        rows = [torch.cat([value.detach().flatten() for value in net.parameters()]) for net in nets]
        used = len(rows[0])
        self.weights = nn.Parameter(functional.pad(torch.stack(rows), (0, -used % ALIGNED)))
        net = stacked(copy.deepcopy(nets[0]))
        assert isinstance(net, ReadoutNet)
        self.net = net
        self._bind()

    def __len__(self) -> int:
        return len(self.weights)

    def _bind(self) -> None:
        """Make the network's parameters views of `weights`."""
        self.weights.grad = torch.zeros_like(self.weights)
        parameters = dict(self.net.named_parameters())
        self.parameters = [parameters[name] for name in self.shapes]
        for parameter, part in zip(self.parameters, self.parts(self.weights.data), strict=True):
            parameter.data = part

    def parts(self, rows: Tensor) -> list[Tensor]:
        """Split rows [..., P] into the parameters, each [..., *shape]."""
        parts, start = [], 0
        for shape in self.shapes.values():
            parts.append(rows[..., start : start + shape.numel()].view(*rows.shape[:-1], *shape))
            start += shape.numel()
        return parts

    def backward(self, output: Tensor, above: Tensor) -> Tensor:
        """The gradient of `weights`, [K, P], from the gradient `above` of `output`."""
        grad = self.weights.grad
        assert grad is not None
        gradients = torch.autograd.grad(output, self.parameters, above)
        for part, value in zip(self.parts(grad), gradients, strict=True):
            part.copy_(value)
        return grad

    def keep(self, rows: list[int], adam: torch.optim.Optimizer) -> None:
        """Keep only these members, in `adam` too."""
        self.weights.grad = None
        self.weights.data = self.weights.data[rows]
        state = adam.state[self.weights]
        state |= {name: value[rows] for name, value in state.items() if value.ndim == 2}
        self._bind()

    def unstack(self, row: Tensor, net: ReadoutNet) -> None:
        """Copy the weights of one member, a row [P], to `net`."""
        with torch.no_grad():
            for value, part in zip(net.parameters(), self.parts(row), strict=True):
                value.copy_(part)
