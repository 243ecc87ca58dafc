"""Energy profiles: what one operation costs, from which source, of which year; data, not code.

A profile is a TOML file. Those in ``profiles/`` come along; users bring their own. A figure that the
source does not give is None, *unavailable*, and everything that needs it is so too; never zero.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from snnc.analysis.exact import exact

SCHEMA = 1


class ProfileError(ValueError):
    """A profile is not what it should be; the message names the key."""


@dataclass(frozen=True)
class Sram:
    """One on-chip memory: an access of ``bits`` costs ``pj`` while it holds at most ``bytes``."""

    bytes: int
    pj: Fraction
    bits: int


@dataclass(frozen=True)
class Profile:
    """Energies in pJ; ``ac`` on a neuromorphic chip is one synaptic operation.

    ``measured`` only where the source says that silicon was measured. ``digest`` identifies the text.
    """

    name: str
    title: str
    target: str
    source: str
    year: int
    precision: str
    measured: bool
    digest: str
    node_nm: int | None = None
    note: str = ""
    mac: Fraction | None = None
    ac: Fraction | None = None
    neuron: Fraction | None = None
    dram_per_bit: Fraction | None = None
    sram: tuple[Sram, ...] = ()

    @property
    def bits(self) -> int | None:
        """The width of a value, where the precision tells it: ``int32`` has 32."""
        digits = "".join(letter for letter in self.precision if letter.isdigit())
        return int(digits) if digits else None


SUFFIX = ".toml"
PAPER = "paper"


@cache
def names() -> tuple[str, ...]:
    """Return the names of the profiles that come along, the paper's first."""
    found = (entry.name for entry in _folder().iterdir())
    return tuple(sorted((one.removesuffix(SUFFIX) for one in found if one.endswith(SUFFIX)), key=_first))


def _folder() -> Traversable:
    return files("snnc.analysis") / "profiles"


def _first(name: str) -> tuple[bool, str]:
    return name != PAPER, name


@cache
def profile_named(name: str) -> Profile:
    """Return a profile that comes along. Raises `ProfileError` with the names there are."""
    if name not in names():
        raise ProfileError(f"no profile is named {name!r}; there are {', '.join(names())}, or a .toml file")
    return read_profile((_folder() / f"{name}{SUFFIX}").read_text("utf-8"))


def shipped() -> dict[str, Profile]:
    """Return the profiles that come along, by name."""
    return {name: profile_named(name) for name in names()}


def read_profile(text: str) -> Profile:
    """Return the profile that a TOML text describes.

    Raises `ProfileError` for a missing, unknown or impossible entry, naming it.
    """
    try:
        table = tomllib.loads(text, parse_float=exact)
    except ValueError as error:
        raise ProfileError(f"the profile cannot be read: {error}") from None
    if table.pop("schema", None) != SCHEMA:
        raise ProfileError(f"schema: must be {SCHEMA}")
    energies, memory = _part(table, "energy_pj"), _part(table, "memory")
    profile = Profile(
        name=_text(table, "name"),
        title=_text(table, "title"),
        target=_text(table, "target"),
        source=_text(table, "source"),
        year=_whole(table, "year"),
        precision=_text(table, "precision"),
        measured=_flag(table, "measured"),
        digest=sha256(text.encode()).hexdigest()[:12],
        node_nm=_whole(table, "node_nm") if "node_nm" in table else None,
        note=_text(table, "note") if "note" in table else "",
        mac=_energy(energies, "mac"),
        ac=_energy(energies, "ac"),
        neuron=_energy(energies, "neuron"),
        dram_per_bit=_energy(memory, "dram_pj_per_bit"),
        sram=_srams(memory),
    )
    for part in (table, energies, memory):
        _refuse_rest(part)
    return profile


Table = dict[str, object]


def _part(table: Table, key: str) -> Table:
    value = table.pop(key, {})
    if not isinstance(value, dict):
        raise ProfileError(f"{key}: must be a table")
    return value


def _text(table: Table, key: str) -> str:
    value = table.pop(key, None)
    if not isinstance(value, str) or not value:
        raise ProfileError(f"{key}: must be a text")
    return value


def _whole(table: Table, key: str) -> int:
    value = table.pop(key, None)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ProfileError(f"{key}: must be a whole number, at least 1")
    return value


def _flag(table: Table, key: str) -> bool:
    value = table.pop(key, None)
    if not isinstance(value, bool):
        raise ProfileError(f"{key}: must be true or false")
    return value


def _energy(table: Table, key: str) -> Fraction | None:
    """A figure that is left out is unavailable; one that is zero is a mistake."""
    if key not in table:
        return None
    value = table.pop(key)
    if isinstance(value, bool) or not isinstance(value, int | Fraction) or value <= 0:
        raise ProfileError(f"{key}: must be more than 0; leave out what is not known")
    return Fraction(value)


def _srams(memory: Table) -> tuple[Sram, ...]:
    entries = memory.pop("sram", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ProfileError("sram: must be a list of tables with bytes, pj and bits")
    found = [_sram(dict(entry)) for entry in entries]
    return tuple(sorted(found, key=lambda one: one.bytes))


def _sram(entry: Table) -> Sram:
    energy = _energy(entry, "pj")
    if energy is None:
        raise ProfileError("sram: pj is missing")
    found = Sram(_whole(entry, "bytes"), energy, _whole(entry, "bits"))
    _refuse_rest(entry)
    return found


def _refuse_rest(table: Table) -> None:
    if table:
        raise ProfileError(f"{next(iter(table))}: a profile has no such entry")
