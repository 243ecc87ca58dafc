"""Conversion: a trained artificial twin becomes its spiking twin, by a threshold for every unrolled step."""
