"""Deploys the output of `sam build` to an AWS on this machine: python .ci/deploy MINISTACK_PYTHON PROGRAMS BUNDLE.

`.ci/run deploy` makes the arguments:
- MINISTACK_PYTHON is the Python that has MiniStack.
- PROGRAMS is a folder with the executables `simulator` and `connect`. The simulator plays Twilio and the session API.
- BUNDLE is the folder of a release's bundle of the same build.

Everything ends with this program, and every wait has a limit.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from alarms import check_alarms
from authority import Authority
from deployer import check_deployer
from emulator import ACCOUNT, REGION, Emulator
from forwarder import Forwarder
from proxy import Proxy
from stack import NAME, Stack
from twilio import (
    ACCOUNT_SID,
    AI_WORKER_SID,
    AUTH_TOKEN,
    SESSION,
    SESSION_TOKEN,
    WORKSPACE_SID,
    Simulator,
    event,
    wait_for,
)

SECRET = "flex-handoff"
ACTION_TOKEN = "a-token-of-no-real-action"
NEW_AUTH_TOKEN = "the-auth-token-after-a-rotation"


class Checks:
    def __init__(self, emulator: Emulator, stack: Stack, simulator: Simulator, session_api: Forwarder) -> None:
        self.emulator = emulator
        self.stack = stack
        self.simulator = simulator
        self.session_api = session_api
        self.url = stack.outputs["TaskEventsUrl"]

    def new_task(self, **attributes: object) -> tuple[str, str]:
        """A task that the AI's worker is offered, and its reservation."""
        task = self.simulator.create_task({"channelType": "web", "session_id": SESSION, **attributes})
        return task, self.simulator.ai_reservation(task)

    def signed_event_writes_the_session(self) -> None:
        task, reservation = self.new_task(order_id=7)
        status = self.stack.post_event(self.url, event("reservation.created", task, reservation), AUTH_TOKEN)
        assert status == 204, status
        data = self.simulator.session()
        expected = {"flex_order_id": 7, "flex_task_sid": task, "flex_reservation_sid": reservation}
        assert data.items() >= expected.items(), data

    def other_methods_are_not_allowed(self) -> None:
        answer = self.stack.request("GET", self.url)
        assert (answer.status_code, answer.headers.get("allow")) == (405, "POST"), (answer.status_code, answer.headers)

    def panic_ends_only_its_own_invocation(self) -> None:
        """lambda_http panics on a body that isn't base64. The function catches the panic only if it was built to unwind."""
        host = self.url.split("/")[2]
        http = {"method": "POST", "path": "/task-events", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": ""}
        context = {
            "accountId": ACCOUNT, "apiId": "api", "domainName": host, "domainPrefix": "api", "http": http,
            "requestId": "id", "routeKey": "ANY /task-events", "stage": "$default",
            "time": "29/Nov/2026:19:36:20 +0000", "timeEpoch": 1_795_980_980_000,
        }  # fmt: skip
        panicking = {
            "version": "2.0", "routeKey": "ANY /task-events", "rawPath": "/task-events", "rawQueryString": "",
            "headers": {"host": host}, "requestContext": context, "body": "%%%", "isBase64Encoded": True,
        }  # fmt: skip
        for _ in range(2):
            answer = self.stack.invoke(f"{NAME}-task-events", panicking)
            assert answer.get("statusCode") == 403, answer

    def handoff_rejects_the_reservation(self) -> None:
        task, reservation = self.new_task()
        answer = self.stack.invoke(
            self.stack.outputs["HandoffFunctionName"],
            {"taskSid": task, "reservationSid": reservation, "reason": "wants a person", "summary": "A summary.",
             "sentiment": "neutral", "language": "en"},
        )  # fmt: skip
        assert answer.get("reservation") == "rejected", answer
        assert self.simulator.task(task)["attributes"]["handedOff"] is True
        statuses = {r["sid"]: r["reservation_status"] for r in self.simulator.reservations(task)}
        assert statuses[reservation] == "rejected", statuses

    def failed_asynchronous_handoff_is_kept(self) -> None:
        sqs = self.emulator.client("sqs")
        queue = self.stack.outputs["FailedHandoffsQueueUrl"]
        request = {"taskSid": "WT" + "0" * 32, "reservationSid": "WR" + "0" * 32}
        self.emulator.client("lambda").invoke(
            FunctionName=self.stack.outputs["HandoffFunctionName"],
            InvocationType="Event",
            Payload=json.dumps(request),
        )
        [message] = wait_for(
            "the failed handoff on its queue",
            lambda: sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages"),
        )
        kept = json.loads(message["Body"])
        assert kept["requestPayload"] == request, kept
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def session_copy_is_deferred(self) -> None:
        task, reservation = self.new_task(order_id=8)
        self.session_api.take_down()
        status = self.stack.post_event(self.url, event("reservation.created", task, reservation), AUTH_TOKEN)
        assert status == 204, status
        assert self.simulator.session()["flex_task_sid"] != task
        self.session_api.bring_back()
        # If a message comes too early, deferred first hides it for half a minute.
        wait_for("the deferred session copy", lambda: self.simulator.session().get("flex_order_id") == 8, seconds=90)

    def wrapped_up_task_is_closed(self) -> None:
        task, reservation = self.new_task()
        for status in ("accepted", "wrapping"):
            self.simulator.update_reservation(task, reservation, status)
        status = self.stack.post_event(self.url, event("task.wrapup", task, reservation), AUTH_TOKEN)
        assert status == 204, status
        wait_for("the closed task", lambda: self.simulator.task(task)["assignment_status"] == "completed", seconds=60)

    def resolved_task_is_marked_and_closed(self) -> None:
        task, reservation = self.new_task()
        request = {"taskSid": task, "reservationSid": reservation}
        answer = self.stack.invoke(self.stack.outputs["ResolveFunctionName"], request)
        expected = {"taskSid": task, "reservationSid": reservation, "session": "marked", "close": "queued"}
        assert answer.items() >= expected.items(), answer
        data = self.simulator.session()
        assert (data["flex_resolved"], data["flex_resolved_task_sid"]) == (True, task), data
        wait_for("the canceled task", lambda: self.simulator.task(task)["assignment_status"] == "canceled", seconds=60)

    def reply_is_posted_over_https(self) -> None:
        conversation = self.simulator.create_conversation()
        task, _ = self.new_task(conversationSid=conversation)
        request = {"taskSid": task, "messageId": "m1", "text": "Hello"}
        url = self.stack.outputs["ActionsUrl"] + "/reply"
        refused = self.stack.request("POST", url, json=request, headers={"authorization": "Bearer a-guess"})
        assert (refused.status_code, refused.json()["errorType"]) == (401, "Unauthorized"), refused.text
        bearer = {"authorization": f"Bearer {ACTION_TOKEN}"}
        for expected in ("posted", "already-posted"):
            answer = self.stack.request("POST", url, json=request, headers=bearer)
            assert (answer.status_code, answer.json().get("message")) == (200, expected), answer.text
        messages = self.simulator.messages(conversation)
        assert [(message["author"], message["body"]) for message in messages] == [("AI Support Agent", "Hello")]

    def unreadable_message_is_reported(self) -> None:
        queue = self.stack.outputs["DeferredQueueUrl"]
        self.emulator.client("sqs").send_message(QueueUrl=queue, MessageBody="not a job")
        wait_for("the line of the unreadable message", lambda: "unreadable" in self.outcomes("DeferredLogGroup"))

    def outcomes(self, log_group: str) -> list[str]:
        return [line["outcome"] for line in self.stack.log_lines(self.stack.outputs[log_group])]

    def secret_is_rotated_without_a_deployment(self) -> None:
        """Both tokens are valid as soon as they are in the secret. The running functions read the secret by themselves."""
        self.emulator.client("secretsmanager").put_secret_value(
            SecretId=SECRET, SecretString=secret(auth_token=NEW_AUTH_TOKEN, other_auth_token=AUTH_TOKEN)
        )
        task, reservation = self.new_task()
        for auth_token in (NEW_AUTH_TOKEN, AUTH_TOKEN):
            status = self.stack.post_event(self.url, event("reservation.created", task, reservation), auth_token)
            assert status == 204, (auth_token, status)

    def forged_events_are_refused(self) -> None:
        """This comes last, since a wrong signature makes a function read the secret again at most once a minute."""
        task, _ = self.new_task()
        status = self.stack.post_event(self.url, event("task.updated", task), "a-guess")
        assert status in (403, 503), status
        answer = self.stack.request("POST", self.url, data="EventType=task.updated")
        assert answer.status_code == 403, answer.status_code


def secret(**fields: str) -> str:
    own = {
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "session_api_token": SESSION_TOKEN,
        "action_token": ACTION_TOKEN,
    }
    return json.dumps(own | fields)


def smoke(connect: Path, emulator: Emulator) -> None:
    environment = emulator.environment | {"HTTPS_PROXY": Proxy(emulator.port).url, "NO_PROXY": "localhost"}
    done = subprocess.run(
        [connect, "smoke", "--stack", NAME],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def step(name: str, run: Callable[[], object]) -> None:
    started = time.monotonic()
    try:
        run()
    except BaseException:
        print(f"FAILED  {name}", flush=True)
        raise
    print(f"{time.monotonic() - started:6.1f} s  {name}", flush=True)


def parameters(twilio: Forwarder, session_api: Forwarder, architecture: str) -> dict[str, str]:
    return {
        "Architecture": architecture,
        "SecretId": SECRET,
        "WorkspaceSid": WORKSPACE_SID,
        "AiWorkerSids": AI_WORKER_SID,
        "TaskRouterUrl": twilio.url,
        "ConversationsUrl": twilio.url,
        "FlexUrl": twilio.url,
        "SessionUrl": f"{session_api.url}/chat/sessions/{{session_id}}",
        "HandoffNote": "chat-only",
        "AutoClose": "true",
        "HttpsActions": "true",
        "AlarmEmail": "alarms@example.com",
        "SilenceHours": "24",
    }


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("ministack_python", type=Path)
    arguments.add_argument("programs", type=Path)
    arguments.add_argument("bundle", type=Path)
    arguments.add_argument("--build", type=Path, default=Path(".aws-sam/build"))
    arguments.add_argument("--architecture", default="x86_64")
    given = arguments.parse_args()

    folder = Path(tempfile.mkdtemp(prefix="flex-handoff-deploy-"))
    stops: list[Callable[[], None]] = []
    try:
        authority = Authority(folder, ["localhost", f"*.execute-api.{REGION}.amazonaws.com"])
        simulator = Simulator(given.programs / "simulator", folder / "simulator.log")
        stops.append(simulator.stop)
        emulator = Emulator(given.ministack_python.absolute(), folder, authority)
        stops.append(emulator.stop)
        twilio = Forwarder(authority, simulator.address)
        session_api = Forwarder(authority, simulator.address)
        step("MiniStack starts", lambda: emulator.wait_until_it_answers(60))

        emulator.client("secretsmanager").create_secret(Name=SECRET, SecretString=secret())
        stack = Stack(emulator, given.build)
        values = parameters(twilio, session_api, given.architecture)
        step("sam deploy", lambda: stack.deploy(values, 180))
        checks = Checks(emulator, stack, simulator, session_api)
        for check in (
            checks.signed_event_writes_the_session,
            checks.other_methods_are_not_allowed,
            checks.panic_ends_only_its_own_invocation,
            checks.signed_event_writes_the_session,
            checks.handoff_rejects_the_reservation,
            checks.failed_asynchronous_handoff_is_kept,
            checks.session_copy_is_deferred,
            checks.wrapped_up_task_is_closed,
            checks.resolved_task_is_marked_and_closed,
            checks.reply_is_posted_over_https,
            checks.unreadable_message_is_reported,
            checks.secret_is_rotated_without_a_deployment,
            checks.forged_events_are_refused,
        ):
            step(check.__name__.replace("_", " "), check)
        step("connect smoke", lambda: smoke(given.programs / "connect", emulator))
        step("alarms fire", lambda: check_alarms(emulator, NAME))
        bundle = Stack(emulator, given.bundle)
        fewer = {**values, "AutoClose": "false", "HttpsActions": "false"}
        step("sam deploy of a release's bundle, without the options", lambda: bundle.deploy(fewer, 180))
        step("connect smoke", lambda: smoke(given.programs / "connect", emulator))
        step("sam delete", lambda: stack.delete(180))
        step("the deployer's policy is enough", lambda: check_deployer(emulator, stack, values))
    except BaseException:
        for log in sorted(folder.glob("*.log")):
            print(f"==== {log.name}\n{log.read_text(errors='replace')[-6000:]}", file=sys.stderr)
        raise
    finally:
        for stop in reversed(stops):
            stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
