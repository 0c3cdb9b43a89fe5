//! Continuo Master, the stereo effect.

pub mod audio;
pub mod lanes;
pub mod snapshot;

use crate::editor::master::MasterGui;
use crate::params::master::MasterParams;
use crate::wiring::{self, MasterWires, WorkerHandle};
use audio::{Bypass, MasterAudio};
use continuo_core::{Frames, SampleRate};
use continuo_gui::adapter::{ScreenEditor, master_editor};
use nice_plug::prelude::*;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The plugin.
pub struct ContinuoMaster {
    params: Arc<MasterParams>,
    wires: MasterWires,
    gui: Option<MasterGui>,
    audio: Option<MasterAudio>,
    worker: Option<WorkerHandle>,
    offline: bool,
}

impl Default for ContinuoMaster {
    fn default() -> Self {
        let params = Arc::new(MasterParams::default());
        let (wires, gui) = wiring::wire_master(&params);
        Self { params, wires, gui: Some(gui), audio: None, worker: None, offline: false }
    }
}

impl Plugin for ContinuoMaster {
    const NAME: &'static str = "Continuo Master";
    const VENDOR: &'static str = crate::VENDOR;
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[AudioIOLayout {
        main_input_channels: NonZeroU32::new(2),
        main_output_channels: NonZeroU32::new(2),
        ..AudioIOLayout::const_default()
    }];

    // Room for every parameter of a densely automated block: beyond it the wrapper would take memory.
    const INPUT_EVENT_CAPACITY: usize = 8192;

    type Editor = ScreenEditor;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        Arc::clone(&self.params) as Arc<dyn Params>
    }

    fn editor(&mut self, _executor: AsyncExecutor<Self>) -> Option<ScreenEditor> {
        let gui = self.gui.take()?;
        Some(master_editor(&self.params.editor.memory, gui))
    }

    fn activate(
        &mut self,
        _layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let Some(rate) = SampleRate::new(f64::from(config.sample_rate)) else { return false };
        let audio = MasterAudio::new(rate, Frames(u64::from(config.max_buffer_size)));
        context.set_latency_samples(u32::try_from(audio.latency().0).unwrap_or(0));
        self.audio = Some(audio);
        self.offline = config.process_mode == ProcessMode::Offline;
        self.wires.rate.store(config.sample_rate.to_bits(), Ordering::Release);
        wiring::start_master(&mut self.worker, &mut self.wires);
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
        _aux: &mut AuxiliaryBuffers,
        _context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let settings = self.params.settings();
        let shared = &self.wires.shared;
        let comparing = !self.offline && shared.compare.load(Ordering::Relaxed) && self.params.editor.memory.is_open();
        let bypass = if comparing {
            let db = f32::from_bits(shared.compare_db.load(Ordering::Relaxed));
            Bypass::Compare { gain: 10f32.powf(db.clamp(-24.0, 24.0) / 20.0) }
        } else if self.params.bypass.value() {
            Bypass::On
        } else {
            Bypass::Off
        };
        if let (Some(audio), [left, right, ..]) = (&mut self.audio, buffer.as_slice()) {
            audio.process(&mut self.wires.audio, left, right, settings, bypass);
        }
        ProcessStatus::Normal
    }

    fn deactivate(&mut self) {
        if let Some(worker) = &self.worker {
            worker.set_active(false);
        }
    }
}

impl ClapPlugin for ContinuoMaster {
    const CLAP_ID: &'static str = "org.continuo.master";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Mastering chain with on-device suggestions that are explained and individually accepted");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::AudioEffect, ClapFeature::Stereo, ClapFeature::Mastering];
}

impl Vst3Plugin for ContinuoMaster {
    const VST3_CLASS_ID: [u8; 16] = *b"ContinuoMaster01";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Fx, Vst3SubCategory::Mastering, Vst3SubCategory::Stereo];
}
