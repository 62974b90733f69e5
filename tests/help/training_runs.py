"""A small training run for tests, in this process or, as a script, in others: `training_runs.py
alone FOLDER 24`.
"""

import json
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from torch import nn

from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.training.batch_loss import mean_loss, next_token_loss
from utils.training.batches import RandomWindows
from utils.training.config import TrainConfig
from utils.training.fine_tuning_batches import Examples
from utils.training.loop import train
from utils.training.state import FILE

SETTINGS = dict(
    steps=24, learning_rate=0.01, warmup_steps=1, batches_per_step=2, clip=0.7, save_seconds=0
)
SIZES = dict(vocab_size=11, context_length=6, n_layer=2, n_head=3, d_model=12)


def small_model(seed: int = 0, **sizes) -> GPT:
    torch.manual_seed(seed)
    return GPT(GPTConfig(**SIZES | sizes))


def random_text(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(11, size=300)


def windows(seed: int = 0) -> RandomWindows:
    return RandomWindows(random_text(seed), length=6, batch_size=4, seed=1)


def uneven_examples() -> Examples:
    """Of 2 to 7 tokens, with gaps of all kinds: each batch has another number of tokens to learn."""
    random = np.random.default_rng(7)
    texts = [random.integers(11, size=random.integers(2, 8)).tolist() for _ in range(23)]
    learn = [[*(random.random(len(ids) - 1) < 0.6).tolist(), True] for ids in texts]
    return Examples(list(zip(texts, learn, strict=True)), batch_size=5, seed=3)


def noisy_loss(model, batch):
    """Draws random numbers, as dropout does: every third token or so is not learned."""
    ids = batch["ids"]
    return next_token_loss(model, {"ids": ids, "learn": torch.rand(ids.shape) < 0.7})


def run(
    folder=None,
    model=None,
    batches=None,
    loss=noisy_loss,
    progress=False,
    evaluate=None,
    **settings,
):
    """The losses and the trained model."""
    model = model or small_model()
    config = TrainConfig(**SETTINGS | settings)
    history = train(
        model,
        batches or windows(),
        config,
        loss=loss,
        folder=folder,
        progress=progress,
        evaluate=evaluate,
    )
    return history, model


def gradients_of_one_step(
    model: nn.Module, batches, batches_per_step: int
) -> dict[str, torch.Tensor]:
    """What AdamW is given: one step without clipping leaves the gradients in the parameters."""
    settings = dict(
        steps=1, batches_per_step=batches_per_step, clip=None, learning_rate=1e-9, warmup_steps=0
    )
    run(model=model, batches=batches, loss=next_token_loss, **settings)
    return {name: p.grad.clone() for name, p in model.named_parameters()}


def in_a_team(folder: Path) -> None:
    """Under torchrun: gradients of one step, then a whole run, each rank into its own file."""
    import torch.distributed as dist
    from safetensors.torch import save_file

    first = small_model(seed=0)
    gradients = gradients_of_one_step(first, uneven_examples(), batches_per_step=4)
    rank = dist.get_rank()
    drawn = small_model(seed=rank)  # each process draws its own weights: those of rank 0 count
    history, model = run(
        folder,
        drawn,
        uneven_examples(),
        next_token_loss,
        progress=True,
        steps=6,
        batches_per_step=4,
    )
    weights = {f"weight.{name}": p.detach().clone() for name, p in model.named_parameters()}
    gradients = {f"gradient.{name}": g for name, g in gradients.items()}
    save_file(weights | gradients, folder / f"rank{rank}.safetensors")
    (folder / f"rank{rank}.json").write_text(
        json.dumps([history.losses, history.tokens]), encoding="utf-8"
    )


def evaluated(model: nn.Module) -> float:
    """The loss on a batch that no run reads."""
    return mean_loss(model, [uneven_examples()[100]])


def interrupted_at(step: int, batches_per_process: int):
    """A loss into which someone presses Ctrl-C at that step."""
    calls = []

    def loss(model, batch):
        if len(calls) == step * batches_per_process:
            raise KeyboardInterrupt
        calls.append(1)
        return next_token_loss(model, batch)

    return loss


SHARED = dict(steps=6, batches_per_step=4, evaluate=evaluated, evaluate_every=2)


def in_shards(folder: Path) -> None:
    """Under torchrun: a run of which each process holds a part, stopped at its fourth step and gone
    on with; what each has seen and holds goes into its own file.
    """
    import torch.distributed as dist

    rank, settings = dist.get_rank(), SHARED | {"shard_weights": True}
    drawn = small_model(seed=rank)
    with suppress(KeyboardInterrupt):
        run(folder, drawn, uneven_examples(), interrupted_at(3, batches_per_process=2), **settings)
    if rank == 0:
        (folder / "half").mkdir()
        shutil.copyfile(folder / FILE, folder / "half" / FILE)
    history, model = run(
        folder, small_model(seed=5), uneven_examples(), next_token_loss, **settings
    )
    held = {name: [p.to_local().numel(), p.numel()] for name, p in model.named_parameters()}
    told = [history.losses, history.gradient_norms, history.evaluations, held]
    (folder / f"shards{rank}.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1] == "team":
        in_a_team(Path(sys.argv[2]))
        in_shards(Path(sys.argv[2]) / "shards")
    else:
        run(Path(sys.argv[2]), steps=int(sys.argv[3]))
