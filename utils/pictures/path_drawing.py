"""The whole way of a text through a model, as one drawing that is stepped through: on the left the
map of the model, on the right what stands at the chosen station, with the real numbers.

The last token is followed: what comes next is read off its vector.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor

from utils.interpretability.forward_path import ForwardPath
from utils.model.config import check_layer
from utils.pictures.figures import BLUE, GREY, VERMILLION, visible
from utils.pictures.html_panels import INK, PAPER, show_html
from utils.pictures.svg import Svg

MOST_TOKENS = 20
WIDTH, HEIGHT = 700, 600
_LEFT, _RIGHT, _TOP = 205, 690, 92  # the sheet of a station, in pixels
_PALE = "#e8f1f8"
_Draw = Callable[[Svg, ForwardPath, int, int], str]
_CELLS = 48  # numbers of a vector that are drawn; all of them would be finer than a pixel


def path_picture(path: ForwardPath, station: str, layer: int = 0, head: int = 0) -> str:
    """The drawing at one of STATIONS, as one <img>; `layer` and `head` say which block and head are
    shown.

    Raises ValueError for a station, a layer or a head that is not there, and for a text of more
    tokens than fit beside each other.
    """
    config = path.config
    check_layer(layer, config.n_layer)
    if station not in STATIONS:
        raise ValueError(f"there is no station {station!r}; choose one of {', '.join(STATIONS)}.")
    if not 0 <= head < config.n_head:
        raise ValueError(f"there is no head {head}: give one from 0 to {config.n_head - 1}.")
    if len(path.ids) > MOST_TOKENS:
        raise ValueError(
            f"the text has {len(path.ids)} tokens; the drawing has room for {MOST_TOKENS}."
        )
    svg = Svg(WIDTH, HEIGHT)
    _map(svg, path, station, layer, head)
    place = list(STATIONS).index(station) + 1
    svg.words(_LEFT, 26, f"{place} of {len(STATIONS)}: {station}", size=17, bold=True)
    said = STATIONS[station](svg, path, layer, head)
    text = visible("".join(path.pieces))
    return svg.img(f"Station {place}, {station}, block {layer}, head {head}, text “{text}”. {said}")


def show_path(path: ForwardPath, station: str, layer: int = 0, head: int = 0) -> None:
    """Show the drawing at one station in a notebook."""
    picture = path_picture(path, station, layer, head)
    show_html(picture, picture.split('"')[1])


# The map on the left

_BEFORE = ("tokens", "embedding")
_INSIDE = (
    "norm before attention",
    "query, keys, values",
    "scores",
    "pattern",
    "mixed values",
    "attention added",
    "norm before feed-forward",
    "neurons",
    "feed-forward added",
)
_AFTER = ("all blocks", "final norm", "logits", "next token")
# stations that hand on to each other, beside the stream
_CHAINS = (_BEFORE, _INSIDE[:6], _INSIDE[6:], _AFTER[1:])
_WRITE = ("embedding", "attention added", "feed-forward added")
_READ = ("norm before attention", "norm before feed-forward", "final norm")
_BOX = 26  # the height of a station on the map
_STREAM, _BOXES, _BROAD = 16, 44, 144  # where the stream and the boxes stand, and how broad one is


def _map(svg: Svg, path: ForwardPath, station: str, layer: int, head: int) -> None:
    """The model from top to bottom, the chosen station filled. The thick line is the stream: arrows
    go out to what reads a copy of it, and come in from what is added to it.
    """
    places = _heights()
    top, bottom = places[_INSIDE[0]] - 26, places[_INSIDE[-1]] + 32
    svg.box(2, top, 192, bottom - top, edge=GREY, dashed=True)
    middle = _BOXES + _BROAD / 2
    for above, below in (pair for chain in _CHAINS for pair in pairwise(chain)):
        svg.line([(middle, places[above] + _BOX), (middle, places[below])])
    which = f"block {layer} of 0 to {path.config.n_layer - 1}, head {head}"
    svg.words(middle, top + 17, which, size=12, color=GREY, anchor="middle", room=_BROAD)
    begin, end = (places[name] + _BOX / 2 for name in ("embedding", "final norm"))
    svg.line([(_STREAM, begin - 2), (_STREAM, end + 2)], color=VERMILLION, thick=5)
    for name in _WRITE:
        _arrow(svg, places[name] + _BOX / 2, _BOXES, _STREAM + 3)
    for name in _READ:
        _arrow(svg, places[name] + _BOX / 2, _STREAM, _BOXES)
    for name, at in places.items():
        chosen = name == station
        edge = BLUE if chosen else GREY
        svg.box(_BOXES, at, _BROAD, _BOX, fill=BLUE if chosen else PAPER, edge=edge)
        ink = PAPER if chosen else INK
        svg.words(middle, at + 18, name, size=12, anchor="middle", color=ink, bold=chosen, room=136)


def _arrow(svg: Svg, y: float | int, start: float | int, end: float | int) -> None:
    """An arrow from left to right, or back."""
    back = -6 if end > start else 6
    svg.line([(start, y), (end, y)], color=VERMILLION, thick=2)
    svg.line([(end + back, y - 4), (end, y), (end + back, y + 4)], color=VERMILLION, thick=2)


def _heights() -> dict[str, int]:
    """Where each station's box begins, from the top."""
    places, y = {}, 12
    for name in (*_BEFORE, *_INSIDE, *_AFTER):
        y += 28 if name in (_INSIDE[0], _AFTER[0]) else 0
        places[name] = y
        y += 35
    return places


