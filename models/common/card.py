"""Fills the marked places of a CARD.md template from a run's facts and an evaluation's printout. From the repository root:

    python models/common/card.py models/harmony --run RUNS/harmony --table PRINTOUT.md --machine "two CPU cores"

A card keeps its facts between `<!-- facts:NAME -->` and `<!-- end -->`, so that it can be filled again.
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from pathlib import Path


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("folder", type=Path)
    p.add_argument("--run", type=Path, required=True)
    p.add_argument("--table", type=Path, required=True)
    p.add_argument("--machine", required=True)
    a = p.parse_args()
    with open(a.folder / "contract.toml", "rb") as f:
        contract = tomllib.load(f)
    log = [json.loads(line) for line in open(a.run / "log.jsonl")]
    params, last = contract["params"], log[-1]
    size = sum((a.folder / f["path"]).stat().st_size for f in contract["file"])
    unit = "nats per beat" if "train_nats_per_beat" in params else "bits per note"
    train = params.get("train_nats_per_beat", params.get("train_bits_per_note"))
    valid = params.get("valid_nats_per_beat", params.get("valid_bits_per_note"))
    facts = {
        "DATA": f"{contract['data']['works']} works of the corpus, all tier A (public domain, CC0 or CC BY), each named in `DATA.csv`; data hash"
        f" `{contract['data']['sha256']}`.",
        "TRAINING": f"Preset `small`, seed 20261122, {params['train_steps']} steps in {params['train_seconds'] / 60:.0f} minutes on {a.machine};"
        f" final loss {train:.3f} {unit} in training, {valid:.3f} on validation works. Files: {size} bytes, weights stored as"
        " 16-bit floats and computed in 32 bits.",
        "TABLE": a.table.read_text().strip(),
    }
    assert last["step"] == params["train_steps"], "the contract and the log are of different runs"
    card = a.folder / "CARD.md"
    text = card.read_text()
    for name, value in facts.items():
        block = f"<!-- facts:{name} -->\n{value}\n<!-- end -->"
        marked = re.compile(rf"<!-- facts:{name} -->.*?<!-- end -->", re.S)
        text = marked.sub(lambda _: block, text) if marked.search(text) else text.replace(f"@{name}@", block)
    card.write_text(text)


if __name__ == "__main__":
    main()
