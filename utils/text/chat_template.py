"""Conversations as text for a model: the chat template.

A chat model was trained on conversations written in one fixed way, for SmolLM2 like this:

    <|im_start|>user
    Hi!<|im_end|>
    <|im_start|>assistant

The template, a small jinja program that comes with the model, writes them so. The marks are special
tokens, and must
only ever come from the template: "<|im_end|>" typed by a user stays ten ordinary characters.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from utils.text.pre_tokenization import require_text
from utils.text.special_tokens import shield
from utils.text.vocabulary import Vocabulary


def render(
    template: str,
    messages: Sequence[Mapping[str, Any]],
    add_generation_prompt: bool = True,
    **names: str,
) -> str:
    """The conversation as the model expects it, up to where the assistant's answer begins.

    `names` are further values for the template, such as eos_token. This is for reading: to get ids
    use a tokenizer's `encode_chat`, which also keeps special tokens in the messages harmless.
    Raises ValueError, in one sentence, for malformed messages and for those that the template
    refuses.
    """
    check_messages(messages)
    return _fill_in(template, messages, add_generation_prompt, names)


def shielded_chat(
    vocabulary: Vocabulary,
    messages: Sequence[Mapping[str, Any]],
    add_generation_prompt: bool = True,
) -> str:
    """The rendered conversation, in which only the template's own special tokens can become
    special.

    The messages carry the marks of `special_tokens.shield`: cut the text with `split_at_special`,
    then take them out of its plain parts with `unshield`. Raises ValueError as `render` does, and
    if the vocabulary has no template.
    """
    if vocabulary.chat_template is None:
        raise ValueError(
            "this tokenizer has no chat template, as its model was not trained on conversations: "
            "encode a prompt instead, or give it one with dataclasses.replace(vocabulary, "
            "chat_template=...)."
        )
    check_messages(messages)
    shielded = [_shielded(message, vocabulary.special) for message in messages]
    return _fill_in(
        vocabulary.chat_template, shielded, add_generation_prompt, _token_names(vocabulary)
    )


def _fill_in(
    template: str, messages: Sequence[Mapping[str, Any]], prompt: bool, names: Mapping[str, str]
) -> str:
    # what Hugging Face gives a template, and a conversation here never has
    nothing = {"tools": None, "documents": None}
    try:
        return _compiled(template).render(
            messages=messages, add_generation_prompt=prompt, **nothing, **names
        )
    except Exception as error:
        # A template is a program from outside: whatever it stumbles over, it was not written for
        # this conversation.
        kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
        raise ValueError(
            f"the chat template does not accept this conversation: {kind}{error}"
        ) from None


def _token_names(vocabulary: Vocabulary) -> dict[str, str]:
    ids = {"bos_token": vocabulary.bos_id, "eos_token": vocabulary.eos_id}
    return {name: vocabulary.tokens[id].decode() for name, id in ids.items() if id is not None}


def check_messages(messages: object) -> None:
    """Raise ValueError, in one sentence, unless `messages` is a list of {"role": ..., "content":
    ...}.
    """
    if not isinstance(messages, Sequence) or isinstance(messages, str) or not messages:
        given = "an empty one" if messages == [] else type(messages).__name__
        raise ValueError(
            "a conversation is a list of messages such as "
            f"[{{'role': 'user', 'content': 'Hi!'}}], but got {given}."
        )
    for number, message in enumerate(messages):
        _check_message(number, message)


def _check_message(number: int, message: object) -> None:
    if not isinstance(message, Mapping):
        raise ValueError(
            f"message {number} is a {type(message).__name__}: write it as "
            "{'role': 'user', 'content': '...'}."
        )
    for key in ("role", "content"):
        if key not in message:
            raise ValueError(
                f"message {number} has no {key!r}, only {sorted(map(str, message))}: add it."
            )
    for key, text in message.items():
        if not isinstance(text, str):
            raise ValueError(
                f"in message {number}, {key!r} is a {type(text).__name__}: it must be text (str)."
            )
        require_text(text)
    # The role is part of the template's own text (some write "<|" + role + "|>"), so it has to be a
    # plain name.
    if not re.fullmatch(r"[\w-]+", message["role"]):
        raise ValueError(
            f"message {number} has the role {message['role']!r}: it must be one word such as "
            "'user'."
        )


def _shielded(message: Mapping[str, str], special: Mapping[str, int]) -> dict[str, str]:
    return {key: text if key == "role" else shield(text, special) for key, text in message.items()}


@lru_cache(maxsize=16)
def _compiled(template: str) -> Template:
    """Sandboxed, as a template comes with a model from outside; with the names that Hugging Face's
    templates use.
    """
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _Generation]
    )
    environment.globals["raise_exception"] = _raise_exception
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    environment.filters["tojson"] = _to_json
    return environment.from_string(template)


def _raise_exception(message: str) -> None:
    raise TemplateError(message)


def _to_json(value: Any, ensure_ascii: bool = False, **options: Any) -> str:
    """jinja's own tojson escapes for HTML, which no model has seen; `options` are json.dumps'."""
    return json.dumps(value, ensure_ascii=ensure_ascii, **options)


class _Generation(Extension):
    """{% generation %} ... {% endgeneration %} marks what the assistant wrote, for training: the
    text is what stands between.
    """

    tags = {"generation"}  # noqa: RUF012 - so jinja declares it

    def parse(self, parser: Parser) -> nodes.Node:
        """The marked part as a block with names of its own, as transformers has it."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        written = self.call_method("_written")
        return nodes.CallBlock(written, [], [], body).set_lineno(line)

    def _written(self, caller: Callable[[], str]) -> str:
        return caller()
