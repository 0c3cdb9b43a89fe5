//! ONNX Runtime, loaded once per process from a library we name, and sessions that run one graph each.
//!
//! This is the only file that names the inference library. It is made so that a DAW full of audio threads does not
//! notice it: one thread per session and no spinning, no telemetry, no output on the terminal. Everything here
//! allocates and may block: worker threads only.
//!
//! The library is found by the caller (see [`find_runtime`]) and loaded by its absolute path, because other plugins in
//! the same process may bring a runtime of their own under the same short name.

use crate::contract::{DType, FileContract, PortContract, read_checked};
use crate::error::ModelError;
use ort::session::{RunOptions, SessionInputValue};
use ort::value::{DynValue, TensorElementType, ValueType};
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Environment variable that names the runtime library and wins over every other place.
pub const LIBRARY_VARIABLE: &str = "ORT_DYLIB_PATH";

/// Oldest runtime this program can speak to: the function table of 1.17.
pub const OLDEST_RUNTIME: &str = "1.17";

/// The absolute path of the runtime library: the one `ORT_DYLIB_PATH` names when it is set, else the first of
/// `candidates` that is a file.
pub fn find_runtime(candidates: &[PathBuf]) -> Result<PathBuf, ModelError> {
    let named = std::env::var_os(LIBRARY_VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from);
    find_among(named.as_ref().map_or(candidates, std::slice::from_ref))
}

/// The absolute path of the first of `paths` that is a file.
pub fn find_among(paths: &[PathBuf]) -> Result<PathBuf, ModelError> {
    paths
        .iter()
        .filter(|p| p.is_file())
        .find_map(|p| p.canonicalize().ok())
        .ok_or_else(|| ModelError::RuntimeMissing { looked: paths.to_vec() })
}

/// The process's ONNX Runtime.
#[derive(Debug)]
pub struct Runtime {
    environment: ort::environment::Environment,
    path: PathBuf,
    version: String,
}

/// One environment per process is all ONNX Runtime allows; it stays until the process ends.
static LOADED: Mutex<Option<Arc<Runtime>>> = Mutex::new(None);

impl Runtime {
    /// Loads the library and makes the process's environment. A later call gives the runtime already loaded, whatever
    /// path it names ([`Runtime::path`] tells which one it is); after an error the next call tries again.
    ///
    /// Takes 25 to 450 ms the first time. The library stays loaded until the process ends.
    pub fn load(library: &Path) -> Result<Arc<Runtime>, ModelError> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = loaded.as_ref() {
            return Ok(Arc::clone(runtime));
        }
        let path = find_among(std::slice::from_ref(&library.to_owned()))?;
        let version = library_version(&path)?;
        let unusable = |why: String| ModelError::RuntimeUnusable { path: path.clone(), why };
        let builder = ort::init_from(&path).map_err(|error| match error {
            ort::LoadDynamicError::BadVersion { version_str, .. } => {
                ModelError::RuntimeTooOld { path: path.clone(), found: version_str, needed: OLDEST_RUNTIME.to_owned() }
            }
            other => unusable(other.to_string()),
        })?;
        let environment = builder
            .with_name("continuo")
            .with_telemetry(false)
            // A plugin must not write on its host's terminal; what matters comes back as an error.
            .with_logger(Arc::new(|_, _, _, _, _| {}))
            .build()
            .map_err(|e| unusable(e.message().to_owned()))?;
        environment.set_log_level(ort::logging::LogLevel::Fatal);
        let runtime = Arc::new(Runtime { environment, path, version });
        *loaded = Some(Arc::clone(&runtime));
        Ok(runtime)
    }

    /// The library's absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The library's version, for instance `1.28.0`.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// Asks a library for its version without keeping it.
