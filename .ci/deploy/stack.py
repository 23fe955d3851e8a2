"""The stack that `sam build` made and `sam deploy` deployed, and the ways into it."""

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import requests

from emulator import REGION, Emulator
from twilio import form, signature

NAME = "flex-handoff-test"


class Stack:
    def __init__(self, emulator: Emulator, build: Path) -> None:
        self._emulator = emulator
        self._build = build

    def deploy(self, parameters: dict[str, str], seconds: float, key: tuple[str, str] | None = None) -> None:
        overrides = [f"{name}={value}" for name, value in parameters.items()]
        template = str(self._build / "template.yaml")
        options = ["--template-file", template, "--no-confirm-changeset", "--no-progressbar"]
        self._sam("deploy", [*options, "--parameter-overrides", *overrides], seconds, key)
        [stack] = self._emulator.client("cloudformation").describe_stacks(StackName=NAME)["Stacks"]
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack["StackStatus"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def delete(self, seconds: float, key: tuple[str, str] | None = None) -> None:
        self._sam("delete", ["--no-prompts"], seconds, key)

    def _sam(self, verb: str, options: list[str], seconds: float, key: tuple[str, str] | None) -> None:
        environment = dict(self._emulator.environment)
        if key:
            environment |= {"AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1]}
        config = str(Path("samconfig.toml").resolve())
        command = ["sam", verb, "--config-file", config, "--stack-name", NAME, "--region", REGION, *options]
        done = subprocess.run(
            command, timeout=seconds, env=environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"sam {verb}: {done.stdout[-4000:]}")

    def request(self, method: str, url: str, **arguments: Any) -> requests.Response:
        """Sends a request to the API under AWS's name for the API."""
        _, _, host, path = url.split("/", 3)
        headers = {**arguments.pop("headers", {}), "host": host}
        return requests.request(
            method,
            f"{self._emulator.url}/{path}",
            headers=headers,
            verify=self._emulator.environment["AWS_CA_BUNDLE"],
            timeout=30,
            **arguments,
        )

    def post_event(self, url: str, parameters: dict[str, str], auth_token: str) -> int:
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": signature(url, parameters, auth_token),
        }
        return self.request("POST", url, data=form(parameters), headers=headers).status_code

    def invoke(self, function: str, payload: dict[str, Any]) -> dict[str, Any]:
        answer = self._emulator.client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload))
        read: io.IOBase = answer["Payload"]
        return json.loads(read.read())

    def log_lines(self, log_group: str) -> list[dict[str, Any]]:
        """The log lines that the functions themselves wrote."""
        logs = self._emulator.client("logs")
        events = logs.filter_log_events(logGroupName=log_group)["events"]
        lines = []
        for entry in events:
            for text in entry["message"].splitlines():
                if text.startswith("{") and "outcome" in (line := json.loads(text)):
                    lines.append(line)
        return lines
