"""One training loop, for pre-training and fine-tuning, in a notebook, in a script, or in several
processes.

    model = GPT(GPTConfig(vocab_size=65, context_length=64, n_layer=2, n_head=4, d_model=64))
    batches = RandomWindows.for_model(model, tokens, batch_size=16)
    history = train(model, batches, TrainConfig(steps=500, learning_rate=3e-3, warmup_steps=50))

Each step: the gradient of the mean loss over `batches_per_step` batches, clipped, then AdamW with
the learning rate of that step. With a `folder` the run can be stopped at any time; started again it
goes on with the same losses, bit for bit. Under torchrun the processes share the batches of each
step, and the result is the same up to rounding; with `shard_weights` each holds a part of the
weights only, and the checkpoint is the same file that a single process writes.
"""

import math
import time
from collections.abc import Callable, Iterable, Sized
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from tqdm.auto import tqdm

from utils.model.cpu_instructions import multiplies
from utils.model.device import pick_dtype
from utils.pictures.loss_curve import LiveFigure
from utils.training.activation_checkpointing import recomputed_blocks
from utils.training.batch_loss import Loss, next_token_loss, on_device_of
from utils.training.batches import Batch, Batches
from utils.training.config import TrainConfig
from utils.training.distributed import Team, join_team
from utils.training.history import History
from utils.training.optimizer import make_optimizer, scale_gradients
from utils.training.schedule import learning_rate
from utils.training.state import FILE, TrainingState, identity_of
from utils.training.weight_shards import free_gathered, shard_weights

Evaluate = Callable[[nn.Module], float]

# For float16, whose smallest numbers would lose small gradients. torch begins at 2^16, for the mean
# of a loss; ours is the sum over some thousand tokens. The scale adapts by itself; where it falls
# so low, no scale helps.
_FIRST_SCALE, _LOWEST_SCALE = 2.0**4, 2.0**-40


def train(
    model: nn.Module,
    batches: Batches,
    config: TrainConfig,
    *,
    loss: Loss = next_token_loss,
    evaluate: Evaluate | None = None,
    folder: str | Path | None = None,
    progress: bool = True,
) -> History:
    """Train `model` in place, on the device where it is, and give the history of the run.

    `batches[n]` is batch number n (see utils.training.batches), `loss` gives the sum over a batch
    and the count (see utils.training.batch_loss). `evaluate(model)` is called before the first
    step, after every `config.evaluate_every`, and after the last, in every process; for example
    `lambda model: mean_loss(model, held_out)`. `folder`: where a checkpoint is kept; if there is
    one of this same run, training goes on from it. `progress`: a bar, and in notebooks the loss as
    a live figure.

    Random numbers that the model or the loss draws from torch depend on `config.seed` and the step
    alone, and the caller's random numbers stay as they were. Raises ValueError for data, models and
    folders that do not fit; FloatingPointError if the loss or the gradient is not finite, and
    OSError if a checkpoint cannot be written. The last checkpoint is then whole, and its weights
    gave a finite loss.
    """
    path = None if folder is None else Path(folder) / FILE
    run = _begin(model, batches, config, loss, path)
    was_training, gpus = model.training, [run.device] if run.device.type == "cuda" else []
    try:
        with (
            recomputed_blocks(model) if config.recompute else nullcontext(),
            torch.random.fork_rng(gpus),
        ):
            _go(run, evaluate, progress and run.team.rank == 0)
    finally:
        model.train(was_training)
    return run.state.history


@dataclass
class _Run:
    """What every step of one call of `train` needs."""

    batches: Batches
    config: TrainConfig
    loss: Loss
    team: Team
    state: TrainingState
    trained: list[Tensor]
    sharded: bool  # each process holds a part of every weight
    device: torch.device
    path: Path | None  # of the checkpoint
    identity: dict[str, object]
    saved_at: float

    @property
    def done(self) -> int:
        return len(self.state.history.losses)


def _begin(
    model: nn.Module, batches: Batches, config: TrainConfig, loss: Loss, path: Path | None
) -> _Run:
    """Check what can be checked, and take up the run where its checkpoint left it."""
    wanted = config.steps * config.batches_per_step
    if isinstance(batches, Sized) and len(batches) < wanted:
        raise ValueError(
            f"{config.steps} steps of {config.batches_per_step} take {wanted} batches, but "
            f"{len(batches)} were given: "
            f"give more, or RandomWindows or Examples, which never end."
        )
    optimizer = make_optimizer(model, config)
    trained = _parameters(optimizer)
    device = trained[0].device
    team = join_team(device)
    sharded = config.shard_weights and team.size > 1
    if sharded:  # the optimizer's averages are then in shards, too
        team.copy_from_first(model)
        shard_weights(model, device)
        optimizer = make_optimizer(model, config)
        trained = _parameters(optimizer)
    scaler = torch.amp.GradScaler(
        device.type, init_scale=_FIRST_SCALE, enabled=config.precision == "float16"
    )
    state = TrainingState(model, optimizer, scaler, History())
    identity = {} if path is None else identity_of(model, config, batches)
    if path is not None:
        team.check_folder(path.exists(), device)
        if path.exists():
            state.load(path, identity)
    team.check_alike(len(state.history.losses), config.batches_per_step, device)
    if not sharded:
        team.copy_from_first(model)
    return _Run(
        batches,
        config,
        loss,
        team,
        state,
        trained,
        sharded,
        device,
        path,
        identity,
        time.monotonic(),
    )


