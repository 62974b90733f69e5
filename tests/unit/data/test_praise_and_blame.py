"""The words of the search and those of the test differ, and a text of praise is known as one."""

from utils.data.praise_and_blame import (
    BLAME,
    BLAME_IN_NEW_FRAMES,
    NEW_BLAME,
    NEW_PRAISE,
    PRAISE,
    PRAISE_IN_NEW_FRAMES,
    praises,
)


def words(sentences):
    return {sentence.rstrip(".").split()[-1] for sentence in sentences}


def test_no_word_is_in_two_sets():
    sets = [words(sentences) for sentences in (PRAISE, BLAME, NEW_PRAISE, NEW_BLAME)]
    assert [len(one) for one in sets] == [8, 8, 6, 6]
    assert len(set.union(*sets)) == sum(len(one) for one in sets)


def test_both_sides_have_as_many_sentences_of_the_same_frames():
    assert len(PRAISE) == len(BLAME) == 16 and len(NEW_PRAISE) == len(NEW_BLAME) == 12
    frames = [
        {
            sentence.replace(word, "{}")
            for word in words(side)
            for sentence in side
            if word in sentence
        }
        for side in (PRAISE, BLAME, NEW_PRAISE, NEW_BLAME)
    ]
    assert all(one == frames[0] and len(one) == 2 for one in frames)


def test_only_new_words_of_praise_are_known_as_such():
    assert all(praises(sentence) for sentence in NEW_PRAISE)
    assert not any(praises(sentence) for sentence in (*PRAISE, *BLAME, *NEW_BLAME))


def test_new_frames_share_the_new_words_and_no_frame_with_the_search():
    pairs = ((NEW_PRAISE, PRAISE_IN_NEW_FRAMES), (NEW_BLAME, BLAME_IN_NEW_FRAMES))
    for same, new in pairs:
        frames = [
            {one.replace(word, "{}") for one in side for word in words(same) if word in one}
            for side in (same, new)
        ]
        assert len(new) == 5 * len(words(same)) == len(set(new))
        assert all(sum(word in one for one in new) == 5 for word in words(same))
        assert len(frames[1]) == 5 and not frames[0] & frames[1]
