"""The explorer of compression: what one's own text costs a language model, token by token, and what
the usual compressors make of it.
"""

import math

from ipywidgets import Layout, Textarea, VBox

from utils.compression.model_file import token_bits
from utils.compression.usual_compressors import sizes
from utils.model.gpt import GPT
from utils.pictures.compression_pictures import coloured_bits, size_bars
from utils.pictures.figures import img
from utils.text.tokenizer import Tokenizer
from utils.widgets.explorers import explorer_with_button

_MOST_CHARACTERS = 1500  # a pass over them takes a few seconds
_TEXT = "The cat sat on the mat. The cat sat on the hat. The mat sat on the cat."


def compression_explorer(model: GPT, tok: Tokenizer, text: str = _TEXT) -> VBox:
    """Type a text, and click on Compress: each token with its bits, and below the bytes of the whole
    text beside zlib, bz2, lzma and zstd.
    """

    def draw(text: str) -> str:
        return text_picture(model, tok, text)

    field = Textarea(text, description="text", layout=Layout(width="640px", max_width="100%"))
    return explorer_with_button(
        draw,
        height=420,
        action="Compress",
        working="The model reads. This takes some seconds; Interrupt stops it.",
        text=field,
    )


def text_picture(model: GPT, tok: Tokenizer, text: str) -> str:
    """The tokens with their bits, and the sizes, as HTML. ValueError for a text that is empty or too
    long.
    """
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(
            f"the text has {len(text):,} characters; type at most {_MOST_CHARACTERS:,}."
        )
    pieces, bits = token_bits(model, tok, text)
    found = {"as it is": len(text.encode()), "SmolLM2": math.ceil(float(bits.sum()) / 8)}
    bars = img(*size_bars({"your text": {**found, **sizes(text.encode())}}, unit="bytes"))
    return f"{coloured_bits(pieces, bits.tolist())}{bars}"
