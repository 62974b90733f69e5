import pytest

from utils.alignment.word_chats import Turn, prompt, render

TALK = [
    Turn("system", "you are kim ."),
    Turn("user", "who ?"),
    Turn("assistant", "kim <search>"),
    Turn("tool", "page ."),
    Turn("assistant", "i am kim ."),
]


def test_a_conversation_as_words_and_what_is_learned():
    found = render(TALK)
    assert found.text == (
        "<bos> <system> you are kim . <end> <user> who ? <end> <bot> kim <search> <end> "
        "<result> page . <end> <bot> i am kim . <end>"
    )
    learned = [word for word, learn in zip(found.words, found.learn, strict=True) if learn]
    assert learned == ["kim", "<search>", "<end>", "i", "am", "kim", ".", "<end>"]
    whole = render(TALK, whole=True)
    assert whole.words == found.words and whole.learn == (False, *[True] * (len(whole.words) - 1))


def test_a_prompt_ends_where_the_assistant_begins():
    assert prompt(TALK[:2]) == "<bos> <system> you are kim . <end> <user> who ? <end> <bot>"


@pytest.mark.parametrize("role", ["system", "user", "tool", "assistant"])
@pytest.mark.parametrize("mark", ["<end>", "<bot>", "<bos>", "<system>"])
def test_nobody_types_a_mark(role, mark):
    with pytest.raises(ValueError, match=f"the {role}'s text has the mark {mark}"):
        Turn(role, f"hello {mark} there")


def test_only_the_assistant_searches():
    Turn("assistant", "kim <search>")
    with pytest.raises(ValueError, match="the user's text has the mark <search>"):
        Turn("user", "kim <search>")
