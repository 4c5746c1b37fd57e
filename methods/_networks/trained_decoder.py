"""The trained network with a decoder as a predictor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from recurbench.methods._networks.decoder import OneShot, Stepwise
from recurbench.methods._networks.encoding import Coding
from recurbench.methods._networks.examples import Batch, Examples, in_order
from recurbench.methods._networks.network import ANSWERED_TOGETHER, TrainedNetwork, fixed_rng
from recurbench.task import Array, Split
from torch import Tensor

SLACK = 5  # steps that an answer may be longer than the lengths in train suggest; see `TrainedDecoder`


class TrainedDecoder(TrainedNetwork):
    """A trained network with a decoder as a predictor.

    An answer may have SLACK steps more than the longest answer in train, or more than its input times the
    largest ratio of answer to input in train. `notes["truncated"]` counts the answers cut at this limit.

    Parameters
    ----------
    net : Stepwise or OneShot
        With its final weights; it is copied.
    coding : Coding
    notes : dict
        Stored with the fit.
    known : Examples
        Training examples; they set the limit on the length of answers.
    beam : int
        Width of the beam search; 1 writes the likeliest step each time.
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
        """Answer every example with symbols [S] without the end symbol, or numbers [S, K]."""
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
                        answers[i] = np.asarray(examples.base[i] + examples.scale[i] * self.blend(answer))
        if task.y.symbols and len(split) > self._answered:
            # The runner later asks a few examples again; the count of the whole split is kept.
            self._answered = len(split)
            self.notes["truncated"] = truncated
        return self.coding.view.answers(answers)

    def outputs(self, examples: Examples) -> list[Tensor]:
        """The numbers [S, K] written for every example, before the blend with the reference."""
        outputs = [torch.empty(0)] * len(examples)
        with fixed_rng(0), torch.no_grad():
            for chosen in in_order(examples.lengths, ANSWERED_TOGETHER):
                batch = examples.batch(chosen, dtype=torch.float64).to(self.net.device)
                for i, answer in zip(chosen, self._answers(batch, self._most(batch.lengths)), strict=True):
                    outputs[i] = torch.from_numpy(np.asarray(answer))
        return outputs

    def _answers(self, batch: Batch, most: Tensor) -> list[Array]:
        if self.beam > 1 and isinstance(self.writer, Stepwise):
            return self.writer.beams(batch, most, self.beam)
        return self.writer.greedy(batch, most)

    def _most(self, lengths: Tensor) -> Tensor:
        if self.coding.task.length != "free":
            return torch.full_like(lengths, self.coding.task.steps)
        return torch.clamp((self.ratio * lengths).ceil(), min=self.longest).long() + SLACK

    def log_likelihood(self, split: Split) -> Sequence[Array]:
        """Log probability of every true symbol and of the end, given the ones before: [S + 1] each (nats)."""
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
        """The attention weights behind each answer, for reports; None without attention.

        Returns
        -------
        dict or None
            `attention` has one dict per example: `written`, the symbols [S] of the answer, and `weights`
            [S][T], the weight of every step of x for each symbol, in percent. A row sums to 100, up to
            rounding.
        """
        if not isinstance(self.writer, Stepwise) or self.writer.query is None:
            return None
        if not self.coding.task.y.symbols:
            return None
        return {"attention": [self._looked(self.writer, split.take([i])) for i in range(len(split))]}

    def _looked(self, writer: Stepwise, one: Split) -> dict[str, Any]:
        """The attention weights of one answer, by reading the answer once more."""
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