fn library_version(path: &Path) -> Result<String, ModelError> {
    let unusable = |why: String| ModelError::RuntimeUnusable { path: path.to_owned(), why };
    // SAFETY: loading a library runs its initialisers. The path is the one the user or our own bundle names as ONNX
    // Runtime; nothing else is ever searched for.
    let library = unsafe { libloading::Library::new(path) }.map_err(|e| unusable(e.to_string()))?;
    // SAFETY: the symbol, where it exists, has this type in every release of ONNX Runtime (onnxruntime_c_api.h).
    let base = unsafe { library.get::<unsafe extern "C" fn() -> *const ort::sys::OrtApiBase>(b"OrtGetApiBase\0") }
        .map_err(|_| unusable("it does not export OrtGetApiBase".to_owned()))?;
    // SAFETY: the function takes nothing and returns a pointer to a static table, which is checked before use; the
    // version is a static string that ends in zero.
    let version = unsafe {
        let base = base();
        if base.is_null() {
            return Err(unusable("it offers no function table".to_owned()));
        }
        CStr::from_ptr(((*base).GetVersionString)())
    };
    Ok(version.to_string_lossy().into_owned())
}

/// Numbers of a tensor, in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit integers.
    I64(Vec<i64>),
    /// Truth values.
    Bool(Vec<bool>),
}

/// A tensor that owns its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Lengths of the dimensions.
    pub shape: Vec<usize>,
    /// Numbers, as many as the product of `shape`.
    pub data: Data,
}

impl Tensor {
    /// The numbers, when they are floats.
    pub fn f32(&self) -> Option<&[f32]> {
        if let Data::F32(data) = &self.data { Some(data) } else { None }
    }

    /// The numbers, when they are integers.
    pub fn i64(&self) -> Option<&[i64]> {
        if let Data::I64(data) = &self.data { Some(data) } else { None }
    }

    /// The numbers, when they are truth values.
    pub fn bool(&self) -> Option<&[bool]> {
        if let Data::Bool(data) = &self.data { Some(data) } else { None }
    }

    /// This tensor as an input.
    pub fn view(&self) -> TensorRef<'_> {
        match &self.data {
            Data::F32(data) => TensorRef::F32(&self.shape, data),
            Data::I64(data) => TensorRef::I64(&self.shape, data),
            Data::Bool(data) => TensorRef::Bool(&self.shape, data),
        }
    }
}

/// An input: shape and numbers that stay where they are, or an output kept from an earlier run.
#[derive(Clone, Copy, Debug)]
pub enum TensorRef<'a> {
    /// 32-bit floats.
    F32(&'a [usize], &'a [f32]),
    /// 64-bit integers.
    I64(&'a [usize], &'a [i64]),
    /// Truth values.
    Bool(&'a [usize], &'a [bool]),
    /// What [`Session::run_kept`] gave; costs no copy.
    Kept(&'a Kept),
}

/// An output that stays inside the runtime, to be the input of a later run (a decoder's cache) or to be read in place.
#[derive(Debug)]
pub struct Kept(DynValue);

impl Kept {
    /// Lengths of the dimensions.
    pub fn shape(&self) -> Vec<usize> {
        self.0.dtype().tensor_shape().map(|s| s.iter().map(|&d| d.max(0) as usize).collect()).unwrap_or_default()
    }

    /// The numbers in place, when they are floats.
    pub fn f32(&self) -> Option<&[f32]> {
        self.0.try_extract_tensor::<f32>().ok().map(|(_, data)| data)
    }

    /// The numbers in place, when they are integers.
    pub fn i64(&self) -> Option<&[i64]> {
        self.0.try_extract_tensor::<i64>().ok().map(|(_, data)| data)
    }

    /// A copy.
    pub fn to_tensor(&self) -> Option<Tensor> {
        let data = match self.0.dtype().tensor_type()? {
            TensorElementType::Float32 => Data::F32(self.f32()?.to_vec()),
            TensorElementType::Int64 => Data::I64(self.i64()?.to_vec()),
            TensorElementType::Bool => Data::Bool(self.0.try_extract_tensor::<bool>().ok()?.1.to_vec()),
            _ => return None,
        };
        Some(Tensor { shape: self.shape(), data })
    }
}

/// Stops a session's run from another thread.
#[derive(Clone)]
pub struct Stopper(Arc<RunOptions>);

