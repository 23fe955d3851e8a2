"""Fails if a Markdown file refers to something that isn't there: docs.py

Run it at the root of the repository. It checks each tracked Markdown file for
- links and images with a relative target: the file exists, and has the heading that the anchor names;
- paths in code font, such as `shared/tests/purity.rs`: the file or folder exists;
- names of many parts in code font, such as `list_of_events_is_verified_by_its_hash`: a Rust file has that name.

docs/reference.md must also have every parameter of template.yaml and every variable that the template sets. Each
`--query` of the AWS CLI must be JMESPath.

Links to other hosts are not followed.
"""

import re
import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path

import jmespath
from jmespath.exceptions import JMESPathError

FENCE = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^()\s]+)\)|<img [^>]*src=\"([^\"]+)\"|<a [^>]*href=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6} +(.+?)(?: +#+)?$", re.MULTILINE)
# An expression in single quotes or a name.
QUERY = re.compile(r"--query (?:'([^'\n]+)'|([\w.]+))")
REFERENCE = Path("docs/reference.md")
# Tests and a few settings have such names.
NAME = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+){3,}")


def tracked(*patterns: str) -> list[str]:
    return subprocess.run(["git", "ls-files", *patterns], capture_output=True, check=True, text=True).stdout.splitlines()


TRACKED = [Path(name) for name in tracked()]
FILES = set(TRACKED)
FOLDERS = set(chain.from_iterable(file.parents for file in TRACKED))
TOP = {path.parts[0] for path in TRACKED if len(path.parts) > 1}


@cache
def names() -> set[str]:
    sources = (Path(name).read_text() for name in tracked("*.rs"))
    return set(chain.from_iterable(re.findall(r"[a-z0-9_]+", source) for source in sources))


@cache
def anchors(file: Path) -> set[str]:
    """The headings' anchors, as GitHub makes them."""
    count: Counter[str] = Counter()
    result = set()
    for heading in HEADING.findall(FENCE.sub("", file.read_text())):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        result.add(slug if count[slug] == 0 else f"{slug}-{count[slug]}")
        count[slug] += 1
    return result


def is_there(path: Path) -> bool:
    return path in FILES or path in FOLDERS


def fault_of_link(file: Path, target: str) -> str | None:
    if re.match(r"[a-z]+:", target):
        return None
    path, _, anchor = target.partition("#")
    linked = Path(*normalised((file.parent / path).parts)) if path else file
    if not is_there(linked):
        return f"there is no {linked}"
    if anchor and anchor not in anchors(linked):
        return f"{linked} has no heading #{anchor}"
    return None


def normalised(parts: tuple[str, ...]) -> list[str]:
    result: list[str] = []
    for part in parts:
        if part == ".." and result:
            result.pop()
        elif part != ".":
            result.append(part)
    return result


def fault_of_code(code: str) -> str | None:
    if NAME.fullmatch(code) and code not in names():
        return f"no Rust file has the name {code}"
    first, slash, _ = code.partition("/")
    if slash and first in TOP and re.fullmatch(r"[\w./-]+", code) and not is_there(Path(code)):
        return f"there is no {code}"
    return None


def fault_of_query(query: str) -> str | None:
    try:
        jmespath.compile(query)
    except JMESPathError as error:
        return f"{query} is not JMESPath: {str(error).splitlines()[0]}"
    return None


def faults_of_queries(file: Path) -> list[str]:
    text = file.read_text()
    found = []
    for match in QUERY.finditer(text):
        if fault := fault_of_query(match[1] or match[2]):
            number = text.count("\n", 0, match.start()) + 1
            found.append(f"{file}:{number}: {fault}")
    return found


def faults(file: Path) -> list[str]:
    text = FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), file.read_text())
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        links = (fault_of_link(file, target) for match in LINK.finditer(line) for target in match.groups() if target)
        codes = (fault_of_code(code) for code in CODE.findall(line))
        found += [f"{file}:{number}: {fault}" for fault in chain(links, codes) if fault]
    return found


def missing_settings() -> list[str]:
    template = Path("template.yaml").read_text()
    parameters = template.partition("\nParameters:\n")[2].partition("\nConditions:\n")[0]
    names = re.findall(r"^  (\w+):$", parameters, re.MULTILINE)
    variables = re.findall(r"^ {10}([A-Z]+(?:_[A-Z]+)+): ", template, re.MULTILINE)
    described = set(CODE.findall(REFERENCE.read_text()))
    return [f"{REFERENCE} has no {name}" for name in sorted({*names, *variables} - described)]


def main() -> None:
    documents = [file for file in TRACKED if file.suffix == ".md"]
    found = [*chain.from_iterable(map(faults, documents)), *chain.from_iterable(map(faults_of_queries, documents))]
    found += missing_settings()
    if found:
        sys.exit("\n".join(found))
    print(f"Links, paths, settings and names in {len(documents)} Markdown files are all there.")


main()
