"""Writes the licences of everything that is linked into the product.

    licences.py METADATA_JSON OUT_TXT ROOT_PACKAGE

METADATA_JSON is what `cargo metadata` prints. Build-time and test-time dependencies are not linked in
and are left out.
"""

import json
import pathlib
import sys

NAMES = ("license", "licence", "copying", "notice", "copyright")


def linked(metadata, root):
    """The packages that `root` links, itself and the rest of this workspace left out."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    members = set(metadata["workspace_members"])
    seen = set()
    waiting = [member for member in members if packages[member]["name"] == root]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for dependency in nodes[current]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    found = [packages[current] for current in seen - members]
    return sorted(found, key=lambda package: (package["name"], package["version"]))


def texts(package):
    """The licence files in a package's folder."""
    folder = pathlib.Path(package["manifest_path"]).parent
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name.lower().startswith(NAMES):
            yield path.read_text(encoding="utf-8", errors="replace").strip()


def main():
    """Reads, collects, writes."""
    metadata = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    packages = linked(metadata, sys.argv[3])
    if not packages:
        sys.exit(f"{sys.argv[3]} links nothing, which cannot be")
    users = {}
    for package in packages:
        for text in texts(package):
            users.setdefault(text, []).append(f"{package['name']} {package['version']}")
    lines = [
        "This product contains the following packages of Rust's public registry, each under its own licence.",
        "Their source is there, under their names and versions. They are used unmodified, except nice-plug and",
        "baseview, whose corrections are in this product's own source under xtask/src/patch.",
        "",
    ]
    for package in packages:
        licence = package["license"] or "see its licence file below"
        lines.append(f"{package['name']} {package['version']}: {licence}")
    for text, names in sorted(users.items(), key=lambda item: item[1]):
        lines += ["", "-" * 80, ", ".join(names), "-" * 80, "", text]
    out = pathlib.Path(sys.argv[2])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
