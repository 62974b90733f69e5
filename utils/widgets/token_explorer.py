"""The explorer of tokens: a text, cut by a BPE vocabulary after so many merges, and by a model's."""

from ipywidgets import Layout, SelectionSlider, VBox

from utils.pictures.token_pictures import readable_pieces, rows_of_pieces
from utils.text.bpe_training import first_merges
from utils.text.tokenizer import BPETokenizer, Tokenizer
from utils.text.vocabulary import Vocabulary
from utils.widgets.explorers import explorer, text_field

STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
MOST_CHARACTERS = 400


def token_explorer(vocabulary: Vocabulary, tok: Tokenizer, text: str, name: str) -> VBox:
    """Type a text and slide the number of merges: its pieces, above those of another tokenizer.

    vocabulary: one that `train_bpe` made. tok: the other tokenizer, called `name`.
    """
    made = len(vocabulary.merges)
    steps = [*(step for step in STEPS if step < made), made]

    def draw(text: str, merges: int) -> str:
        if len(text) > MOST_CHARACTERS:
            raise ValueError(
                f"the text has {len(text)} characters; type at most {MOST_CHARACTERS}."
            )
        ours = BPETokenizer(first_merges(vocabulary, merges))
        rows = {
            f"Ours after {merges:,} merges": readable_pieces(ours, text),
            name: readable_pieces(tok, text),
        }
        return rows_of_pieces(rows)

    controls = {
        "text": text_field(text, "Text", 560),
        "merges": SelectionSlider(
            options=[(f"{step:,}", step) for step in steps],
            value=steps[len(steps) // 2],
            description="Merges",
            continuous_update=False,
            layout=Layout(width="420px", max_width="100%"),
        ),
    }
    return explorer(draw, height=220, **controls)
