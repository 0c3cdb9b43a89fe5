//! The pattern a take keeps: who keeps time, where the kick and the snare fall, what moves between them.

use super::Hit;
use super::kit::*;
use crate::rules::setting::{Bar, Beat, Role, Setting};
use continuo_core::{Rng, Style, Tick};

/// The place in a beat, in twelfths, so that halves, thirds and quarters are whole numbers.
type Twelfth = i64;

/// Decisions of the seed for one take.
pub(super) struct Groove {
    /// Kicks off the beat: (beat counted through two bars, place in the beat).
    kicks: Vec<(usize, Twelfth)>,
    /// Soft snare notes, likewise.
    ghosts: Vec<(usize, Twelfth)>,
    /// What keeps time.
    keeper: i32,
    /// Whether the keeper's off-beats are open or accented.
    open: bool,
    /// One of a style's ways.
    way: usize,
}

/// Off-beat places worth a note, most usual first.
const OFFS: [Twelfth; 4] = [6, 9, 3, 8];

impl Groove {
    pub(super) fn draw(setting: &Setting, rng: &mut Rng) -> Groove {
        let (density, adventure) = (setting.density(), setting.adventure());
        let way = rng.below(3);
        let mut kicks = Vec::new();
        let mut ghosts = Vec::new();
        // Two bars of up to eight beats; longer bars repeat the pattern.
        for beat in 0..16 {
            let place = OFFS[rng.weighted(&[1.0, 0.5 * density, 0.15 * adventure, 0.2]).unwrap_or(0)];
            if rng.chance(0.12 + 0.4 * density * (0.5 + adventure)) {
                kicks.push((beat, place));
            }
            let soft = OFFS[rng.below(3)];
            if rng.chance((density - 0.35).max(0.0) * 0.8) {
                ghosts.push((beat, soft));
            }
        }
        let keeper = match setting.style() {
            Style::Rock if density > 0.6 || way == 2 => RIDE,
            Style::Ballad if way == 1 => RIDE,
            Style::Folk => SHAKER,
            Style::Swing => RIDE,
            Style::Pop if way == 2 && density < 0.5 => SHAKER,
            _ => HAT,
        };
        Groove { kicks, ghosts, keeper, open: rng.chance(0.35), way }
    }

    /// One bar of the groove.
    pub(super) fn bar(&self, setting: &Setting, bar: &Bar, rng: &mut Rng) -> Vec<Hit> {
        let mut out = Strokes { hits: Vec::new(), rng };
        let before = (bar.index as usize % 2) * bar.beats.len();
        for (beat, &role) in bar.beats.iter().zip(&bar.roles) {
            let place = (before + beat.index) % 16;
            match setting.style() {
                Style::Hymn => self.hymn(bar, beat, &mut out),
                Style::House => self.house(setting, beat, role, &mut out),
                Style::Swing => self.swing(setting, beat, role, place, &mut out),
                Style::Waltz => self.waltz(setting, beat, role, &mut out),
                Style::Folk => self.folk(setting, beat, role, &mut out),
                Style::Pop | Style::Rock | Style::Ballad => self.backbeat(setting, beat, role, place, &mut out),
            }
        }
        out.hits
    }

    fn backbeat(&self, setting: &Setting, beat: &Beat, role: Role, place: usize, out: &mut Strokes) {
        let (style, density) = (setting.style(), setting.density());
        let soft = if style == Style::Ballad { -22.0 } else { 0.0 };
        let loud = if style == Style::Rock { 8.0 } else { 0.0 } + soft;
        // Time.
        let count = match density {
            d if d < 0.2 => 1,
            d if d > 0.8 && beat.subs == 2 && style != Style::Rock => 4,
            _ => beat.subs,
        };
        for part in 0..count {
            let level = if part == 0 {
                78.0
            } else if part * 2 == count {
                64.0
            } else {
                54.0
            };
            let key = if self.open && part + 1 == count && role == Role::Back && self.keeper == HAT {
                OPEN_HAT
            } else {
                self.keeper
            };
            out.hit(beat.point(part, count), key, level + loud);
        }
        // Kick and snare.
        let snare = if style == Style::Ballad && density < 0.45 { STICK } else { SNARE };
        match role {
            Role::Strong => out.hit(beat.at, KICK, 98.0 + loud),
            Role::Back => out.hit(beat.at, snare, 96.0 + loud),
            Role::Weak if style == Style::Rock && self.way == 1 => out.hit(beat.at, KICK, 88.0 + loud),
            Role::Weak => {}
        }
        let off = self.kicks.iter().filter(|k| k.0 == place);
        for &(_, twelfth) in off.filter(|_| style != Style::Ballad || density > 0.4) {
            out.hit(off_beat(beat, twelfth), KICK, 86.0 + loud);
        }
        for &(_, twelfth) in self.ghosts.iter().filter(|g| g.0 == place) {
            out.hit(off_beat(beat, twelfth), SNARE, 38.0 + loud / 2.0);
        }
    }

