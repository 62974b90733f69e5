"""The course: what its notebooks import."""

import sys

# `python -m course` needs none of these names, and its doctor has to speak where no library can be imported. While
# Python looks for the module that -m names, sys.argv[0] is "-m".
if sys.argv[:1] != ["-m"]:
    try:
        from course.claims.claim import claim
        from course.claims.table import ledger
        from course.lesson.check import check
        from course.lesson.confirmation import confirm
        from course.lesson.hints import hint, solution
        from course.lesson.progress import progress
        from course.predictions.predict import keep, predict, reveal
    except ModuleNotFoundError:
        # On Colab some libraries come only with course.colab.set_up(), which then imports this again.
        if "google.colab" not in sys.modules:
            raise

    __all__ = ["check", "claim", "confirm", "hint", "keep", "ledger", "predict", "progress", "reveal", "solution"]
