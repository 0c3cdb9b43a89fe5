"""Degrade-and-recover table of the model and its baselines, on real filtering of unseen clips.

    python evaluate.py --work DIR --set val_timgm6mb [--onnx mastering.onnx] [--table table.json] [--clips]

Lines: do nothing, a fixed target curve (mean training spectrum), ridge regression (the linear Bayes
estimate) from the tone figures, and the model with its decisions as shipped. Every correction is
applied with its exact response before the error is taken.
"""

import argparse
import json
import os
import tomllib

import numpy as np

import features as F
import faults
from decide import DEFAULTS, Z80, other_moves, tone_gains
from faults import correction_db, tonal_error

HERE = os.path.dirname(os.path.abspath(__file__))


def load_params(path=None):
    """Decision parameters: the shipped contract's, or the defaults before there is one."""
    p = dict(DEFAULTS, crest_per_octave=2.0)
    path = path or os.path.join(HERE, "contract.toml")
    if os.path.exists(path):
        with open(path, "rb") as f:
            p.update({k: v for k, v in tomllib.load(f)["params"].items() if k in p})
    return p


def run_onnx(path, x):
    """All outputs for the rows of x."""
    import onnxruntime as ort

    opt = ort.SessionOptions()
    opt.intra_op_num_threads = 1
    session = ort.InferenceSession(path, opt, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    return dict(zip(names, session.run(None, {"features": x.astype(np.float32)})))


def run_torch(path, x):
    """The same from a training checkpoint."""
    import torch

    from model import Mastering

    model = Mastering()
    model.load_state_dict(torch.load(path, weights_only=True))
    model.eval()
    with torch.no_grad():
        got = model(torch.tensor(x, dtype=torch.float32))
    names = ("mean", "sigma", "wrong", "excess", "rank", "distance")
    return {n: g.numpy() for n, g in zip(names, got)}


def ridge(work, lam=300.0, seed=3):
    """Linear estimate of the correction curve [30] from the tone figures, on faulted training rows."""
    z = np.load(os.path.join(work, "train.npz"))
    rng = np.random.default_rng(seed)
    tone = z["x"][:, :30].astype(np.float64)
    curves = np.stack([faults.eq_fault(rng)[0] for _ in range(2500)])
    curve = curves[rng.integers(len(curves), size=len(tone))]
    curve[rng.random(len(tone)) < 0.35] = 0.0
    curve = curve - curve[:, faults.JUDGED].mean(axis=1, keepdims=True)
    rows = F.renormalise(tone + curve, z["x"][:, F.SLICES["width"]])
    mu = rows.mean(axis=0)
    a = rows - mu
    w = np.linalg.solve(a.T @ a + lam * np.eye(30), a.T @ -curve)
    target = tone[z["y"][:, 4] == 0].mean(axis=0)
    return mu, w, target


def line(name, fault, corr, touched):
    """One row of the table: per-row errors before and after."""
    before, after = tonal_error(fault), tonal_error(fault + corr)
    t = touched
    change = tonal_error(corr)
    u = ~t
    return {
        "name": name,
        "left_db": float(np.median(after[t])),
        "nothing_db": float(np.median(before[t])),
        "mean_db": float(after[t].mean()),
        "helped": float((after[t] < before[t] - 0.02).mean()),
        "harmed": float((after[t] > before[t] + 0.5).mean()),
        "p90_db": float(np.percentile(after[t], 90)),
        "p90_nothing_db": float(np.percentile(before[t], 90)),
        "untouched_change_db": float(np.median(change[u])) if u.any() else float("nan"),
        "untouched_p90_db": float(np.percentile(change[u], 90)) if u.any() else float("nan"),
    }


def judge(work, name, got, p, mu_w_target=None):
    """Table rows and the details of one set."""
    z = np.load(os.path.join(work, name + ".npz"))
    x, y, eq, kind = z["x"], z["y"], z["eq"].astype(np.float64), z["kind"]
    tonal = np.isin(kind, ("untouched", "eq"))
    touched = kind == "eq"
    mu, w, target = mu_w_target or ridge(work)
    n = len(x)
    gains, soft = zip(
        *(
            tone_gains(got["mean"][i], got["sigma"][i], got["wrong"][i], got["distance"][i, 0], p)
            for i in range(n)
        )
    )
    gains, soft = np.array(gains), np.array(soft)
    curve = np.stack([correction_db(g, F.CENTRES) + np.zeros(30) for g in gains])
    lin = (x[:, :30] - mu) @ w
    fixed = np.clip(target - x[:, :30], -12, 12)
    s = tonal
    rows = [
        line("do nothing", eq[s], np.zeros_like(eq[s]), touched[s]),
        line("fixed target curve", eq[s], fixed[s], touched[s]),
        line("ridge (linear Bayes)", eq[s], lin[s], touched[s]),
        line("mastering", eq[s], curve[s], touched[s]),
    ]
    big = (np.abs(gains) > 1.0).any(axis=1)
    import torch

    from train import projection

    want = (torch.tensor(eq - eq[:, faults.JUDGED].mean(axis=1, keepdims=True), dtype=torch.float32) @ projection()).numpy()
    inside = np.abs(want - got["mean"][:, :10]) <= Z80 * got["sigma"][:, :10]
    oth = [other_moves(got["mean"][i], got["sigma"][i], got["wrong"][i], got["distance"][i, 0], p) for i in range(n)]
    wrong_kind = {
        "width": (np.abs(y[:, :2]).sum(axis=1) > 0, [any(k.startswith("width") for k in o) for o in oth]),
        "dynamics (too wide)": (y[:, 6] > 0, ["dynamics" in o for o in oth]),
        "rumble": (y[:, 5] > 0, ["rumble" in o for o in oth]),
    }
    detail = {
        "untouched_any_over_1db": float(big[kind == "untouched"].mean()),
        "untouched_any_move": float(
            np.mean([(np.abs(gains[i]).max() > 0) or bool(oth[i]) for i in np.where(kind == "untouched")[0]])
        ),
        "silent_on_eq": float((np.abs(gains[touched]).max(axis=1) == 0).mean()),
        "coverage_80": float(inside[tonal].mean()),
        "coverage_80_eq_only": float(inside[touched].mean()),
        "distance_p50_p95": [float(v) for v in np.percentile(got["distance"], (50, 95))],
        "auc_tone": auc(got["wrong"][tonal, 0], touched[tonal]),
    }
    for k, (truth, said) in wrong_kind.items():
        said = np.array(said)
        detail[k] = {
            "found": float(said[truth].mean()) if truth.any() else float("nan"),
            "false_alarm": float(said[~truth].mean()),
            "faults": int(truth.sum()),
        }
    per_clip = [
        (int(z["clip"][i]), str(kind[i]), float(tonal_error(eq[i])), float(tonal_error(eq[i] + curve[i])), gains[i].tolist())
        for i in range(n)
        if tonal[i]
    ]
    return rows, detail, per_clip


def auc(score, truth):
    """Area under the curve of a score."""
    order = np.argsort(np.argsort(score, kind="stable"), kind="stable")
    a, b = truth.sum(), (~truth).sum()
    return float((order[truth].sum() - a * (a - 1) / 2) / max(a * b, 1))


def show(rows, detail):
    """Print the table."""
    print(f"{'':22} left  mean  helped harmed  p90   untouched: median, p90 change")
    for r in rows:
        print(
            f"{r['name']:22} {r['left_db']:.2f}  {r['mean_db']:.2f}  {100 * r['helped']:4.0f} %"
            f" {100 * r['harmed']:4.0f} %  {r['p90_db']:.2f}  {r['untouched_change_db']:.2f} dB"
            f"  {r['untouched_p90_db']:.2f} dB"
        )
    for k, v in detail.items():
        print(f"  {k}: {v}")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", required=True)
    ap.add_argument("--set", required=True)
    ap.add_argument("--onnx", default=os.path.join(HERE, "mastering.onnx"))
    ap.add_argument("--torch", action="store_true")
    ap.add_argument("--params", help="json of calibrate.py; default: the shipped contract")
    ap.add_argument("--table")
    ap.add_argument("--clips", action="store_true", help="also print the clips that were made worse")
    args = ap.parse_args()
    x = np.load(os.path.join(args.work, args.set + ".npz"))["x"]
    got = run_torch(os.path.join(args.work, "model.pt"), x) if args.torch else run_onnx(args.onnx, x)
    p = load_params()
    if args.params:
        with open(args.params, encoding="utf-8") as f:
            p = json.load(f)
    rows, detail, clips = judge(args.work, args.set, got, p)
    print(f"{args.set}: {len(x)} rows")
    show(rows, detail)
    worst = sorted((c for c in clips if c[1] == "eq"), key=lambda c: c[2] - c[3])[:10]
    if args.clips:
        print("where we lose (clip, before, after, gains):")
        for c in worst:
            print(f"  clip {c[0]:3d}: {c[2]:.2f} -> {c[3]:.2f} dB  {np.round(c[4], 1).tolist()}")
    if args.table:
        with open(args.table, "w", encoding="utf-8") as f:
            json.dump({"set": args.set, "rows": rows, "detail": detail, "worst": worst}, f, indent=1)


if __name__ == "__main__":
    main()
