"""The paper's printed sizes and efficiencies held against what its own equations allow.

A claimed EE is inverted to the activity S_A that it implies. Where none can be, even spikes that cost
nothing do not reach it, and the claim is *unreachable*. EE_Full is also held against the EE_Conv of the
same row, which fixes the activity of both. Accuracies are not judged here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from snnc.analysis.breakeven import Terms, terms
from snnc.analysis.cost import CostOptions, CostReport, spiking_convolutions
from snnc.analysis.exact import exact
from snnc.analysis.limits import quantity
from snnc.analysis.rows import ratio

SCHEMA = 1
EFFICIENCIES = ("ee", "ee_conv", "ee_full")
METRICS = (*EFFICIENCIES, "ee_over_softmax", "parameters", "compression")


class Verdict(StrEnum):
    """What came of a claim."""

    HOLDS = "holds"
    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"
    CONTRADICTS = "contradicts"
    AS_PRINTED = "as printed"
    DIFFERS = "differs"


class ClaimsError(ValueError):
    """A file of claims is not what it should be."""


@dataclass(frozen=True)
class Claim:
    """One printed number: ``value`` with ``half`` a unit of its last digit to either side.

    ``as_printed``: it counts layers as the paper prints them, not as they can be built.
    """

    table: str
    name: str
    spec: str
    metric: str
    printed: str
    timesteps: int | None
    value: Fraction
    half: Fraction
    baseline: str | None = None
    reason: str = ""
    as_printed: bool = False

    def rounds(self, number: Fraction | None) -> bool:
        """Whether a number is printed like this."""
        return number is not None and abs(number - self.value) <= self.half


@dataclass(frozen=True)
class Finding:
    """A claim with its verdict. ``implied`` is S_A, from the most to the least that the digits allow."""

    claim: Claim
    verdict: Verdict
    computed: Fraction | None = None
    implied: Fraction | None = None
    implied_range: tuple[Fraction, Fraction] | None = None
    bound: Fraction | None = None
    words: str = ""


Load = Callable[[str, CostOptions], CostReport]


def read_claims(text: str) -> tuple[Claim, ...]:
    """Return the claims about sizes and efficiencies of a TOML file. Raises `ClaimsError`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ClaimsError(f"the claims cannot be read: {error}") from None
    if table.get("schema") != SCHEMA:
        raise ClaimsError(f"schema: must be {SCHEMA}")
    return tuple(
        _claim(row, claim)
        for row in table.get("row", ())
        for claim in row.get("claims", ())
        if claim.get("metric") in METRICS
    )


def _claim(row: Mapping[str, str], claim: Mapping[str, str | int]) -> Claim:
    try:
        printed = str(claim["printed"])
        value, half = _rounded(printed)
        timesteps = claim.get("timesteps")
        baseline = claim.get("baseline")
        return Claim(
            row["table"],
            row["name"],
            row["spec"],
            str(claim["metric"]),
            printed,
            None if timesteps is None else int(timesteps),
            value,
            half,
            None if baseline is None else str(baseline),
            str(claim.get("reason", "")),
            claim.get("counts") == "as printed",
        )
    except (KeyError, ValueError) as error:
        raise ClaimsError(f"a claim of {row.get('name', 'a row without name')}: {error}") from None


def _rounded(printed: str) -> tuple[Fraction, Fraction]:
    """``2.21M`` is 2,210,000 with 5,000 to either side."""
    bare = printed.removesuffix("x")
    digits = bare.rstrip("kMGT")
    unit = quantity("1" + bare[len(digits) :])
    decimals = len(digits.partition(".")[2])
    return exact(digits) * unit, unit / (2 * 10**decimals)


def judge(claims: tuple[Claim, ...], load: Load, options: CostOptions) -> Iterator[Finding]:
    """Yield a finding per claim, in order. ``load`` gives the report of a spec by its name."""
    reports: dict[str, CostReport] = {}

    def report_of(claim: Claim, spec: str) -> CostReport:
        if spec not in reports:
            reports[spec] = load(spec, options)
        return reports[spec].at(replace(options, timesteps=claim.timesteps or options.timesteps))

    for claim in claims:
        report = report_of(claim, claim.spec)
        if claim.metric == "parameters":
            yield _size(claim, Fraction(report.parameters), Fraction(report.parameters_as_printed))
        elif claim.metric == "compression":
            other = report_of(claim, claim.baseline or claim.spec)
            yield _size(claim, *_compressions(other, report))
        elif claim.metric == "ee_over_softmax":
            yield _over_softmax(claim, claims)
        else:
            yield _efficiency(claim, claims, report)


