"""Two explorers of optimizers: a walk in a bowl that is made anew with each setting, and the stored
runs on a small GPT, rate by rate.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from ipywidgets import Dropdown, FloatSlider, IntSlider, VBox
from torch import Tensor
from torch.optim import Optimizer

from utils.pictures.bowl import Bowl, walk
from utils.pictures.figures import img
from utils.pictures.optimizer_pictures import losses_by_rate, walks_in_bowl
from utils.training.update_rules import SignDescent
from utils.widgets.explorers import explorer

_START, _STEPS = (-1.8, 0.7), 60
_LATE = {"continuous_update": False}

Rule = Callable[[list[Tensor], float, float], Optimizer]
RULES: dict[str, Rule] = {
    "SGD": lambda weights, rate, momentum: torch.optim.SGD(weights, rate, momentum),
    "Adam": lambda weights, rate, momentum: torch.optim.Adam(weights, rate, (momentum, 0.95)),
    "sign descent": SignDescent,
}


def bowl_explorer() -> VBox:
    """60 steps in a bowl; beside them those of plain gradient descent with the same rate.

    Choose the rule, its learning rate, its momentum (Adam's first beta), and how much steeper the
    bowl is across than along.
    """

    def draw(rule: str, rate: float, momentum: float, steepness: float) -> str:
        bowl = Bowl(along=1.0, across=steepness)
        plain = walk(bowl, lambda weights: torch.optim.SGD(weights, rate), _START, _STEPS)
        chosen = walk(bowl, lambda weights: RULES[rule](weights, rate, momentum), _START, _STEPS)
        name = f"{rule}, momentum {momentum:.2f}"
        return img(*walks_in_bowl(bowl, {"plain descent": plain, name: chosen}))

    controls: dict[str, Any] = {
        "rule": Dropdown(options=list(RULES), value="SGD", description="rule"),
        "rate": FloatSlider(0.04, min=0.01, max=0.3, step=0.01, description="rate", **_LATE),
        "momentum": FloatSlider(0.8, min=0.0, max=0.95, step=0.05, description="momentum", **_LATE),
        "steepness": FloatSlider(
            25.0,
            min=1.0,
            max=60.0,
            step=1.0,
            description="steepness",
            readout_format=".0f",
            **_LATE,
        ),
    }
    return explorer(draw, height=290, **controls)


def stored_runs_explorer(runs: Mapping[str, Mapping[float, Sequence[float]]]) -> VBox:
    """The losses of stored runs: choose the optimizer and which of its rates.

    runs: by optimizer, then by learning rate from the lowest up, the loss of every seed. An
    optimizer that has fewer rates than others shows its highest for the numbers beyond.
    """
    best = {
        name: min(sum(losses) / len(losses) for losses in by_rate.values())
        for name, by_rate in runs.items()
    }
    most = max(map(len, runs.values()))

    def draw(name: str, number: int) -> str:
        chosen = list(runs[name])[:number][-1]
        others = {other: level for other, level in best.items() if other != name}
        tried = len(runs[name])
        beyond = f", as there is no rate {number}" if number > tried else ""
        which = f"<p>Rate {min(number, tried)} of {tried}{beyond}.</p>"
        return img(*losses_by_rate(name, runs[name], chosen, others)) + which

    controls: dict[str, Any] = {
        "name": Dropdown(options=list(runs), value=next(iter(runs)), description="optimizer"),
        "number": IntSlider(1 + most // 2, min=1, max=most, description="rate no.", **_LATE),
    }
    return explorer(draw, height=320, **controls)
