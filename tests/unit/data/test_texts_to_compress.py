"""The texts to compress, and the frames of questions: what the lesson says of them is so."""

import base64

from utils.data.question_frames import FRAMES
from utils.data.texts_to_compress import LENGTH, texts_to_compress


def test_all_have_the_same_length_and_differ():
    texts = texts_to_compress()
    assert len(texts) == 7 and len(set(texts.values())) == 7
    for text in texts.values():
        assert LENGTH - 3 <= len(text.encode()) <= LENGTH  # a letter of several bytes is not cut
    noise = texts["letters at random"]
    assert len(base64.b64decode(noise)) == LENGTH * 6 / 8
    assert texts["code of ours"].startswith("class Encoder")
    assert "eau" in texts["French Wikipedia"].lower()


def test_the_two_texts_of_a_pair_end_alike_and_begin_otherwise():
    for frame in FRAMES:
        assert len(frame.prompts) == 4 and len(set(frame.prompts)) == 4
        for own, other in frame.prompts:
            assert own != other
            assert own.partition("? ")[2] == other.partition("? ")[2]
            assert own.split()[0] == frame.name.split()[0]
