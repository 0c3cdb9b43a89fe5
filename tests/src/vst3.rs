//! A small VST3 host without a run loop: makes instances from a factory, plays blocks with parameter changes, notes and
//! transport, and opens editors in a window of its own.

use anyhow::{Context, Result, bail};
use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::ptr::{null_mut, slice_from_raw_parts};
use vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, BusDirections_, Event, Event_, IAudioProcessor, IAudioProcessorTrait,
    IComponent, IComponentTrait, IEditController, IEditControllerTrait, IEventList, IEventListTrait, IParamValueQueue,
    IParamValueQueueTrait, IParameterChanges, IParameterChangesTrait, MediaTypes_, NoteOnEvent, ProcessContext,
    ProcessContext_, ProcessData, ProcessModes_, ProcessSetup, SymbolicSampleSizes_, ViewType,
};
use vst3::Steinberg::{
    IBStream, IBStreamTrait, IPlugView, IPlugViewTrait, IPluginBaseTrait, IPluginFactory, IPluginFactoryTrait,
    PClassInfo, ViewRect, kInvalidArgument, kPlatformTypeX11EmbedWindowID, kResultOk, tresult,
};
use vst3::{Class, ComPtr, ComWrapper};

/// The factory of a loaded library.
pub struct Factory(ComPtr<IPluginFactory>);

impl Factory {
    /// Takes over the pointer that `GetPluginFactory` returned.
    ///
    /// # Safety
    /// The pointer must be that, and the library must stay loaded.
    ///
    /// # Errors
    /// When it is null.
    pub unsafe fn from_raw(factory: *mut c_void) -> Result<Self> {
        // SAFETY: by this function's contract.
        let factory = unsafe { ComPtr::from_raw(factory.cast::<IPluginFactory>()) };
        Ok(Self(factory.context("the library gives no factory")?))
    }

    /// The names of the classes inside.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.classes().into_iter().map(|c| c.1).collect()
    }

    fn classes(&self) -> Vec<([i8; 16], String)> {
        // SAFETY: plain calls with memory of the right type.
        unsafe {
            (0..self.0.countClasses())
                .filter_map(|i| {
                    let mut info: PClassInfo = std::mem::zeroed();
                    if self.0.getClassInfo(i, &raw mut info) != kResultOk {
                        return None;
                    }
                    let name: Vec<u8> = info.name.iter().take_while(|&&c| c != 0).map(|&c| c as u8).collect();
                    Some((info.cid, String::from_utf8_lossy(&name).into_owned()))
                })
                .collect()
        }
    }

    /// A new, initialised instance of the class called `name`.
    ///
    /// # Errors
    /// When there is none, or when it refuses.
    pub fn instance(&self, name: &str) -> Result<Instance> {
        let class = self.classes().into_iter().find(|c| c.1 == name).context("no class of this name")?;
        // SAFETY: the calls and their order are those of the interface's documentation.
        unsafe {
            let mut object = null_mut();
            let wanted = <IComponent as vst3::Interface>::IID;
            let status = self.0.createInstance(class.0.as_ptr(), wanted.as_ptr().cast(), &raw mut object);
            if status != kResultOk {
                bail!("cannot make {name}: {status}");
            }
            let component = ComPtr::from_raw(object.cast::<IComponent>()).context("no component")?;
            if component.initialize(null_mut()) != kResultOk {
                bail!("{name} does not initialise");
            }
            let processor = component.cast::<IAudioProcessor>().context("no audio processor")?;
            let controller = component.cast::<IEditController>().context("no edit controller")?;
            let count = |direction| component.getBusCount(MediaTypes_::kAudio as i32, direction as i32);
            let buses = (count(BusDirections_::kInput), count(BusDirections_::kOutput));
            Ok(Instance { component, processor, controller, buses, active: false })
        }
    }
}

/// One plugin instance.
pub struct Instance {
    component: ComPtr<IComponent>,
    processor: ComPtr<IAudioProcessor>,
    controller: ComPtr<IEditController>,
    /// Audio buses, in and out; all are stereo.
    pub buses: (i32, i32),
    active: bool,
}

