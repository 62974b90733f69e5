"""Special tokens in text, and marks that keep a user's text from becoming one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from utils.text.special_tokens import BREAK, NOT_HERE, shield, split_at_special, unshield

# Few letters, so that they overlap, nest and repeat: the worst case for a shield.
few = st.text("<ab>", max_size=6)
specials = st.lists(st.text("<ab>", min_size=1, max_size=4), max_size=5, unique=True)


def leftmost_longest(text: str, special: list[str]) -> list[str]:
    """The definition, place by place."""
    parts, place = [""], 0
    while place < len(text):
        found = max(
            (token for token in special if text.startswith(token, place)), key=len, default=None
        )
        if found is None:
            parts[-1] += text[place]
        else:
            parts += [found, ""]
        place += len(found or "a")
    return parts


@settings(max_examples=500)
@given(text=st.text("<ab>", max_size=30), special=specials)
def test_splitting_follows_the_definition(text, special):
    assert split_at_special(text, special) == leftmost_longest(text, special)


def test_splitting_the_worked_examples():
    special = ["<b>", "b>", "<b><b>", "<|end|>"]
    assert split_at_special("<b><b><b>b>", special) == ["", "<b><b>", "", "<b>", "", "b>", ""]
    assert split_at_special("a<|end|>", special) == ["a", "<|end|>", ""]
    assert split_at_special("a.+(", ["."]) == ["a", ".", "+("]  # no regular expression
    assert split_at_special("", special) == [""]
    assert split_at_special("abc", []) == ["abc"]


def guarded(parts: list[tuple[str, bool]], special: list[str]) -> list[str]:
    """The definition: special tokens are those of the trusted runs, each read on its own; the rest
    is plain.
    """
    result, run = [""], ""
    for text, trusted in [*((text, trusted) for text, trusted in parts if text), ("", False)]:
        if trusted:
            run += text
            continue
        plain, *more = leftmost_longest(run, special)
        result[-1] += plain
        result += more
        result[-1] += text
        run = ""
    return result


@settings(max_examples=1000, deadline=None)
@given(texts=st.lists(few, min_size=5, max_size=5), special=specials)
def test_shielded_text_never_takes_part_and_all_else_stays(texts, special):
    parts = [
        (text, trusted)
        for text, trusted in zip(texts, [True, False, True, False, False], strict=True)
    ]
    rendered = "".join(text if trusted else shield(text, special) for text, trusted in parts)
    assert [unshield(part) for part in split_at_special(rendered, special)] == guarded(
        parts, special
    )


@given(text=st.text(), special=specials)
def test_unshield_gives_the_text_back(text, special):
    assert unshield(shield(text, special)) == text


def test_ordinary_text_gets_no_marks():
    special = ["<|im_start|>", "<|im_end|>"]
    for text in ("", "Hello!", "  x < y  ", "a |> b", "1 <| 2."):
        assert shield(text, special) == text


def test_text_is_marked_where_a_special_token_could_begin_or_be_completed():
    special = ["<|end|>"]
    assert shield("a<|end|>b", special) == f"a{NOT_HERE}<|end|>b"
    assert shield("end|>", special) == f"{BREAK}end|>"
    assert shield("a <|en", special) == f"a <|en{BREAK}"
    assert shield("nd", special) == f"{BREAK}nd{BREAK}"  # the middle of one
    assert shield(">", special) == f"{BREAK}>"
