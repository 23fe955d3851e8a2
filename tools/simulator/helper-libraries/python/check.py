"""One line for each check, and how many there were."""

import traceback

from twilio.base.exceptions import TwilioException, TwilioRestException

CHECKS = []


def check(sentence):
    """Makes a function one of the checks, which run in the order of their definition."""

    def add(function):
        CHECKS.append((sentence, function))
        return function

    return add


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def refuses(status, code, call, *args, **kwargs):
    """That Twilio refuses something, and how."""
    try:
        call(*args, **kwargs)
    except TwilioRestException as error:
        equal((error.status, error.code), (status, code))
    except TwilioException as error:
        # A list that is refused has no fields for it.
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
