"""How the operations of a hybrid are booked: the choices that the paper leaves open, each by a name.

A policy decides what Eqns (9) and (11) do not say: whether the layers that stand behind the spiking
ones run once or at every step, what the first spiking layer behind a real-valued input costs, and what
an average-pooled spike is. Every report prints its policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints

Interface = Literal["ac", "mac", "mac-per-step"]
Relu = Literal["once", "per-step"]
Readout = Literal["ac", "mac"]
Pooled = Literal["mean", "events", "mac"]


class PolicyError(ValueError):
    """A policy that does not exist was asked for; the message says which there are."""


@dataclass(frozen=True)
class Policy:
    """One way to book a hybrid.

    ``interface``: the first spiking layer behind a real value is booked as AC x T x S_A (``ac``), as
    MAC once, since its input never changes, or as MAC at every step.
    ``relu``: artificial layers behind spiking ones run once, on what the spikes add up to, or at
    every step.
    ``readout``: the output layer accumulates spikes (``ac``) or multiplies their mean once (``mac``).
    ``pooled``: an average-pooled train counts by its mean value, as Eqn (9) does with any input
    (``mean``), by the spikes that it is made of (``events``), or as MAC at every step (``mac``).
    """

    name: str
    interface: Interface = "ac"
    relu: Relu = "once"
    readout: Readout = "ac"
    pooled: Pooled = "mean"

    @property
    def sentence(self) -> str:
        """The policy in words, for the header of a report."""
        return "; ".join(
            (
                f"first spiking layer on a real value: {_INTERFACE[self.interface]}",
                f"ReLU layers behind spikes: {_RELU[self.relu]}",
                f"output layer: {_READOUT[self.readout]}",
                f"average-pooled spikes: {_POOLED[self.pooled]}",
            )
        )


_INTERFACE = {"ac": "AC", "mac": "MAC once", "mac-per-step": "MAC every step"}
_RELU = {"once": "once", "per-step": "every step"}
_READOUT = {"ac": "AC", "mac": "MAC once"}
_POOLED = {
    "mean": "AC by their mean",
    "events": "AC by the spikes before the pool",
    "mac": "MAC every step",
}

POLICIES: Mapping[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy("paper"),
        Policy("strict", interface="mac"),
        Policy("per-step", relu="per-step"),
    )
}
"""``paper`` is the only reading that the printed EE of the hybrids allows; ``strict`` computes the
constant input of the first spiking layer as what it is; ``per-step`` does not wait for the spikes."""


def policy_of(text: str) -> Policy:
    """Read ``strict`` or a changed one, ``paper,pooled=events``. Raises `PolicyError`."""
    name, *changes = (part.strip() for part in text.split(","))
    if name not in POLICIES:
        raise PolicyError(f"no policy is named {name!r}; there are {', '.join(POLICIES)}")
    chosen = POLICIES[name]
    for change in changes:
        chosen = _changed(chosen, change)
    return replace(chosen, name=text) if changes else chosen


def _changed(policy: Policy, change: str) -> Policy:
    key, _, value = change.partition("=")
    choices = {field.name: get_args(get_type_hints(Policy)[field.name]) for field in fields(Policy)[1:]}
    if key not in choices:
        raise PolicyError(f"a policy has {', '.join(choices)}, not {key!r}")
    if value not in choices[key]:
        raise PolicyError(f"{key} is {' or '.join(choices[key])}, not {value!r}")
    checked: dict[str, Any] = {key: value}
    return replace(policy, **checked)
