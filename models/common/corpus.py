"""Reading the corpus: works, the licence gate, the validation split, the data sheet.

The corpus folder is always an argument. A work is one JSON object (see the corpus README).
Training may use tier A only; tier B and eval-only files are read for measurement.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from pathlib import Path
from typing import Iterator

DEFAULT_CORPUS = "../shared/corpus"

# Licences a training work may carry.
ALLOWED_LICENCES = {"CC0-1.0", "CC-BY-4.0", "CC-BY-3.0", "CC-BY-2.5", "Public domain"}

# Validation: sha1(group key) mod 100 in [10, 16). The corpus' own held-out set is [0, 5) of a
# like hash and is not in the folder at all, so this takes about 6 of the remaining 95 parts.
VALIDATION_RANGE = (10, 16)


class DataError(Exception):
    """The corpus is not what training is allowed to use."""


def read_manifest(corpus: Path) -> dict[str, dict[str, str]]:
    """Rows of MANIFEST.csv by work id."""
    with open(Path(corpus) / "MANIFEST.csv", newline="", encoding="utf-8") as f:
        return {row["id"]: row for row in csv.DictReader(f)}


def read_file(corpus: Path, name: str) -> Iterator[dict]:
    """Works of one file, `name` without `.jsonl.gz`."""
    with gzip.open(Path(corpus) / f"{name}.jsonl.gz", "rt", encoding="utf-8") as f:
        for line in f:
            yield json.loads(line)


def group_keys(corpus: Path, names: list[str]) -> dict[str, str]:
    """The smallest id of each work's duplicate group (union of all `dup_group` links)."""
    parent: dict[str, str] = {}

    def find(a: str) -> str:
        parent.setdefault(a, a)
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        return a

    for name in names:
        for work in read_file(corpus, name):
            a = find(work["id"])
            if work.get("dup_group"):
                b = find(work["dup_group"])
                parent[max(a, b)] = min(a, b)
    return {i: find(i) for i in parent}


def is_validation(key: str) -> bool:
    """Whether the group with this key is on the validation side."""
    part = int(hashlib.sha1(key.encode()).hexdigest(), 16) % 100
    return VALIDATION_RANGE[0] <= part < VALIDATION_RANGE[1]


def check_training(ids: list[str], manifest: dict[str, dict[str, str]]) -> None:
    """Raises `DataError` unless every id is in the manifest, tier A, under an allowed licence."""
    for i in ids:
        row = manifest.get(i)
        if row is None:
            raise DataError(f"{i}: not in MANIFEST.csv; training may only use listed works")
        if row["tier"] != "A":
            raise DataError(f"{i}: tier {row['tier']}; training may only use tier A")
        if row["licence"] not in ALLOWED_LICENCES:
            raise DataError(f"{i}: licence {row['licence']!r} is not one training may use")


def data_hash(ids: list[str], corpus: Path, names: list[str]) -> str:
    """SHA-256 over the sorted training ids and the bytes of the files they come from."""
    h = hashlib.sha256()
    for i in sorted(ids):
        h.update(i.encode() + b"\n")
    for name in sorted(names):
        h.update((Path(corpus) / f"{name}.jsonl.gz").read_bytes())
    return h.hexdigest()


def write_data_sheet(path: Path, ids: list[str], manifest: dict[str, dict[str, str]]) -> None:
    """DATA.csv: one line per training work (line breaks within a title become spaces)."""
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["id", "title", "composer", "source", "licence"])
        for i in sorted(ids):
            row = manifest[i]
            out.writerow([" ".join(t.split()) for t in (i, row["title"], row["composer"], row["source"], row["licence"])])
