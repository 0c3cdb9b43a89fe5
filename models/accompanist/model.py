"""The accompanist: a causal transformer over bars and notes, one step per note.

Each step's state predicts when the next note comes (or that the bar ends); its pitch follows from the state, that
onset and what sounds there; its length and velocity from those and the pitch. Rotary positions (Su et al. 2021),
root-mean-square norms before each layer. The transformer sees only the past, so that its keys and values can be kept.
"""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

import tokens as T

HEAD = 32
REACH = 24  # relative pitch scores reach two octaves


def norm(x):
    return x * torch.rsqrt(x.float().square().mean(-1, keepdim=True) + 1e-6)


def rotate(x, position):
    """Rotary position. x [..., n, HEAD], position [n]."""
    half = HEAD // 2
    rate = 10000.0 ** (-torch.arange(half, dtype=torch.float32, device=x.device) / half)
    angle = position.float()[:, None] * rate[None]
    cos, sin = torch.cos(angle), torch.sin(angle)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class Layer(nn.Module):
    def __init__(self, d: int):
        super().__init__()
        self.heads = d // HEAD
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.out = nn.Linear(d, d, bias=False)
        self.up = nn.Linear(d, 4 * d, bias=False)
        self.down = nn.Linear(4 * d, d, bias=False)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.down.weight)

    def parts(self, x, position):
        """Queries, keys, values [B, heads, n, HEAD]; keys rotated already."""
        b, n, d = x.shape
        q, k, v = self.qkv(norm(x)).view(b, n, 3, self.heads, HEAD).permute(2, 0, 3, 1, 4)
        return rotate(q.float(), position), rotate(k.float(), position), v

    def finish(self, x, attended):
        b, h, n, e = attended.shape
        x = x + self.out(attended.transpose(1, 2).reshape(b, n, h * e))
        return x + self.down(F.gelu(self.up(norm(x)), approximate="tanh"))

    def forward(self, x, position):
        q, k, v = self.parts(x, position)
        # Written out: on a CPU this is faster for short sequences than the fused kernel's backward pass.
        n = x.shape[1]
        future = torch.full((n, n), -1e4, device=x.device, dtype=v.dtype).triu(1)
        weight = torch.softmax((q.to(v.dtype) * HEAD**-0.5) @ k.to(v.dtype).transpose(2, 3) + future, -1)
        return self.finish(x, weight.to(v.dtype) @ v)


class Accompanist(nn.Module):
    def __init__(self, d: int, layers: int):
        super().__init__()
        self.d = d
        self.bar = nn.Linear(T.BAR_WIDTH, d)
        self.onset = nn.Embedding(T.ONSETS, d)
        self.pitch = nn.Embedding(T.PITCHES, d)
        self.degree = nn.Embedding(13, d)
        self.duration = nn.Embedding(len(T.DURATIONS), d)
        self.velocity = nn.Embedding(T.VELOCITIES, d)
        for e in (self.onset, self.pitch, self.degree, self.duration, self.velocity):
            nn.init.normal_(e.weight, std=0.05)
        self.layers = nn.ModuleList(Layer(d) for _ in range(layers))
        self.onset_head = nn.Linear(d, T.ONSETS)
        self.pitch_condition = nn.Linear(T.SLOT_WIDTH, d, bias=False)
        self.pitch_mix = nn.Linear(2 * d, d)
        self.pitch_head = nn.Linear(d, T.PITCHES)
        self.pitch_root = nn.Linear(d, 13)
        self.pitch_step = nn.Linear(d, 2 * REACH + 1)
        self.length_mix = nn.Linear(2 * d, d)
        self.duration_head = nn.Linear(d, len(T.DURATIONS))
        self.velocity_head = nn.Linear(d, T.VELOCITIES)

    def embed(self, bar_vectors, is_bar, note):
        """Input of each step. is_bar [..., 1]; note [..., 5]: onset, pitch class index, degree, duration, velocity."""
        notes = (
            self.onset(note[..., 0]) + self.pitch(note[..., 1]) + self.degree(note[..., 2])
            + self.duration(note[..., 3]) + self.velocity(note[..., 4])
        )
        return self.bar(bar_vectors) * is_bar + notes * (1 - is_bar)

    def pitch_logits(self, h, onset, condition, root, previous):
        """Scores of the next note's pitch [..., PITCHES].

        onset: its onset class; condition: the slot it falls in; root: 0..11 or 12 for no chord;
        previous: pitch index of the note before.
        """
        z = torch.cat([h, self.onset(onset) + self.pitch_condition(condition)], -1)
        z = F.gelu(self.pitch_mix(z), approximate="tanh")
        keys = torch.arange(T.PITCHES, device=h.device)
        turn = torch.where(root[..., None] < 12, (keys + T.LOW - root[..., None]) % 12, 12)
        step = (keys - previous[..., None]).clamp(-REACH, REACH) + REACH
        return self.pitch_head(z) + self.pitch_root(z).gather(-1, turn) + self.pitch_step(z).gather(-1, step)

    def length_logits(self, h, onset, pitch, degree):
        """Scores of the next note's duration and velocity classes."""
        z = torch.cat([h, self.onset(onset) + self.pitch(pitch) + self.degree(degree)], -1)
        z = F.gelu(self.length_mix(z), approximate="tanh")
        return self.duration_head(z), self.velocity_head(z)

    def forward(self, x):
        position = torch.arange(x.shape[1], device=x.device)
        for layer in self.layers:
            x = layer(x, position)
        return norm(x)


class StepGraph(nn.Module):
    """One step with its cache, for export. cache [layers, 2, heads, P, HEAD], P = 0 at first."""

    def __init__(self, model: Accompanist):
        super().__init__()
        self.model = model

    def forward(self, bar, is_bar, note, position, cache):
        m = self.model
        x = m.embed(bar, is_bar, note)[None]
        kept = []
        for i, layer in enumerate(m.layers):
            q, k, v = layer.parts(x, position)
            keys = torch.cat([cache[i, 0], k[0]], 1)
            values = torch.cat([cache[i, 1], v[0]], 1)
            kept.append(torch.stack([keys, values]))
            weight = torch.softmax(q[0] * HEAD**-0.5 @ keys.transpose(1, 2), -1)
            x = layer.finish(x, (weight @ values)[None])
        h = norm(x)[0]
        return h, m.onset_head(h), torch.stack(kept)


class PitchGraph(nn.Module):
    def __init__(self, model: Accompanist):
        super().__init__()
        self.model = model

    def forward(self, hidden, onset, condition, root, previous):
        return self.model.pitch_logits(hidden, onset, condition, root, previous)


class LengthGraph(nn.Module):
    def __init__(self, model: Accompanist):
        super().__init__()
        self.model = model

    def forward(self, hidden, onset, pitch, degree):
        return self.model.length_logits(hidden, onset, pitch, degree)
