"""Prints a line for each check and the number of checks."""

import traceback

from twilio.base.exceptions import TwilioException, TwilioRestException

CHECKS = []


def check(sentence):
    """Adds a function to the checks. Checks run in the order of their definition."""

    def add(function):
        CHECKS.append((sentence, function))
        return function

    return add


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def refuses(status, code, call, *args, **kwargs):
    """Asserts that Twilio refuses a request with this status and code."""
    try:
        call(*args, **kwargs)
    except TwilioRestException as error:
        equal((error.status, error.code), (status, code))
    except TwilioException as error:
        # The error of a refused list has no fields for status and code.
        _, answer = error.args
        assert answer.status_code == status and f'"code":{code}' in answer.text, error
    else:
        raise AssertionError("was not refused")


def run():
    """Whether all checks passed."""
    failed = 0
    for sentence, function in CHECKS:
        try:
            function()
            print(f"ok      {sentence}")
        except Exception:  # Whatever went wrong, the next check is run.
            failed += 1
            print(f"FAILED  {sentence}\n{traceback.format_exc()}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return failed == 0 and len(CHECKS) > 0
