"""A language identifier of a library, to compare ours with: py3langid, which knows 140 languages, is
pure Python and brings its model along. (FineWeb takes fastText's, which needs a compiler and a file
of 126 MB.)
"""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def library_score(text: str, language: str = "en") -> float:
    """The probability that the library gives to a language (two letters).

    ValueError for a language that it does not know.
    """
    scores = dict(_identifier().rank(text))
    if language not in scores:
        raise ValueError(
            f"py3langid does not know {language!r:.20}; it has en, fr, es and 137 more."
        )
    return float(scores[language])
