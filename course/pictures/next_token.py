"""The README's picture: `python -m course.pictures.next_token` draws it with the real model."""

from pathlib import Path

import torch

from utils import load
from utils.pictures.figures import bars, new_figure, style

PICTURE = Path(__file__).with_suffix(".png")
PROMPTS = ("The capital of France is", "The cat sat on the")


def main() -> None:
    """What SmolLM2 says next after two prompts of the documents."""
    model, tok = load("smollm2")
    figure, axes = new_figure(height=2.6, columns=2)
    for ax, prompt in zip(axes, PROMPTS, strict=True):
        with torch.inference_mode():
            logits = model.next_logits(torch.tensor([tok.encode(prompt)]))[0]
        top = logits.softmax(dim=-1).topk(5)
        bars(
            [tok.decode([id]) for id in top.indices.tolist()], top.values, title=f"{prompt}…", ax=ax
        )
        ax.set_xlim(0, 1)
    with style():
        figure.savefig(PICTURE, dpi=144, metadata={"Software": None})


if __name__ == "__main__":
    main()
