"""Writes the plain CloudFormation that SAM makes of a template, for cfn-lint: transform.py TEMPLATE OUTPUT.

CloudFormation does the same when a stack is deployed. This script doesn't ask AWS. The package counts as built and
uploaded. The names of AWS's managed policies are not looked up, since the template doesn't use them.
"""

import json
import sys
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def main(source: str, output: str) -> None:
    template = yaml_parse(Path(source).read_text(encoding="utf-8"))
    # `sam package` inserts this.
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    defaults = {name: p["Default"] for name, p in template["Parameters"].items() if "Default" in p}
    Path(output).write_text(json.dumps(transform(template, defaults, NoManagedPolicies()), indent=2), encoding="utf-8")


main(*sys.argv[1:])
