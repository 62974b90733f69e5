"""A linear probe: can a label be read off a vector by one matrix?"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor


def probe_accuracy(
    vectors: Float[Tensor, "n d"],
    labels: Int64[Tensor, " n"],
    test: Float[Tensor, "m d"],
    test_labels: Int64[Tensor, " m"],
    penalty: float = 10.0,
) -> float:
    """The share of `test` whose label a probe gets right that was fitted to `vectors`.

    The probe has a score for each label, a linear function of the vector, fitted by least squares
    to 1 for the right label and 0 for the others, with `penalty` times the sum of the squared
    weights (ridge regression; the constants are punished too, which hardly matters). The highest
    score counts.
    """
    n_labels = int(torch.cat([labels, test_labels]).max()) + 1
    inputs = torch.cat([vectors, vectors.new_ones(len(vectors), 1)], dim=1)  # and a constant
    wanted = torch.nn.functional.one_hot(labels, n_labels).to(vectors.dtype)
    square = inputs.T @ inputs + penalty * torch.eye(inputs.shape[1], dtype=inputs.dtype)
    weights = torch.linalg.solve(square, inputs.T @ wanted)
    scores = test @ weights[:-1] + weights[-1]
    right = scores.argmax(dim=-1) == test_labels
    return float(right.double().mean())
