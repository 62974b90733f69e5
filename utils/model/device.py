"""Where to compute, and with which numbers. The only place that asks for CUDA or MPS.

Lessons run on the CPU in float32, so that two people see the same result. An accelerator is used
when a caller asks for it, or when GLASSBOX_DEVICE names it ("cuda", "mps", "cpu", or "auto" for the
best there is).
"""

import os

import torch

UINT4: torch.dtype = torch.uint4  # type: ignore[attr-defined]  # torch's stubs do not know it
DTYPES: dict[str, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "int8": torch.int8,
    "int4": UINT4,  # codes from 0 to 15
}


def available_devices() -> list[str]:
    """The kinds of device that this machine has, best first; "cpu" is always the last."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [name for name, there in found.items() if there] + ["cpu"]


def pick_device(device: str | torch.device | None = None) -> torch.device:
    """`device`, or what GLASSBOX_DEVICE says, or the CPU; "auto" is the best there is.

    Raises ValueError if the machine does not have it.
    """
    wanted = str(device or os.environ.get("GLASSBOX_DEVICE") or "cpu")
    available = available_devices()
    if wanted == "auto":
        return torch.device(available[0])
    if wanted.split(":")[0] not in available:
        raise ValueError(
            f"device {wanted!r} was asked for; this machine has {', '.join(available)}: choose "
            "one of them."
        )
    return torch.device(wanted)


def pick_dtype(precision: str) -> torch.dtype:
    """The torch dtype of the weights for one of the names in DTYPES; raises ValueError for anything
    else.
    """
    if precision not in DTYPES:
        raise ValueError(
            f"precision {precision!r} was asked for; choose one of {', '.join(DTYPES)}."
        )
    return DTYPES[precision]
