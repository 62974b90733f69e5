"""The bits of a floating-point number, as they lie in memory: sign, exponent and fraction."""

import torch

# the integer of the same size, and how many bits the exponent and the fraction have
_LAYOUTS = {
    torch.float32: (torch.int32, 8, 23),
    torch.bfloat16: (torch.int16, 8, 7),
    torch.float16: (torch.int16, 5, 10),
}


def float_bits(x: float | int, dtype: torch.dtype) -> tuple[str, str, str]:
    """Sign, exponent and fraction of the number nearest to `x` in this type, each as zeros and
    ones.

    Raises ValueError for a type other than float32, bfloat16 and float16.
    """
    if dtype not in _LAYOUTS:
        known = ", ".join(str(one) for one in _LAYOUTS)
        raise ValueError(f"the layout of {dtype} is not known here: choose one of {known}.")
    as_int, exponent, fraction = _LAYOUTS[dtype]
    width = 1 + exponent + fraction
    code = torch.tensor([x], dtype=dtype).view(as_int).item() % (1 << width)
    text = f"{code:0{width}b}"
    return text[0], text[1 : 1 + exponent], text[1 + exponent :]
