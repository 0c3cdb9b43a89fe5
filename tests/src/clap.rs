//! A small CLAP host: loads a bundle, plays blocks with notes, parameters and transport, and gives back what comes out.

use anyhow::{Context, Result, anyhow};
use clack_extensions::latency::PluginLatency;
use clack_extensions::params::{ParamInfoBuffer, PluginParams};
use clack_extensions::state::PluginState;
use clack_host::events::Match;
use clack_host::events::event_types::{NoteOffEvent, NoteOnEvent, ParamValueEvent, TransportEvent, TransportFlags};
use clack_host::events::spaces::CoreEventSpace;
use clack_host::events::{EventFlags, EventHeader, Pckn};
use clack_host::prelude::*;
use clack_host::process::StartedPluginAudioProcessor;
use clack_host::utils::{BeatTime, ClapId, SecondsTime};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::path::Path;

/// The host's side of an instance; it grants nothing that these tests do not need.
pub struct Quiet;

impl<'a> SharedHandler<'a> for Quiet {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {}
}

/// The kind of host.
pub struct TestHost;

impl HostHandlers for TestHost {
    type Shared<'a> = Quiet;
    type MainThread<'a> = ();
    type AudioProcessor<'a> = ();
}

/// A loaded bundle.
pub struct Bundle {
    entry: PluginEntry,
}

impl Bundle {
    /// Loads the library at `path`.
    ///
    /// # Errors
    /// When it is no CLAP plugin that this system can load.
    pub fn load(path: &Path) -> Result<Self> {
        // SAFETY: the library is the one under test; loading it runs its initialisers, as in every host.
        let entry = unsafe { PluginEntry::load(path) }.with_context(|| format!("cannot load {}", path.display()))?;
        Ok(Self { entry })
    }

    /// The plugins of a library that is linked into this program.
    ///
    /// # Safety
    /// `entry` must be the library's own entry point.
    ///
    /// # Errors
    /// When it does not initialise.
    pub unsafe fn linked(entry: &'static clack_host::entry::EntryDescriptor) -> Result<Self> {
        // SAFETY: by this function's contract.
        let entry = unsafe { PluginEntry::load_from_raw(entry, c"/linked") }?;
        Ok(Self { entry })
    }

    /// The ids of every plugin inside.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let Some(factory) = self.entry.get_plugin_factory() else { return Vec::new() };
        factory.plugin_descriptors().filter_map(|d| d.id().map(|id| id.to_string_lossy().into_owned())).collect()
    }

    /// A new instance of plugin `id`.
    ///
    /// # Errors
    /// When the plugin cannot be made.
    pub fn instance(&self, id: &str) -> Result<Instance> {
        let host = HostInfo::new("Continuo tests", "Continuo", "", "1")?;
        let plugin = PluginInstance::<TestHost>::new(|_| Quiet, |_| (), &self.entry, &CString::new(id)?, &host)?;
        Ok(Instance {
            plugin,
            processor: None,
            outputs: Vec::new(),
            around: |run| run(),
            given: EventBuffer::with_capacity(MAX_EVENTS),
            out: EventBuffer::with_capacity(MAX_EVENTS),
            steady: 0,
        })
    }
}

/// Where a block lies.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Position of its first frame, quarter notes.
    pub at: f64,
    /// Quarter notes per minute.
    pub bpm: f64,
    /// The song runs.
    pub playing: bool,
    /// Metre.
    pub meter: (u16, u16),
}

/// What a block is given.
#[derive(Clone, Debug)]
pub enum Input {
    /// A key goes down: frame, key, velocity 0 to 1.
    On(u32, u8, f64),
    /// A key goes up: frame, key.
    Off(u32, u8),
    /// A parameter changes: frame, id, plain value as CLAP has it.
    Param(u32, u32, f64),
}

/// A note that came out: frame within the block, channel, key, true for down, velocity.
pub type NoteOut = (u32, u16, u8, bool, f64);

