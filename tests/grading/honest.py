"""What honest students do beside answering. All of these are right throughout."""

from textwrap import dedent

from notebooks import IMPORTS, right, solved

ALL = ("02.1", "02.2", "02.3", "02.4")
RIGHT = {id: right(id) for id in ALL}
OTHERS = [RIGHT[id] for id in ALL[1:]]


def code(text: str) -> str:
    return dedent(text).strip("\n")


CASES: dict[str, list[str]] = {
    "the whole notebook": solved("02_cross_entropy"),
    "magics": [
        "%matplotlib inline\n%load_ext autoreload\n!pip install torch",
        "if True:\n    %pip install -q numpy\nfiles = !ls\n?print\nprint?",
        f"%%time\n{IMPORTS}\n{RIGHT['02.1']}",
        f"%%capture out\n{RIGHT['02.2']}",
        "%%bash\nls -la | wc",
        f"{RIGHT['02.3']}\n%timeit bits_per_byte_of(torch.ones(3), 'abc')",
        "%time " + RIGHT["02.4"].split("\n")[-3],
        "%%html\n<b>done</b>",
    ],
    "warnings, prints and plots": [
        IMPORTS,
        "import warnings, sys\nimport matplotlib.pyplot as plt",
        code("""
            def cross_entropy(logits, targets):
                warnings.warn("careful")
                print("logits", logits, file=sys.stderr)
                plt.plot(logits[0].tolist())
                plt.close("all")
                display(logits)
                get_ipython().run_line_magic("matplotlib", "inline")
                return F.cross_entropy(logits, targets)
        """),
        *OTHERS,
    ],
    "Colab": [
        "from google.colab import drive, files\ndrive.mount('/content/drive')",
        "%cd /content\n!git clone https://example.org/course\n%pip install -q /content/course",
        "#@title Set-up { display-mode: 'form' }\n" + IMPORTS,
        "from google.colab import userdata\n" + RIGHT["02.1"],
        "import asyncio\nawait asyncio.sleep(0)\n" + RIGHT["02.2"],
        RIGHT["02.3"].replace("\n", "\r\n"),
        RIGHT["02.4"] + ";",
    ],
    "helpers in other cells": [
        IMPORTS,
        "print('a note')",
        "def cross_entropy(logits, targets):\n    return mean_at(log_softmax(logits), targets)",
        code("""
            def mean_at(log_p, targets):
                return -sum(log_p[i, t] for i, t in enumerate(targets)) / COUNT(targets)
        """),
        "COUNT = len",
        "log_softmax = Softmax(log=True)",
        code("""
            class Softmax:
                def __init__(self, log): self.log = log
                def __call__(self, z):
                    z = z - z.max(-1, keepdim=True).values
                    return z - z.exp().sum(-1, keepdim=True).log() if self.log else z.softmax(-1)
        """),
        *OTHERS,
    ],
    "lists that are filled": [
        IMPORTS,
        "axes = []",
        "axes.append(0)\naxes[0] -= 1",
        "options = {}\nfor name in ('reduction',):\n    options[name] = 'mean'",
        code("""
            def cross_entropy(logits, targets):
                return F.nll_loss(logits.log_softmax(axes[0]), targets, **options)
        """),
        *OTHERS,
    ],
    "decorators, types, lambdas, stars": [
        "from math import *\nfrom functools import *\nfrom course import *",
        IMPORTS,
        "@torch.no_grad()\ndef cross_entropy(logits: 'Logits', targets: Tensor = None) -> Tensor:\n"
        "    return F.cross_entropy(logits, targets)",
        "perplexity_of_parts = lambda a, b: exp(torch.cat((a, b)).mean())",
        "def bits(text: str, losses, base=log(2)): return losses.sum() / base / len(text.encode())",
        "bits_per_byte_of = lambda losses, text: partial(bits, text)(losses)",
        "answer_02_4: float = exp(12.5 - log(50_000))",
    ],
    "stubs left beside the answers": [
        IMPORTS,
        *RIGHT.values(),
        "def cross_entropy(logits, targets):\n    '''Not this one.'''\n    ...",
        "answer_02_4 = ...",
    ],
    "tried more than once": [
        IMPORTS,
        "def cross_entropy(logits, targets): return logits.sum()",
        *RIGHT.values(),
    ],
    "cells that fail": [
        IMPORTS,
        "1 / 0",
        "print(undefined)",
        "import no_such_package",
        "this is a note that somebody forgot to make text",
        *RIGHT.values(),
        "assert False",
    ],
    "a package that is missing beside one that is needed": [
        "try:\n    import seaborn_extra\nexcept ImportError:\n    seaborn_extra = None",
        IMPORTS,
        *RIGHT.values(),
    ],
    "a file of its own": [
        IMPORTS,
        code("""
            import json, pathlib
            path = pathlib.Path("settings.json")
            written = path.write_text(json.dumps({"dim": -1}))
            def cross_entropy(logits, targets):
                dim = json.loads(path.read_text())["dim"] if written else 0
                return F.nll_loss(logits.log_softmax(dim), targets)
        """),
        *OTHERS,
    ],
    "the lesson's own model": [
        IMPORTS,
        "from utils import GPT, GPTConfig\nfrom utils.training.losses import next_token_losses",
        code("""
            tiny = GPT(GPTConfig(vocab_size=11, context_length=8, n_layer=1, n_head=2, d_model=8))
            def cross_entropy(logits, targets):
                assert tiny(torch.tensor([[1, 2, 3]])).shape == (1, 3, 11)
                return F.cross_entropy(logits, targets)
        """),
        *OTHERS,
    ],
}