// Hosts process on one thread and talk to the controller on another; the tests do the same.
unsafe impl Send for Instance {}
unsafe impl Sync for Instance {}

impl Instance {
    /// Activates every bus and starts processing.
    ///
    /// # Errors
    /// When the plugin refuses.
    pub fn start(&mut self, sample_rate: f64, max_frames: i32) -> Result<()> {
        // SAFETY: as the interface's documentation asks.
        unsafe {
            for (direction, count) in [(BusDirections_::kInput, self.buses.0), (BusDirections_::kOutput, self.buses.1)]
            {
                for bus in 0..count {
                    self.component.activateBus(MediaTypes_::kAudio as i32, direction as i32, bus, 1);
                }
                self.component.activateBus(MediaTypes_::kEvent as i32, direction as i32, 0, 1);
            }
            let mut setup = ProcessSetup {
                processMode: ProcessModes_::kRealtime as i32,
                symbolicSampleSize: SymbolicSampleSizes_::kSample32 as i32,
                maxSamplesPerBlock: max_frames,
                sampleRate: sample_rate,
            };
            if self.processor.setupProcessing(&raw mut setup) != kResultOk || self.component.setActive(1) != kResultOk {
                bail!("the plugin does not start");
            }
            self.processor.setProcessing(1);
        }
        self.active = true;
        Ok(())
    }

    /// Stops processing.
    pub fn stop(&mut self) {
        if std::mem::take(&mut self.active) {
            // SAFETY: the counterpart of `start`.
            unsafe {
                self.processor.setProcessing(0);
                self.component.setActive(0);
            }
        }
    }

    /// The ids of every parameter.
    #[must_use]
    pub fn params(&self) -> Vec<u32> {
        // SAFETY: plain calls with memory of the right type.
        unsafe {
            (0..self.controller.getParameterCount())
                .filter_map(|i| {
                    let mut info = std::mem::zeroed();
                    (self.controller.getParameterInfo(i, &raw mut info) == kResultOk).then_some(info.id)
                })
                .collect()
        }
    }

    /// Saves the state.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        let stream = ComWrapper::new(Memory::default());
        if let Some(pointer) = stream.to_com_ptr::<IBStream>() {
            // SAFETY: the stream outlives the call.
            unsafe { self.component.getState(pointer.as_ptr()) };
        }
        stream.bytes()
    }

    /// Loads a state; false when the plugin refuses it.
    #[must_use]
    pub fn load(&self, bytes: &[u8]) -> bool {
        let stream = ComWrapper::new(Memory::with(bytes));
        let Some(pointer) = stream.to_com_ptr::<IBStream>() else { return false };
        // SAFETY: the stream outlives the call.
        unsafe { self.component.setState(pointer.as_ptr()) == kResultOk }
    }

    /// Opens the editor inside the X11 window `parent`.
    ///
    /// # Errors
    /// When there is no editor or it does not attach.
    pub fn open_editor(&self, parent: u32) -> Result<View> {
        // SAFETY: the view is released by its owner before the instance.
        unsafe {
            let view = self.controller.createView(ViewType::kEditor);
            let view = ComPtr::from_raw(view).context("the plugin has no editor")?;
            let mut size = ViewRect { left: 0, top: 0, right: 0, bottom: 0 };
            view.getSize(&raw mut size);
            let status = view.attached(parent as usize as *mut c_void, kPlatformTypeX11EmbedWindowID);
            if status != kResultOk {
                bail!("the editor does not attach: {status}");
            }
            Ok(View { view, size: (size.right - size.left, size.bottom - size.top) })
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.stop();
        // SAFETY: the last call before release.
        unsafe {
            self.component.terminate();
        }
    }
}

/// An open editor.
pub struct View {
    view: ComPtr<IPlugView>,
    /// Width and height it asked for, pixels.
    pub size: (i32, i32),
}

