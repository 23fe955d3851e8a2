"""AWS on this machine: MiniStack with TLS and with IAM and resource policies enforced."""

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from authority import Authority

REGION = "us-east-1"
ACCOUNT = "000000000000"


class Emulator:
    def __init__(self, python: Path, folder: Path, authority: Authority) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.port = port
        self.url = f"https://localhost:{port}"
        self.log = folder / "ministack.log"
        # For every process that talks to MiniStack: the SAM CLI, this program and the functions that MiniStack starts.
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CA_BUNDLE": str(authority.certificate),
            "SSL_CERT_FILE": str(authority.certificate),
            "SAM_CLI_TELEMETRY": "0",
        }
        own = {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            # An API then has AWS's domain name.
            "MINISTACK_HOST": f"{REGION}.amazonaws.com",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(authority.server_certificate),
            "MINISTACK_SSL_KEY": str(authority.server_key),
            "AUTH": "true",
            "TMPDIR": str(folder),
            # Lambda itself retries an asynchronous invocation after one minute and after two.
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "1",
            "LAMBDA_ASYNC_RETRY_MAX_SECONDS": "1",
        }
        program = Path(__file__).with_name("ministack_gaps.py")
        with self.log.open("w") as log:
            # In a new session, the functions end with MiniStack.
            self.process = subprocess.Popen(
                [python, program], env={**self.environment, **own}, cwd=folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )

    def client(self, service: str, key: tuple[str, str] = ("test", "test")) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=key[0],
            aws_secret_access_key=key[1],
            verify=self.environment["AWS_CA_BUNDLE"],
            config=Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=60),
        )

    def wait_until_it_answers(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.client("sts").get_caller_identity()
            except (BotoCoreError, ClientError) as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"MiniStack does not answer: {error}\n{self.log.read_text()[-4000:]}") from error
                time.sleep(0.2)
            else:
                return

    def stop(self) -> None:
        try:
            os.killpg(self.process.pid, 15)
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            self.process.wait()
        except ProcessLookupError:
            pass
