"""The harmony network and its conditional random field.

The network sees pitch classes on a circle: every layer treats the twelve rotations alike, so a
melody played a fifth higher gives the same chords a fifth higher, exactly. The chain on top
(Lafferty, McCallum, Pereira 2001) scores chord to chord by the interval of the roots and the two qualities.
"""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

from common.chords import NO_CHORD, NQ, STATES
from features import PC_CHANNELS, SCALARS


class Block(nn.Module):
    """Around the circle of pitch classes, then along time."""

    def __init__(self, width: int, dilation: int):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1, width, 1, 1))
        self.circle = nn.Conv2d(width, width, (12, 1))
        self.time = nn.Conv2d(width, width, (1, 5), dilation=(1, dilation), padding=(0, 2 * dilation))
        nn.init.normal_(self.time.weight, std=0.5 * (5 * width) ** -0.5)

    def forward(self, x, mask):
        h = x * torch.rsqrt(x.float().square().mean(1, keepdim=True) + 1e-5) * self.scale
        h = self.circle(torch.cat([h, h[:, :, :11]], 2))
        h = F.gelu(h, approximate="tanh") * mask
        return x + self.time(h)


class Emissions(nn.Module):
    """Features to chord scores per beat."""

    def __init__(self, width: int, dilations: tuple[int, ...]):
        super().__init__()
        self.pitch_in = nn.Conv2d(PC_CHANNELS, width, (12, 1))
        self.scalar_in = nn.Conv1d(SCALARS, width, 1)
        self.blocks = nn.ModuleList(Block(width, d) for d in dilations)
        self.scale = nn.Parameter(torch.ones(1, width, 1, 1))
        self.chord = nn.Conv2d(width, NQ + 1, 1)  # ten qualities of each root, and a bass score
        self.pooled = nn.Conv1d(width, 2, 1)  # no chord; reward for staying
        self.transition = nn.Parameter(torch.zeros(3, 12, NQ, NQ))
        self.to_none = nn.Parameter(torch.zeros(3, NQ))
        self.from_none = nn.Parameter(torch.zeros(3, NQ))
        self.none_none = nn.Parameter(torch.zeros(3))
        self.bass_by_chord = nn.Parameter(torch.zeros(NQ, 12))

    def forward(self, pcs, scalars, mask):
        """pcs [B, 12, PC_CHANNELS, T], scalars [B, SCALARS, T], mask [B, T] -> scores.

        Returns emissions [B, T, STATES], stay [B, T], bass [B, T, 12].
        """
        m = mask[:, None, None, :]
        x = pcs.transpose(1, 2)
        x = self.pitch_in(torch.cat([x, x[:, :, :11]], 2)) + self.scalar_in(scalars)[:, :, None]
        for block in self.blocks:
            x = block(x * m, m)
        x = x * torch.rsqrt(x.float().square().mean(1, keepdim=True) + 1e-5) * self.scale
        roots = self.chord(x)  # [B, NQ + 1, 12, T]
        pooled = self.pooled(x.mean(2))
        chords = roots[:, :NQ].permute(0, 3, 2, 1).flatten(2)
        emissions = torch.cat([chords, pooled[:, 0, :, None]], 2)
        return emissions.float(), pooled[:, 1].float(), roots[:, NQ].transpose(1, 2).float()

    def transitions(self):
        """[3, STATES, STATES] energies, from row to column."""
        root = torch.arange(12)
        interval = (root[None, :] - root[:, None]) % 12  # [from, to]
        full = self.transition[:, interval].permute(0, 1, 3, 2, 4).reshape(3, NO_CHORD, NO_CHORD)
        to = self.to_none.repeat(1, 12)[:, :, None]
        top = torch.cat([full, to], 2)
        bottom = torch.cat([self.from_none.repeat(1, 12), self.none_none[:, None]], 1)[:, None]
        return torch.cat([top, bottom], 1)


def crf_nll(emissions, stay, transitions, classes, labels, mask):
    """Negative log likelihood of the labelled paths, summed over the batch.

    classes[t] is the class of the step into beat t; mask is 1 on real beats (a prefix).
    The forward recursion runs with probabilities scaled at every step.
    """
    b, t, s = emissions.shape
    path = emissions.gather(2, labels[:, :, None])[:, :, 0]
    step = transitions[classes[:, 1:], labels[:, :-1], labels[:, 1:]]
    same = (labels[:, :-1] == labels[:, 1:]).float()
    step = step + same * stay[:, 1:]
    numerator = (path * mask).sum() + (step * mask[:, 1:]).sum()

    top = transitions.detach().amax()
    matrix = (transitions - top).exp()
    diagonal = matrix.diagonal(dim1=1, dim2=2)
    offset = emissions.detach().amax(2)
    scaled = (emissions - offset[:, :, None]).exp()
    extra = stay.exp() - 1
    alpha = scaled[:, 0]
    norm = alpha.sum(1, keepdim=True)
    alpha = alpha / norm
    log_z = norm[:, 0].log() + offset[:, 0]
    wide = matrix.permute(1, 0, 2).reshape(s, 3 * s)
    rows = torch.arange(b)
    for i in range(1, t):
        c = classes[:, i]
        moved = (alpha @ wide).view(b, 3, s)[rows, c] + alpha * diagonal[c] * extra[:, i, None]
        new = moved * scaled[:, i]
        norm = new.sum(1, keepdim=True)
        keep = mask[:, i, None]
        alpha = torch.where(keep > 0, new / norm, alpha)
        log_z = log_z + mask[:, i] * (norm[:, 0].log() + offset[:, i] + top)
    return log_z.sum() - numerator


def bass_nll(bass, table, labels, bass_labels, mask):
    """Cross-entropy of the bass pitch class given beat and chord, summed over chords that have one."""
    real = mask * (labels < NO_CHORD).float() * (bass_labels >= 0).float()
    chord = labels.clamp(max=NO_CHORD - 1)
    root, quality = chord // NQ, chord % NQ
    turn = (torch.arange(12)[None, None] - root[:, :, None]) % 12
    energy = bass + table[quality].gather(2, turn)
    nll = F.cross_entropy(energy.flatten(0, 1), bass_labels.clamp(min=0).flatten(), reduction="none")
    return (nll * real.flatten()).sum(), real.sum()
