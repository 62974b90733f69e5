"""All that a training run needs to go on after it was stopped, in one file that is always whole.

The file is safetensors: weights, the optimizer's averages and the history as tensors, the rest as JSON.
Nothing in it can run code. There is no state of the data or of random numbers: batches have
numbers, and each step seeds its own.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.optim import Optimizer

from utils.loading.checkpoint import open_safetensors, write_safetensors
from utils.training.batches import Batches
from utils.training.config import TrainConfig
from utils.training.history import History
from utils.training.weight_shards import placed_like, whole

FORMAT = "glass-box training 2"
FILE = "training.safetensors"
# They leave the losses as they are; shards do so up to rounding.
_FREE_TO_CHANGE = ("save_seconds", "evaluate_every", "shard_weights")


@dataclass
class TrainingState:
    """What changes from step to step. How many steps are done is the length of the history."""

    model: nn.Module
    optimizer: Optimizer
    scaler: torch.amp.GradScaler
    history: History

    def save(self, path: Path, identity: Mapping[str, Any], writes: bool = True) -> None:
        """Write everything to `path` in one go.

        With weights in shards all processes have to call it at the same time, to put them together,
        and one `writes`: a single process can load what it has written. Raises OSError if that
        fails; what was there before stays.
        """
        metadata = {
            "format": FORMAT,
            "identity": json.dumps(identity),
            "scaler": json.dumps(self.scaler.state_dict()),
        }
        history = {f"history.{name}": column for name, column in self.history.to_tensors().items()}
        tensors = {}
        for name, tensor in (_model_tensors(self.model) | self._optimizer_tensors()).items():
            full = whole(tensor.detach())
            if writes:  # the others free it at once
                tensors[name] = full
        if not writes:
            return
        try:
            write_safetensors(path, tensors | history, metadata)
        except OSError as error:
            raise OSError(
                f"the checkpoint after step {len(self.history.losses)} could not be written "
                f"({error}); "
                f"{_what_is_there(path)}: make room, then start the same run again."
            ) from error

    def load(self, path: Path, identity: Mapping[str, Any]) -> None:
        """Take everything back from `path`.

        Raises ValueError if it is damaged or belongs to another run.
        """
        file = open_safetensors(path)
        metadata = file.metadata() or {}
        if metadata.get("format") != FORMAT:
            raise ValueError(
                f"{path} is no training checkpoint of this course: choose another folder for this "
                "run."
            )
        _check_same_run(path, json.loads(metadata["identity"]), json.loads(json.dumps(identity)))
        with torch.no_grad():
            for name, tensor in _model_tensors(self.model).items():
                tensor.copy_(placed_like(file.get_tensor(name), tensor))
        self._load_optimizer(file)
        self.scaler.load_state_dict(json.loads(metadata["scaler"]))
        columns = {name: file.get_tensor(f"history.{name}") for name in self.history.to_tensors()}
        self.history = History.from_tensors(columns)

    def _optimizer_tensors(self) -> dict[str, Tensor]:
        return {
            f"optimizer.{name}.{key}": value
            for name, parameter in self.model.named_parameters()
            for key, value in self.optimizer.state.get(parameter, {}).items()
        }

    def _load_optimizer(self, file: safe_open) -> None:
        self.optimizer.state.clear()
        parameters = dict(self.model.named_parameters())
        for entry in sorted(file.keys()):  # in one order in all processes
            kind, _, rest = entry.partition(".")
            name, _, key = rest.rpartition(".")
            if kind == "optimizer":  # clone: the file's pages may be the tensor's memory
                self.optimizer.state[parameters[name]][key] = placed_like(
                    file.get_tensor(entry), parameters[name]
                ).clone()


def _model_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers, each once, also where two layers share it."""
    return {
        f"model.{name}": tensor
        for name, tensor in (*model.named_parameters(), *model.named_buffers())
    }


def identity_of(model: nn.Module, config: TrainConfig, batches: Batches) -> dict[str, Any]:
    """What must be the same for a run to go on as if it had not been stopped."""
    settings = {
        name: value for name, value in asdict(config).items() if name not in _FREE_TO_CHANGE
    }
    own = getattr(model, "config", None)
    sizes = asdict(own) if is_dataclass(own) and not isinstance(own, type) else {}
    weights = {
        name: f"{tuple(p.shape)}{'' if p.requires_grad else ', not trained'}"
        for name, p in model.named_parameters()
    }
    # Batches that are made on the way, or a plain list of them, need not have a fingerprint.
    data = {"the data": batches.fingerprint()} if hasattr(batches, "fingerprint") else {}
    return {
        **settings,
        **{f"the model's {name}": value for name, value in (sizes | weights).items()},
        **data,
    }


def _check_same_run(path: Path, saved: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    absent = "absent"
    for name in {**saved, **now}:
        before, after = saved.get(name, absent), now.get(name, absent)
        if before != after:
            raise ValueError(
                f"{path} belongs to another run: {name} was {before}, and is now {after}. "
                f"Give what that run was started with, or another folder."
            )


def _what_is_there(path: Path) -> str:
    return (
        f"the one before is whole in {path}"
        if path.exists()
        else f"there was none before in {path.parent}"
    )
