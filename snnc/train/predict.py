"""An image file to the classes that a saved network finds in it."""

from __future__ import annotations

from pathlib import Path

import torch

from snnc.train.artifact import Saved
from snnc.train.folder import decode
from snnc.train.images import DataError, normalise
from snnc.train.seeds import seed_for


def predict(saved: Saved, path: Path, *, best: int = 1, seed: int = 1) -> list[tuple[str, float]]:
    """Return the best classes with their probabilities, which are the softmax of the scores.

    An image is looked at by itself, so its answer depends on no other. Raises `DataError` for a file that
    is no image, `OSError` for one that cannot be read.
    """
    if not path.is_file() and path.exists():
        raise DataError(f"{path.name}: it is no regular file")
    pixels = torch.from_numpy(decode(path.name, path.read_bytes(), saved.network.size))
    torch.manual_seed(seed_for(seed, "evaluate", 0))
    with torch.inference_mode():
        chances = saved.module.eval()(normalise(pixels)[None])[0].softmax(-1)
    values, places = chances.topk(min(best, len(chances)))
    pairs = zip(places.tolist(), values.tolist(), strict=True)
    return [(saved.name_of(place), value) for place, value in pairs]
