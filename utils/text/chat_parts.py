"""Who wrote each token of a conversation, and which of them an assistant is trained on."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from utils.text.tokenizer import ByteLevelTokenizer

TEMPLATE = "template"
_OPENS, _CLOSES = "<|im_start|>", "<|im_end|>"


class Part(NamedTuple):
    """A token of a conversation. writer: the role whose message it is part of, or TEMPLATE. learn:
    whether fine-tuning counts it in the loss: the assistant's words, and the mark that ends them.
    """

    id: int
    writer: str
    learn: bool


def chat_parts(tok: ByteLevelTokenizer, messages: Sequence[Mapping[str, Any]]) -> list[Part]:
    """The conversation in the model's own chat template, token by token, as for fine-tuning: it ends
    after the last message.

    For templates that write <|im_start|>role, a line break, the message and <|im_end|>, as
    SmolLM2's does. ValueError for a tokenizer without these two marks, and as `encode_chat` does.
    """
    missing = {_OPENS, _CLOSES} - set(tok.special)
    if missing:
        raise ValueError(
            f"this tokenizer has no {' and no '.join(sorted(missing))}, so its chat template is of "
            "another kind; load SmolLM2's."
        )
    ids = tok.encode_chat(messages, add_generation_prompt=False)
    opens = [place for place, id in enumerate(ids) if id == tok.special[_OPENS]]
    blocks = [ids[begin:end] for begin, end in zip(opens, [*opens[1:], len(ids)], strict=True)]
    # what stands before the first message is the template's own, such as its usual system message
    own, said = blocks[: len(blocks) - len(messages)], blocks[len(blocks) - len(messages) :]
    parts = [Part(id, TEMPLATE, False) for block in own for id in block]
    for message, block in zip(messages, said, strict=True):
        parts += _message(tok, message["role"], block)
    return parts


def _message(tok: ByteLevelTokenizer, role: str, block: Sequence[int]) -> list[Part]:
    """<|im_start|>role and the line break are the template's; so is what follows the message, but an
    assistant has to learn to end.
    """
    first = next(place for place, id in enumerate(block) if b"\n" in tok.token_bytes(id)) + 1
    last = max(place for place, id in enumerate(block) if id == tok.special[_CLOSES])
    is_reply = role == "assistant"
    return [
        *(Part(id, TEMPLATE, False) for id in block[:first]),
        *(Part(id, role, is_reply) for id in block[first:last]),
        Part(block[last], TEMPLATE, is_reply),
        *(Part(id, TEMPLATE, False) for id in block[last + 1 :]),
    ]
