"""The explorer of practice: every step of every run has its own replies and its own line."""

import torch

from course.runs.rlhf_curves import Curve
from utils.widgets.practice_explorer import practice_explorer

STEPS = [0, 5, 10]


def replies(run, step):
    right = step // 5 + (run == "b")
    return "1+4=", "5", ["5."] * right + ["45", "6.", "x5."]


def curves(run):
    height = 1.0 if run == "a" else 3.0
    one = Curve([5.0, 10.0], torch.tensor([0.0, height]), torch.zeros(2))
    return {"right": {run: one}, "symbols": {run: one}}


def test_every_run_and_step_has_its_picture():
    controls, picture = practice_explorer(
        {"first": "a", "second": "b"}, STEPS, replies, curves
    ).children
    run, step = controls.children
    shown = set()
    for name in ("a", "b"):
        run.value = name
        for at in STEPS:
            step.value = at
            right = at // 5 + (name == "b")
            assert f"{right} of {right + 3} replies are right" in picture.value
            assert picture.value.count("✓ right") == right
            assert f"line at step {at}" in picture.value
            shown.add(picture.value)
    assert len(shown) == 6