/// One plugin instance. Its audio is processed on the thread that calls; the tests that need another thread make one.
pub struct Instance {
    plugin: PluginInstance<TestHost>,
    processor: Option<StartedPluginAudioProcessor<TestHost>>,
    /// One buffer per channel of every output port, in order.
    pub outputs: Vec<Vec<f32>>,
    /// Called with the plugin's own `process`, and nothing else, inside.
    pub around: fn(&mut dyn FnMut()),
    given: EventBuffer,
    out: EventBuffer,
    steady: u64,
}

/// Events of one block for which there is room without taking memory.
const MAX_EVENTS: usize = 4096;

impl Instance {
    /// Activates and starts.
    ///
    /// # Errors
    /// When the plugin refuses.
    pub fn start(&mut self, sample_rate: f64, max_frames: u32) -> Result<()> {
        let configuration = PluginAudioConfiguration { sample_rate, min_frames_count: 1, max_frames_count: max_frames };
        let stopped = self.plugin.activate(|_, _| (), configuration)?;
        let started = stopped.start_processing().map_err(|e| anyhow!("cannot start processing: {e}"))?;
        self.processor = Some(started);
        Ok(())
    }

    /// Stops and deactivates.
    pub fn stop(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.plugin.deactivate(processor.stop_processing());
        }
    }

    /// The latency the plugin reports, frames.
    pub fn latency(&mut self) -> u32 {
        let handle = self.plugin.plugin_handle();
        handle.get_extension::<PluginLatency>().map_or(0, |l| l.get(&handle))
    }

    /// Every parameter: name to CLAP id.
    pub fn params(&mut self) -> BTreeMap<String, u32> {
        let handle = self.plugin.plugin_handle();
        let Some(params) = handle.get_extension::<PluginParams>() else { return BTreeMap::new() };
        (0..params.count(&handle))
            .filter_map(|i| {
                let mut buffer = ParamInfoBuffer::new();
                let info = params.get_info(&handle, i, &mut buffer)?;
                Some((String::from_utf8_lossy(info.name).into_owned(), info.id.get()))
            })
            .collect()
    }

    /// A parameter's value, as CLAP has it.
    pub fn param(&mut self, id: u32) -> Option<f64> {
        let handle = self.plugin.plugin_handle();
        let params = handle.get_extension::<PluginParams>()?;
        params.get_value(&handle, ClapId::new(id))
    }

    /// Saves the state.
    ///
    /// # Errors
    /// When the plugin does.
    pub fn save(&mut self) -> Result<Vec<u8>> {
        let handle = self.plugin.plugin_handle();
        let state = handle.get_extension::<PluginState>().context("the plugin keeps no state")?;
        let mut bytes = Vec::new();
        state.save(&handle, &mut bytes)?;
        Ok(bytes)
    }

    /// Loads a state.
    ///
    /// # Errors
    /// When the plugin refuses it.
    pub fn load(&mut self, bytes: &[u8]) -> Result<()> {
        let handle = self.plugin.plugin_handle();
        let state = handle.get_extension::<PluginState>().context("the plugin keeps no state")?;
        state.load(&handle, &mut std::io::Cursor::new(bytes))?;
        Ok(())
    }

    /// Lets the plugin do what it has put off to the main thread.
    pub fn idle(&mut self) {
        self.plugin.call_on_main_thread_callback();
    }

    /// Processes one block. `inputs` are the channels of the one input port (stereo), `ports` the number of stereo output
    /// ports.
    ///
    /// # Errors
    /// When the plugin is not started or reports an error.
    pub fn block(
        &mut self,
        frames: usize,
        input: &mut [Vec<f32>; 2],
        ports: usize,
        events: &[Input],
        place: Place,
    ) -> Result<Vec<NoteOut>> {
        let processor = self.processor.as_mut().context("start the instance first")?;
        self.given.clear();
        self.out.clear();
        let given = &mut self.given;
        for event in events {
            match *event {
                Input::On(frame, key, velocity) => {
                    given.push(&NoteOnEvent::new(frame, Pckn::new(0u16, 0u16, u16::from(key), Match::All), velocity));
                }
                Input::Off(frame, key) => {
                    given.push(&NoteOffEvent::new(frame, Pckn::new(0u16, 0u16, u16::from(key), Match::All), 0.0));
                }
                Input::Param(frame, id, value) => {
                    given.push(&ParamValueEvent::new(frame, ClapId::new(id), Pckn::match_all(), value));
                }
            }
        }
        let transport = transport(place);
        self.outputs.resize_with(2 * ports, Vec::new);
        for channel in &mut self.outputs {
            channel.clear();
            channel.resize(frames, 0.0);
        }
        let mut in_ports = AudioPorts::with_capacity(2, 1);
        let mut out_ports = AudioPorts::with_capacity(2 * ports, ports);
        let in_audio = in_ports.with_input_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_input_only(
                input.iter_mut().map(|c| InputChannel::variable(&mut c[..frames])),
            ),
        }]);
        let mut out_audio = out_ports.with_output_buffers(self.outputs.chunks_mut(2).map(|port| AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(port.iter_mut().map(Vec::as_mut_slice)),
        }));
        let input_events = InputEvents::from_buffer(&*given);
        let mut output_events = OutputEvents::from_buffer(&mut self.out);
        let mut status = Ok(());
        (self.around)(&mut || {
            let done = processor.process(
                &in_audio,
                &mut out_audio,
                &input_events,
                &mut output_events,
                Some(self.steady),
                Some(&transport),
            );
            status = done.map(|_| ());
        });
        status?;
        self.steady += frames as u64;
        Ok(self.out.iter().filter_map(note_out).collect())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.stop();
    }
}

