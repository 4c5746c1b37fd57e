"""Networks with a decoder: answers written one step at a time, or all symbols read at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.examples import Batch
from recurbench.methods._networks.network import Body, Net
from recurbench.methods._networks.recurrence import Directions, TorchLoop
from recurbench.methods._settings import Decoding
from recurbench.task import Array, Task, Unsupported
from torch import Tensor, nn


@dataclass(frozen=True)
class Memory:
    """What a decoder knows of the input.

    Attributes
    ----------
    first : tuple of Tensors [1, B, H]
        The state that it starts from: h and c of an LSTM.
    states : Tensor [B, M, W]
        The states of the body that it sees.
    beyond : Tensor [B, M]
        True for the states that are padding.
    """

    first: tuple[Tensor, Tensor]
    states: Tensor
    beyond: Tensor

    def take(self, rows: Tensor) -> Memory:
        """The memory of these rows [n] of the batch."""
        first = (self.first[0][:, rows], self.first[1][:, rows])
        return Memory(first, self.states[rows], self.beyond[rows])


class Stepwise(Net):
    """A body, and a recurrent decoder that writes the answer step by step.

    The decoder reads the step before. Symbol y.size marks the end of an answer, y.size + 1 its beginning;
    numbers begin with zeros, in scaled units. The decoder is an LSTM with its own weights or the recurrent
    layer of the body (see `Decoding.weights`), with or without attention (Luong et al. 2015).

    Parameters
    ----------
    task : Task
        After the view.
    body : Body
    extras : int
        How many numbers known ahead an example has.
    decoding : Decoding
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
        """Read the input: with attention the states of all steps, otherwise one state of the sequence."""
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
        """Run the decoder over known steps.

        Parameters
        ----------
        before : Tensor [B, S] of symbols, or [B, S, K]
            The steps that it reads.
        state : tuple of Tensors [1, B, H]
            The state before them.
        memory : Memory

        Returns
        -------
        outputs : Tensor [B, S, K]
            The output after each step read.
        state : tuple of Tensors [1, B, H]
            The state after the last one.
        """
        d, state = self._states(before, state)
        if self.query is None:
            seen = memory.states.expand(-1, d.shape[1], -1)
        else:
            seen = self._weights(d, memory) @ memory.states
        return self.V(torch.tanh(self.join(torch.cat([d, seen], dim=-1)))), state

    def attention(self, before: Tensor, memory: Memory) -> Tensor:
        """The attention weights [B, S, M] of the steps that follow the steps `before` [B, S]."""
        return self._weights(self._states(before, memory.first)[0], memory)

    def _states(self, before: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The decoder's states [B, S, H] after each step, and the state to continue from."""
        if isinstance(self.cell, nn.LSTM):
            return self.cell(self.enter(before), state)  # type: ignore[no-any-return]
        d, h = self.cell(self.enter(before), state[0])
        return d, (h, state[1])

    def _weights(self, d: Tensor, memory: Memory) -> Tensor:
        """The weight [B, S, M] of each state of the memory, for each state of the decoder."""
        assert self.query is not None
        scores: Tensor = self.query(d) @ memory.states.mT
        return scores.masked_fill(memory.beyond[:, None], -torch.inf).softmax(dim=-1)

    def begin(self, rows: int) -> Tensor:
        """The step before the first one, [rows, 1] or [rows, 1, K]."""
        if self.task.y.symbols:
            return torch.full((rows, 1), self.task.y.size + 1, device=self.V.weight.device)
        return self.V.weight.new_zeros(rows, 1, self.task.y.size)

    def forward(self, batch: Batch) -> Tensor:
        """Return outputs [B, S, K] for known answers; the decoder reads the true step before.

        In training the step is true for a share `teaching` of the steps (teacher forcing); for the others the
        decoder reads its own output.
        """
        memory = self.memory(batch)
        before = torch.cat([self.begin(len(batch.x)), batch.y[:, :-1]], dim=1)
        if not self.training or self.teaching == 1:
            return self.read(before, memory.first, memory)[0]
        # Drawn on the CPU: the same draws on every device.
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
        """Write the likeliest step each time.

        Parameters
        ----------
        batch : Batch
            Its answers are not read.
        most : Tensor [B]
            The largest number of steps of each answer.

        Returns
        -------
        list of arrays [S] or [S, K]
            One per example, all of the same length: what follows an end symbol means nothing.
        """
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
        """Beam search: follow the `width` likeliest beginnings at every step, return the likeliest answer.

        Parameters as in `greedy`; symbols only, without the end symbol.
        """
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
            # Probabilities only fall: no beginning can overtake a complete answer that is likelier now.
            if float(chance[0]) <= best:
                return best_path.cpu().numpy()
            row, symbol = flat // end, flat % end
            paths = torch.cat([paths[row], symbol[:, None]], dim=1)
            state, before = (state[0][:, row], state[1][:, row]), symbol[:, None]
        return (best_path if best > -math.inf else paths[0]).cpu().numpy()


def loop_of(body: Body) -> nn.RNN | nn.GRU | nn.LSTM:
    """The recurrent layer of a body, for a decoder with the same weights.

    Raises
    ------
    Unsupported
        If the body is not exactly one layer of torch's RNN, GRU or LSTM in one direction.
    """
    if not isinstance(body, Directions) or not all(isinstance(cell, TorchLoop) for cell in body.cells):
        raise Unsupported("weights can be shared only by gru, lstm, or rnn with matrix=full, tanh or relu")
    if len(body.cells) > 1:
        raise Unsupported("a decoder cannot share two directions: set bidirectional=False to share weights")
    loop = cast("TorchLoop", body.cells[0]).loop
    assert isinstance(loop, nn.RNN | nn.GRU | nn.LSTM)
    if loop.num_layers > 1:
        raise Unsupported(f"a decoder cannot share {loop.num_layers} layers: set layers=1 to share weights")
    return loop


class OneShot(Net):
    """A body and one readout of all symbols of a free answer; each symbol is chosen independently.

    Parameters
    ----------
    task : Task
    body : Body
    longest : int
        The most steps of an answer, with its end symbol. Beyond them all symbols have the same probability.
    """

    def __init__(self, task: Task, body: Body, longest: int) -> None:
        super().__init__(task, body)
        self.longest = longest
        self.V = nn.Linear(body.width, longest * (task.y.size + 1))

    def forward(self, batch: Batch) -> Tensor:
        """Return logits [B, S, y.size + 1], for as many steps as the answers of the batch have."""
        logits = self._all(batch)
        more = batch.mask.shape[1] - self.longest
        return nn.functional.pad(logits, (0, 0, 0, more)) if more > 0 else logits[:, : batch.mask.shape[1]]

    def _all(self, batch: Batch) -> Tensor:
        return self.V(self.body.sequence_state(batch.x, batch.lengths)).view(len(batch.x), self.longest, -1)  # type: ignore[no-any-return]

    def greedy(self, batch: Batch, most: Tensor) -> list[Array]:  # noqa: ARG002
        """Return the likeliest symbol of every step; one array [longest] per example."""
        return list(self._all(batch).argmax(dim=-1).cpu().numpy())


def decoder_network(task: Task, body: Body, coding: Coding, decoding: Decoding) -> Stepwise | OneShot | None:
    """Build the network with a decoder that `decoding` asks for; None if a `ReadoutNet` answers.

    Parameters
    ----------
    task : Task
        After the view.
    body : Body
    coding : Coding
        Gives the longest answer and the number of numbers known ahead.
    decoding : Decoding

    Raises
    ------
    Unsupported
        If this task or body cannot have this decoder.
    """
    decoder = decoding.of(task)
    if decoder == "direct":
        return OneShot(task, body, coding.longest) if task.length == "free" else None
    return Stepwise(task, body, coding.extras, decoding)
