"""How a network came to an answer, for pictures: what its decoder looked at while it wrote.

No method imports this file: a key holds a hash of all that a method imports, and pictures change no result.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from recurbench.task import Split

if TYPE_CHECKING:
    from recurbench.methods._decoder import Stepwise, TrainedDecoder
    from torch import Tensor

DECODER = "recurbench.methods._decoder"


def components(predict: object, split: Split) -> dict[str, Any] | None:
    """Of every example what was written and where attention looked; None of what has no attention.

    attention: per example `written`, the symbols [S], and `weights`, [S][T] in hundredths: of every step of
    x while each of them was written. A row sums to 100, but for rounding.
    """
    # Of every method of ours this is asked, and torch takes a second to import: what nobody has imported yet,
    # `predict` is none of.
    if DECODER not in sys.modules:
        return None
    from recurbench.methods._decoder import Stepwise, TrainedDecoder

    if not isinstance(predict, TrainedDecoder) or not isinstance(predict.writer, Stepwise):
        return None
    if predict.writer.query is None or not predict.coding.task.y.symbols:
        return None
    return {"attention": [_looked(predict, predict.writer, split.take([i])) for i in range(len(split))]}


def _looked(predict: TrainedDecoder, writer: Stepwise, one: Split) -> dict[str, Any]:
    """Written again in one go, each symbol fed the ones before it: what a step looks at is the same."""
    import torch
    from recurbench.methods._network import alone

    (written,) = predict(one)
    examples = predict.coding.examples(one.blind())
    asked: list[Tensor] = []
    assert writer.query is not None
    kept = writer.query.register_forward_hook(lambda _module, _given, out: asked.append(out))
    try:
        with alone(0), torch.no_grad():
            memory = writer.memory_of(examples.batch(np.arange(1), dtype=torch.float64).to(writer.device), 0)
            symbols = torch.as_tensor(np.asarray(written), device=writer.device)[None, :-1]
            writer.read(torch.cat([writer.begin(1), symbols], dim=1), memory.first, memory)
    finally:
        kept.remove()
    weights = (asked[0] @ memory.states.mT).softmax(dim=-1)[0, : len(written)]
    return {
        "written": [int(symbol) for symbol in written],
        "weights": (100 * weights).round().to(torch.int64).tolist(),
    }
