"""Train the mastering model on the rows of dataset.py; writes DIR/model.pt and DIR/train_log.json.

    python train.py --work DIR [--steps 1200] [--seed 1]
"""

import argparse
import json
import os
import time

import numpy as np
import torch
from torch.nn import functional as nnf

import features as F
import faults
from model import MOVES, TONE, USED, Mastering

K = torch.tensor(F.K_POWER, dtype=torch.float32)
SHAPES = torch.tensor(faults.SHAPES, dtype=torch.float32)
JUDGED = faults.JUDGED
WIDTH = F.SLICES["width"]


def projection(ridge=0.5):
    """Matrix from a fault curve [30] to the group gains that best undo it (least squares, ridge)."""
    s = faults.SHAPES[:, JUDGED]
    s = s - s.mean(axis=1, keepdims=True)
    n = s.shape[1]
    centre = np.eye(n) - 1.0 / n
    m = -centre @ s.T @ np.linalg.inv(s @ s.T + ridge * np.eye(len(s)))
    full = np.zeros((F.BANDS, len(s)))
    full[JUDGED] = m
    return torch.tensor(full, dtype=torch.float32)


def add_fault(x, curve):
    """Rows with an equaliser fault: the tone figures shift, then return to unit K-weighted power."""
    tone = x[:, TONE] + curve
    p = (10 ** (tone / 10) * (1 + 10 ** (x[:, WIDTH] / 10)) * K).sum(dim=1, keepdim=True)
    out = x.clone()
    out[:, TONE] = tone - 10 * torch.log10(p)
    return out


def residual(curve, gains):
    """What is left of a fault over the judged bands, its level taken out, squared."""
    left = (curve + gains @ SHAPES)[:, JUDGED]
    return (left - left.mean(dim=1, keepdim=True)) ** 2


def reference_statistics(model, tone):
    """Conditional expectation of each band from the bands outside its octave, and its quantiles."""
    cov = np.cov(tone.T) + 0.3 * np.eye(F.BANDS)
    mean = tone.mean(axis=0)
    predict = np.zeros((F.BANDS, F.BANDS))
    for b in range(F.BANDS):
        others = np.array([i for i in range(F.BANDS) if abs(i - b) > 2])
        predict[others, b] = np.linalg.solve(cov[np.ix_(others, others)], cov[others, b])
    offset = mean - mean @ predict
    excess = tone - (tone @ predict + offset)
    vals, vecs = np.linalg.eigh(cov)
    top = np.argsort(vals)[::-1][:12]
    set_ = lambda n, v: getattr(model, n).copy_(torch.tensor(np.asarray(v), dtype=torch.float32))
    set_("predict", predict)
    set_("offset", offset)
    set_("quantiles", np.quantile(excess, np.linspace(0.01, 0.99, 51), axis=0))
    set_("basis", vecs[:, top])
    set_("basis_sd", np.sqrt(vals[top]))


