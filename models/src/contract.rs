//! `contract.toml`: what a model is, byte for byte, and how it is spoken to.
//!
//! ```toml
//! name = "harmony"
//! version = "0.1.0"
//! feature_version = 1
//! ort_min = "1.17"
//!
//! [[file]]
//! path = "harmony.onnx"
//! sha256 = "…64 hex digits…"
//! [[file.input]]
//! name = "pcs"
//! dtype = "f32"
//! shape = [1, 12, 7, -1]   # -1: any length
//! [[file.output]]
//! name = "scores"
//! dtype = "f32"
//! shape = [1, -1, 121]
//!
//! [params]                 # numbers, words and lists the decoder needs
//! temperature = 1.0
//!
//! [data]
//! works = 1234
//! sha256 = "…"
//! ```
//!
//! The export scripts write it and this module reads it; where the two sides differ, loading stops with an error that
//! names both.

use crate::error::ModelError;
use crate::runtime::{Runtime, Session};
use continuo_core::ModelRef;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Name of the contract file in a model's folder.
pub const CONTRACT_FILE: &str = "contract.toml";

/// Element type of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DType {
    /// 32-bit float.
    #[serde(alias = "float32")]
    F32,
    /// 64-bit signed integer.
    #[serde(alias = "int64")]
    I64,
    /// True or false.
    Bool,
}

impl DType {
    /// The word in the contract.
    pub fn id(self) -> &'static str {
        match self {
            DType::F32 => "f32",
            DType::I64 => "i64",
            DType::Bool => "bool",
        }
    }
}

/// One input or output of a graph.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortContract {
    /// Name in the graph.
    pub name: String,
    /// Element type.
    pub dtype: DType,
    /// Dimensions; -1 where any length goes.
    pub shape: Vec<i64>,
}

/// One graph file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileContract {
    /// Path relative to the contract, with forward slashes, inside the model's folder.
    pub path: String,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// Inputs, in the order the graph declares them.
    #[serde(default)]
    pub input: Vec<PortContract>,
    /// Outputs, in the order the graph declares them.
    #[serde(default)]
    pub output: Vec<PortContract>,
}

/// What the model was trained on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DataContract {
    /// How many works.
    pub works: u64,
    /// SHA-256 over the training works, as the training script defines it.
    pub sha256: String,
}

/// A model's contract, read and checked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Name, for instance `harmony`.
    pub name: String,
    /// Version of the model.
    pub version: String,
    /// Version of the features it is fed with; the program has its own and both must agree.
    pub feature_version: u32,
    /// Oldest ONNX Runtime that can run it, for instance `1.17`.
    pub ort_min: String,
    /// Graph files, at least one.
    pub file: Vec<FileContract>,
    /// Numbers, words and lists for the decoder.
    #[serde(default)]
    pub params: toml::Table,
    /// Training data.
    pub data: DataContract,
    #[serde(skip)]
    dir: PathBuf,
}

impl Contract {
    /// Reads `dir/contract.toml` and checks that every file it names is there with the right SHA-256.
    pub fn load(dir: &Path) -> Result<Contract, ModelError> {
        let path = dir.join(CONTRACT_FILE);
        let text = std::fs::read_to_string(&path).map_err(|e| file_error(&path, &e))?;
        let mut contract: Contract = toml::from_str(&text)
            .map_err(|e| ModelError::BadContract { path: path.clone(), why: e.message().to_owned() })?;
        contract.dir = dir.to_owned();
        let bad = |why: String| ModelError::BadContract { path: path.clone(), why };
        if contract.file.is_empty() {
            return Err(bad("it names no model file".into()));
        }
        for file in &contract.file {
            let inside = Path::new(&file.path).components().all(|c| matches!(c, std::path::Component::Normal(_)));
            if file.path.is_empty() || !inside {
                return Err(bad(format!("the path '{}' leads out of the model's folder", file.path)));
            }
            contract.read(file)?;
        }
        Ok(contract)
    }

    /// The folder it was read from.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The model as the record names it.
    pub fn model_ref(&self) -> ModelRef {
        let sha256 = match self.file.as_slice() {
            [file] => file.sha256.clone(),
            files => {
                let mut hash = Sha256::new();
                for file in files {
                    hash.update(file.sha256.as_bytes());
                }
                hex(&hash.finalize())
            }
        };
        ModelRef { name: self.name.clone(), version: self.version.clone(), sha256 }
    }

    /// Fails unless this is the model `name` with features of version `feature_version`.
    pub fn expect(&self, name: &str, feature_version: u32) -> Result<(), ModelError> {
        if self.name != name {
            return Err(self.mismatch("the model's name", name, &self.name));
        }
        if self.feature_version != feature_version {
            return Err(self.mismatch("the feature version", feature_version, self.feature_version));
        }
        Ok(())
    }

    /// Opens graph file number `index`.
    pub fn open(&self, runtime: &Runtime, index: usize) -> Result<Session, ModelError> {
        if version_numbers(runtime.version()) < version_numbers(&self.ort_min) {
            return Err(ModelError::RuntimeTooOld {
                path: runtime.path().to_owned(),
                found: runtime.version().to_owned(),
                needed: self.ort_min.clone(),
            });
        }
        let file = self
            .file
            .get(index)
            .ok_or_else(|| self.mismatch("the number of model files", index + 1, self.file.len()))?;
        Session::open(runtime, &self.dir.join(&file.path), file)
    }

    /// A number of `[params]`.
    pub fn number(&self, name: &str) -> Result<f64, ModelError> {
        self.params.get(name).and_then(as_number).ok_or_else(|| self.no_param(name, "a number"))
    }

