"""Find the data files of the project: the grammar and the specs of the paper.

An installed package carries them as ``snnc/_grammar`` and ``snnc/_specs``; a checkout has them
at its top level. One function knows both places.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def data(folder: str) -> Traversable:
    """Return a data folder, ``grammar`` or ``specs``; the installed copy first, the checkout second.

    Raises `FileNotFoundError` when the installation has neither.
    """
    installed = files("snnc") / f"_{folder}"
    if installed.is_dir():
        return installed
    checkout = Path(__file__).parents[2] / folder
    if checkout.is_dir():
        return checkout
    raise FileNotFoundError(f"this installation of snnc lacks its {folder} folder; install it again")
