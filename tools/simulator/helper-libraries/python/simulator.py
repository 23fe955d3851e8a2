"""Twilio's own client, pointed at the simulator. Only the hosts differ."""

import os
from urllib.parse import urlsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

BASES = {
    "conversations.twilio.com": os.environ["CONVERSATIONS_URL"],
    "flex-api.twilio.com": os.environ["FLEX_URL"],
    "taskrouter.twilio.com": os.environ["TASKROUTER_URL"],
}


class ToSimulator(TwilioHttpClient):
    def request(self, method, url, *args, **kwargs):
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, BASES[parts.netloc] + parts.path + query, *args, **kwargs)


client = Client(
    os.environ["TWILIO_ACCOUNT_SID"],
    os.environ["TWILIO_AUTH_TOKEN"],
    http_client=ToSimulator(),
)