impl Stopper {
    /// The run in progress, if any, ends soon with [`ModelError::Cancelled`], and so does every later one.
    pub fn stop(&self) {
        // It can only fail where there is no run to stop.
        let _ = self.0.terminate();
    }
}

impl std::fmt::Debug for Stopper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stopper")
    }
}

/// One graph, ready to run on the calling thread.
pub struct Session {
    inner: ort::session::Session,
    options: Arc<RunOptions>,
    contract: FileContract,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("contract", &self.contract).finish_non_exhaustive()
    }
}

impl Session {
    /// Opens the graph at `path` and checks its bytes, and its inputs' and outputs' names, types and shapes, against
    /// the contract.
    pub fn open(runtime: &Runtime, path: &Path, contract: &FileContract) -> Result<Session, ModelError> {
        let bytes = read_checked(path, &contract.sha256)?;
        let open = |why: &str| ModelError::Open { model: contract.path.clone(), why: why.to_owned() };
        let session = (|| -> Result<_, String> {
            let text = |e: ort::Error<ort::session::builder::SessionBuilder>| e.message().to_owned();
            ort::session::Session::builder(&runtime.environment)
                .map_err(|e| e.message().to_owned())?
                .with_intra_threads(1)
                .map_err(text)?
                .with_inter_threads(1)
                .map_err(text)?
                .with_intra_op_spinning(false)
                .map_err(text)?
                .with_inter_op_spinning(false)
                .map_err(text)?
                .with_deterministic_compute(true)
                .map_err(text)?
                // A decoder's shapes grow with every step, and the runtime would remember a plan for each.
                .with_memory_pattern(false)
                .map_err(text)?
                .with_log_level(ort::logging::LogLevel::Fatal)
                .map_err(text)?
                .commit_from_memory(&bytes)
                .map_err(|e| e.message().to_owned())
        })();
        let inner = session.map_err(|why| open(&why))?;
        check_ports(contract, "input", inner.inputs(), &contract.input)?;
        check_ports(contract, "output", inner.outputs(), &contract.output)?;
        let options = Arc::new(RunOptions::new().map_err(|e| open(e.message()))?);
        Ok(Session { inner, options, contract: contract.clone() })
    }

    /// The contract it was opened under.
    pub fn contract(&self) -> &FileContract {
        &self.contract
    }

