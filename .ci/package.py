"""Makes the files of a release: package.py functions ARCHITECTURE BUILD OUTPUT, or package.py program FILE TARGET OUTPUT.

`functions` takes the output of `sam build` in BUILD and makes a bundle that `sam deploy` deploys without Rust and zig.
The bundle has a zip for each function and a template whose CodeUri is that zip. `program` packs an executable for the
users of a platform. The same files give the same bytes.
"""

import io
import re
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

FUNCTION = re.compile(
    r"^    Metadata:\n      BuildMethod: rust-cargolambda\n      BuildProperties: \{ Binary: ([a-z-]+) \}\n    Properties:\n",
    re.MULTILINE,
)
# The earliest time that a zip can have.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def version() -> str:
    return tomllib.loads(Path("Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]


def write(archive: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    entry = zipfile.ZipInfo(name, ZIP_TIME)
    entry.external_attr = (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content, compresslevel=9)


def package(bootstrap: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        write(archive, "bootstrap", bootstrap.read_bytes(), 0o755)
    return packed.getvalue()


def template_of_bundle(architecture: str) -> tuple[str, list[str]]:
    """The template without its build methods, and the names of the functions."""
    template = Path("template.yaml").read_text(encoding="utf-8")
    names = FUNCTION.findall(template)
    template = FUNCTION.sub(lambda found: f"    Properties:\n      CodeUri: {found[1]}.zip\n", template)
    template, defaults = re.subn(r"^    Default: arm64\n", f"    Default: {architecture}\n", template, flags=re.MULTILINE)
    template, folders = re.subn(r"^    #[^\n]*\n    CodeUri: \.\n", "", template, flags=re.MULTILINE)
    assert (defaults, folders) == (1, 1), "the template has changed, and package.py doesn't know how"
    assert "rust-cargolambda" not in template
    return template, names


def functions(architecture: str, build: str, output: str) -> None:
    template, names = template_of_bundle(architecture)
    name = f"flex-handoff-{version()}-{architecture}"
    with zipfile.ZipFile(Path(output) / f"{name}.zip", "w") as bundle:
        write(bundle, f"{name}/template.yaml", template.encode(), 0o644)
        for file in ("samconfig.toml", "LICENSE", "CHANGELOG.md"):
            write(bundle, f"{name}/{file}", Path(file).read_bytes(), 0o644)
        for function in names:
            folder = "".join(word.capitalize() for word in function.split("-")) + "Function"
            write(bundle, f"{name}/{function}.zip", package(Path(build) / folder / "bootstrap"), 0o644)


def program(executable: str, target: str, output: str) -> None:
    file = Path(executable)
    name = f"{file.name}-{version()}-{target}"
    with tarfile.open(Path(output) / f"{name}.tar.xz", "w:xz") as archive:
        for member, mode in ((file, 0o755), (Path("LICENSE"), 0o644)):
            entry = tarfile.TarInfo(f"{name}/{member.name}")
            content = member.read_bytes()
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))


VERBS = {"functions": functions, "program": program}
Path(sys.argv[-1]).mkdir(parents=True, exist_ok=True)
VERBS[sys.argv[1]](*sys.argv[2:])
