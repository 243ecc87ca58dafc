"""Small artificial networks to convert, with weights as if they had learnt something."""

from __future__ import annotations

import numpy as np
import torch

from snnc.convert.settings import Conversion
from snnc.ir.program import Target
from snnc.source import Source
from snnc.train.artifact import Saved
from snnc.train.images import Dataset, Stored
from snnc.train.network import Options, network

HEAD = "input 2x6x6\nneuron ReLU|IF\n"


def saved(text: str, seed: int = 1) -> Saved:
    """An artificial network as if it had learnt: biases and statistics are not what they start as."""
    found = network(Source("net.spec", HEAD + text), None, Options(Target.ANN))
    module = found.module(seed).eval()
    chance = torch.Generator().manual_seed(seed)
    for name, tensor in module.state_dict().items():
        if name.endswith(("bias", "running_mean")):
            tensor.copy_(0.3 * torch.randn(tensor.shape, generator=chance))
        if name.endswith("running_var"):
            tensor.copy_(0.5 + torch.rand(tensor.shape, generator=chance))
    return Saved(found, module, (), {}, {})


def images(shape: tuple[int, int, int] = (2, 6, 6), count: int = 12, classes: int = 4) -> Dataset:
    pixels = np.random.default_rng(7).integers(0, 256, (count, *shape), dtype=np.uint8)
    part = Stored(pixels, np.arange(count) % classes)
    return Dataset("noise", tuple(map(str, range(classes))), part, part)


def settings(timesteps: int, **more: object) -> Conversion:
    """A short conversion; ``calibration__per`` is ``calibration.per``."""
    tables: dict[str, dict[str, object]] = {
        "calibration": {"steps": 32, "images": 12},
        "trial": {"ledger": 12},
    }
    for name, value in more.items():
        table, _, key = name.rpartition("__")
        (tables[table] if table else tables)[key] = value
    return Conversion.model_validate({"timesteps": timesteps, **tables})
