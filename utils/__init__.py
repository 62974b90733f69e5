"""A small GPT and all that runs it: `from utils import GPT, GPTConfig, load, generate, stream, trace`."""

from utils.generate import generate, stream
from utils.gpt import GPT, GPTConfig
from utils.pretrained import load
from utils.trace import trace

__all__ = ["GPT", "GPTConfig", "generate", "load", "stream", "trace"]
