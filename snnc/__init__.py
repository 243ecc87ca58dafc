"""snnc: a declarative compiler for spiking networks."""

__version__ = "0.1.0"
