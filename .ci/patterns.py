"""Tries the patterns of parameters on tests/session-urls.json and tests/settings.json: patterns.py TEMPLATE.

A function doesn't start if it can't read a variable. So a deployment must not take a value that a function refuses. Unit
tests of the functions read the same tables.
"""

import json
import re
import sys
from pathlib import Path


def table(name: str) -> list[dict[str, str | bool]]:
    return json.loads(Path("tests", name).read_text(encoding="utf-8"))


def main(template: str) -> None:
    parameters = json.loads(Path(template).read_text(encoding="utf-8"))["Parameters"]
    urls = [row | {"parameter": "SessionUrl", "value": row["url"]} for row in table("session-urls.json")]
    faults = []
    for row in (rows := urls + table("settings.json")):
        pattern = parameters[row["parameter"]]["AllowedPattern"]
        shown = f"{row['parameter']}: {row['value']!r}"
        if bool(re.fullmatch(pattern, row["value"])) != row["template"]:
            faults.append(f"{shown}: the pattern is wrong about it")
        if row["template"] and not row["function"]:
            faults.append(f"{shown}: a function refuses it")
    if faults:
        raise SystemExit("\n".join(faults))
    print(f"The patterns are right about {len(rows)} values")


main(*sys.argv[1:])
