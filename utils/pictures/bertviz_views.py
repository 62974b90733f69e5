"""bertviz's head view and model view (Vig 2019, arXiv:1906.05714), drawn with no network and at the
first run.

bertviz itself loads d3 and jQuery from the network at the moment a view is shown. Here they come
from the package index (utils/assets/catalogue.py) and go into the page together with bertviz's own
script, as a page within the page: an <iframe> that needs nothing else. Only the scripts of bertviz
are read. None of its Python is imported, nor what that would import.
"""

import importlib.util
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from utils.assets.cache import fetch
from utils.interpretability.attention_patterns import (
    first_token_score,
    own_token_score,
    previous_token_score,
)
from utils.model.config import check_layers
from utils.pictures.figures import visible
from utils.pictures.html_panels import INK, PAPER, show_html

MOST_TOKENS = 32
MOST_LINES = 60_000  # drawn at once: a view with more than this makes the page slow
_LINE = 22.5  # pixels for one token in the head view
Patterns = Float[Tensor, "layer head query key"]

# The scripts run one after the other in a scope of their own. d3 and jQuery offer themselves as
# CommonJS modules, so they leave nothing behind in the page, and bertviz's call to require.js
# becomes a plain call with both.
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light">
<title>{title}</title><style>body{{margin:0;padding:8px;background:{paper};color:{ink};font-family:sans-serif}}</style>
</head><body><h1 style="font-size:15px;margin:0 0 8px">{title}</h1><div id="{id}">{controls}<div id="vis"></div></div>
<script>(function(){{
const load = (run) => {{
const module = {{exports: {{}}}};
run.call(window, module, module.exports);
return module.exports; }};
const jquery = load(function(module, exports) {{ {jquery}
}});
const d3 = load(function(module, exports) {{ {d3}
}});
const require = {{config: () => {{}}}}, requirejs = (names, use) => use(jquery, d3);
{view}
}})();</script></body></html>"""


def head_view(
    pattern: Patterns,
    pieces: Sequence[str],
    *,
    layers: Sequence[int] | None = None,
    title: str = "Attention heads",
) -> None:
    """Show one layer at a time, with a line from each token to those it looks at, in a colour for
    each head.

    `pieces`: the text of each token, at most 32. `layers`: those that can be chosen, all if not
    given. A colour's square above the lines switches a head off and on; a double click leaves it
    alone. The text beside the picture, for readers who cannot see it, is `in_words`. Raises
    ValueError for too much, or a layer that is not there.
    """
    layers = _check(pattern, pieces, layers)
    _check_lines(pattern[:1], "a layer of the head view", "give a shorter text")
    choose = '<label>Layer: <select id="layer"></select></label>'
    heads = f"The squares are heads 0 to {pattern.shape[1] - 1}: a click switches one, a double click leaves it alone."
    controls = f'{choose}<p style="font-size:13px;margin:8px 0">{heads}</p>'
    height = 140 + _LINE * (len(pieces) + 1)
    _show("head", pattern, pieces, layers, title, controls, height)


def model_view(
    pattern: Patterns,
    pieces: Sequence[str],
    *,
    layers: Sequence[int] | None = None,
    title: str = "The whole model",
) -> None:
    """Show all heads of `layers` (all if not given) at once, small; a click on one makes it large.

    `pieces`: the text of each token, at most 32. The text beside the picture, for readers who
    cannot see it, is `in_words`. Raises ValueError for too much, or a layer that is not there.
    """
    layers = _check(pattern, pieces, layers)
    _check_lines(
        pattern[layers],
        "the model view",
        "choose some of the layers (layers=...) or give a shorter text",
    )
    # the height of one head, as bertviz's script has it
    small = 7 * 12 / pattern.shape[1] * len(pieces) + 10
    height = 90 + max(small * len(layers), 18 * len(pieces) + 60)
    _show("model", pattern, pieces, layers, title, "", min(height, 900))


def in_words(pattern: Patterns, pieces: Sequence[str], layers: Sequence[int]) -> str:
    """What there is to see, for readers who cannot: where attention goes on average, and the
    strongest other link.
    """
    shown = pattern[list(layers)].detach()
    names = f"{pattern.shape[1]} heads in each of the layers {_numbers(layers)}"
    text = f"Attention of {names} over {len(pieces)} tokens: {' '.join(map(visible, pieces))}."
    if len(pieces) < 3:
        return text
    kinds = {
        "the first token": first_token_score,
        "itself": own_token_score,
        "the one before it": previous_token_score,
    }
    means = ", ".join(
        f"{float(score(shown).mean()):.2f} to {kind}" for kind, score in kinds.items()
    )
    other = shown.clone().tril(-2)
    other[..., 0] = 0
    layer, head, query, key = (int(i) for i in torch.unravel_index(other.argmax(), other.shape))
    strongest = (
        f"layer {layers[layer]}, head {head}, {visible(pieces[query])} to {visible(pieces[key])}"
    )
    return f"{text} A token gives {means}. The strongest other link: {strongest} ({float(other.max()):.2f})."


def _numbers(layers: Sequence[int]) -> str:
    in_a_row = len(layers) > 2 and list(layers) == list(range(layers[0], layers[-1] + 1))
    return f"{layers[0]} to {layers[-1]}" if in_a_row else ", ".join(map(str, layers))


def _check(pattern: Tensor, pieces: Sequence[str], layers: Sequence[int] | None) -> list[int]:
    if pattern.shape[-2:] != (len(pieces), len(pieces)):
        raise ValueError(
            f"the patterns are of {pattern.shape[-1]} tokens, but {len(pieces)} pieces were given."
        )
    if not 1 <= len(pieces) <= MOST_TOKENS:
        raise ValueError(
            f"the text has {len(pieces)} tokens; these views can show from 1 to {MOST_TOKENS}."
        )
    layers = list(range(len(pattern)) if layers is None else layers)
    check_layers(layers, len(pattern))
    return layers


def _check_lines(drawn: Tensor, what: str, instead: str) -> None:
    if drawn.numel() > MOST_LINES:
        raise ValueError(
            f"{what} would draw {drawn.numel():,} lines, more than {MOST_LINES:,}: {instead}."
        )


def _show(
    kind: str,
    pattern: Tensor,
    pieces: Sequence[str],
    layers: list[int],
    title: str,
    controls: str,
    height: float | int,
) -> None:
    labels, heads = [visible(piece) for piece in pieces], list(range(pattern.shape[1]))
    # Three decimals are more than a line's paleness can show, and a third of the size.
    shares = [_rounded(pattern[layer].tolist()) for layer in layers]
    parameters = {
        "attention": [{"name": None, "attn": shares, "left_text": labels, "right_text": labels}],
        "default_filter": "0",
        "display_mode": "light",
        "root_div_id": f"{kind}-view",
        "layer": layers[0],
        "heads": None,
        "include_layers": layers,
        "include_heads": heads,
        "total_heads": len(heads),
    }
    view = _view_script(kind).replace("PYTHON_PARAMS", _json(parameters), 1)
    scripts = {name: fetch(name).read_text(encoding="utf-8") for name in ("jquery", "d3")}
    look = {
        "title": escape(title),
        "paper": PAPER,
        "ink": INK,
        "id": f"{kind}-view",
        "controls": controls,
    }
    page = _PAGE.format(**look, **scripts, view=view)
    frame = f"width:100%;height:{height:.0f}px;border:0;background:{PAPER};color-scheme:light"
    html = f'<iframe title="{escape(title)}" style="{frame}" srcdoc="{escape(page)}"></iframe>'
    show_html(f"<div>{html}</div>", f"{title}. {in_words(pattern, pieces, layers)}")


def _rounded(values: list[Any] | float) -> list[Any] | float | int:
    if isinstance(values, list):
        return [_rounded(value) for value in values]
    return round(values, 3) or 0  # 0 is shorter than 0.0, and half of all values are 0


def _json(value: object) -> str:
    # A token may be </script>, which would end the script wherever it stands: so no < is written as
    # itself.
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _view_script(kind: str) -> str:
    """bertviz's own script for a view, from its installed package.

    Raises ImportError if there is none.
    """
    package = importlib.util.find_spec("bertviz")  # looks for the package, and does not import it
    folders = (package.submodule_search_locations if package else None) or []
    for path in (Path(folder) / f"{kind}_view.js" for folder in folders):
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise ImportError(
        "the interactive view needs bertviz, which is not installed: run `pip install bertviz` "
        "first."
    )
