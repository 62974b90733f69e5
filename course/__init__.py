"""The course: what its notebooks import."""

import sys

# `python -m course` needs none of these names, and its doctor has to speak where no library can be imported. While
# Python looks for the module that -m names, sys.argv[0] is "-m".
if sys.argv[:1] != ["-m"]:
    try:
        from course.check import check
        from course.claims import claim
        from course.confirmation import confirm
        from course.hints import hint, solution
        from course.ledger import ledger
        from course.predict import keep, predict, reveal
        from course.progress import progress
    except ModuleNotFoundError:
        # On Colab some libraries come only with course.colab.set_up(), which then imports this again.
        if "google.colab" not in sys.modules:
            raise

    __all__ = ["check", "claim", "confirm", "hint", "keep", "ledger", "predict", "progress", "reveal", "solution"]
