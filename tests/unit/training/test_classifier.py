"""Training a classifier, against steps taken by hand and by torch's optimizers on their own."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from utils.training.classifier import accuracy, train_classifier

EXAMPLES, INPUTS, CLASSES = 40, 5, 3


def data():
    rng = torch.Generator().manual_seed(1)
    return torch.randn(EXAMPLES, INPUTS, generator=rng), torch.randint(
        CLASSES, (EXAMPLES,), generator=rng
    )


def linear(seed=0):
    torch.manual_seed(seed)
    return nn.Linear(INPUTS, CLASSES)


def train(model, **options):
    defaults = {"optimizer": "SGD", "rate": 0.1, "steps": 4, "batch": 7, "seed": 3}
    return list(train_classifier(model, *data(), **(defaults | options)))


def batches(steps, batch=7, seed=3):
    rng = torch.Generator().manual_seed(seed)
    return [torch.randint(EXAMPLES, (batch,), generator=rng) for _ in range(steps)]


def test_sgd_by_hand():
    """The gradient of a linear layer under cross-entropy: p minus one-hot, times the input."""
    model, (x, labels) = linear(), data()
    W, b = (p.detach().clone() for p in (model.weight, model.bias))
    losses = train(model)
    for rows, loss in zip(batches(4), losses, strict=True):
        p = (x[rows] @ W.T + b).softmax(dim=1)
        right = p[torch.arange(7), labels[rows]]
        assert loss == pytest.approx(-right.log().mean().item(), rel=1e-5)
        delta = (p - torch.eye(CLASSES)[labels[rows]]) / 7
        W, b = W - 0.1 * delta.T @ x[rows], b - 0.1 * delta.sum(dim=0)
    torch.testing.assert_close(model.weight.detach(), W, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(model.bias.detach(), b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("warmup", [0, 3])
def test_adam_and_the_warm_up(warmup):
    model, other, (x, labels) = linear(), linear(), data()
    train(model, optimizer="Adam", rate=0.02, steps=6, warmup=warmup)
    adam = torch.optim.Adam(other.parameters())
    for step, rows in enumerate(batches(6)):
        adam.param_groups[0]["lr"] = 0.02 * min(1, (step + 1) / (warmup + 1))
        adam.zero_grad()
        cross_entropy(other(x[rows]), labels[rows]).backward()
        adam.step()
    torch.testing.assert_close(model.weight, other.weight)


def test_it_trains_where_gradients_are_off():
    model, (x, _) = linear(), data()
    labels = x[:, :CLASSES].argmax(dim=1)
    with torch.no_grad():
        losses = list(train_classifier(model, x, labels, optimizer="SGD", rate=0.5, steps=150))
    assert sum(losses[-20:]) < 0.5 * sum(losses[:20])


def test_a_loss_that_is_not_finite_ends_it():
    model = linear()
    nn.init.constant_(model.weight, float("nan"))
    assert len(train(model, steps=5)) == 1


def test_another_optimizer_is_named():
    with pytest.raises(ValueError, match="there is no optimizer 'Lion': take SGD or Adam"):
        train(linear(), optimizer="Lion")


class Fixed(nn.Module):
    """Gives the scores that it got."""

    def __init__(self, scores):
        super().__init__()
        self.scores = scores

    def forward(self, x):
        return self.scores


def test_accuracy_counts_the_right_ones_and_no_number_is_not_right():
    scores = torch.tensor([[2.0, 1, 0], [0, 1, 5], [3, 2, 1], [float("nan"), 0, 0]])
    labels = torch.tensor([0, 2, 1, 0])
    assert accuracy(Fixed(scores), torch.zeros(4, 2), labels) == 0.5
