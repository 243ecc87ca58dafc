"""Energy profiles: what one operation costs, from which source, of which year; data, not code.

A profile is a TOML file. Those in ``profiles/`` come along; users bring their own. A figure that the
source does not give is None, *unavailable*, and everything that needs it is so too; never zero.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from snnc.analysis.errors import ProfileEntry
from snnc.analysis.exact import exact
from snnc.diagnostics import CompileError, Reporter
from snnc.source import Source, Span
from snnc.source.places import Key, span_of, span_of_fault

SCHEMA = 1


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a profile: its key, tables first, and what it is. No key: the whole text."""

    key: Key
    reason: str

    def __str__(self) -> str:
        return ": ".join((*self.key[-1:], self.reason))


class ProfileError(ValueError):
    """A profile is not what it should be. ``faults`` are all that is wrong; the message says them."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


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
        known = f"there are {', '.join(names())}, or a .toml file"
        raise ProfileError([Fault((), f"no profile is named {name!r}; {known}")])
    return read_profile((_folder() / f"{name}{SUFFIX}").read_text("utf-8"))


def shipped() -> dict[str, Profile]:
    """Return the profiles that come along, by name."""
    return {name: profile_named(name) for name in names()}


def open_profile(source: Source) -> Profile:
    """Return the profile of a file. Raises `CompileError` with the place of everything that is wrong."""
    report = Reporter()
    try:
        return read_profile(source.text)
    except ProfileError as error:
        for fault in error.faults:
            report(ProfileEntry(_place(source, fault, error), str(fault)))
        raise CompileError(report.diagnostics) from error


def _place(source: Source, fault: Fault, error: ProfileError) -> Span:
    if not fault.key:
        return span_of_fault(source, error.__cause__ or error)
    return span_of(source, fault.key, value=fault.reason != UNKNOWN_ENTRY)


def read_profile(text: str) -> Profile:
    """Return the profile that a TOML text describes.

    Raises `ProfileError` for missing, unknown or impossible entries, naming all of them.
    """
    try:
        whole = tomllib.loads(text, parse_float=_decimal)
    except (ValueError, RecursionError) as error:
        raise ProfileError([Fault((), f"the profile cannot be read: {error}")]) from error
    table = _Table(whole, (), [])
    if whole.pop("schema", None) != SCHEMA:
        table.refuse("schema", f"must be {SCHEMA}")
    energies, memory = table.part("energy_pj"), table.part("memory")
    profile = Profile(
        name=table.text("name"),
        title=table.text("title"),
        target=table.text("target"),
        source=table.text("source"),
        year=table.whole("year"),
        precision=table.text("precision"),
        measured=table.flag("measured"),
        digest=sha256(text.encode()).hexdigest()[:12],
        node_nm=table.whole("node_nm") if "node_nm" in whole else None,
        note=table.text("note") if "note" in whole else "",
        mac=energies.energy("mac"),
        ac=energies.energy("ac"),
        neuron=energies.energy("neuron"),
        dram_per_bit=memory.energy("dram_pj_per_bit"),
        sram=_srams(memory),
    )
    for part in (table, energies, memory):
        part.refuse_rest()
    if table.faults:
        raise ProfileError(table.faults)
    return profile


def _decimal(text: str) -> Fraction | ValueError:
    """A decimal as TOML writes it; what is wrong with one is told where its entry is read."""
    try:
        return exact(text)
    except ValueError as error:
        return error


UNKNOWN_ENTRY = "a profile has no such entry"


@dataclass(frozen=True)
class _Table:
    """Entries to be taken out, each once; what is wrong with one is noted and something stands for it."""

    entries: dict[str, object]
    path: Key
    faults: list[Fault]

    def refuse(self, key: str, reason: str) -> None:
        self.faults.append(Fault((*self.path, key), reason))

    def refuse_rest(self) -> None:
        for key in self.entries:
            self.refuse(key, UNKNOWN_ENTRY)

    def part(self, key: str) -> _Table:
        value = self.entries.pop(key, {})
        if not isinstance(value, dict):
            self.refuse(key, "must be a table")
            value = {}
        return _Table(value, (*self.path, key), self.faults)

    def text(self, key: str) -> str:
        value = self.entries.pop(key, None)
        if isinstance(value, str) and value:
            return value
        self.refuse(key, "must be a text")
        return ""

    def whole(self, key: str) -> int:
        value = self.entries.pop(key, None)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        self.refuse(key, "must be a whole number, at least 1")
        return 1

    def flag(self, key: str) -> bool:
        value = self.entries.pop(key, None)
        if not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return value is True

    def energy(self, key: str) -> Fraction | None:
        """A figure that is left out is unavailable; one that is zero is a mistake."""
        value = self.entries.pop(key, None)
        if isinstance(value, int | Fraction) and not isinstance(value, bool) and value > 0:
            return Fraction(value)
        if isinstance(value, ValueError):
            self.refuse(key, str(value))
        elif value is not None:
            self.refuse(key, "must be more than 0; leave out what is not known")
        return None


def _srams(memory: _Table) -> tuple[Sram, ...]:
    entries = memory.entries.pop("sram", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        memory.refuse("sram", "must be a list of tables with bytes, pj and bits")
        return ()
    found = [_sram(_Table(entry, (*memory.path, "sram"), memory.faults)) for entry in entries]
    return tuple(sorted(found, key=lambda one: one.bytes))


def _sram(entry: _Table) -> Sram:
    energy = entry.energy("pj")
    if energy is None:
        entry.refuse("pj", "must be there, and more than 0")
    found = Sram(entry.whole("bytes"), energy or Fraction(1), entry.whole("bits"))
    entry.refuse_rest()
    return found