    /// A list of numbers of `[params]`; nested lists are read row by row.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>, ModelError> {
        fn flatten(value: &toml::Value, into: &mut Vec<f64>) -> bool {
            match value.as_array() {
                Some(list) => list.iter().all(|v| flatten(v, into)),
                None => as_number(value).map(|n| into.push(n)).is_some(),
            }
        }
        let mut list = Vec::new();
        match self.params.get(name) {
            Some(value) if value.is_array() && flatten(value, &mut list) => Ok(list),
            _ => Err(self.no_param(name, "a list of numbers")),
        }
    }

    /// A word of `[params]`.
    pub fn word(&self, name: &str) -> Result<&str, ModelError> {
        self.params.get(name).and_then(toml::Value::as_str).ok_or_else(|| self.no_param(name, "a word"))
    }

    fn no_param(&self, name: &str, kind: &str) -> ModelError {
        let found = self.params.get(name).map_or("missing", toml::Value::type_str);
        self.mismatch(&format!("params.{name}"), kind, found)
    }

    /// The bytes of a file beside the contract, checked against the contract's hash.
    fn read(&self, file: &FileContract) -> Result<Vec<u8>, ModelError> {
        read_checked(&self.dir.join(&file.path), &file.sha256)
    }

    /// An error that says the contract has `found` where the program expects `expected`.
    pub fn mismatch(&self, what: &str, expected: impl ToString, found: impl ToString) -> ModelError {
        ModelError::Mismatch {
            model: self.name.clone(),
            what: what.to_owned(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }
}

/// The bytes of `path`, when their SHA-256 is `sha256` (hex of either case).
pub fn read_checked(path: &Path, sha256: &str) -> Result<Vec<u8>, ModelError> {
    let bytes = std::fs::read(path).map_err(|e| file_error(path, &e))?;
    let found = hex(&Sha256::digest(&bytes));
    if !found.eq_ignore_ascii_case(sha256) {
        return Err(ModelError::Hash { path: path.to_owned(), expected: sha256.to_ascii_lowercase(), found });
    }
    Ok(bytes)
}

fn file_error(path: &Path, error: &std::io::Error) -> ModelError {
    ModelError::File { path: path.to_owned(), why: error.to_string() }
}

fn as_number(value: &toml::Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|i| i as f64))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// `1.28.0` as numbers; anything that is no number counts as 0, so that `1.17` < `1.28.0`.
fn version_numbers(version: &str) -> Vec<u64> {
    let mut numbers: Vec<u64> = version
        .split('.')
        .map(|p| p.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0))
        .collect();
    numbers.resize(numbers.len().max(3), 0);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, contract: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("continuo-contract-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(CONTRACT_FILE), contract).unwrap();
        for (file, bytes) in files {
            std::fs::write(dir.join(file), bytes).unwrap();
        }
        dir
    }

    /// SHA-256 of the three letters "abc" (FIPS 180-2, appendix B.1).
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn text(path: &str, sha256: &str) -> String {
        format!(
            "name = 'm'\nversion = '1'\nfeature_version = 3\nort_min = '1.17'\n[[file]]\npath = '{path}'\nsha256 = '{sha256}'\n\
             [[file.input]]\nname = 'x'\ndtype = 'f32'\nshape = [1, -1]\n[params]\na = 2\nb = [[1, 2.5], [3]]\nc = 'w'\n\
             [data]\nworks = 7\nsha256 = ''\n"
        )
    }

    #[test]
    fn a_whole_contract_is_read() {
        let dir = folder("whole", &text("m.onnx", ABC), &[("m.onnx", b"abc")]);
        let contract = Contract::load(&dir).unwrap();
        assert_eq!(contract.model_ref().sha256, ABC);
        assert_eq!(contract.number("a"), Ok(2.0));
        assert_eq!(contract.numbers("b"), Ok(vec![1.0, 2.5, 3.0]));
        assert_eq!(contract.word("c"), Ok("w"));
        assert!(contract.number("zz").unwrap_err().to_string().contains("params.zz"));
        assert_eq!(contract.expect("m", 3), Ok(()));
        let error = contract.expect("m", 4).unwrap_err().to_string();
        assert!(error.contains('3') && error.contains('4'), "{error}");
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_changed_or_missing_file_is_named_with_both_hashes() {
        let dir = folder("changed", &text("m.onnx", ABC), &[("m.onnx", b"abd")]);
        match Contract::load(&dir) {
            Err(ModelError::Hash { expected, found, .. }) => {
                assert!(expected == ABC && found != ABC && found.len() == 64)
            }
            other => panic!("{other:?}"),
        }
        std::fs::remove_file(dir.join("m.onnx")).unwrap();
        assert!(matches!(Contract::load(&dir), Err(ModelError::File { .. })));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn paths_stay_in_the_folder_and_words_are_known() {
        for (name, contract) in [
            ("out", text("../m.onnx", ABC)),
            ("root", text("/etc/hostname", ABC)),
            ("word", text("m.onnx", ABC).replace("ort_min", "ort_mni")),
            ("none", "name = 'm'".to_owned()),
        ] {
            let dir = folder(name, &contract, &[("m.onnx", b"abc")]);
            assert!(matches!(Contract::load(&dir), Err(ModelError::BadContract { .. })), "{name}");
            std::fs::remove_dir_all(dir).unwrap();
        }
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(version_numbers("1.9") < version_numbers("1.17.0"));
        assert_eq!(version_numbers("1.17"), version_numbers("1.17.0"));
        assert!(version_numbers("1.28.0-rc1") >= version_numbers("1.28"));
    }
}
