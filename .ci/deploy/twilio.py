"""Twilio and the session API on this machine: `simulator serve`, its REST API and the signatures of its events."""

import base64
import hashlib
import hmac
import json
import re
import subprocess
import threading
import time
import urllib.parse
from pathlib import Path
from typing import Any

import requests

# The simulator's SIDs and secrets, which are the same at every start.
ACCOUNT_SID = "ACf1e0000000000000000000000000ac01"
WORKSPACE_SID = "WSf1e00000000000000000000000005e01"
AI_WORKER_SID = "WKf1e0000000000000000000000000a101"
AUTH_TOKEN = "an-auth-token-of-no-real-account"
SESSION_TOKEN = "a-token-of-no-real-platform"

SESSION = "deployment-test"


class Simulator:
    def __init__(self, program: Path, log: Path) -> None:
        self.process = subprocess.Popen(
            [program, "serve", "--port", "0", "--session", SESSION],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        self._log = log.open("w")
        greeting = ""
        for line in self.process.stdout:
            self._log.write(line)
            greeting += line
            if match := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.address = ("127.0.0.1", int(match[1]))
                break
        else:
            raise SystemExit(f"The simulator does not start:\n{greeting}")
        self.url = f"http://127.0.0.1:{self.address[1]}"
        self._workspace = f"{self.url}/v1/Workspaces/{WORKSPACE_SID}"
        threading.Thread(target=self._copy_log, daemon=True).start()

    def _copy_log(self) -> None:
        for line in self.process.stdout:
            self._log.write(line)
            self._log.flush()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()

    def _ask(self, method: str, path: str, **form: str) -> Any:
        return self._ask_url(method, self._workspace + path, form)

    def _ask_url(self, method: str, url: str, form: dict[str, str] | None = None) -> Any:
        answer = requests.request(method, url, data=form, auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=10)
        answer.raise_for_status()
        return answer.json()

    def create_conversation(self) -> str:
        return self._ask_url("POST", f"{self.url}/v1/Conversations", {"FriendlyName": "deployment test"})["sid"]

    def messages(self, conversation: str) -> list[dict[str, Any]]:
        return self._ask_url("GET", f"{self.url}/v1/Conversations/{conversation}/Messages")["messages"]

    def create_task(self, attributes: dict[str, Any]) -> str:
        return self._ask("POST", "/Tasks", TaskChannel="chat", Attributes=json.dumps(attributes))["sid"]

    def task(self, task: str) -> dict[str, Any]:
        read = self._ask("GET", f"/Tasks/{task}")
        return {**read, "attributes": json.loads(read["attributes"])}

    def reservations(self, task: str) -> list[dict[str, Any]]:
        return self._ask("GET", f"/Tasks/{task}/Reservations")["reservations"]

    def ai_reservation(self, task: str) -> str:
        """Waits for the reservation that offers the task to the AI's worker."""
        return wait_for(
            "the AI's reservation",
            lambda: next((r["sid"] for r in self.reservations(task) if r["worker_sid"] == AI_WORKER_SID), None),
        )

    def update_reservation(self, task: str, reservation: str, status: str) -> None:
        self._ask("POST", f"/Tasks/{task}/Reservations/{reservation}", ReservationStatus=status)

    def session(self) -> dict[str, Any]:
        answer = requests.get(
            f"{self.url}/chat/sessions/{SESSION}", headers={"authorization": f"Bearer {SESSION_TOKEN}"}, timeout=10
        )
        answer.raise_for_status()
        return answer.json()["custom_data"]


def wait_for(what: str, look: Any, seconds: float = 30) -> Any:
    """Waits for the first true value of `look`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := look():
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what}: not seen within {seconds} s")


def event(event_type: str, task: str, reservation: str | None = None) -> dict[str, str]:
    """An event callback's parameters."""
    parameters = {
        "AccountSid": ACCOUNT_SID,
        "WorkspaceSid": WORKSPACE_SID,
        "EventType": event_type,
        "TaskSid": task,
    }
    if reservation:
        parameters |= {"ReservationSid": reservation, "WorkerSid": AI_WORKER_SID}
    return parameters


def signature(url: str, parameters: dict[str, str], auth_token: str) -> str:
    text = url + "".join(name + parameters[name] for name in sorted(parameters))
    return base64.b64encode(hmac.digest(auth_token.encode(), text.encode(), hashlib.sha1)).decode()


def form(parameters: dict[str, str]) -> str:
    return urllib.parse.urlencode(parameters)
