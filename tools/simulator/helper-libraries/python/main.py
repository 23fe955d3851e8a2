"""Twilio's helper library for Python against the simulator: python main.py

TASKROUTER_URL, CONVERSATIONS_URL and FLEX_URL name the simulator. TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are its
credentials.
"""

import sys

import check
import conversations  # noqa: F401 (defines checks)
import interactions  # noqa: F401 (defines checks)
import taskrouter  # noqa: F401 (defines checks)

sys.exit(0 if check.run() else 1)
