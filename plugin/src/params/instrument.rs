//! The parameters of Continuo, the instrument.

use super::{decibels, share};
use crate::editor::EditorStore;
use crate::session::Session;
use continuo_core::{Controls, Part, Style};
use continuo_dsp::{MixSettings, PartSettings};
use nice_plug::prelude::*;
use std::sync::Arc;

/// [`Style`] as hosts see it. The ids are the style's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StyleChoice(pub Style);

impl Enum for StyleChoice {
    fn variants() -> &'static [&'static str] {
        &["Ballad", "Pop", "Rock", "Folk", "Hymn", "Waltz", "House", "Swing"]
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&["ballad", "pop", "rock", "folk", "hymn", "waltz", "house", "swing"])
    }

    fn to_index(self) -> usize {
        self.0.index()
    }

    fn from_index(index: usize) -> Self {
        Self(Style::ALL.get(index).copied().unwrap_or_default())
    }
}

/// One part's strip in the mixer.
#[derive(Params)]
pub struct StripParams {
    /// Level of the part, decibels; the lowest value is silence.
    #[id = "level"]
    pub level: FloatParam,
    /// Place between left (-1) and right (1).
    #[id = "pan"]
    pub pan: FloatParam,
    /// Silences the part in the sound; its notes still go out as MIDI.
    #[id = "mute"]
    pub mute: BoolParam,
    /// Silences every part that is not soloed.
    #[id = "solo"]
    pub solo: BoolParam,
    /// Takes are planned with this part.
    #[id = "plays"]
    pub plays: BoolParam,
}

/// Lowest level of a strip, shown and treated as silence, decibels.
pub const SILENT_DB: f32 = -60.0;

impl StripParams {
    fn new(part: Part) -> Self {
        let name = |what: &str| format!("{} {what}", part.label());
        let rest = MixSettings::default().parts[part.index()];
        Self {
            level: decibels(&name("Level"), rest.gain_db as f32, SILENT_DB, 12.0),
            pan: FloatParam::new(name("Pan"), rest.pan as f32, FloatRange::Linear { min: -1.0, max: 1.0 })
                .with_value_to_string(formatters::v2s_f32_panning())
                .with_string_to_value(formatters::s2v_f32_panning()),
            mute: BoolParam::new(name("Mute"), false),
            solo: BoolParam::new(name("Solo"), false),
            plays: BoolParam::new(name("Plays"), true),
        }
    }
}

/// Every parameter of the instrument.
#[derive(Params)]
pub struct InstrumentParams {
    /// How the parts are played; used when takes are asked for.
    #[id = "style"]
    pub style: EnumParam<StyleChoice>,
    /// Notes per beat; used when takes are asked for.
    #[id = "density"]
    pub density: FloatParam,
    /// How far from the likeliest; used when takes are asked for.
    #[id = "adventure"]
    pub adventure: FloatParam,
    /// Switching this on asks for takes over what was heard, for users without the editor open.
    #[id = "ask"]
    pub ask: BoolParam,
    /// Switching this on accepts the selected take: the human's yes by a control surface or the host's own panel.
    #[id = "accept"]
    pub accept: BoolParam,
    /// Lets the player hear the melody with the plugin's own keys sound.
    #[id = "monitor"]
    pub monitor: BoolParam,
    /// Sends the accepted parts as MIDI: keys on channel 1, bass 2, strings 3, drums 10.
    #[id = "midi_out"]
    pub midi_out: BoolParam,
    /// Level of everything, decibels; the lowest value is silence.
    #[id = "output"]
    pub output: FloatParam,
    /// Strip of the keys.
    #[nested(id_prefix = "keys", group = "Keys")]
    pub keys: StripParams,
    /// Strip of the bass.
    #[nested(id_prefix = "bass", group = "Bass")]
    pub bass: StripParams,
    /// Strip of the drums.
    #[nested(id_prefix = "drums", group = "Drums")]
    pub drums: StripParams,
    /// Strip of the strings.
    #[nested(id_prefix = "strings", group = "Strings")]
    pub strings: StripParams,
    /// What the human accepted, and the ledger.
    #[persist = "session"]
    pub session: Session,
    /// Size and look of the editor's window.
    #[persist = "editor"]
    pub editor: Arc<EditorStore>,
}

impl Default for InstrumentParams {
    fn default() -> Self {
        let controls = Controls::default();
        Self {
            style: EnumParam::new("Style", StyleChoice(controls.style)),
            density: share("Density", controls.density, 1.0),
            adventure: share("Adventure", controls.adventure, 1.0),
            ask: BoolParam::new("Ask for Takes", false).non_automatable(),
            accept: BoolParam::new("Accept Take", false).non_automatable(),
            monitor: BoolParam::new("Hear Melody", true),
            midi_out: BoolParam::new("Send MIDI", true),
            output: decibels("Output", 0.0, SILENT_DB, 12.0),
            keys: StripParams::new(Part::Keys),
            bass: StripParams::new(Part::Bass),
            drums: StripParams::new(Part::Drums),
            strings: StripParams::new(Part::Strings),
            session: Session::default(),
            editor: Arc::new(EditorStore::default()),
        }
    }
}

impl InstrumentParams {
    /// The strip of one part.
    pub fn strip(&self, part: Part) -> &StripParams {
        match part {
            Part::Keys => &self.keys,
            Part::Bass => &self.bass,
            Part::Drums => &self.drums,
            Part::Strings => &self.strings,
        }
    }

    /// What takes are asked for with. Real-time safe.
    pub fn controls(&self) -> Controls {
        Controls { style: self.style.value().0, density: self.density.value(), adventure: self.adventure.value() }
            .clean()
    }

    /// The mixer's settings. Real-time safe.
    pub fn mix(&self) -> MixSettings {
        let rest = MixSettings::default();
        let strip = |part: Part| {
            let strip = self.strip(part);
            PartSettings {
                gain_db: f64::from(strip.level.value()),
                pan: f64::from(strip.pan.value()),
                mute: strip.mute.value(),
                solo: strip.solo.value(),
                ..rest.parts[part.index()]
            }
        };
        MixSettings { parts: Part::ALL.map(strip) }
    }

    /// The parts that takes are planned with, in the frozen order.
    pub fn playing_parts(&self) -> Vec<Part> {
        Part::ALL.into_iter().filter(|&p| self.strip(p).plays.value()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_words_are_the_core_ones() {
        for (i, style) in Style::ALL.into_iter().enumerate() {
            assert_eq!(StyleChoice::ids().unwrap()[i], style.id());
            assert_eq!(StyleChoice::from_index(i).0, style);
        }
        assert_eq!(StyleChoice::variants().len(), Style::ALL.len());
    }
}