def _compressions(other: CostReport, report: CostReport) -> tuple[Fraction, Fraction]:
    return (
        Fraction(other.parameters, report.parameters),
        Fraction(other.parameters_as_printed, report.parameters_as_printed),
    )


def _size(claim: Claim, ours: Fraction, as_printed: Fraction) -> Finding:
    if claim.rounds(ours):
        return Finding(claim, Verdict.HOLDS, ours)
    verdict = Verdict.AS_PRINTED if claim.rounds(as_printed) else Verdict.DIFFERS
    return Finding(claim, verdict, as_printed if claim.as_printed else ours, words=claim.reason)


def _over_softmax(claim: Claim, claims: tuple[Claim, ...]) -> Finding:
    """The quotient of two printed EE of the same network: no measurement is needed to check it."""
    same = [one for one in claims if one.spec == claim.spec and one.metric == "ee"]
    ours = next((one for one in same if one.table == claim.table), None)
    softmax = next((one for one in same if one.table != claim.table), None)
    if ours is None or softmax is None:
        return Finding(claim, Verdict.DIFFERS, words="the EE that it is a quotient of are not printed")
    quotient = ours.value / softmax.value
    slack = claim.half + quotient * (ours.half / ours.value + softmax.half / softmax.value)
    holds = abs(quotient - claim.value) <= slack
    words = f"{ours.printed} of Table {ours.table} over {softmax.printed} of Table {softmax.table}"
    return Finding(claim, Verdict.HOLDS if holds else Verdict.CONTRADICTS, quotient, words=words)


def _efficiency(claim: Claim, claims: tuple[Claim, ...], report: CostReport) -> Finding:
    rows = spiking_convolutions(report) if claim.metric == "ee_conv" else report.rows
    found = terms(rows)
    if found is None or not found.per_spike:
        return Finding(claim, Verdict.DIFFERS, words="nothing spikes, or the profile lacks an energy")
    finding = _implied(claim, found, report.timesteps)
    if claim.metric == "ee_full":
        return _against_conv(finding, claims, report, found)
    return finding


def _implied(claim: Claim, found: Terms, timesteps: int) -> Finding:
    low, high = claim.value - claim.half, claim.value + claim.half
    bound = found.bound(timesteps)
    if bound is not None and low >= bound:
        words = f"not even silence gives more than {float(bound):.3f}"
        return Finding(claim, Verdict.UNREACHABLE, bound=bound, words=words)
    implied = found.activity(timesteps, claim.value)
    most, least = found.activity(timesteps, low), found.activity(timesteps, high)
    if implied is None or most is None or least is None:
        raise AssertionError("rows with spikes have an activity for every EE")
    implied = max(implied, Fraction(0))
    return Finding(
        claim,
        Verdict.REACHABLE,
        found.efficiency(timesteps, implied),
        implied,
        (most, max(least, Fraction(0))),
        bound,
    )


def _against_conv(finding: Finding, claims: tuple[Claim, ...], report: CostReport, found: Terms) -> Finding:
    """EE_Conv of the same row fixes S_A, and S_A fixes EE_Full."""
    claim = finding.claim
    conv = next((one for one in claims if _same_row(one, claim) and one.metric == "ee_conv"), None)
    part = terms(spiking_convolutions(report))
    activity = part.activity(report.timesteps, conv.value) if conv and part else None
    if activity is None:
        return finding
    computed = found.efficiency(report.timesteps, activity)
    if finding.verdict is Verdict.UNREACHABLE:
        return replace(finding, computed=computed)
    if claim.rounds(computed):
        return replace(finding, verdict=Verdict.HOLDS, computed=computed)
    gives = ratio(computed, Fraction(1))
    words = f"EE_Conv of the same row gives {float(gives):.3f}" if gives is not None else ""
    return replace(finding, verdict=Verdict.CONTRADICTS, computed=computed, words=words)


def _same_row(one: Claim, other: Claim) -> bool:
    return (one.table, one.name) == (other.table, other.name)
