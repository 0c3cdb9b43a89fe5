"""Turns a checkpoint into `mastering.onnx`, `contract.toml` and `DATA.csv`:

    python export.py --work DIR [--renders DIR,DIR] [--corpus ../shared/corpus]
"""

import argparse
import csv
import glob
import hashlib
import json
import os
import sys
import tomllib
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parent))

import features as F  # noqa: E402
from common import contract  # noqa: E402
from corpus import tier_a_ids  # noqa: E402
from faults import GROUPS  # noqa: E402
from model import Mastering  # noqa: E402

VERSION = "0.1.0"
OUTPUTS = ["mean", "sigma", "wrong", "excess", "rank", "distance"]


def data_sheet(renders, corpus):
    """Writes DATA.csv: every work and soundfont, and how it was used; returns (works trained on, hash)."""
    rows = tier_a_ids(corpus)
    used = {}
    for folder in renders:
        for path in sorted(glob.glob(os.path.join(folder, "clips_*.json"))):
            with open(path, encoding="utf-8") as f:
                for clip in json.load(f):
                    split = clip["set"].split("_")[0]
                    for wid in (clip["work"], clip["drums"]):
                        if wid:
                            used.setdefault(wid, set()).add(split)
    trained = sorted(w for w, s in used.items() if "train" in s)
    with open(HERE / "DATA.csv", "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["id", "title", "composer", "source", "licence", "use"])
        for wid in sorted(used):
            r = rows[wid]
            use = "train" if "train" in used[wid] else "calibration" if "dev" in used[wid] else "validation"
            assert len(used[wid]) == 1, f"{wid} is in {used[wid]}"
            out.writerow([wid, r["title"], r["composer"], r["source"], r["licence"], use])
        with open(HERE / "soundfonts.toml", "rb") as sf:
            for font in tomllib.load(sf)["soundfont"]:
                use = "train" if "train" in font else "calibration" if "dev" in font else "validation"
                with open(font["path"], "rb") as sound:
                    digest = hashlib.file_digest(sound, "sha256").hexdigest()
                out.writerow(
                    [f"soundfont-{font['name']}", f"soundfont {os.path.basename(font['path'])}, SHA-256 {digest}",
                     font["holder"], font["package"], font["licence"], use]
                )
    return len(trained), hashlib.sha256("\n".join(trained).encode()).hexdigest()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", required=True)
    ap.add_argument("--renders", required=True)
    ap.add_argument("--corpus", default="../shared/corpus")
    args = ap.parse_args()
    works, digest = data_sheet(args.renders.split(","), args.corpus)
    model = Mastering()
    model.load_state_dict(torch.load(os.path.join(args.work, "model.pt"), weights_only=True))
    model.eval()
    x = torch.tensor(np.load(os.path.join(args.work, "train.npz"))["x"][:8])
    dynamic = {n: {0: "rows"} for n in ["features"] + OUTPUTS}
    contract.export(model, (x,), HERE / "mastering.onnx", ["features"], OUTPUTS, dynamic)
    with open(os.path.join(args.work, "params.json"), encoding="utf-8") as f:
        params = json.load(f)
    params["group_hz"] = [g[2] for g in GROUPS]
    params["group_q"] = [g[3] for g in GROUPS]
    contract.write(HERE, "mastering", VERSION, F.VERSION, ["mastering.onnx"], params, works, digest)
    from evaluate import run_onnx

    with torch.no_grad():
        want = model(x)
    got = run_onnx(str(HERE / "mastering.onnx"), x.numpy())
    for name, w in zip(OUTPUTS, want):
        print(f"{name}: largest difference of the 16-bit weights {np.abs(got[name] - w.numpy()).max():.4f}")
    print(f"{works} training works, {(HERE / 'mastering.onnx').stat().st_size} bytes")


if __name__ == "__main__":
    main()
