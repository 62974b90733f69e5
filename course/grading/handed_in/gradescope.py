"""Who handed in what on Gradescope: its export has folders with numbers, and beside them a file
with the names.
"""

from typing import Any

from course.grading.handed_in.names import plain
from course.grading.handed_in.notebook import Unreadable
from course.grading.handed_in.owners import Owner
from course.grading.handed_in.tree import Node

METADATA = "submission_metadata.yml"
_LARGEST = 8 * 2**20  # bytes


def submitters(node: Node, notes: list[str]) -> dict[str, list[Owner]]:
    """The people of each submission, by the name of its folder. A group handed in together.

    Empty, with a note, if the file cannot be read.
    """
    import yaml  # only the teacher's machine has it

    try:
        data = node.read()
        if len(data) > _LARGEST:
            raise ValueError("it is too large")
        content = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return {str(name): _people(one) for name, one in content.items()}
    except (Unreadable, yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        notes.append(f"{METADATA} cannot be read ({type(error).__name__}), so nobody has a name.")
        return {}


def _people(submission: dict[str, Any]) -> list[Owner]:
    found = []
    when = "".join(c for c in str(submission.get(":created_at", ""))[:19] if c in "0123456789")
    for one in submission.get(":submitters") or []:
        name, id, mail = (str(one.get(key) or "") for key in (":name", ":sid", ":email"))
        if own := id or mail or name:
            shown = plain(mail) if mail else ""
            found.append(
                Owner(plain(name or own), "Gradescope", id, when=when, mail=shown, place=own)
            )
    return found
