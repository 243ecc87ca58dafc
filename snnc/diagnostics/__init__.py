"""Mistakes as values: what is wrong, where, why, and how to mend it."""

from snnc.diagnostics.diagnostic import CompileError, Diagnostic, Fix, Label, Reporter, Severity

__all__ = ["CompileError", "Diagnostic", "Fix", "Label", "Reporter", "Severity"]