# Pieces that several stations use


def _explain(svg: Svg, *lines: str) -> None:
    for number, line in enumerate(lines):
        svg.words(_LEFT, 50 + 18 * number, line, size=13, room=_RIGHT - _LEFT)


def _piece(path: ForwardPath, at: int) -> str:
    piece = visible(path.pieces[at])
    return piece if len(piece) <= 12 else f"{piece[:11]}…"


def _strip(svg: Svg, y: float | int, name: str, vector: Float[Tensor, " n"]) -> None:
    """A vector: its first numbers as cells, blue above 0 and red below, stronger where larger; the
    first four in digits, and its length.
    """
    shown = vector[:_CELLS].double()
    most = float(shown.abs().max()) or 1.0
    width = (_RIGHT - _LEFT) / _CELLS
    svg.words(_LEFT, y, name, size=13, bold=True, room=230)
    digits = "  ".join(f"{x:.2f}" for x in vector[:4].tolist())
    svg.words(
        _RIGHT,
        y,
        f"{digits} …   length {vector.norm():.1f}",
        size=12,
        anchor="end",
        room=250,
    )
    for place, x in enumerate(shown.tolist()):
        strength = abs(x) / most
        color = BLUE if x > 0 else VERMILLION
        fill = _mixed(color, strength)
        svg.box(_LEFT + place * width, y + 6, width - 1, 16, fill=fill)


def _mixed(color: str, strength: float | int) -> str:
    """A colour between white (0) and itself (1)."""
    parts = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - strength * (255 - part)):02x}" for part in parts)


def _bars(
    svg: Svg, top: float | int, names: list[str], numbers: Sequence[float | int], words: list[str]
) -> None:
    """A line for each name: its number as a bar, blue above 0 and red below, and in words."""
    step = min(26.0, (HEIGHT - 10 - top) / max(1, len(names)))
    most = max(map(abs, numbers)) or 1.0
    for row, (name, number, word) in enumerate(zip(names, numbers, words, strict=True)):
        y = top + row * step
        svg.words(_LEFT + 115, y + 13, name, size=12, anchor="end", room=112)
        width = 240 * abs(number) / most
        svg.box(_LEFT + 122, y + 2, width, step - 7, fill=BLUE if number > 0 else VERMILLION)
        svg.words(_LEFT + 128 + width, y + 13, word, size=12, room=_RIGHT - _LEFT - 128 - width)


def _kv_head(path: ForwardPath, head: int) -> int:
    """The key/value head that a query head shares."""
    return head * path.config.n_kv_head // path.config.n_head


# The stations: each draws, and says in a sentence what is to be seen