impl View {
    /// Closes it.
    pub fn close(self) {
        // SAFETY: the counterpart of `attached`.
        unsafe {
            self.view.removed();
        }
    }
}

/// Buffers and lists for blocks, made beforehand so that a block costs the host no memory.
pub struct Blocks {
    channels: Vec<Vec<f32>>,
    pointers: Vec<*mut f32>,
    inputs: Vec<AudioBusBuffers>,
    outputs: Vec<AudioBusBuffers>,
    changes: ComWrapper<Changes>,
    events: ComWrapper<Events>,
    out_events: ComWrapper<Events>,
    context: ProcessContext,
}

// The pointers point into `channels`, which moves with them.
unsafe impl Send for Blocks {}

impl Blocks {
    /// Storage for an instance with these buses, in blocks of up to `max_frames`.
    #[must_use]
    pub fn new(buses: (i32, i32), max_frames: usize, sample_rate: f64) -> Self {
        let total = 2 * (buses.0 + buses.1) as usize;
        let mut channels = vec![vec![0.0f32; max_frames]; total];
        let mut pointers: Vec<*mut f32> = channels.iter_mut().map(Vec::as_mut_ptr).collect();
        let bus = |i: usize, pointers: &mut [*mut f32]| AudioBusBuffers {
            numChannels: 2,
            silenceFlags: 0,
            __field0: AudioBusBuffers__type0 { channelBuffers32: pointers[2 * i..].as_mut_ptr() },
        };
        let inputs = (0..buses.0 as usize).map(|i| bus(i, &mut pointers)).collect();
        let outputs = (0..buses.1 as usize).map(|i| bus(buses.0 as usize + i, &mut pointers)).collect();
        // SAFETY: plain data, for which zero is a value.
        let mut context: ProcessContext = unsafe { std::mem::zeroed() };
        context.sampleRate = sample_rate;
        context.tempo = 120.0;
        context.timeSigNumerator = 4;
        context.timeSigDenominator = 4;
        Self {
            channels,
            pointers,
            inputs,
            outputs,
            changes: ComWrapper::new(Changes::default()),
            events: ComWrapper::new(Events::default()),
            out_events: ComWrapper::new(Events::default()),
            context,
        }
    }

    /// The channels, input buses first.
    pub fn channels(&mut self) -> &mut [Vec<f32>] {
        &mut self.channels
    }

    /// Notes that came out of the last block.
    #[must_use]
    pub fn notes_out(&self) -> usize {
        self.out_events.list().len()
    }

    /// Prepares a block: `changes` are parameter ids with normalised values, `keys` are keys that go down (velocity
    /// over 0) or up. No memory is taken once the lists have grown.
    pub fn prepare(&mut self, position: i64, playing: bool, changes: &[(u32, f64)], keys: &[(i16, f32)]) {
        let quarter = self.context.sampleRate * 60.0 / self.context.tempo;
        self.context.projectTimeSamples = position;
        self.context.projectTimeMusic = position as f64 / quarter;
        self.context.barPositionMusic = (self.context.projectTimeMusic / 4.0).floor() * 4.0;
        let valid = ProcessContext_::StatesAndFlags_::kTempoValid
            | ProcessContext_::StatesAndFlags_::kTimeSigValid
            | ProcessContext_::StatesAndFlags_::kProjectTimeMusicValid
            | ProcessContext_::StatesAndFlags_::kBarPositionValid;
        self.context.state = valid | if playing { ProcessContext_::StatesAndFlags_::kPlaying } else { 0 };
        self.changes.set(changes);
        self.events.set(keys);
        self.out_events.clear();
    }

