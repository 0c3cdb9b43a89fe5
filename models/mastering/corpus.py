"""Works of the corpus that this model may hear: tier A only, split by work family.

A family is a work together with the works that share much of its melody (`dup_group`), so that
another edition of a training work can never sit in the validation set.
"""

import csv
import gzip
import hashlib
import json
import os
import re

FILES = (
    "lieder",
    "string_quartets",
    "polish_vocal_keyboard",
    "polish_keyboard",
    "polish_choral",
    "mutopia",
    "openhymnal",
)
DRUMS = "gmd_drums"
_ID = re.compile(r'"id":\s*"([^"]+)"')
_DUP = re.compile(r'"dup_group":\s*"([^"]+)"')


def bucket(key: str, modulus: int = 1000) -> int:
    """Stable number in 0..modulus from a work's family key."""
    return int(hashlib.sha1(("mastering-1:" + key).encode()).hexdigest(), 16) % modulus


def split_of(work_id: str, dup_group: str | None) -> str:
    """`train` (78 %), `dev` (calibration and early stopping, 10 %) or `val` (12 %)."""
    b = bucket(min(work_id, dup_group) if dup_group else work_id)
    return "train" if b < 780 else "dev" if b < 880 else "val"


def tier_a_ids(corpus: str) -> dict:
    """Manifest rows by id, tier A only."""
    with open(os.path.join(corpus, "MANIFEST.csv"), newline="", encoding="utf-8") as f:
        return {r["id"]: r for r in csv.DictReader(f) if r["tier"] == "A"}


def read_works(corpus: str, files, keep):
    """Yield the parsed works for which keep(id, dup_group) is true; other lines are not parsed."""
    for name in files:
        with gzip.open(os.path.join(corpus, name + ".jsonl.gz"), "rt", encoding="utf-8") as f:
            for line in f:
                wid = _ID.search(line).group(1)
                dup = _DUP.search(line)
                dup = dup.group(1) if dup else None
                if keep(wid, dup):
                    yield json.loads(line)
