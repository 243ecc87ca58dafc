"""Ways to convert: a network as it is drawn, and one that has learnt the digits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from converting import images, saved, settings

from snnc.convert.run import Result, convert
from snnc.train.arrays import digits
from snnc.train.artifact import Saved


class Converter:
    def __init__(self, place: Path) -> None:
        self.place, self.count = place, 0

    def __call__(self, text: str | Saved, timesteps: int, seed: int = 1, **more: object) -> Result:
        self.count += 1
        found = saved(text, seed) if isinstance(text, str) else text
        data = more.pop("images", None) or images(found.network.size)
        return convert(found, data, self.place / str(self.count), settings(timesteps, **more))


@pytest.fixture
def converted(tmp_path: Path) -> Converter:
    return Converter(tmp_path)


@pytest.fixture(scope="session")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Train the artificial twin of a spec on the digits a little; each spec once."""
    known: dict[str, Path] = {}

    def train_on_digits(text: str) -> Path:
        from snnc.train.recipe import Recipe
        from snnc.train.run import train

        if text not in known:
            folder = tmp_path_factory.mktemp("ann")
            (folder / "net.spec").write_text(text)
            recipe = Recipe.model_validate(
                {
                    "spec": str(folder / "net.spec"),
                    "method": "ann",
                    "epochs": 3,
                    "batch": 32,
                    "optimiser": {"rate": 4e-3},
                }
            )
            known[text] = train(recipe, folder / "run", dataset=digits()).path
        return known[text]

    return train_on_digits
