"""Answers one step at a time: the one decoder of all networks, and the one-shot readout it is set against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.examples import Batch, Examples, in_order
from recurbench.methods._networks.network import ANSWERED_TOGETHER, Body, Net, TrainedNetwork, fixed_rng
from recurbench.methods._networks.recurrence import Directions, TorchLoop
from recurbench.methods._settings import Decoding
from recurbench.task import Array, Split, Task, Unsupported
from torch import Tensor, nn

SLACK = 5  # steps an answer may be longer than the longest relation of answer to input that train shows


@dataclass(frozen=True)
class Memory:
    """What the decoder starts from, and the states [B, M, W] it may look at, those `beyond` [B, M] not."""

    first: tuple[Tensor, Tensor]
    states: Tensor
    beyond: Tensor

    def take(self, rows: Tensor) -> Memory:
        """The memory of these rows of the batch."""
        first = (self.first[0][:, rows], self.first[1][:, rows])
        return Memory(first, self.states[rows], self.beyond[rows])


class Stepwise(Net):
    """A body, and a loop that answers from its state step by step, fed with the step before.

    The loop is an LSTM of its own, or the body's, see `Decoding.weights`.
    Symbols: y.size is the end, y.size + 1 the beginning. Numbers begin with zeros, in scaled units.
    """

    def __init__(self, task: Task, body: Body, extras: int, decoding: Decoding) -> None:
        super().__init__(task, body)
        self.teaching = decoding.teaching
        self.looks = decoding.of(task) == "attention"
        if decoding.weights == "shared":
            loop: nn.RNN | nn.GRU | nn.LSTM = loop_of(body)
            inputs, hidden = loop.input_size, loop.hidden_size
        else:
            inputs = hidden = min(max(body.width, 32), 128)
        self.enter = (
            nn.Embedding(task.y.size + 2, inputs) if task.y.symbols else nn.Linear(task.y.size, inputs)
        )
        self.first = nn.Linear(body.width + extras, hidden)
        self.cell = loop if decoding.weights == "shared" else nn.LSTM(hidden, hidden, batch_first=True)
        self.query = nn.Linear(hidden, body.width, bias=False) if self.looks else None
        self.join = nn.Linear(hidden + body.width, hidden)
        self.V = nn.Linear(hidden, task.y.size + task.y.symbols)

    def memory(self, batch: Batch) -> Memory:
        """With attention the states of all steps, and a start from their mean; otherwise the state of all."""
        if self.looks:
            states = self.body.step_states(batch.x, batch.lengths)
            beyond = torch.arange(states.shape[1], device=states.device) >= batch.lengths[:, None]
            states = states.masked_fill(beyond[..., None], 0.0)
            summary = states.sum(dim=1) / batch.lengths[:, None]
        else:
            summary = self.body.sequence_state(batch.x, batch.lengths)
            states = summary[:, None]
            beyond = torch.zeros_like(states[..., 0], dtype=torch.bool)
        h = torch.tanh(self.first(torch.cat([summary, batch.extra], dim=1)))[None]
        return Memory((h, torch.zeros_like(h)), states, beyond)

    def read(
        self, before: Tensor, state: tuple[Tensor, Tensor], memory: Memory
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Outputs [B, S, K] after the steps `before` [B, S] or [B, S, K], and the state behind them."""
        d, state = self._states(before, state)
        if self.query is None:
            seen = memory.states.expand(-1, d.shape[1], -1)
        else:
            seen = self._weights(d, memory) @ memory.states
        return self.V(torch.tanh(self.join(torch.cat([d, seen], dim=-1)))), state

    def attention(self, before: Tensor, memory: Memory) -> Tensor:
        """The attention weights [B, S, M] of the steps that follow `before` [B, S], from the first state."""
        return self._weights(self._states(before, memory.first)[0], memory)

    def _states(self, before: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The states [B, S, H] of the loop after each step, and the pair it goes on from."""
        if isinstance(self.cell, nn.LSTM):
            return self.cell(self.enter(before), state)  # type: ignore[no-any-return]
        d, h = self.cell(self.enter(before), state[0])
        return d, (h, state[1])

    def _weights(self, d: Tensor, memory: Memory) -> Tensor:
        """The share [B, S, M] of each state of the memory that a state of the loop looks at."""
        assert self.query is not None
        scores: Tensor = self.query(d) @ memory.states.mT
        return scores.masked_fill(memory.beyond[:, None], -torch.inf).softmax(dim=-1)

    def begin(self, rows: int) -> Tensor:
        """What stands before the first step."""
        if self.task.y.symbols:
            return torch.full((rows, 1), self.task.y.size + 1, device=self.V.weight.device)
        return self.V.weight.new_zeros(rows, 1, self.task.y.size)

    def forward(self, batch: Batch) -> Tensor:
        """Outputs [B, S, K] for answers that are known: each step is fed the true one before it."""
        memory = self.memory(batch)
        before = torch.cat([self.begin(len(batch.x)), batch.y[:, :-1]], dim=1)
        if not self.training or self.teaching == 1:
            return self.read(before, memory.first, memory)[0]
        # Drawn on the processor: the same draws on every device.
        taught = (torch.rand(before.shape[:2], device="cpu") < self.teaching).to(before.device)
        taught[:, 0] = True
        predicted, state, outputs = before[:, :1], memory.first, []
        for t in range(before.shape[1]):
            chosen = taught[:, t : t + 1]
            chosen = chosen if self.task.y.symbols else chosen[..., None]
            output, state = self.read(torch.where(chosen, before[:, t : t + 1], predicted), state, memory)
            predicted = output.detach().argmax(dim=-1) if self.task.y.symbols else output.detach()
            outputs.append(output)
        return torch.cat(outputs, dim=1)

    def greedy(self, batch: Batch, most: Tensor) -> list[Array]:
        """The likeliest step each time, until the end symbol (not included) or `most` [B] steps."""
        memory = self.memory(batch)
        before, state, steps = self.begin(len(batch.x)), memory.first, []
        going = torch.ones(len(batch.x), dtype=torch.bool, device=most.device)
        for t in range(int(most.max())):
            output, state = self.read(before, state, memory)
            before = output.argmax(dim=-1) if self.task.y.symbols else output
            steps.append(before[:, 0].cpu().numpy())
            if self.task.length == "free":
                going &= (before[:, 0] != self.task.y.size) & (t + 1 < most)
                if not going.any():
                    break
        return list(np.stack(steps, axis=1))

    def beams(self, batch: Batch, most: Tensor, width: int) -> list[Array]:
        """The likeliest of the answers found by following the `width` likeliest beginnings at every step."""
        return [self._beam(self.memory_of(batch, i), int(most[i]), width) for i in range(len(batch.x))]

    def memory_of(self, batch: Batch, i: int) -> Memory:
        """The memory of one example, without the padding of its batch."""
        steps = int(batch.lengths[i])
        row = slice(i, i + 1)
        x, mask = batch.x[row, :steps], batch.mask[row]
        return self.memory(Batch(x, batch.lengths[row], batch.extra[row], batch.y[row], mask))

    def _beam(self, memory: Memory, most: int, width: int) -> Array:
        end = self.task.y.size
        state, before = memory.first, self.begin(1)
        chance, paths = self.V.weight.new_zeros(1), before.new_empty(1, 0)
        best, best_path = -math.inf, paths[0]
        for _ in range(most):
            output, state = self.read(before, state, memory.take(torch.zeros_like(before[:, 0])))
            total = chance[:, None] + output[:, 0].log_softmax(dim=-1)
            ended, row = total[:, end].max(dim=0)
            if float(ended) > best:
                best, best_path = float(ended), paths[row]
            chance, flat = total[:, :end].flatten().topk(min(width, len(total) * end))
            # Chances only fall: once no beginning is likelier than the best whole answer, none becomes so.
            if float(chance[0]) <= best:
                return best_path.cpu().numpy()
            row, symbol = flat // end, flat % end
            paths = torch.cat([paths[row], symbol[:, None]], dim=1)
            state, before = (state[0][:, row], state[1][:, row]), symbol[:, None]
        return (best_path if best > -math.inf else paths[0]).cpu().numpy()


def loop_of(body: Body) -> nn.RNN | nn.GRU | nn.LSTM:
    """The loop of a recurrent body, for a decoder to share; Unsupported where there is not just one."""
    if not isinstance(body, Directions) or not all(isinstance(cell, TorchLoop) for cell in body.cells):
        raise Unsupported("shared weights are those of a recurrent cell: rnn with a full matrix, gru or lstm")
    if len(body.cells) > 1:
        raise Unsupported("a cell per direction, and one decoder: set bidirectional=False to share weights")
    loop = cast("TorchLoop", body.cells[0]).loop
    assert isinstance(loop, nn.RNN | nn.GRU | nn.LSTM)
    if loop.num_layers > 1:
        raise Unsupported(f"{loop.num_layers} layers, and a decoder of one: set layers=1 to share weights")
    return loop


class OneShot(Net):
    """A body and a readout of all symbols of a free answer at once, the end too: no step knows another.

    longest: steps it can answer, the end included; beyond them it knows nothing, and all symbols are alike.
    """

    def __init__(self, task: Task, body: Body, longest: int) -> None:
        super().__init__(task, body)
        self.longest = longest
        self.V = nn.Linear(body.width, longest * (task.y.size + 1))

    def forward(self, batch: Batch) -> Tensor:
        """Logits [B, S, y.size + 1] for as many steps as the batch's answers have."""
        logits = self._all(batch)
        more = batch.mask.shape[1] - self.longest
        return nn.functional.pad(logits, (0, 0, 0, more)) if more > 0 else logits[:, : batch.mask.shape[1]]

    def _all(self, batch: Batch) -> Tensor:
        return self.V(self.body.sequence_state(batch.x, batch.lengths)).view(len(batch.x), self.longest, -1)  # type: ignore[no-any-return]

    def greedy(self, batch: Batch, most: Tensor) -> list[Array]:  # noqa: ARG002
        """The likeliest symbol of every step."""
        return list(self._all(batch).argmax(dim=-1).cpu().numpy())


def decoder_network(task: Task, body: Body, coding: Coding, decoding: Decoding) -> Stepwise | OneShot | None:
    """The network that answers by a decoder; None where the answer is read directly (see `Answering`)."""
    decoder = decoding.of(task)
    if decoder == "direct":
        return OneShot(task, body, coding.longest) if task.length == "free" else None
    return Stepwise(task, body, coding.extras, decoding)


class TrainedDecoder(TrainedNetwork):
    """A predictor whose answers come from a decoder; notes["truncated"] counts those that met their limit.

    An answer may have as many steps as train's longest, or as train's largest relation of answer to input
    makes of its input, and SLACK more.
    """

    def __init__(
        self, net: Stepwise | OneShot, coding: Coding, notes: dict[str, Any], known: Examples, beam: int
    ) -> None:
        super().__init__(net, coding, notes)
        self.writer = cast("Stepwise | OneShot", self.net)
        self.beam = beam
        sizes = np.array([len(y) for y in known.y])
        self.longest, self.ratio = int(sizes.max()), float((sizes / known.lengths).max())
        self._answered = 0

    def __call__(self, split: Split) -> Sequence[Array]:
        """Symbols [S] without the end, or numbers [S, K]; one array per example."""
        task, examples = self.coding.task, self.coding.examples(split.blind())
        answers: list[Array] = [np.empty(0)] * len(examples)
        truncated = 0
        with fixed_rng(0), torch.no_grad():
            for chosen in in_order(examples.lengths, ANSWERED_TOGETHER):
                batch = examples.batch(chosen, dtype=torch.float64).to(self.net.device)
                most = self._most(batch.lengths)
                for i, answer, limit in zip(chosen, self._answers(batch, most), most.tolist(), strict=True):
                    if task.y.symbols:
                        ends = np.flatnonzero(answer[:limit] == task.y.size)
                        truncated += not len(ends)
                        answers[i] = answer[: ends[0] if len(ends) else limit].astype(np.int64)
                    else:
                        answers[i] = np.asarray(examples.base[i] + examples.scale[i] * answer)
        if task.y.symbols and len(split) > self._answered:
            # The runner asks a few examples again; the count is that of the whole split.
            self._answered = len(split)
            self.notes["truncated"] = truncated
        return self.coding.view.answers(answers)

    def _answers(self, batch: Batch, most: Tensor) -> list[Array]:
        if self.beam > 1 and isinstance(self.writer, Stepwise):
            return self.writer.beams(batch, most, self.beam)
        return self.writer.greedy(batch, most)

    def _most(self, lengths: Tensor) -> Tensor:
        if self.coding.task.length != "free":
            return torch.full_like(lengths, self.coding.task.steps)
        return torch.clamp((self.ratio * lengths).ceil(), min=self.longest).long() + SLACK

    def log_likelihood(self, split: Split) -> Sequence[Array]:
        """Log chance of every true symbol and of the end, given those before it: [S + 1] per example."""
        examples = self.coding.examples(split)
        log_chances: list[Array] = [np.empty(0)] * len(examples)
        with fixed_rng(0), torch.no_grad():
            for chosen in in_order(examples.lengths, ANSWERED_TOGETHER):
                batch = examples.batch(chosen, dtype=torch.float64).to(self.net.device)
                logs = self.net(batch).log_softmax(dim=-1)
                chances = logs.gather(-1, batch.y[..., None])[..., 0].cpu().numpy()
                for row, i in enumerate(chosen):
                    log_chances[i] = chances[row, : len(examples.y[i])]
        return log_chances

    def components(self, split: Split) -> dict[str, Any] | None:
        """What attention looked at while each answer was written; None where there is no attention.

        attention: per example `written`, the symbols [S], and `weights`, [S][T]: the weight of every step of
        x while each symbol was written, in hundredths. A row sums to 100, up to rounding.
        """
        if not isinstance(self.writer, Stepwise) or self.writer.query is None:
            return None
        if not self.coding.task.y.symbols:
            return None
        return {"attention": [self._looked(self.writer, split.take([i])) for i in range(len(split))]}

    def _looked(self, writer: Stepwise, one: Split) -> dict[str, Any]:
        """The attention of one answer, computed by feeding each symbol of the answer the ones before it."""
        (written,) = self(one)
        examples = self.coding.examples(one.blind())
        with fixed_rng(0), torch.no_grad():
            memory = writer.memory_of(examples.batch(np.arange(1), dtype=torch.float64).to(writer.device), 0)
            symbols = torch.as_tensor(np.asarray(written), device=writer.device)[None, :-1]
            weights = writer.attention(torch.cat([writer.begin(1), symbols], dim=1), memory)[0]
        return {
            "written": [int(symbol) for symbol in written],
            "weights": (100 * weights[: len(written)]).round().to(torch.int64).tolist(),
        }
