"""The answers that a learner has kept, by the number of the question.

In chapters 05, 10, 12, 15, 16 and 22 the questions once had other numbers. What was kept under those stands
in a file of its own, which is only read: so an answer stays with its question, and not with the
number.
"""

from typing import Any

from course.lesson.learner_data import recall, remember

_STORE = "predictions_in_order"
_EARLIER_STORE = "predictions"
# The number of a question now, and what it was in the earlier store; None for a question that is
# new. A question that is not named here has kept its number.
_EARLIER_NUMBERS = {
    "05.1": "05.2",
    "05.2": "05.3",
    "05.3": "05.1",
    "10.1": "10.2",
    "10.2": None,
    "12.2": "12.3",
    "12.3": "12.4",
    "12.4": "12.5",
    "12.5": "12.6",
    "12.6": "12.2",
    "15.1": "15.9",
    "15.2": "15.1",
    "15.3": "15.10",
    "15.4": "15.2",
    "15.5": "15.3",
    "15.6": "15.4",
    "15.7": "15.11",
    "15.8": "15.5",
    "15.9": "15.6",
    "15.10": "15.7",
    "15.11": "15.8",
    "16.1": "16.2",
    "16.2": "16.3",
    "16.3": "16.1",
    "22.1": None,
    "22.2": "22.4",
    "22.3": "22.5",
    "22.4": None,
    "22.5": "22.3",
}


def kept_answer(id: str) -> Any:
    """The answer to the question `id`, as plain data; None if none was kept."""
    kept = recall(_STORE)
    if id in kept:
        return kept[id]
    earlier = _EARLIER_NUMBERS.get(id, id)
    return None if earlier is None else recall(_EARLIER_STORE).get(earlier)


def keep_answer(id: str, answer: Any) -> None:
    """Keep an answer (plain data). OSError where nothing can be written."""
    remember(_STORE, id, answer)
