"""Compile the loops before a lesson needs them: `python -m utils.compiled.ahead`, some seconds once.

Set-up and tests do so. Without it the first text that a model writes waits for it.
"""

from utils.compiled.when import WORTH, token_pass
from utils.model.config import GPTConfig
from utils.model.gpt import GPT


def compile_ahead() -> bool:
    """Whether texts can go the compiled way on this machine; afterwards its loops are on the disk."""
    config = GPTConfig(vocab_size=2, context_length=2, n_layer=1, n_head=1, d_model=2)
    model = GPT(config).eval()
    with token_pass(model, model.new_cache(1, 2), tokens=WORTH) as quick:
        return quick is not None


if __name__ == "__main__":
    print("compiled" if compile_ahead() else "no compiled loops here: numba does not load")
