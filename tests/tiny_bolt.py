"""A tiny forecaster of the shape of Chronos-Bolt, trained in seconds on generated series.

Patches of a scaled history go through an encoder; a decoder with one query gives all quantiles of the next
steps (Ansari et al. 2024). It is saved as that model is, in a folder with config.json beside the weights, and
answers through the same interface.
"""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path

import torch
from torch import nn

CONFIG = {
    "context_length": 48,
    "prediction_length": 8,
    "patch_size": 8,
    "d_model": 16,
    "quantiles": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
}


class TinyBolt(nn.Module):
    """Quantiles [series, levels, steps] of the steps after histories [series, context], NaN where missing."""

    def __init__(self, config: dict) -> None:
        super().__init__()
        self.config, width = config, config["d_model"]
        patches = config["context_length"] // config["patch_size"]
        self.embed = nn.Linear(2 * config["patch_size"], width)
        self.place = nn.Parameter(0.02 * torch.randn(patches, width))
        self.query = nn.Parameter(0.02 * torch.randn(1, width))
        layer = {"d_model": width, "nhead": 2, "dim_feedforward": 32, "dropout": 0.0, "batch_first": True}
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(**layer), 1)
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(**layer), 1)
        self.head = nn.Linear(width, len(config["quantiles"]) * config["prediction_length"])

    def forward(self, context: torch.Tensor) -> torch.Tensor:
        there = ~context.isnan()
        loc = context.nanmean(dim=-1, keepdim=True)
        scale = (context - loc).square().nanmean(dim=-1, keepdim=True).sqrt()
        scale = torch.where(scale == 0, 1e-5, scale)
        values = torch.where(there, (context - loc) / scale, 0.0)
        size = self.config["patch_size"]
        patches = torch.cat([values.unfold(-1, size, size), there.float().unfold(-1, size, size)], dim=-1)
        coded = self.encoder(self.embed(patches) + self.place)
        state = self.decoder(self.query.expand(len(context), 1, -1), coded)[:, 0]
        made = self.head(state).view(len(context), len(self.config["quantiles"]), -1)
        return made * scale[..., None] + loc[..., None]


class TinyBoltPipeline:
    """The interface of the pipeline of Chronos-Bolt."""

    def __init__(self, model: TinyBolt) -> None:
        self.model = model.eval()

    @property
    def quantiles(self) -> list[float]:
        return self.model.config["quantiles"]

    @property
    def model_context_length(self) -> int:
        return self.model.config["context_length"]

    @classmethod
    def from_pretrained(cls, folder: str) -> TinyBoltPipeline:
        model = TinyBolt(json.loads((Path(folder) / "config.json").read_text()))
        model.load_state_dict(torch.load(Path(folder) / "model.pt", weights_only=True))
        return cls(model)

    def predict_quantiles(self, inputs, prediction_length=None, quantile_levels=None):
        """Beyond the steps of the model its median is appended to the history, and it is asked again."""
        context = torch.stack([_padded(one, self.model_context_length) for one in inputs])
        found = []
        while sum(one.shape[-1] for one in found) < prediction_length:
            found.append(self.model(context))
            middle = found[-1][:, self.quantiles.index(0.5)]
            context = torch.cat([context, middle], dim=-1)[:, -self.model_context_length :]
        answers = torch.cat(found, dim=-1)[..., :prediction_length].swapaxes(1, 2)
        places = [self.quantiles.index(level) for level in quantile_levels]
        return answers[..., places], answers[..., self.quantiles.index(0.5)]


def _padded(history: torch.Tensor, steps: int) -> torch.Tensor:
    history = history[-steps:]
    return torch.cat([torch.full((steps - len(history),), torch.nan), history])


def generated(count: int, steps: int, seed: int = 0) -> torch.Tensor:
    """Series [count, steps]: a level, a line, a season of 4 to 12 steps and noise."""
    draw = torch.Generator().manual_seed(seed)
    t = torch.arange(steps, dtype=torch.float32)

    def some(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(count, 1, generator=draw)

    season = torch.sin(2 * torch.pi * (t / some(4, 12).round() + some(0, 1)))
    noise = torch.randn(count, steps, generator=draw)
    return some(-5, 5) + some(-0.03, 0.03) * t + some(0.5, 1.5) * season + 0.2 * noise


def trained(config: dict = CONFIG, rounds: int = 200) -> TinyBolt:
    """A model trained with the quantile loss; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = TinyBolt(config)
    steps, levels = config["prediction_length"], torch.tensor(config["quantiles"])[:, None]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for number in range(rounds):
        series = generated(32, config["context_length"] + steps, seed=number)
        context, target = series[:, :-steps].clone(), series[:, None, -steps:]
        context[:8, : 8 * (number % 5)] = torch.nan  # shorter histories occur too
        scale = series.std(dim=-1)[:, None, None]
        error = (target - model(context)) / scale
        loss = torch.maximum(levels * error, (levels - 1) * error).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def save(model: TinyBolt, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(model.config))
    torch.save(model.state_dict(), folder / "model.pt")
    return folder


@functools.cache
def checkpoint() -> Path:
    """A folder with a trained model, made once in a process."""
    return save(trained(), Path(tempfile.mkdtemp(prefix="tiny-bolt-")) / "weights")
