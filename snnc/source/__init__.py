"""Where text comes from: sources, spans and the data that ships with the package."""

from snnc.source.span import Source, Span

__all__ = ["Source", "Span"]
