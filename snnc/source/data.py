"""Find the data files of the project: the grammar, the specs of the paper, the words on diagnostics.

An installed package carries them as ``snnc/_grammar``, ``snnc/_specs`` and ``snnc/_diagnostics``; a
checkout has them outside the package. One function knows both places.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

IN_CHECKOUT = {"grammar": "grammar", "specs": "specs", "diagnostics": "docs/diagnostics"}


def data(folder: str) -> Traversable:
    """Return a data folder of `IN_CHECKOUT`; the installed copy first, the checkout second.

    Raises `FileNotFoundError` when the installation has neither.
    """
    installed = files("snnc") / f"_{folder}"
    if installed.is_dir():
        return installed
    checkout = Path(__file__).parents[2] / IN_CHECKOUT[folder]
    if checkout.is_dir():
        return checkout
    raise FileNotFoundError(f"this installation of snnc lacks its {folder} folder; install it again")
