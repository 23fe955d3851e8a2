"""Fails if a workspace member has the name of a crate in RustSec's database: member_names.py CRATES <METADATA

CRATES is the folder `crates` of the advisory database. METADATA is the output of `cargo metadata --no-deps`.

cargo deny and cargo audit skip members, since their source is a path. Scanners such as Trivy and OSV-Scanner compare
only names and report the member.
"""

import json
import sys
from pathlib import Path


def normalised(name: str) -> str:
    """crates.io takes `a-b` and `a_b` for the same name."""
    return name.lower().replace("_", "-")


def main(crates: str) -> None:
    advisories = {normalised(folder.name): folder for folder in Path(crates).iterdir()}
    members = sorted(package["name"] for package in json.load(sys.stdin)["packages"])
    known = [(name, advisories[normalised(name)]) for name in members if normalised(name) in advisories]
    for name, folder in known:
        print(f"The member {name} has the name of a crate with {', '.join(sorted(file.stem for file in folder.iterdir()))}.")
    if known:
        sys.exit("Give each of these members another name.")
    print(f"None of the {len(members)} members has the name of a crate with an advisory.")


main(*sys.argv[1:])