def linear_start(model, xs, cs, proj, seed, ridge=300.0):
    """Ridge regression from the standardised tone to the group gains: where each member begins."""
    gen = torch.Generator().manual_seed(seed)
    curve = cs[torch.randint(len(cs), (len(xs),), generator=gen)]
    curve = curve * (torch.rand((len(xs), 1), generator=gen) > 0.35)
    z = model.normal(add_fault(xs, curve))[:, TONE]
    z = z - z.mean(dim=0)
    want = curve @ proj / model.unit[:10]
    return torch.linalg.solve(z.T @ z + ridge * torch.eye(F.BANDS), z.T @ want).T


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", required=True)
    ap.add_argument("--steps", type=int, default=1200)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--wd", type=float, default=0.3)
    args = ap.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    t0 = time.process_time()
    z = np.load(os.path.join(args.work, "train.npz"))
    x, y, source = z["x"], z["y"], z["source"]
    rng = np.random.default_rng(args.seed)
    curves = np.stack([faults.eq_fault(rng)[0] for _ in range(6000)]).astype(np.float32)
    curves -= curves[:, JUDGED].mean(axis=1, keepdims=True)
    model = Mastering()
    clean = x[y[:, 4] == 0]
    faulty = add_fault(torch.tensor(x), torch.tensor(curves[rng.integers(len(curves), size=len(x))]))
    model.mu.copy_(faulty[:, :USED].mean(dim=0))
    model.sd.copy_(faulty[:, :USED].std(dim=0) + 1e-3)
    model.unit.copy_(torch.tensor([2.0] * 10 + [6.0, 5.0, 1.0, 1.0]))
    reference_statistics(model, clean[:, TONE].astype(np.float64))
    proj = projection()
    xs, ys, cs = torch.tensor(x), torch.tensor(y), torch.tensor(curves)
    # Leave a tenth of the clips out of the fit: stop where they are best.
    held = torch.tensor(source % 10 == 3)
    fit = torch.where(~held)[0]
    check = torch.where(held)[0]

    def batch(idx, gen):
        n = len(idx)
        curve = cs[torch.randint(len(cs), (n,), generator=gen)].clone()
        curve *= torch.where(torch.rand((n, 1), generator=gen) < 0.5, -1.0, 1.0)
        touched = (torch.rand((n,), generator=gen) > 0.35).float()
        curve = curve * touched[:, None]
        rows, lab = add_fault(xs[idx], curve), ys[idx]
        target = torch.cat([curve @ proj, lab[:, :4]], dim=1) / model.unit
        wrong = torch.stack(
            [
                touched,
                (lab[:, :2].abs().sum(dim=1) > 0).float(),
                (lab[:, 6] != 0).float(),
                lab[:, 5],
                torch.maximum(touched, lab[:, 4]),
            ],
            dim=1,
        )
        return rows, curve, target, wrong, lab

    def loss_of(member, rows, curve, target, wrong, lab):
        mean, logvar, logit = member(model.normal(rows))
        left = residual(curve, mean[:, :10] * model.unit[:10]).mean(dim=1)
        rms = torch.sqrt(left + 0.05)
        err = (mean - target) ** 2
        weight = torch.ones_like(err)
        weight[:, 13] = lab[:, 5]
        nll = 0.5 * (err * torch.exp(-logvar) + logvar) * weight
        return (
            0.4 * rms.mean()
            + 0.25 * left.mean()
            + 0.1 * nll[:, :10].mean()
            + 0.1 * nll[:, 10:].mean()
            + 0.2 * nnf.binary_cross_entropy_with_logits(logit, wrong)
        ), rms

    start = linear_start(model, xs, cs, proj, args.seed)
    log = []
    for k, member in enumerate(model.members):
        gen = torch.Generator().manual_seed(args.seed * 100 + k)
        member.straight.weight.data.copy_(start)
        opt = torch.optim.AdamW(member.parameters(), lr=2e-3, weight_decay=args.wd)
        sched = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-3, total_steps=args.steps, pct_start=0.1)
        best, state = 1e9, None
        for step in range(args.steps):
            idx = fit[torch.randint(len(fit), (256,), generator=gen)]
            member.train()
            loss, _ = loss_of(member, *batch(idx, gen))
            opt.zero_grad()
            loss.backward()
            nn_norm = torch.nn.utils.clip_grad_norm_(member.parameters(), 2.0)
            opt.step()
            sched.step()
            if (step + 1) % 200 == 0:
                member.eval()
                with torch.no_grad():
                    same = torch.Generator().manual_seed(5)
                    v, rms = loss_of(member, *batch(check.repeat(2), same))
                if v.item() < best:
                    best, state = v.item(), {n: p.clone() for n, p in member.state_dict().items()}
                row = [k, step + 1, loss.item(), v.item(), rms.mean().item(), float(nn_norm)]
                log.append(row)
                if (step + 1) % 400 == 0:
                    print("member %d step %d train %.4f held %.4f left %.3f dB grad %.2f" % tuple(row), flush=True)
        member.load_state_dict(state)
    torch.save(model.state_dict(), os.path.join(args.work, "model.pt"))
    cpu = time.process_time() - t0
    info = {"seed": args.seed, "steps": args.steps, "rows": len(x), "cpu_s": round(cpu), "log": log}
    info["parameters"] = sum(p.numel() for p in model.parameters())
    with open(os.path.join(args.work, "train_log.json"), "w", encoding="utf-8") as f:
        json.dump(info, f)
    print(f"{info['parameters']} parameters, CPU {cpu:.0f} s")


if __name__ == "__main__":
    main()
