"""Render arranged clips through General MIDI soundfonts into stems, and keep their band powers.

    python render.py --corpus ../shared/corpus --work DIR [--seed 1]

Writes DIR/frames_<set>.npz (band powers per stem; see features.Frames) for `train` and `dev`,
DIR/audio_val_*.npz (stem audio, 16 bit) for the sets that are judged on real filtering, and
DIR/clips.json (what was used). Needs fluidsynth and the soundfonts of soundfonts.toml.
"""

import argparse
import json
import os
import struct
import subprocess
import time
import tomllib

import numpy as np

import features as F
from arrange import SLOT_S, arrange
from corpus import DRUMS, FILES, bucket, read_works, split_of, tier_a_ids

RATE = 44100
TICKS_S = 960  # 480 ticks per quarter at 120 bpm
CHUNK = 75
HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = 4096 * 129  # four windows of 32 hops, and the half frame after them


def _varlen(v):
    out = [v & 0x7F]
    while v := v >> 7:
        out.append(0x80 | (v & 0x7F))
    return bytes(reversed(out))


def midi_file(path, clips, stem):
    """One stem of many clips, one after the other every SLOT_S seconds, as a type 0 file."""
    events = []
    for i, clip in enumerate(clips):
        base = int(round(i * SLOT_S * TICKS_S))
        for ch, prog in clip.programs.items():
            events.append((base, 1, bytes([0xC0 | ch, prog])))
        for ch, send in clip.sends.items():
            events.append((base, 1, bytes([0xB0 | ch, 91, send])))
            events.append((base, 1, bytes([0xB0 | ch, 93, 0])))
        for on, length, pitch, vel, ch in clip.stems[stem]:
            a = base + int(on * TICKS_S)
            b = base + int((on + length) * TICKS_S)
            events.append((a, 2, bytes([0x90 | ch, pitch, vel])))
            events.append((max(b, a + 20), 0, bytes([0x80 | ch, pitch, 0])))
        for ch in (0, 1, 2, 3, 4, 9):
            events.append((base + int(13.2 * TICKS_S), 3, bytes([0xB0 | ch, 120, 0])))
    end = int(len(clips) * SLOT_S * TICKS_S)
    events.append((end, 4, b"\xb0\x7b\x00"))
    events.sort(key=lambda e: (e[0], e[1]))
    data, at = bytearray(b"\x00\xff\x51\x03" + (500000).to_bytes(3, "big")), 0
    for tick, _, body in events:
        data += _varlen(tick - at) + body
        at = tick
    data += b"\x00\xff\x2f\x00"
    with open(path, "wb") as f:
        f.write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480))
        f.write(b"MTrk" + struct.pack(">I", len(data)) + data)


