"""A small GPT and all that runs it: `from utils import GPT, GPTConfig, load, generate, stream, trace`."""

from utils.generation.decoding import generate, stream
from utils.loading.pretrained import load
from utils.model.config import GPTConfig
from utils.model.gpt import GPT
from utils.model.taps import trace

__all__ = ["GPT", "GPTConfig", "generate", "load", "stream", "trace"]
