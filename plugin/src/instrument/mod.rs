//! Continuo, the instrument.

pub mod arrangement;
pub mod audio;
pub mod band;
pub mod lanes;
pub mod sequencer;
pub mod snapshot;

use crate::editor::instrument::InstrumentGui;
use crate::params::instrument::{InstrumentParams, SILENT_DB};
use crate::wiring::{self, InstrumentWires, WorkerHandle};
use arrangement::Arrangement;
use audio::{HostTime, InstrumentAudio, Mix, Played};
use band::Outputs;
use continuo_core::{Frames, Meter, Part, SampleRate};
use continuo_gui::adapter::{ScreenEditor, instrument_editor};
use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::*;
use std::sync::Arc;

/// Most keys of the player taken from one block.
const MAX_PLAYED: usize = 1024;

/// The plugin.
pub struct Continuo {
    params: Arc<InstrumentParams>,
    wires: InstrumentWires,
    gui: Option<InstrumentGui>,
    audio: Option<InstrumentAudio>,
    worker: Option<WorkerHandle>,
    played: Vec<Played>,
}

impl Default for Continuo {
    fn default() -> Self {
        Self::with_loader(crate::brain::planner_loader())
    }
}

impl Continuo {
    /// A plugin whose worker thinks with what `loader` makes; used by tests of the plumbing.
    pub fn with_loader(loader: crate::worker::instrument::Loader) -> Self {
        let params = Arc::new(InstrumentParams::default());
        let (wires, gui) = wiring::wire_instrument(&params, loader);
        Self { params, wires, gui: Some(gui), audio: None, worker: None, played: Vec::with_capacity(MAX_PLAYED) }
    }

    fn mix(&self) -> Mix {
        Mix {
            parts: self.params.mix(),
            output_db: silence_below(self.params.output.value()),
            monitor: self.params.monitor.value(),
        }
    }
}

/// The lowest setting of a level is silence.
fn silence_below(db: f32) -> f32 {
    if db <= SILENT_DB { f32::NEG_INFINITY } else { db }
}

fn host_time(transport: &Transport) -> HostTime {
    let number = |n: Option<i32>| n.and_then(|n| u8::try_from(n).ok());
    HostTime {
        playing: transport.playing,
        at: transport.pos_beats(),
        bpm: transport.tempo,
        meter: number(transport.time_sig_numerator)
            .zip(number(transport.time_sig_denominator))
            .and_then(|(num, den)| Meter::new(num, den)),
        bar_start: transport.bar_start_pos_beats(),
        cycle: transport.loop_range_beats(),
    }
}

impl Plugin for Continuo {
    const NAME: &'static str = "Continuo";
    const VENDOR: &'static str = crate::VENDOR;
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[AudioIOLayout {
        main_input_channels: None,
        main_output_channels: NonZeroU32::new(2),
        aux_input_ports: &[new_nonzero_u32(2)],
        aux_output_ports: &[new_nonzero_u32(2); Part::ALL.len()],
        names: PortNames {
            layout: Some("Parts"),
            main_input: None,
            main_output: Some("Mix"),
            aux_inputs: &["Melody"],
            aux_outputs: &["Keys", "Bass", "Drums", "Strings"],
        },
    }];

    const MIDI_INPUT: MidiConfig = MidiConfig::Basic;
    const MIDI_OUTPUT: MidiConfig = MidiConfig::Basic;
    // Room for every parameter and key of a dense block: beyond it the wrapper would take memory.
    const INPUT_EVENT_CAPACITY: usize = 8192;

    type Editor = ScreenEditor;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        Arc::clone(&self.params) as Arc<dyn Params>
    }

    fn editor(&mut self, _executor: AsyncExecutor<Self>) -> Option<ScreenEditor> {
        let gui = self.gui.take()?;
        Some(instrument_editor(&self.params.editor.memory, gui))
    }

    fn activate(
        &mut self,
        _layout: &AudioIOLayout,
        config: &BufferConfig,
        _context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let Some(rate) = SampleRate::new(f64::from(config.sample_rate)) else { return false };
        let arrangement = {
            let state = self.params.session.lock();
            Arrangement::new(state.accepted.iter().map(|a| &a.phrase), &state.song.meters)
        };
        self.audio = Some(InstrumentAudio::new(rate, Frames(u64::from(config.max_buffer_size)), arrangement));
        wiring::start_instrument(&mut self.worker, &mut self.wires);
        true
    }

    fn reset(&mut self) {
        if let Some(audio) = &mut self.audio {
            audio.reset();
        }
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let frames = u32::try_from(buffer.samples()).unwrap_or(u32::MAX);
        self.played.clear();
        while let Some(event) = context.next_event() {
            let key = match event {
                NoteEvent::NoteOn { timing, key: Key::Number(pitch), velocity, .. } => {
                    let velocity = (velocity * 127.0).round().clamp(1.0, 127.0) as u8;
                    Played { frame: timing, pitch, velocity }
                }
                NoteEvent::NoteOff { timing, key: Key::Number(pitch), .. }
                | NoteEvent::Choke { timing, key: Key::Number(pitch), .. } => {
                    Played { frame: timing, pitch, velocity: 0 }
                }
                _ => continue,
            };
            if self.played.len() < MAX_PLAYED {
                self.played.push(Played { frame: key.frame.min(frames.saturating_sub(1)), ..key });
            }
        }
        let host = host_time(context.transport());
        let mix = self.mix();
        let input = aux.inputs.first().and_then(|input| match input.as_slice_immutable() {
            [left, right, ..] => Some([&**left, &**right]),
            _ => None,
        });
        let send = self.params.midi_out.value();
        let (Some(audio), [left, right, ..]) = (&mut self.audio, buffer.as_slice()) else {
            return ProcessStatus::Normal;
        };
        let outputs = Outputs { main: [left, right], parts: &mut *aux.outputs };
        audio.process(&mut self.wires.audio, &host, frames, &self.played, input, &mix, outputs, |event| {
            if send {
                // A host without a place for MIDI, or with a full one, still has the sound.
                let _ = context.try_send_event(note(event));
            }
        });
        // Strings and room ring on after the last event.
        ProcessStatus::KeepAlive
    }

    fn deactivate(&mut self) {
        if let Some(worker) = &self.worker {
            worker.set_active(false);
        }
    }
}

fn note(event: sequencer::PartEvent) -> NoteEvent<()> {
    let (timing, voice_id) = (event.frame, VoiceID::Wildcard);
    let (channel, key) = (Channel::Number(event.part.channel()), Key::Number(event.pitch));
    if event.velocity > 0 {
        NoteEvent::NoteOn { timing, voice_id, channel, key, velocity: f32::from(event.velocity) / 127.0 }
    } else {
        NoteEvent::NoteOff { timing, voice_id, channel, key, velocity: 0.0 }
    }
}

impl ClapPlugin for Continuo {
    const CLAP_ID: &'static str = "org.continuo.continuo";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Plays along: takes for keys, bass, drums and strings under your melody, on this machine, with your yes");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::Instrument, ClapFeature::Synthesizer, ClapFeature::Stereo];
}

impl Vst3Plugin for Continuo {
    const VST3_CLASS_ID: [u8; 16] = *b"ContinuoPlayer01";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Instrument, Vst3SubCategory::Synth, Vst3SubCategory::Stereo];
}