fn note_out(event: &clack_host::events::UnknownEvent) -> Option<NoteOut> {
    let frame = event.header().time();
    let number = |m: Match<u16>| if let Match::Specific(n) = m { Some(n) } else { None };
    match event.as_core_event()? {
        CoreEventSpace::NoteOn(n) => {
            Some((frame, number(n.channel())?, u8::try_from(number(n.key())?).ok()?, true, n.velocity()))
        }
        CoreEventSpace::NoteOff(n) => {
            Some((frame, number(n.channel())?, u8::try_from(number(n.key())?).ok()?, false, n.velocity()))
        }
        CoreEventSpace::Midi(m) => {
            let [status, key, velocity] = m.data();
            let channel = u16::from(status & 0x0f);
            match status & 0xf0 {
                0x90 if velocity > 0 => Some((frame, channel, key, true, f64::from(velocity) / 127.0)),
                0x80 | 0x90 => Some((frame, channel, key, false, 0.0)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn transport(place: Place) -> TransportEvent {
    let mut flags = TransportFlags::HAS_TEMPO
        | TransportFlags::HAS_BEATS_TIMELINE
        | TransportFlags::HAS_SECONDS_TIMELINE
        | TransportFlags::HAS_TIME_SIGNATURE;
    if place.playing {
        flags |= TransportFlags::IS_PLAYING;
    }
    let bar = f64::from(place.meter.0) * 4.0 / f64::from(place.meter.1);
    let number = (place.at / bar).floor();
    TransportEvent {
        header: EventHeader::new_core(0, EventFlags::empty()),
        flags,
        song_pos_beats: BeatTime::from_float(place.at),
        song_pos_seconds: SecondsTime::from_float(place.at * 60.0 / place.bpm),
        tempo: place.bpm,
        tempo_inc: 0.0,
        loop_start_beats: BeatTime::from_int(0),
        loop_end_beats: BeatTime::from_int(0),
        loop_start_seconds: SecondsTime::from_int(0),
        loop_end_seconds: SecondsTime::from_int(0),
        bar_start: BeatTime::from_float(number * bar),
        bar_number: number as i32,
        time_signature_numerator: place.meter.0,
        time_signature_denominator: place.meter.1,
    }
}
