"""What can be wrong with an energy profile, as a diagnostic with a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic


@dataclass(frozen=True)
class ProfileEntry(Diagnostic):
    """An energy profile is no TOML, or an entry of it is missing, unknown or impossible.

    Allowed: ``[energy_pj]`` with ``ac = 0.05`` and without ``mac``, which then is not known.
    Not allowed: ``mac = 0``; ``multiplication = 3.1``; a profile without ``source``.
    """

    code: ClassVar[str] = "profile-entry"
    title: ClassVar[str] = "{reason}"
    label: ClassVar[str] = "here"
    help: ClassVar[str] = "`snnc explain profile-entry` shows a whole profile"

    reason: str