    /// A handle that stops this session from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.options))
    }

    /// Lets the session run again after it was stopped.
    pub fn resume(&mut self) -> Result<(), ModelError> {
        self.options.unterminate().map_err(|e| self.failed(e.message()))
    }

    /// Runs the graph; `inputs` are named as in the contract. The outputs come in the contract's order, copied.
    pub fn run(&mut self, inputs: &[(&str, TensorRef)]) -> Result<Vec<Tensor>, ModelError> {
        let kept = self.run_kept(inputs)?;
        kept.iter()
            .map(|k| k.to_tensor().ok_or_else(|| self.failed("an output has a type Continuo does not read")))
            .collect()
    }

    /// Runs the graph and leaves the outputs where they are, in the contract's order.
    pub fn run_kept(&mut self, inputs: &[(&str, TensorRef)]) -> Result<Vec<Kept>, ModelError> {
        let mut values: Vec<(&str, SessionInputValue)> = Vec::with_capacity(inputs.len());
        for &(name, input) in inputs {
            let port = self
                .contract
                .input
                .iter()
                .find(|p| p.name == name)
                .ok_or_else(|| self.failed(&format!("it has no input named '{name}'")))?;
            values.push((name, self.input_value(port, input)?));
        }
        if let Some(port) = self.contract.input.iter().find(|p| !inputs.iter().any(|(name, _)| *name == p.name)) {
            return Err(self.failed(&format!("the input '{}' was not given", port.name)));
        }
        let (options, model) = (Arc::clone(&self.options), self.contract.path.clone());
        let failed = |why: &str| {
            // The runtime has no code of its own for a stopped run; this is the sentence it has had since 1.0.
            if why.contains("terminate flag") {
                ModelError::Cancelled
            } else {
                ModelError::Inference { model: model.clone(), why: why.to_owned() }
            }
        };
        let mut outputs = self.inner.run_with_options::<_, 0>(values, &options).map_err(|e| failed(e.message()))?;
        self.contract
            .output
            .iter()
            .map(|port| outputs.remove(&port.name).map(Kept).ok_or_else(|| failed("an output is missing")))
            .collect()
    }

    fn input_value<'v>(&self, port: &PortContract, input: TensorRef<'v>) -> Result<SessionInputValue<'v>, ModelError> {
        let (dtype, shape) = match input {
            TensorRef::F32(shape, _) => (Some(DType::F32), shape.to_vec()),
            TensorRef::I64(shape, _) => (Some(DType::I64), shape.to_vec()),
            TensorRef::Bool(shape, _) => (Some(DType::Bool), shape.to_vec()),
            TensorRef::Kept(kept) => (kept.0.dtype().tensor_type().and_then(dtype_of), kept.shape()),
        };
        let fits = shape.len() == port.shape.len()
            && shape.iter().zip(&port.shape).all(|(&have, &want)| want < 0 || have as i64 == want);
        if dtype != Some(port.dtype) || !fits {
            return Err(ModelError::Mismatch {
                model: self.contract.path.clone(),
                what: format!("the input '{}'", port.name),
                expected: describe(Some(port.dtype), &port.shape),
                found: describe(dtype, &shape.iter().map(|&d| d as i64).collect::<Vec<_>>()),
            });
        }
        let wrong = |e: ort::Error| self.failed(e.message());
        Ok(match input {
            TensorRef::F32(_, data) => ort::value::TensorRef::from_array_view((shape, data)).map_err(wrong)?.into(),
            TensorRef::I64(_, data) => ort::value::TensorRef::from_array_view((shape, data)).map_err(wrong)?.into(),
            TensorRef::Bool(_, data) => ort::value::TensorRef::from_array_view((shape, data)).map_err(wrong)?.into(),
            TensorRef::Kept(kept) => (&kept.0).into(),
        })
    }

    fn failed(&self, why: &str) -> ModelError {
        ModelError::Inference { model: self.contract.path.clone(), why: why.to_owned() }
    }
}

fn dtype_of(element: TensorElementType) -> Option<DType> {
    match element {
        TensorElementType::Float32 => Some(DType::F32),
        TensorElementType::Int64 => Some(DType::I64),
        TensorElementType::Bool => Some(DType::Bool),
        _ => None,
    }
}

fn describe(dtype: Option<DType>, shape: &[i64]) -> String {
    format!("{} {shape:?}", dtype.map_or("another type", DType::id))
}

/// Names, types and shapes of one side of the graph against the contract's.
fn check_ports(
    file: &FileContract,
    side: &str,
    graph: &[ort::value::Outlet],
    contract: &[PortContract],
) -> Result<(), ModelError> {
    let mismatch = |what: String, expected: String, found: String| {
        Err(ModelError::Mismatch { model: file.path.clone(), what, expected, found })
    };
    let names = |list: Vec<&str>| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    let (mut have, mut want) = (
        graph.iter().map(ort::value::Outlet::name).collect::<Vec<_>>(),
        contract.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
    );
    have.sort_unstable();
    want.sort_unstable();
    if have != want {
        return mismatch(format!("the list of {side}s"), names(want), names(have));
    }
    for port in contract {
        let Some(outlet) = graph.iter().find(|o| o.name() == port.name) else { continue };
        let found = match outlet.dtype() {
            ValueType::Tensor { ty, shape, .. } => (dtype_of(*ty), shape.iter().map(|&d| d.max(-1)).collect()),
            _ => (None, Vec::new()),
        };
        if found != (Some(port.dtype), port.shape.clone()) {
            return mismatch(
                format!("the {side} '{}'", port.name),
                describe(Some(port.dtype), &port.shape),
                describe(found.0, &found.1),
            );
        }
    }
    Ok(())
}