    /// Processes the prepared block. Only the plugin's own code runs inside `around`.
    ///
    /// # Errors
    /// When the plugin reports one.
    pub fn process(&mut self, instance: &Instance, frames: i32, around: impl FnOnce(&mut dyn FnMut())) -> Result<()> {
        let changes = self.changes.to_com_ptr::<IParameterChanges>().context("changes")?;
        let events = self.events.to_com_ptr::<IEventList>().context("events")?;
        let out_events = self.out_events.to_com_ptr::<IEventList>().context("events")?;
        debug_assert_eq!(self.pointers.len(), self.channels.len());
        let mut data = ProcessData {
            processMode: ProcessModes_::kRealtime as i32,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as i32,
            numSamples: frames,
            numInputs: self.inputs.len() as i32,
            numOutputs: self.outputs.len() as i32,
            inputs: self.inputs.as_mut_ptr(),
            outputs: self.outputs.as_mut_ptr(),
            inputParameterChanges: changes.as_ptr(),
            outputParameterChanges: null_mut(),
            inputEvents: events.as_ptr(),
            outputEvents: out_events.as_ptr(),
            processContext: &raw mut self.context,
        };
        let mut status: tresult = kResultOk;
        // SAFETY: every pointer lives until the end of this function.
        around(&mut || status = unsafe { instance.processor.process(&raw mut data) });
        if status != kResultOk {
            bail!("process reports {status}");
        }
        Ok(())
    }
}

/// Parameter changes of one block.
#[derive(Default)]
struct Changes {
    queues: UnsafeCell<Vec<ComWrapper<Queue>>>,
    pointers: UnsafeCell<Vec<ComPtr<IParamValueQueue>>>,
    used: UnsafeCell<usize>,
}

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl Changes {
    fn set(&self, changes: &[(u32, f64)]) {
        // SAFETY: the host prepares and the plugin reads one after the other on one thread.
        unsafe {
            let (queues, pointers) = (&mut *self.queues.get(), &mut *self.pointers.get());
            while queues.len() < changes.len() {
                let queue = ComWrapper::new(Queue::default());
                pointers.extend(queue.to_com_ptr::<IParamValueQueue>());
                queues.push(queue);
            }
            for (queue, &change) in queues.iter().zip(changes) {
                *queue.0.get() = change;
            }
            *self.used.get() = changes.len();
        }
    }
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> i32 {
        // SAFETY: see `set`.
        unsafe { *self.used.get() as i32 }
    }
    unsafe fn getParameterData(&self, index: i32) -> *mut IParamValueQueue {
        // SAFETY: see `set`.
        let pointers = unsafe { &*self.pointers.get() };
        usize::try_from(index).ok().and_then(|i| pointers.get(i)).map_or(null_mut(), ComPtr::as_ptr)
    }
    unsafe fn addParameterData(&self, _id: *const u32, _index: *mut i32) -> *mut IParamValueQueue {
        null_mut()
    }
}

/// One parameter's change at the start of the block.
#[derive(Default)]
struct Queue(UnsafeCell<(u32, f64)>);

impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> u32 {
        // SAFETY: see `Changes::set`.
        unsafe { (*self.0.get()).0 }
    }
    unsafe fn getPointCount(&self) -> i32 {
        1
    }
    unsafe fn getPoint(&self, index: i32, offset: *mut i32, value: *mut f64) -> tresult {
        if index != 0 {
            return kInvalidArgument;
        }
        // SAFETY: the plugin gives pointers to its own variables.
        unsafe {
            *offset = 0;
            *value = (*self.0.get()).1;
        }
        kResultOk
    }
    unsafe fn addPoint(&self, _offset: i32, _value: f64, _index: *mut i32) -> tresult {
        kInvalidArgument
    }
}

/// Most events taken from one block; storage for them is there beforehand.
const MAX_EVENTS: usize = 4096;

/// Notes into or out of one block.
struct Events(UnsafeCell<Vec<Event>>);