def render_stem(soundfont, clips, stem, work_dir):
    """Audio of one stem of all clips: float32 [clips, SAMPLES, 2]; empty stems stay zero."""
    out = np.zeros((len(clips), SAMPLES, 2), np.float32)
    if not any(c.stems[stem] for c in clips):
        return out
    mid, raw = (os.path.join(work_dir, f"stem{os.getpid()}.{e}") for e in ("mid", "raw"))
    midi_file(mid, clips, stem)
    cmd = ["fluidsynth", "-niq", "-g", "0.35", "-r", str(RATE), "-O", "float", "-T", "raw"]
    cmd += ["-o", "synth.cpu-cores=1", "-F", raw, soundfont, mid]
    subprocess.run(cmd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    audio = np.memmap(raw, np.float32, "r").reshape(-1, 2)
    for i in range(len(clips)):
        a = int(i * SLOT_S * RATE)
        part = audio[a : a + SAMPLES]
        # A clip without notes in this stem holds only what its neighbour's reverb left: silence.
        if clips[i].stems[stem]:
            out[i, : len(part)] = part
    del audio
    os.remove(raw)
    os.remove(mid)
    return out


def plausible(stems):
    """True when a plain sum of the stems is music: sounding most of the time, not one band only."""
    x = stems.sum(axis=0)
    fr = F.frames(x[:, 0], x[:, 1], RATE)
    power = fr.long[:, :, 0].sum(axis=1) + fr.long[:, :, 1].sum(axis=1)
    if power.mean() < 1e-9:
        return False
    sounding = (power > power.mean() * 1e-3).mean()
    mean = fr.long[:, :, 0].mean(axis=0) * F.K_POWER
    return sounding > 0.75 and mean.max() / mean.sum() < 0.6


def choose(corpus, counts, seed):
    """Works per set, spread evenly over the corpus files; drums per split."""
    rows = tier_a_ids(corpus)
    rng = np.random.default_rng(seed)
    by_split = {"train": {}, "dev": {}, "val": {}}
    drum_rows = {"train": [], "dev": [], "val": []}
    # dup_group is in the works, not in the manifest: read the keys only.
    keys = {}
    for name in FILES + (DRUMS,):
        for wid, dup in _keys(corpus, name):
            if wid in rows:
                keys[wid] = (name, split_of(wid, dup))
    for wid in sorted(keys):
        name, split = keys[wid]
        if name == DRUMS:
            if "fill" not in rows[wid]["title"] and float(rows[wid]["notes"]) > 60:
                drum_rows[split].append(wid)
        else:
            by_split[split].setdefault(name, []).append(wid)
    chosen = {}
    for split, want in counts.items():
        ids = []
        share = {n: 1.0 / len(FILES) for n in FILES}
        for name in FILES:
            pool = by_split[split].get(name, [])
            take = min(len(pool), int(np.ceil(want * share[name])))
            ids += [pool[i] for i in rng.permutation(len(pool))[:take]]
        chosen[split] = [ids[i] for i in rng.permutation(len(ids))]
        drum_rows[split] = [drum_rows[split][i] for i in rng.permutation(len(drum_rows[split]))[:80]]
    return chosen, drum_rows, rows


def _keys(corpus, name):
    import gzip

    from corpus import _DUP, _ID

    with gzip.open(os.path.join(corpus, name + ".jsonl.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            dup = _DUP.search(line)
            yield _ID.search(line).group(1), dup.group(1) if dup else None


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--corpus", default="../shared/corpus")
    ap.add_argument("--work", required=True)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--plan", default=os.path.join(HERE, "soundfonts.toml"))
    ap.add_argument("--only", default="train,dev,val", help="sets to render; the choice stays the same")
    ap.add_argument("--scale", type=float, default=1.0)
    args = ap.parse_args()
    os.makedirs(args.work, exist_ok=True)
    with open(args.plan, "rb") as f:
        plan = tomllib.load(f)
    counts = {"train": 0, "dev": 0, "val": 0}
    for sf in plan["soundfont"]:
        for split in counts:
            counts[split] += int(round(sf.get(split, 0) * args.scale))
    margin = {s: int(c * 1.25) + 8 for s, c in counts.items()}
    chosen, drums, _ = choose(args.corpus, margin, args.seed)
    wanted = {w for ids in chosen.values() for w in ids}
    works = {w["id"]: w for w in read_works(args.corpus, FILES, lambda i, d: i in wanted)}
    want_d = {w for ids in drums.values() for w in ids}
    drum_works = {w["id"]: w for w in read_works(args.corpus, (DRUMS,), lambda i, d: i in want_d)}
    log = []
    at = {"train": 0, "dev": 0, "val": 0}
    for sf in plan["soundfont"]:
        for split in ("train", "dev", "val"):
            want = int(round(sf.get(split, 0) * args.scale))
            if not want or split not in args.only.split(","):
                continue
            t0, cpu0 = time.time(), os.times()
            name = f"{split}_{sf['name']}"
            kept_long, kept_short, audio, clips_kept = [], [], [], []
            pool = [drum_works[d] for d in drums[split]]
            while len(clips_kept) < want and at[split] < len(chosen[split]):
                clips = []
                while len(clips) < min(CHUNK, want - len(clips_kept)) and at[split] < len(
                    chosen[split]
                ):
                    wid = chosen[split][at[split]]
                    at[split] += 1
                    rng = np.random.default_rng([args.seed, bucket(wid, 2**31)])
                    clip = arrange(works[wid], pool, rng)
                    if clip:
                        clips.append(clip)
                stems = np.stack(
                    [render_stem(sf["path"], clips, s, args.work) for s in range(4)], axis=1
                )
                for clip, st in zip(clips, stems):
                    if not plausible(st):
                        continue
                    clips_kept.append(clip)
                    if split == "train":
                        fr = [F.frames(s[:, 0], s[:, 1], RATE) for s in st]
                        kept_long.append(np.stack([f.long for f in fr]).astype(np.float32))
                        kept_short.append(np.stack([f.short for f in fr]).astype(np.float32))
                    else:
                        peak = np.abs(st).max(axis=(1, 2), keepdims=True)
                        audio.append((st * 32767 / np.maximum(peak, 1e-6)).astype(np.int16))
            if split == "train":
                np.savez(
                    os.path.join(args.work, f"frames_{name}.npz"),
                    long=np.stack(kept_long),
                    short=np.stack(kept_short),
                    band=np.array([c.band for c in clips_kept]),
                )
            else:
                np.save(os.path.join(args.work, f"audio_{name}.npy"), np.stack(audio))
            for c in clips_kept:
                log.append(
                    {"set": name, "work": c.work, "drums": c.drums, "programs": c.programs,
                     "band": c.band}
                )
            cpu = sum(os.times()[:4]) - sum(cpu0[:4])
            print(f"{name}: {len(clips_kept)} clips, {time.time() - t0:.0f} s, CPU {cpu:.0f} s",
                  flush=True)
    with open(os.path.join(args.work, f"clips_{args.only.replace(',', '_')}.json"), "w", encoding="utf-8") as f:
        json.dump(log, f)


if __name__ == "__main__":
    main()
