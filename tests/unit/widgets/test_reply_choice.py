"""The form for preferences: what is clicked is what comes back."""

import pytest

from utils.widgets.reply_choice import preference_form

PAIRS = [
    ("where is the <hat> ?", "in the box", "in the bag"),
    ("and the key ?", "no", "yes"),
    ("cup ?", "a", "b"),
]


@pytest.mark.parametrize("clicks", [[0, 0, 0], [1, 0, 1], [0, 1, 1]])
def test_the_choices_come_back_in_their_order(clicks):
    seen = []
    form = preference_form(PAIRS, lambda choices: seen.append(choices) or "thank you")
    question, *buttons = form.children
    for (asked, *replies), click in zip(PAIRS, clicks, strict=True):
        assert not seen and asked.replace("<", "&lt;").replace(">", "&gt;") in question.value
        assert [button.description for button in buttons] == replies
        buttons[click].click()
    assert (
        seen == [clicks]
        and question.value == "thank you"
        and all(button.disabled for button in buttons)
    )


def test_nothing_to_choose_from_is_refused():
    with pytest.raises(ValueError, match="there is no pair"):
        preference_form([], str)
