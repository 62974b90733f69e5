"""A file of the learner's that has the name of a package of the course."""

import importlib.util
from pathlib import Path


def refuse_shadow(package: str, beside: Path) -> None:
    """ImportError if Python finds another `package` than the one that lies beside the course.

    Python looks into the notebook's own folder first, and a learner's utils.py is found there.
    """
    found = importlib.util.find_spec(package)
    if found is None:
        return  # not installed: Python says so itself
    places = [found.origin] if found.origin else list(found.submodule_search_locations or [])
    if not any(Path(place).resolve().is_relative_to(beside / package) for place in places):
        raise ImportError(
            f"{', '.join(places)} has the name of a package of the course, and Python finds it "
            f"first: rename it, then restart the kernel."
        )
