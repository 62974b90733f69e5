"""A function travels as text, with what it needs and without what cannot travel."""

import json
import math
from math import sqrt as root

import pytest
import torch

from utils.teams import torchs_own
from utils.teams.parcel import parcel, source_of

STEPS = 5
NAMES = ["a", "b"]
TENSOR = torch.ones(2)


def helper(number):
    return root(number) * STEPS


def other_helper():
    return helper(4) + math.pi


def work(me, scale):
    def inner():
        return other_helper() * scale

    return inner(), NAMES, TENSOR


def calls_itself(me):
    return calls_itself(me)


def test_everything_that_is_mentioned_goes_along():
    sent = json.loads(parcel(work, (3,)))
    assert sent["name"] == "work" and sent["arguments"] == [3]
    assert set(sent["sources"]) == {"work", "other_helper", "helper"}
    assert sent["values"] == {"STEPS": 5, "NAMES": ["a", "b"]}  # and no tensor
    assert sorted(sent["imports"]) == ["from math import sqrt as root", "import math as math"]


def test_what_arrives_runs():
    sent = json.loads(parcel(work, (3,)))
    known = dict(sent["values"]) | {"TENSOR": None}
    for text in (*sent["imports"], *sent["sources"].values()):
        exec(text, known)
    assert known["work"](None, 3) == ((2 * 5 + math.pi) * 3, ["a", "b"], None)


def test_a_function_that_mentions_itself_is_sent_once():
    assert list(json.loads(parcel(calls_itself, ()))["sources"]) == ["calls_itself"]


def test_what_has_no_text_of_its_own_is_refused():
    with pytest.raises(ValueError, match=r"<lambda> cannot be sent .* defined with def"):
        source_of(lambda me: 1)
    with pytest.raises(ValueError, match=r"len has no text .* define it with def"):
        source_of(len)


def test_arguments_are_plain():
    with pytest.raises(TypeError, match="Tensor"):
        parcel(work, (torch.ones(1),))


def test_a_function_of_this_package_is_imported_there():
    sent = json.loads(parcel(torchs_own.tensor_parallel, ()))
    assert sent["sources"] == {} and sent["name"] == "tensor_parallel"
    assert sent["imports"] == ["from utils.teams.torchs_own import tensor_parallel"]
