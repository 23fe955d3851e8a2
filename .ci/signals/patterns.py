"""CloudWatch Logs' filter patterns for JSON log events.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
The grammar here is the part that template.yaml uses. Anything else is an error.
"""

import fnmatch
import re
from collections.abc import Callable
from typing import Any

Match = Callable[[dict[str, Any]], bool]

TOKEN = re.compile(r'\s*(\(|\)|&&|\|\||"[^"]*"|\$[.\w]+|!=|>=|<=|=|>|<|[\w.*-]+)')
MISSING = object()


def parse(pattern: str) -> Match:
    text = pattern.strip()
    if not (text.startswith("{") and text.endswith("}")):
        raise ValueError(f"no JSON pattern: {pattern}")
    tokens = Tokens(text[1:-1])
    match = either(tokens)
    if tokens.rest:
        raise ValueError(f"{pattern}: unexpected {tokens.rest[0]}")
    return match


def value(event: dict[str, Any], selector: str) -> Any:
    """The value of a property such as `$.record.status`."""
    found: Any = event
    for name in selector.removeprefix("$.").split("."):
        if not isinstance(found, dict) or name not in found:
            return MISSING
        found = found[name]
    return found


class Tokens:
    def __init__(self, text: str) -> None:
        self.rest: list[str] = []
        place = 0
        text = text.rstrip()
        while place < len(text):
            found = TOKEN.match(text, place)
            if not found:
                raise ValueError(f"unreadable: {text[place:]}")
            self.rest.append(found[1])
            place = found.end()

    def take(self) -> str:
        if not self.rest:
            raise ValueError("the pattern ends too early")
        return self.rest.pop(0)

    def next_is(self, *expected: str) -> bool:
        if self.rest[: len(expected)] != list(expected):
            return False
        del self.rest[: len(expected)]
        return True


def either(tokens: Tokens) -> Match:
    matches = [both(tokens)]
    while tokens.next_is("||"):
        matches.append(both(tokens))
    return lambda event: any(match(event) for match in matches)


def both(tokens: Tokens) -> Match:
    matches = [term(tokens)]
    while tokens.next_is("&&"):
        matches.append(term(tokens))
    return lambda event: all(match(event) for match in matches)


def term(tokens: Tokens) -> Match:
    if tokens.next_is("("):
        match = either(tokens)
        if not tokens.next_is(")"):
            raise ValueError("a parenthesis is not closed")
        return match
    selector = tokens.take()
    if not selector.startswith("$."):
        raise ValueError(f"no property: {selector}")
    if tokens.next_is("NOT", "EXISTS"):
        return lambda event: value(event, selector) is MISSING
    for word, constant in [("TRUE", True), ("FALSE", False), ("NULL", None)]:
        if tokens.next_is("IS", word):
            return lambda event, constant=constant: value(event, selector) is constant
    return comparison(selector, tokens.take(), tokens.take())


def comparison(selector: str, operator: str, operand: str) -> Match:
    if operand.startswith('"'):
        text = operand[1:-1]

        def is_equal(event: dict[str, Any]) -> bool:
            return isinstance(value(event, selector), str) and fnmatch.fnmatchcase(value(event, selector), text)

        if operator == "=":
            return is_equal
        if operator == "!=":
            return lambda event: isinstance(value(event, selector), str) and not is_equal(event)
        raise ValueError(f"{operator} is not for texts")
    number = float(operand)
    compare = {
        "=": float.__eq__, "!=": float.__ne__, ">=": float.__ge__, "<=": float.__le__, ">": float.__gt__, "<": float.__lt__,
    }[operator]  # fmt: skip

    def compares(event: dict[str, Any]) -> bool:
        found = value(event, selector)
        return isinstance(found, int | float) and not isinstance(found, bool) and compare(float(found), number)

    return compares
