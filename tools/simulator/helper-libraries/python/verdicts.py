"""Lists the requests that Twilio's helper library for Python finds valid: python verdicts.py

Reads the requests as a JSON list from standard input. Writes a list of booleans to standard output.
"""

import json
import sys

from twilio.request_validator import RequestValidator, get_signature_algorithm


class Fields(dict):
    """A form whose names may be repeated."""

    def __init__(self, pairs):
        super().__init__(pairs)
        self.pairs = pairs

    def getlist(self, name):
        return [value for other, value in self.pairs if other == name]


def is_valid(request):
    parameters = request["body"] if request["fields"] is None else Fields(request["fields"])
    algorithm = get_signature_algorithm(request["settings"])
    return RequestValidator(request["key"]).validate(request["url"], parameters, request["signature"], algorithm)


json.dump([is_valid(request) for request in json.load(sys.stdin)], sys.stdout)
