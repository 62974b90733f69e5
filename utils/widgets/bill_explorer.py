"""The explorer of a training bill: choose a model, its tokens, the GPUs and what they share; days,
dollars and the bytes on each GPU follow.
"""

from ipywidgets import Dropdown, IntSlider, VBox

from utils.model.weight_counts import weight_count
from utils.pictures.bill_pictures import bytes_on_each_gpu
from utils.pictures.figures import img
from utils.training.bill import ACCELERATORS, dollars, training_days
from utils.training.flops import training_flops_per_token
from utils.training.known_runs import KNOWN_RUNS
from utils.training.memory import SHARED_OUT, activation_bytes, state_bytes
from utils.widgets.explorers import explorer

GPUS = (1, 2, 8, 64, 512, 2000, 6000, 16_384)
TOKENS = (2e10, 3e11, 1e12, 2e12, 4e12, 15.6e12)
KEPT = {"all of them": False, "what enters each block": True}


def bill_explorer(accelerator: str = "A100", dollars_per_hour: float | int = 2) -> VBox:
    """Days, dollars and bytes of a training run that follow the controls.

    accelerator: a key of utils.training.bill.ACCELERATORS. Each GPU reads one text at a time, as
    long as the model's context, in mixed precision.
    """
    gpu = ACCELERATORS[accelerator]

    def draw(
        name: str, tokens: float, gpus: int, percent: int, shared_out: str, recompute: bool
    ) -> str:
        config = KNOWN_RUNS[name].config
        context = config.context_length
        # MFU counts the work that is needed; what is computed again is a cost on top
        flops = tokens * training_flops_per_token(config, context, recompute)
        days = training_days(flops, gpus, gpu.flops_per_second, percent / 100)
        cost = dollars(days, gpus, dollars_per_hour)
        state = state_bytes(weight_count(config), "mixed", gpus, shared_out)
        parts = {
            "weights": state.weights,
            "gradients": state.gradients,
            "optimizer": state.optimizer,
            "activations": activation_bytes(config, 1, context, recompute=recompute),
        }
        amount = f"{flops:.1e}".replace("e+", "e")
        title = f"{name}: {_days(days)}, {_dollars(cost)}, {amount} FLOPs"
        return img(*bytes_on_each_gpu({"in all": parts}, gpu.memory, title))

    controls = {
        "name": Dropdown(options=list(KNOWN_RUNS), value="Llama 2 70B", description="model"),
        # lists and no sliders: one may write into the number beside a SelectionSlider, for nothing
        "tokens": Dropdown(
            options=[(f"{n / 1e9:,.0f} billion", n) for n in TOKENS],
            value=2e12,
            description="tokens",
        ),
        "gpus": Dropdown(
            options=[(f"{n:,}", n) for n in GPUS], value=2000, description=f"{accelerator}s"
        ),
        "percent": IntSlider(40, min=10, max=70, step=5, description="MFU (%)"),
        "shared_out": Dropdown(
            options=list(SHARED_OUT), value="everything", description="shared out"
        ),
        "recompute": Dropdown(options=KEPT, value=False, description="activations"),
    }
    return explorer(draw, height=230, **controls)


def _days(days: float) -> str:
    if days < 1:
        return f"{24 * days:.1f} hours"
    return f"{days:,.0f} days" if days < 1000 else f"{days / 365.25:,.0f} years"


def _dollars(amount: float) -> str:
    if amount < 1e6:
        return f"${amount:,.0f}"
    return f"${amount / 1e6:,.1f} million"
