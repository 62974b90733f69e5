"""Short sentences that praise and that complain, in two sets of different words: one to search
with, one to test what the search has found.
"""

_FRAMES = ("The film was {}.", "I found the food {}.")


def _sentences(adjectives: str) -> tuple[str, ...]:
    return tuple(frame.format(word) for word in adjectives.split() for frame in _FRAMES)


PRAISE = _sentences("good lovely wonderful great brilliant delightful beautiful superb")
BLAME = _sentences("bad awful terrible boring dreadful horrible ugly poor")

_NEW_WORDS_OF_PRAISE = "excellent charming fantastic marvellous splendid perfect"
NEW_PRAISE = _sentences(_NEW_WORDS_OF_PRAISE)
NEW_BLAME = _sentences("lousy dismal disgusting miserable painful worthless")


def praises(text: str) -> bool:
    """Whether a word of NEW_PRAISE stands in the text."""
    return any(word in text for word in _NEW_WORDS_OF_PRAISE.split())
