"""Layers that a caller chose by number: each has to be one that the model has."""

from collections.abc import Sequence


def check_layer(layer: int, n_layer: int) -> None:
    """Raise ValueError unless `layer` is one of a model's `n_layer` layers, counted from 0."""
    if not 0 <= layer < n_layer:
        raise ValueError(f"there is no layer {layer}: give one from 0 to {n_layer - 1}.")


def check_layers(layers: Sequence[int], n_layer: int) -> None:
    """Raise ValueError unless there is at least one in `layers`, and all are among a model's `n_layer` layers."""
    if not layers or not all(0 <= layer < n_layer for layer in layers):
        raise ValueError(f"layers is {layers}; choose at least one from 0 to {n_layer - 1}.")
