"""The explorer of sampling: which tokens a sampler keeps after a prompt, and what they gain."""

from ipywidgets import Dropdown, FloatSlider, VBox
from jaxtyping import Float
from torch import Tensor

from utils.generation.sampling import keep_min_p, keep_top_k, keep_top_p, scale_by_temperature
from utils.model.gpt import GPT
from utils.pictures.decoding_pictures import cut_tail
from utils.pictures.figures import img
from utils.text.tokenizer import Tokenizer
from utils.widgets.explorers import explorer, remembered_logits, text_field

ORDERS = {"before the cuts": True, "after the cuts": False}


def sampler_explorer(model: GPT, tok: Tokenizer, prompt: str = "I saw a") -> VBox:
    """Type a prompt, and move the temperature, top-k, top-p and min-p.

    Bars show the likeliest tokens with and without the sampler, a curve all tokens by rank; what
    is cut off is marked. A last control lets the temperature come after the cuts instead of before.
    """

    last_logits = remembered_logits(model, tok)

    def draw(
        prompt: str,
        temperature: float | int,
        top_k: int,
        top_p: float | int,
        min_p: float | int,
        warm_first: bool,
    ) -> str:
        logits = last_logits(prompt)[None].double()
        warm = scale_by_temperature(logits, temperature)
        if warm_first:
            left = cut(warm, top_k, top_p, min_p)
        else:
            left = scale_by_temperature(cut(logits, top_k, top_p, min_p), temperature)
        pieces = [
            tok.decode([id]) for id in logits[0].topk(min(10, logits.numel())).indices.tolist()
        ]
        figure, alt = cut_tail(pieces, warm.softmax(-1)[0], left.softmax(-1)[0])
        order = "before" if warm_first else "after"
        settings = (
            f"After “{prompt}”, temperature {temperature:.1f} {order} the cuts, "
            f"top-k {top_k or 'off'}, top-p {top_p:.2f}, min-p {min_p:.2f}"
        )
        return img(figure, f"{settings}: {alt}")

    controls = {
        "prompt": text_field(prompt, "prompt", 420),
        "temperature": _slider("temperature", 1.0, 0.1, 2.0, 0.1),
        "top_k": Dropdown(
            options={"off": 0, "1": 1, "5": 5, "40": 40, "200": 200}, value=0, description="top-k"
        ),
        "top_p": _slider("top-p", 1.0, 0.05, 1.0, 0.05),
        "min_p": _slider("min-p", 0.0, 0.0, 0.5, 0.02),
        "warm_first": Dropdown(options=ORDERS, value=True, description="temperature"),
    }
    return explorer(draw, height=330, **controls)


def cut(
    logits: Float[Tensor, "1 vocab"], top_k: int, top_p: float | int, min_p: float | int
) -> Float[Tensor, "1 vocab"]:
    """The three cuts in the order of Hugging Face. top_k 0 leaves that one out."""
    first = keep_top_k(logits, top_k) if top_k else logits
    return keep_min_p(keep_top_p(first, top_p), min_p)


def _slider(name: str, value: float, low: float, high: float, step: float) -> FloatSlider:
    return FloatSlider(
        value, min=low, max=high, step=step, description=name, continuous_update=False
    )
