"""Mistakes as values: what is wrong, where, why, and how to mend it."""

from snnc.diagnostics.as_json import to_json
from snnc.diagnostics.diagnostic import CompileError, Diagnostic, Fix, Label, Reporter, Severity
from snnc.diagnostics.fixes import apply_fixes
from snnc.diagnostics.render import render

__all__ = [
    "CompileError",
    "Diagnostic",
    "Fix",
    "Label",
    "Reporter",
    "Severity",
    "apply_fixes",
    "render",
    "to_json",
]
