"""A map of words that the reader types."""

from typing import Any

from ipywidgets import VBox

from utils.interpretability.word_vectors import WordVectors
from utils.pictures.embedding_pictures import flattened, word_map
from utils.pictures.figures import img
from utils.widgets.explorers import explorer, text_field

_FEWEST, _MOST = 3, 16
_START = "king queen man woman prince princess apple banana cherry"


def word_map_explorer(vectors: WordVectors, start: str = _START) -> VBox:
    """Type words with blanks between them: they are drawn on the two directions in which they differ
    most, and the two most alike are named.
    """

    def draw(words: str) -> str:
        chosen = list(dict.fromkeys(words.replace(",", " ").split()))
        if not _FEWEST <= len(chosen) <= _MOST:
            raise ValueError(
                f"the number of different words is {len(chosen)}: type {_FEWEST} to {_MOST}, with "
                "blanks between them."
            )
        if unknown := [word for word in chosen if word not in vectors]:
            raise ValueError(
                f"the table has no row for {', '.join(unknown):.80}. It has rows for words of letters "
                "only, and not for rare ones, which are cut into several tokens: take other words."
            )
        rows = vectors.directions[[vectors.place(word) for word in chosen]]
        cosines = (rows @ rows.T).fill_diagonal_(-1)
        one, other = divmod(int(cosines.argmax()), len(chosen))
        nearest = f"{chosen[one]} and {chosen[other]} ({float(cosines.max()):.2f})"
        return img(*word_map(chosen, flattened(rows))) + f"<p>Most alike: {nearest}.</p>"

    controls: dict[str, Any] = {"words": text_field(start, "words", 620)}
    return explorer(draw, height=430, **controls)
