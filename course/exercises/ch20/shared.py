"""What several exercises of chapter 20 share."""

import torch.nn.functional as F
from torch import Tensor


def _losses(differences: Tensor) -> Tensor:
    """The right loss of each pair."""
    return -F.logsigmoid(differences)
