"""Checks the simulator's signatures with Twilio's helper library for Python: python signatures.py

The file WEBHOOKS has the requests. TWILIO_AUTH_TOKEN and SHARED_KEY_SECRET are the keys.
"""

import json
import os
import sys
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator, get_signature_algorithm

import check

with open(os.environ["WEBHOOKS"], encoding="utf-8") as file:
    WEBHOOKS = json.load(file)


def is_valid(request):
    # A header with settings names the algorithm of the shared key.
    settings = request["settings"]
    secret = os.environ["SHARED_KEY_SECRET" if settings else "TWILIO_AUTH_TOKEN"]
    body = request["body"]
    parameters = body if request["is_json"] else dict(parse_qsl(body, keep_blank_values=True))
    return RequestValidator(secret).validate(
        request["url"], parameters, request["signature"], get_signature_algorithm(settings)
    )


def add_checks(kind, requests):
    @check.check(f"{len(requests)} requests are valid: {kind}")
    def _():
        for request in requests:
            assert is_valid(request), request

    @check.check(f"no other body is valid: {kind}")
    def _():
        for request in requests:
            other = {**request, "body": request["body"].replace("task", "tusk", 1)}
            assert not is_valid(other), other

    @check.check(f"no other URL is valid: {kind}")
    def _():
        for request in requests:
            other = {**request, "url": request["url"].replace("/hook", "/hoax", 1)}
            assert not is_valid(other), other


for webhook_kind, webhook_requests in WEBHOOKS.items():
    add_checks(webhook_kind, webhook_requests)
sys.exit(0 if check.run() else 1)
