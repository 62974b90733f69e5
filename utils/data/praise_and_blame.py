"""Short sentences that praise and that complain: one set to search with, and two to test what the
search has found, one with new words in the same frames, one with the new words in new frames.
"""

_FRAMES = ("The film was {}.", "I found the food {}.")
_NEW_FRAMES = (
    "What a {} day it was at the sea.",
    "They called it {} and went home.",
    "She wrote that the book is {}.",
    "My teacher said a {} thing about me.",
    "It is a {} hotel near the station.",
)


def _sentences(adjectives: str, frames: tuple[str, ...] = _FRAMES) -> tuple[str, ...]:
    return tuple(frame.format(word) for word in adjectives.split() for frame in frames)


PRAISE = _sentences("good lovely wonderful great brilliant delightful beautiful superb")
BLAME = _sentences("bad awful terrible boring dreadful horrible ugly poor")

_NEW_WORDS_OF_PRAISE = "excellent charming fantastic marvellous splendid perfect"
NEW_PRAISE = _sentences(_NEW_WORDS_OF_PRAISE)
_NEW_WORDS_OF_BLAME = "lousy dismal disgusting miserable painful worthless"
NEW_BLAME = _sentences(_NEW_WORDS_OF_BLAME)

PRAISE_IN_NEW_FRAMES = _sentences(_NEW_WORDS_OF_PRAISE, _NEW_FRAMES)
BLAME_IN_NEW_FRAMES = _sentences(_NEW_WORDS_OF_BLAME, _NEW_FRAMES)


def praises(text: str) -> bool:
    """Whether a word of NEW_PRAISE stands in the text."""
    return any(word in text for word in _NEW_WORDS_OF_PRAISE.split())
