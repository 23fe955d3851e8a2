"""Tries the pattern of the parameter SessionUrl on tests/session-urls.json: session_urls.py TEMPLATE.

A function that can't read its SESSION_URL doesn't start, so a deployment must not take a URL that a function refuses. A unit
test of the functions reads the same table.
"""

import json
import re
import sys
from pathlib import Path


def main(template: str) -> None:
    parameters = json.loads(Path(template).read_text(encoding="utf-8"))["Parameters"]
    pattern = re.compile(parameters["SessionUrl"]["AllowedPattern"])
    table = json.loads(Path("tests/session-urls.json").read_text(encoding="utf-8"))
    faults = [row["url"] for row in table if bool(pattern.fullmatch(row["url"])) != row["template"]]
    faults += [f"{row['url']}: a function refuses it" for row in table if row["template"] and not row["function"]]
    if faults:
        raise SystemExit("\n".join(["SessionUrl's pattern is wrong about:", *faults]))
    print(f"SessionUrl's pattern is right about {len(table)} URLs")


main(*sys.argv[1:])