def _parameters(optimizer: Optimizer) -> list[Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _go(run: _Run, evaluate: Evaluate | None, progress: bool) -> None:
    """All steps that are not done yet."""
    figure, history, last = LiveFigure(progress), run.state.history, run.config.steps
    begun_at = run.done
    with tqdm(total=last, initial=begun_at, unit="step", disable=not progress) as bar:
        for step in range(begun_at, last):
            if evaluate is not None and step % run.config.evaluate_every == 0:
                _evaluate(run, evaluate)
            _step(run, step)
            speed = history.recent("tokens") / history.recent("seconds")
            bar.set_postfix(
                {"loss": f"{history.losses[-1]:.3f}", "tokens/s": f"{speed:,.0f}"}, refresh=False
            )
            bar.update()
            figure.update(history)
    if evaluate is not None:
        _evaluate(run, evaluate)
    if begun_at < last:
        _save(run)
    figure.update(history, last=True)


def _evaluate(run: _Run, evaluate: Evaluate) -> None:
    """Once for each number of steps: a run that goes on from a checkpoint may have done it already."""
    history, model = run.state.history, run.state.model.eval()
    if run.done not in history.evaluated_at:
        with torch.no_grad():
            history.evaluations.append(float(evaluate(model)))
        free_gathered(model)
        history.evaluated_at.append(float(run.done))


def _step(run: _Run, step: int) -> None:
    """Gradient, clipping, update."""
    began, state, config = time.perf_counter(), run.state, run.config
    seeds = np.random.SeedSequence([config.seed, step, run.team.rank])
    torch.manual_seed(int(seeds.generate_state(1, np.uint64)[0]))
    numbers = run.team.share(step * config.batches_per_step, config.batches_per_step)
    total, count = _add_up_gradients(run, (run.batches[number] for number in numbers))
    if count == 0:
        raise ValueError(
            f"step {step} has no token to learn: 'learn' is False everywhere in its batches."
        )
    state.scaler.unscale_(state.optimizer)
    # FSDP2 has already taken the mean over the processes, where the others have the sum.
    of_all = run.team.size if run.sharded else 1
    norm = scale_gradients(run.trained, of_all / count, config.clip)
    _check_finite(run, total / count, norm)
    if _is_time_to_save(run):
        _save(run)  # here, where these weights have just shown that their loss is finite
    rate = learning_rate(step, config)
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    state.scaler.step(state.optimizer)
    state.scaler.update()
    state.history.add(total / count, rate, norm, count, time.perf_counter() - began)


def _add_up_gradients(run: _Run, batches: Iterable[Batch]) -> tuple[float, float]:
    """Leave in each parameter the gradient of the sum of all losses, of all processes; give that
    sum and the count.
    """
    model, state = run.state.model.train(), run.state
    state.optimizer.zero_grad()
    total, count = torch.zeros((), device=run.device), 0
    for batch in batches:
        with _products_in(run.config.precision, run.device):
            summed, targets = run.loss(model, on_device_of(model, batch))
        state.scaler.scale(summed).backward()
        total, count = total + summed.detach(), count + targets
    if not run.sharded:  # then the backward pass has done it
        run.team.add_up_gradients(run.trained)
    of_all, count_of_all = run.team.total([float(total), count], run.device)
    return of_all, count_of_all


def _products_in(precision: str, device: torch.device) -> torch.autocast:
    """Matrix products in that precision; in float32 on a CPU that has no instructions for it, as
    they take longer.
    """
    dtype = pick_dtype(precision)
    without_instructions = device.type == "cpu" and not multiplies(dtype)
    return torch.autocast(
        device.type, dtype, enabled=precision != "float32" and not without_instructions
    )


def _check_finite(run: _Run, loss: float, norm: float) -> None:
    """Stop if this step is of no use, except with float16, whose scaler leaves it out and then
    takes a lower scale.
    """
    scaled = run.state.scaler.is_enabled()
    if math.isfinite(loss) and (
        math.isfinite(norm) or (scaled and run.state.scaler.get_scale() > _LOWEST_SCALE)
    ):
        return
    what = (
        f"the loss is {loss}"
        if not math.isfinite(loss)
        else f"the length of the gradient is {norm}"
    )
    kept = "There is no checkpoint"
    if run.path is not None and run.path.exists():
        kept = f"The checkpoint in {run.path} is whole, and its weights still gave a finite loss"
    advice = (
        'try precision="bfloat16"' if scaled else "try a lower learning rate or a longer warm-up"
    )
    raise FloatingPointError(
        f"at step {run.done} {what}, so training stops. {kept}; {advice} in a new folder."
    )


def _is_time_to_save(run: _Run) -> bool:
    """In all processes or in none: weights in shards are put together by all."""
    due = time.monotonic() - run.saved_at >= run.config.save_seconds
    return run.team.first_says(due, run.device) if run.sharded else due


def _save(run: _Run) -> None:
    if run.path is not None:
        run.state.save(run.path, run.identity, writes=run.team.rank == 0)
    run.saved_at = time.monotonic()