impl Default for Events {
    fn default() -> Self {
        Self(UnsafeCell::new(Vec::with_capacity(MAX_EVENTS)))
    }
}

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl Events {
    #[allow(clippy::mut_from_ref, reason = "one thread prepares, plays and reads in turn")]
    fn list(&self) -> &mut Vec<Event> {
        // SAFETY: host and plugin use the list one after the other on one thread.
        unsafe { &mut *self.0.get() }
    }

    fn clear(&self) {
        self.list().clear();
    }

    fn set(&self, keys: &[(i16, f32)]) {
        self.clear();
        for &(pitch, velocity) in keys.iter().take(MAX_EVENTS) {
            // SAFETY: plain data, for which zero is a value.
            let mut event: Event = unsafe { std::mem::zeroed() };
            let kinds = (Event_::EventTypes_::kNoteOnEvent, Event_::EventTypes_::kNoteOffEvent);
            event.r#type = if velocity > 0.0 { kinds.0 } else { kinds.1 } as u16;
            // Both kinds begin with channel and pitch; the velocity of an off is not looked at.
            event.__field0.noteOn = NoteOnEvent { channel: 0, pitch, tuning: 0.0, velocity, length: 0, noteId: -1 };
            if velocity <= 0.0 {
                event.__field0.noteOff.velocity = 0.0;
                event.__field0.noteOff.noteId = -1;
            }
            self.list().push(event);
        }
    }
}

impl IEventListTrait for Events {
    unsafe fn getEventCount(&self) -> i32 {
        self.list().len() as i32
    }
    unsafe fn getEvent(&self, index: i32, event: *mut Event) -> tresult {
        match usize::try_from(index).ok().and_then(|i| self.list().get(i)) {
            Some(found) => {
                // SAFETY: the plugin gives a pointer to its own variable.
                unsafe { *event = *found };
                kResultOk
            }
            None => kInvalidArgument,
        }
    }
    unsafe fn addEvent(&self, event: *mut Event) -> tresult {
        let list = self.list();
        if list.len() >= MAX_EVENTS || event.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: the plugin gives a valid event.
        list.push(unsafe { *event });
        kResultOk
    }
}

/// A state in memory.
#[derive(Default)]
struct Memory(UnsafeCell<(Vec<u8>, usize)>);

impl Memory {
    fn with(bytes: &[u8]) -> Self {
        Self(UnsafeCell::new((bytes.to_vec(), 0)))
    }

    fn bytes(&self) -> Vec<u8> {
        // SAFETY: the plugin is done with it.
        unsafe { (*self.0.get()).0.clone() }
    }
}

impl Class for Memory {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Memory {
    unsafe fn read(&self, buffer: *mut c_void, wanted: i32, done: *mut i32) -> tresult {
        // SAFETY: the plugin gives room for as many bytes as it wants.
        unsafe {
            let (bytes, at) = &mut *self.0.get();
            let count = usize::try_from(wanted).unwrap_or(0).min(bytes.len() - *at);
            std::ptr::copy_nonoverlapping(bytes[*at..].as_ptr(), buffer.cast(), count);
            *at += count;
            if !done.is_null() {
                *done = count as i32;
            }
        }
        kResultOk
    }
    unsafe fn write(&self, buffer: *mut c_void, wanted: i32, done: *mut i32) -> tresult {
        // SAFETY: the plugin gives as many bytes as it says.
        unsafe {
            let (bytes, at) = &mut *self.0.get();
            let given = &*slice_from_raw_parts(buffer.cast::<u8>(), usize::try_from(wanted).unwrap_or(0));
            bytes.truncate(*at);
            bytes.extend_from_slice(given);
            *at = bytes.len();
            if !done.is_null() {
                *done = wanted;
            }
        }
        kResultOk
    }
    unsafe fn seek(&self, position: i64, mode: i32, result: *mut i64) -> tresult {
        // SAFETY: one thread at a time.
        unsafe {
            let (bytes, at) = &mut *self.0.get();
            let base = [0, *at as i64, bytes.len() as i64].get(usize::try_from(mode).unwrap_or(9)).copied();
            let Some(base) = base else { return kInvalidArgument };
            *at = usize::try_from(base + position).unwrap_or(0).min(bytes.len());
            if !result.is_null() {
                *result = *at as i64;
            }
        }
        kResultOk
    }
    unsafe fn tell(&self, position: *mut i64) -> tresult {
        // SAFETY: the plugin gives a pointer to its own variable.
        unsafe { *position = (*self.0.get()).1 as i64 };
        kResultOk
    }
}