def _tokens(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
    _explain(
        svg,
        f"The text is cut into {len(path.ids)} tokens. Each has a number, its id,",
        f"between 0 and {path.config.vocab_size - 1:,}. Below: position, token, id.",
    )
    for at, id in enumerate(path.ids):
        y = _TOP + 24 * at
        svg.words(_LEFT + 24, y + 17, str(at), size=13, anchor="end", color=GREY)
        svg.box(_LEFT + 34, y, 200, 20, fill=_PALE, edge=GREY)
        svg.words(_LEFT + 42, y + 15, _piece(path, at), size=13)
        svg.words(_LEFT + 300, y + 15, f"{id:,}", size=13, anchor="end")
    return "Ids: " + ", ".join(map(str, path.ids))


def _embedding(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
    table = path.values["embed"]
    _explain(
        svg,
        f"A table with {path.config.vocab_size:,} rows of {path.config.d_model} numbers: row id is "
        "looked up.",
        f"Nothing is multiplied. Drawn: the first {_CELLS} numbers of each row.",
    )
    step = min(48.0, (HEIGHT - _TOP - 20) / len(path.ids))
    if step >= 30:
        for at, row in enumerate(table):
            _strip(svg, _TOP + 10 + step * at, _piece(path, at), row)
    else:
        names = [_piece(path, at) for at in range(len(path.ids))]
        lengths = table.norm(dim=-1).tolist()
        svg.words(_LEFT, _TOP, "Many tokens: only the length of each row.", size=12, color=GREY)
        _bars(svg, _TOP + 8, names, lengths, [f"{length:.2f}" for length in lengths])
    return f"The row of the last token begins with {_digits(table[-1])}."


def _digits(vector: Tensor) -> str:
    return ", ".join(f"{x:.2f}" for x in vector[:4].tolist())


def _normed(path: ForwardPath, layer: int, before: str) -> tuple[Tensor, float]:
    """The last token's stream there, and what the norm divides it by."""
    x = path.stream(layer, before)
    return x, float((x.double().square().mean() + path.config.norm_eps).sqrt())


def _norm_station(before: str, layer_name: str) -> _Draw:
    def draw(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
        x, size = _normed(path, layer, before)
        kind = "the root of its mean square" if path.config.norm == "rmsnorm" else "its spread"
        _explain(
            svg,
            f"{layer_name} reads a copy of the stream, divided by {kind},",
            "and then each number by a learned gain. The stream stays as it is.",
        )
        _strip(svg, _TOP + 30, "stream, last token", x)
        _strip(svg, _TOP + 90, "the copy, divided", x / size)
        svg.words(_LEFT, _TOP + 150, f"{kind}: {size:.3f}", size=13)
        mean = float(x.mean())
        svg.words(_LEFT, _TOP + 172, f"(mean of the stream: {mean:.3f})", size=13, color=GREY)
        return f"The last token's stream of length {x.norm():.1f} is divided by {size:.3f}."

    return draw


def _qkv(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
    config, shared = path.config, _kv_head(path, head)
    q, k, v = (path.at(layer, f"attn.{name}") for name in "qkv")
    _explain(
        svg,
        f"Head {head} of {config.n_head}: three products give {config.d_head} numbers each. Keys and "
        "values are",
        f"those of key/value head {shared} of {config.n_kv_head}. Query and keys are turned by their "
        "position.",
    )
    last, first = _piece(path, -1), _piece(path, 0)
    _strip(svg, _TOP + 20, f"query of {last}", q[head, -1])
    _strip(svg, _TOP + 80, f"key of {last}", k[shared, -1])
    _strip(svg, _TOP + 140, f"key of {first}", k[shared, 0])
    _strip(svg, _TOP + 200, f"value of {last}", v[shared, -1])
    _strip(svg, _TOP + 260, f"value of {first}", v[shared, 0])
    sizes = [
        f"W_Q  {config.d_model} × {config.n_head * config.d_head}",
        f"W_K, W_V  {config.d_model} × {config.n_kv_head * config.d_head}",
    ]
    svg.words(_LEFT, _TOP + 325, "   ".join(sizes) + "   (all heads together)", color=GREY)
    return f"The query of the last token begins with {_digits(q[head, -1])}."


def _scores(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
    row = path.at(layer, "attn.scores")[head, -1].tolist()
    _explain(
        svg,
        "The last token's query with the key of each token: a dot product,",
        f"divided by the root of {path.config.d_head}. What comes later cannot be seen.",
    )
    names = [_piece(path, at) for at in range(len(row))]
    _bars(svg, _TOP, names, row, [f"{score:.2f}" for score in row])
    return f"Scores from {min(row):.2f} to {max(row):.2f}."


def _pattern(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
    pattern = path.at(layer, "attn.pattern")[head]
    _explain(
        svg,
        "Softmax makes of each row of scores weights that add up to 1.",
        "A row looks, a column is looked at; the last row is the last token's.",
    )
    n = len(path.ids)
    cell = min(44.0, 360 / n, 250 / n + 14)
    left, top = _LEFT + 110, _TOP + 40
    for row in range(n):
        y = top + row * cell
        bold = row == n - 1
        svg.words(
            left - 6,
            y + cell / 2 + 4,
            _piece(path, row),
            size=12,
            anchor="end",
            bold=bold,
            room=100,
        )
        for column in range(row + 1):
            weight = float(pattern[row, column])
            svg.box(
                left + column * cell,
                y,
                cell - 1,
                cell - 1,
                fill=_mixed(BLUE, weight),
                edge="#dddddd",
            )
            if cell >= 28:
                ink = PAPER if weight > 0.5 else INK
                svg.words(
                    left + column * cell + cell / 2,
                    y + cell / 2 + 4,
                    f"{weight:.2f}",
                    size=12,
                    anchor="middle",
                    color=ink,
                )
    last = pattern[-1]
    most = int(last.argmax())
    line = f"The last token looks most at {_piece(path, most)}, position {most}: {last[most]:.2f}"
    svg.words(_LEFT, min(HEIGHT - 12, top + n * cell + 24), line, room=_RIGHT - _LEFT)
    return line + "."


def _mix(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
    pattern = path.at(layer, "attn.pattern")[head, -1]
    values = path.at(layer, "attn.v")[_kv_head(path, head)]
    mixed = pattern @ values
    _explain(
        svg,
        "Each token's value times its weight, all added up: what this head brings.",
        f"The {path.config.n_head} heads side by side go through W_O, back to "
        f"{path.config.d_model} numbers.",
    )
    most = pattern.topk(min(3, len(pattern)))
    for row, (at, weight) in enumerate(
        zip(most.indices.tolist(), most.values.tolist(), strict=True)
    ):
        name = f"{weight:.2f} × value of {_piece(path, at)}"
        _strip(svg, _TOP + 20 + 60 * row, name, weight * values[at])
    _strip(svg, _TOP + 220, f"sum of all {len(pattern)}: head {head}", mixed)
    _strip(svg, _TOP + 290, "after W_O, all heads", path.at(layer, "attn.out")[-1])
    return f"The head's mixed value has the length {mixed.norm():.2f}."


def _added(before: str, part: str, after: str, name: str) -> _Draw:
    def draw(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
        old, new = path.stream(layer, before), path.stream(layer, after)
        out = path.at(layer, part)[-1]
        _explain(
            svg,
            f"What {name} gives is added to the stream, number by number.",
            "Nothing is overwritten, and nothing is normalised here.",
        )
        _strip(svg, _TOP + 30, "stream before", old)
        svg.words(_LEFT, _TOP + 84, "+", size=17, bold=True)
        _strip(svg, _TOP + 108, name, out)
        svg.words(_LEFT, _TOP + 162, "=", size=17, bold=True)
        _strip(svg, _TOP + 186, "stream after", new)
        return f"Lengths: {old.norm():.1f}, what is added {out.norm():.1f}, after {new.norm():.1f}."

    return draw


def _neurons(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
    act, pre = path.at(layer, "mlp.act")[-1], path.at(layer, "mlp.pre")[-1]
    gated = path.config.activation == "swiglu"
    _explain(
        svg,
        f"{path.config.d_mlp:,} neurons read the normalised copy, each token by itself."
        + (" Each number: an" if gated else ""),
        "opened gate times what goes through. Drawn: the strongest."
        if gated
        else "Drawn: the strongest.",
    )
    strongest = act.abs().topk(min(14, len(act))).indices.tolist()
    names = [f"neuron {neuron}" for neuron in strongest]
    numbers = [float(act[neuron]) for neuron in strongest]
    gate = "gate" if gated else "before"
    words = [f"{float(act[n]):.2f}  ({gate} {float(pre[n]):.2f})" for n in strongest]
    _bars(svg, _TOP, names, numbers, words)
    on = float((pre > 0).double().mean())
    svg.words(_LEFT, HEIGHT - 40, f"{on:.0%} of the {gate}s are above 0.", size=13)
    return (
        f"The strongest is {names[0]} with {numbers[0]:.2f}; {on:.0%} of the {gate}s are above 0."
    )


def _all_blocks(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
    n = path.config.n_layer
    _explain(
        svg,
        "The same again in each block, with other weights. Bars: length of the stream.",
        "Words: the next token, if the model ended here, and its probability.",
    )
    lengths = [float(path.stream(at).norm()) for at in range(n)]
    step = min(22.0, (HEIGHT - 100) / n)
    for at, length in enumerate(lengths):
        y = 88 + step * at
        word, p = path.lens[at]
        said = f"{p:.2f}  {visible(word)}"
        svg.words(_LEFT + 22, y + 12, str(at), size=12, anchor="end", bold=at == layer)
        fill = BLUE if at == layer else _mixed(BLUE, 0.45)
        svg.box(_LEFT + 30, y + 2, 200 * length / max(lengths), step - 4, fill=fill)
        svg.words(_LEFT + 245, y + 12, f"{length:.0f}", size=12)
        svg.words(_LEFT + 295, y + 12, said, size=12, bold=at == layer, room=_RIGHT - _LEFT - 295)
    return f"The stream's length goes from {lengths[0]:.0f} to {lengths[-1]:.0f}."


def _final_norm(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
    last, normed = path.stream(path.config.n_layer - 1), path.values["final_norm"][-1]
    _explain(
        svg,
        "After the last block the stream itself is normalised, once.",
        "Only the last token's vector is used from here on.",
    )
    _strip(svg, _TOP + 30, "stream after the last block", last)
    _strip(svg, _TOP + 90, "after the final norm", normed)
    return f"The stream's length {last.norm():.1f} becomes {normed.norm():.1f}."


def _logits(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
    tied = "the embedding's own table" if path.config.tie_embedding else "a table of its own"
    _explain(
        svg,
        f"The vector's dot product with each of {path.config.vocab_size:,} rows ({tied}):",
        "a score for each token, the logit. Softmax makes probabilities.",
    )
    names = [visible(word) for word, _ in path.likeliest]
    probabilities = [p for _, p in path.likeliest]
    scores = path.logits.topk(len(names)).values.tolist()
    words = [f"P {p:.3f}   logit {z:.2f}" for p, z in zip(probabilities, scores, strict=True)]
    _bars(svg, _TOP, names, probabilities, words)
    rest = 1 - sum(probabilities)
    svg.words(_LEFT, _TOP + 26 * len(names) + 24, f"all others together: {rest:.3f}", size=13)
    return f"Likeliest: {names[0]} with {probabilities[0]:.3f}."


def _next(svg: Svg, path: ForwardPath, layer: int, head: int) -> str:
    piece, p = path.likeliest[0]
    word = visible(piece)
    _explain(
        svg,
        "The likeliest is taken here; one could also draw by lot (chapter 22).",
        "It is appended, and everything begins again with one token more.",
    )
    x, y = float(_LEFT), _TOP + 20
    for at, label in enumerate(map(visible, [*path.pieces, piece])):
        width = 14 + 9.0 * len(label)
        if x + width > _RIGHT:
            x, y = _LEFT, y + 34
        new = at == len(path.pieces)
        svg.box(x, y, width, 26, fill=BLUE if new else _PALE, edge=GREY)
        svg.words(
            x + width / 2,
            y + 18,
            label,
            size=13,
            anchor="middle",
            bold=new,
            color=PAPER if new else INK,
            room=width - 4,
        )
        x += width + 4
    svg.words(_LEFT, y + 60, f"P({word}) = {p:.3f}", size=15)
    return f"The next token is {word}, with probability {p:.3f}."


STATIONS: dict[str, _Draw] = {
    "tokens": _tokens,
    "embedding": _embedding,
    "norm before attention": _norm_station("resid.pre", "Attention"),
    "query, keys, values": _qkv,
    "scores": _scores,
    "pattern": _pattern,
    "mixed values": _mix,
    "attention added": _added("resid.pre", "attn.out", "resid.mid", "attention"),
    "norm before feed-forward": _norm_station("resid.mid", "The feed-forward layer"),
    "neurons": _neurons,
    "feed-forward added": _added("resid.mid", "mlp.out", "resid.post", "feed-forward"),
    "all blocks": _all_blocks,
    "final norm": _final_norm,
    "logits": _logits,
    "next token": _next,
}
