"""The network: features in, moves with their uncertainty out. Everything needed is in the graph.

Outputs (frozen by the contract):
  mean [n,14]     10 group gains dB, side gain below 120 Hz dB, side gain above 1 kHz dB,
                  crest change dB, log2 of the high-pass corner
  sigma [n,14]    standard deviation of each, calibrated
  wrong [n,5]     probability that something is wrong: tone, width, dynamics, rumble, anything
  excess [n,30]   dB by which a band stands above what the bands outside its octave predict
  rank [n,30]     share of the training mixes with a smaller excess
  distance [n,1]  how far the spectrum lies from the training spectra (1 = typical)
"""

import torch
from torch import nn

import features as F

MOVES = 14
WRONG = 5
MEMBERS = 3
TONE = F.SLICES["tone"]
USED = F.TOTAL - 1  # loudness is not shown to the network: level is computed, not learned


class Member(nn.Module):
    """One residual perceptron."""

    def __init__(self, width: int = 224, drop: float = 0.3, hide: float = 0.25):
        super().__init__()
        # Figures are hidden at random: with few soundfonts the network must not learn their signatures.
        self.hide = nn.Dropout(hide)
        self.enter = nn.Linear(USED, width)
        self.one = nn.Linear(width, width)
        self.two = nn.Linear(width, width)
        self.drop = nn.Dropout(drop)
        self.act = nn.GELU(approximate="tanh")
        self.out = nn.Linear(width, 2 * MOVES + WRONG)
        self.straight = nn.Linear(F.BANDS, 10)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.straight.weight)

    def forward(self, z):
        h = self.drop(self.act(self.enter(self.hide(z))))
        h = h + self.drop(self.act(self.one(h)))
        h = h + self.drop(self.act(self.two(h)))
        o = self.out(h)
        mean = o[:, :MOVES]
        lin = self.straight(z[:, TONE])
        mean = torch.cat([mean[:, :10] + lin, mean[:, 10:]], dim=1)
        logvar = 6.0 * torch.tanh(o[:, MOVES : 2 * MOVES] / 6.0)
        return mean, logvar, o[:, 2 * MOVES :]


class Mastering(nn.Module):
    """A few members averaged, with normalisation and reference statistics as buffers."""

    def __init__(self):
        super().__init__()
        self.members = nn.ModuleList(Member() for _ in range(MEMBERS))
        b = self.register_buffer
        b("mu", torch.zeros(USED))
        b("sd", torch.ones(USED))
        b("unit", torch.ones(MOVES))  # label scale
        b("stretch", torch.ones(MOVES))  # interval calibration
        b("predict", torch.zeros(F.BANDS, F.BANDS))
        b("offset", torch.zeros(F.BANDS))
        b("quantiles", torch.zeros(51, F.BANDS))
        b("basis", torch.zeros(F.BANDS, 12))
        b("basis_sd", torch.ones(12))

    def normal(self, x):
        """Standardised and clamped features."""
        return torch.clamp((x[:, :USED] - self.mu) / self.sd, -4.0, 4.0)

    def forward(self, x):
        z = self.normal(x)
        outs = [m(z) for m in self.members]
        mean = sum(o[0] for o in outs) / len(outs)
        spread = sum((o[0] - mean) ** 2 + torch.exp(o[1]) for o in outs) / len(outs)
        wrong = sum(torch.sigmoid(o[2]) for o in outs) / len(outs)
        sigma = torch.sqrt(spread) * self.unit * self.stretch
        tone = x[:, TONE]
        excess = tone - (tone @ self.predict + self.offset)
        rank = (excess[:, None, :] > self.quantiles[None]).float().mean(dim=1)
        comp = ((tone - self.mu[TONE]) @ self.basis) / self.basis_sd
        distance = torch.sqrt((comp**2).mean(dim=1, keepdim=True))
        return mean * self.unit, sigma, wrong, excess, rank, distance