    fn house(&self, setting: &Setting, beat: &Beat, role: Role, out: &mut Strokes) {
        out.hit(beat.at, KICK, 112.0);
        if role == Role::Back {
            out.hit(beat.at, CLAP, 96.0);
        }
        let off = beat.sub(if beat.subs == 2 { 1 } else { beat.subs - 1 });
        out.hit(off, OPEN_HAT, 84.0);
        let density = setting.density();
        if density > 0.35 {
            for part in 0..4 {
                if beat.subs == 2 && part != 2 && (part != 0 || density > 0.6) {
                    out.hit(beat.point(part, 4), HAT, if part == 1 { 52.0 } else { 60.0 });
                }
            }
        }
        if self.way == 1 && role != Role::Back && density > 0.5 {
            out.hit(off, STICK, 58.0);
        } else if self.way == 2 {
            out.hit(beat.at, SHAKER, 46.0);
            out.hit(off, SHAKER, 54.0);
        }
    }

    fn swing(&self, setting: &Setting, beat: &Beat, role: Role, place: usize, out: &mut Strokes) {
        out.hit(beat.at, RIDE, if role == Role::Back { 80.0 } else { 72.0 });
        let density = setting.density();
        let skips = role == Role::Back || (role == Role::Weak && self.open) || density > 0.85;
        let skip = setting.swung(beat, beat.subs - 1);
        if skips && density > 0.1 {
            out.hit(skip, RIDE, 62.0);
        }
        if role == Role::Back {
            out.hit(beat.at, PEDAL, 70.0);
        }
        if density > 0.3 || role == Role::Strong {
            // Feathered: felt more than heard.
            out.hit(beat.at, SOFT_KICK, if role == Role::Strong { 44.0 } else { 34.0 });
        }
        if self.ghosts.iter().any(|g| g.0 == place) || out.rng.chance(0.25 * setting.adventure()) {
            let level = out.rng.range(36.0, 62.0);
            out.hit(skip, SNARE, level);
        }
    }

    fn waltz(&self, setting: &Setting, beat: &Beat, role: Role, out: &mut Strokes) {
        if beat.index == 0 {
            out.hit(beat.at, SOFT_KICK, 78.0);
        } else {
            let key = if self.way == 1 { PEDAL } else { SNARE };
            out.hit(beat.at, key, if role == Role::Back { 50.0 } else { 56.0 });
        }
        if beat.subs == 3 {
            out.hit(beat.sub(1), HAT, 48.0);
            out.hit(beat.sub(2), HAT, 52.0);
        } else if setting.density() > 0.5 {
            out.hit(beat.sub(1), if self.way == 2 { TAMBOURINE } else { HAT }, 44.0);
        }
        if setting.density() > 0.25 {
            out.hit(beat.at, if self.way == 2 { TAMBOURINE } else { HAT }, 52.0);
        }
    }

    fn folk(&self, setting: &Setting, beat: &Beat, role: Role, out: &mut Strokes) {
        let density = setting.density();
        match role {
            Role::Strong => out.hit(beat.at, SOFT_KICK, if beat.index == 0 { 74.0 } else { 64.0 }),
            // Brushes: the snare, low.
            Role::Back => out.hit(beat.at, SNARE, 50.0),
            Role::Weak if density > 0.5 => out.hit(beat.at, SNARE, 36.0),
            Role::Weak => {}
        }
        let count = if density < 0.2 { 1 } else { beat.subs };
        for part in 0..count {
            out.hit(beat.point(part, count), self.keeper, if part == 0 { 56.0 } else { 46.0 });
        }
        if self.way > 0 && role == Role::Back && density > 0.3 {
            out.hit(beat.at, TAMBOURINE, 52.0);
        }
        if density > 0.75 && beat.subs == 2 {
            out.hit(beat.point(3, 4), self.keeper, 38.0);
        }
    }

    /// No kit: a concert bass drum, low, and a triangle where a phrase closes.
    fn hymn(&self, bar: &Bar, beat: &Beat, out: &mut Strokes) {
        if beat.index == 0 && (bar.place.is_multiple_of(2) || self.way == 1) {
            out.hit(beat.at, SOFT_KICK, if bar.place == 0 { 52.0 } else { 44.0 });
        }
        if bar.ends_phrase() && beat.index == 0 && self.way != 2 {
            out.hit(beat.at, TRIANGLE, 40.0);
        }
    }
}

/// A place in the beat; in a beat of three, halves and quarters become thirds.
fn off_beat(beat: &Beat, twelfth: Twelfth) -> Tick {
    match beat.subs {
        3 => beat.sub(if twelfth <= 6 { 1 } else { 2 }),
        _ if twelfth == 8 => beat.point(3, 4),
        _ => beat.point(twelfth, 12),
    }
}

struct Strokes<'a> {
    hits: Vec<Hit>,
    rng: &'a mut Rng,
}

impl Strokes<'_> {
    fn hit(&mut self, at: Tick, key: i32, velocity: f64) {
        self.hits.push(Hit { at, key, velocity: velocity.max(12.0) });
    }
}
