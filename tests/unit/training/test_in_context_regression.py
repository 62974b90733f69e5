"""A step of descent as linear attention: against autograd, on paper, and as training finds it."""

import pytest
import torch

from utils.training.in_context_regression import (
    LinearAttention,
    after_one_step,
    best_error,
    best_rate,
    linear_tasks,
    trained_attention,
)


def tasks_of(count, examples=7, inputs=3, seed=0):
    return linear_tasks(count, examples, inputs, torch.Generator().manual_seed(seed))


def test_tasks_are_linear_rules():
    tasks = tasks_of(6)
    assert tasks.x.shape == (6, 7, 3) and tasks.query.shape == (6, 3)
    for x, y, query, answer in zip(*tasks, strict=True):
        w = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
        torch.testing.assert_close(query @ w, answer, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("rate", [0.02, 0.3])
def test_a_step_is_that_of_autograd(rate):
    tasks = tasks_of(5, seed=2)
    for place, (x, y, query, _) in enumerate(zip(*tasks, strict=True)):
        w = torch.zeros(3, requires_grad=True)
        loss = 0.5 * (x @ w - y).pow(2).sum()
        loss.backward()
        expected = (-rate * w.grad) @ query
        torch.testing.assert_close(after_one_step(tasks, rate)[place], expected)


def test_linear_attention_with_the_weights_of_the_step_is_the_step():
    tasks, layer = tasks_of(9, seed=3), LinearAttention(3)
    with torch.no_grad():
        layer.match.copy_(torch.diag(torch.tensor([1.0, 1.0, 1.0, 0.0])))
        layer.value.copy_(torch.tensor([0.0, 0.0, 0.0, 0.04]))
        torch.testing.assert_close(layer(tasks), after_one_step(tasks, 0.04))


@pytest.mark.parametrize(("examples", "inputs"), [(10, 4), (5, 6)])
def test_no_rate_does_better_than_the_best_one(examples, inputs):
    tasks = tasks_of(40_000, examples, inputs, seed=4)
    rate = best_rate(examples, inputs)
    errors = [
        float((after_one_step(tasks, factor * rate) - tasks.answer).pow(2).mean())
        for factor in (0.7, 1.0, 1.3)
    ]
    assert errors[1] < min(errors[0], errors[2])
    assert errors[1] == pytest.approx(best_error(examples, inputs), rel=0.03)


def test_training_finds_the_step():
    torch.manual_seed(6)
    expected_next = torch.rand(2)
    torch.manual_seed(6)
    layer, losses = trained_attention(10, 4, steps=1000, seed=0)
    assert torch.equal(torch.rand(2), expected_next) and len(losses) == 1000
    tasks = tasks_of(4000, 10, 4, seed=5)
    with torch.no_grad():
        error = float((layer(tasks) - tasks.answer).pow(2).mean())
    by_step = float((after_one_step(tasks, best_rate(10, 4)) - tasks.answer).pow(2).mean())
    assert error == pytest.approx(by_step, rel=0.02)
