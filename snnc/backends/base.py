"""What a back end is: a frozen dataclass that turns a program into a value and declares its contract.

A back end never changes a graph and never writes a file: the command line does, atomically.
"""

from __future__ import annotations

from typing import ClassVar, Protocol, TypeVar

from snnc.ir.facts import Fact
from snnc.ir.program import Program

Result_co = TypeVar("Result_co", covariant=True)


class Backend(Protocol[Result_co]):
    """One way to write a program down; its fields are its options.

    ``needs`` must hold of the program's graph. ``suffix`` is that of a file with the result, its
    dot included.
    """

    name: ClassVar[str]
    needs: ClassVar[frozenset[Fact]]
    suffix: ClassVar[str]

    def __call__(self, program: Program) -> Result_co:
        """Return what this back end makes of a program."""
        ...
