"""Deploys with docs/aws-deployer-policy.json and checks that the deployment is refused without one of its statements.

MiniStack checks the policy on every call of the SAM CLI. On AWS, CloudFormation's own calls are made with the deployer's
rights too. MiniStack doesn't check these calls.
"""

import json
from pathlib import Path

from emulator import Emulator
from stack import Stack

POLICY = Path("docs/aws-deployer-policy.json")


def check_deployer(emulator: Emulator, stack: Stack, parameters: dict[str, str]) -> None:
    iam = emulator.client("iam")
    iam.create_user(UserName="deployer")
    created = iam.create_access_key(UserName="deployer")["AccessKey"]
    key = (created["AccessKeyId"], created["SecretAccessKey"])
    policy = json.loads(POLICY.read_text(encoding="utf-8"))

    def grant(statements: list[object]) -> None:
        document = json.dumps({**policy, "Statement": statements})
        iam.put_user_policy(UserName="deployer", PolicyName="deployer", PolicyDocument=document)

    grant([statement for statement in policy["Statement"] if statement["Sid"] != "Stacks"])
    try:
        stack.deploy(parameters, 180, key)
    except RuntimeError:
        pass
    else:
        raise AssertionError("MiniStack doesn't check the deployer's policy")
    grant(policy["Statement"])
    stack.deploy(parameters, 180, key)
    stack.delete(180, key)
