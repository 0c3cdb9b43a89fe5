//! The runtime against a real ONNX Runtime and a small real graph (`data/make_counter.py`).

mod common;

use continuo_models::contract::{DType, FileContract, PortContract};
use continuo_models::runtime::Data;
use continuo_models::{ModelError, Runtime, Session, Tensor, TensorRef};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn runtime() -> Arc<Runtime> {
    Runtime::load(&common::library()).unwrap()
}

fn graph() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/counter.onnx")
}

fn port(name: &str, dtype: DType, shape: &[i64]) -> PortContract {
    PortContract { name: name.into(), dtype, shape: shape.to_vec() }
}

fn contract() -> FileContract {
    FileContract {
        path: "counter.onnx".into(),
        sha256: "1cf9142ed2989a23c6325d636010fc5b5748eb6fcd8ec728b015bffbacf8b7c8".into(),
        input: vec![
            port("x", DType::F32, &[1, -1]),
            port("cache", DType::F32, &[1, -1]),
            port("flip", DType::Bool, &[1]),
            port("id", DType::I64, &[1]),
        ],
        output: vec![
            port("sum", DType::F32, &[1]),
            port("cache_out", DType::F32, &[1, -1]),
            port("next", DType::I64, &[1]),
        ],
    }
}

#[test]
fn a_cache_grows_from_empty_without_being_copied() {
    let runtime = runtime();
    let mut session = Session::open(&runtime, &graph(), &contract()).unwrap();
    let flip = Tensor { shape: vec![1], data: Data::Bool(vec![false]) };
    let mut cache = None;
    for step in 0..50i64 {
        let x = [step as f32];
        let previous = match &cache {
            Some(kept) => TensorRef::Kept(kept),
            None => TensorRef::F32(&[1, 0], &[]),
        };
        let inputs = [
            ("x", TensorRef::F32(&[1, 1], &x)),
            ("cache", previous),
            ("flip", flip.view()),
            ("id", TensorRef::I64(&[1], &[step])),
        ];
        let mut outputs = session.run_kept(&inputs).unwrap();
        // 0 + 1 + ... + step.
        assert_eq!(outputs[0].f32(), Some(&[(step * (step + 1) / 2) as f32][..]));
        assert_eq!(outputs[2].i64(), Some(&[step + 1][..]));
        assert_eq!(outputs[1].shape(), [1, step as usize + 1]);
        cache = Some(outputs.remove(1));
    }
}

#[test]
fn truth_values_pass_and_wrong_inputs_are_named() {
    let runtime = runtime();
    let mut session = Session::open(&runtime, &graph(), &contract()).unwrap();
    let two = [("x", TensorRef::F32(&[1, 2], &[1.0, 2.5])), ("cache", TensorRef::F32(&[1, 0], &[]))];
    let rest = [("flip", TensorRef::Bool(&[1], &[true])), ("id", TensorRef::I64(&[1], &[6]))];
    let outputs = session.run(&[two[0], two[1], rest[0], rest[1]]).unwrap();
    assert_eq!(outputs[0], Tensor { shape: vec![1], data: Data::F32(vec![-3.5]) });
    assert_eq!(outputs[2].i64(), Some(&[7][..]));

    let message = |result: Result<Vec<Tensor>, ModelError>| result.unwrap_err().to_string();
    assert!(message(session.run(&[two[0], two[1], rest[0]])).contains("'id'"));
    let bad = ("flip", TensorRef::F32(&[1], &[1.0]));
    assert!(message(session.run(&[two[0], two[1], bad, rest[1]])).contains("bool [1]"));
    let bad = ("id", TensorRef::I64(&[2], &[1, 2]));
    assert!(message(session.run(&[two[0], two[1], rest[0], bad])).contains("i64 [2]"));
    // A shape that does not hold its numbers is an error, not a read past the end.
    let bad = ("x", TensorRef::F32(&[1, 1000], &[1.0]));
    assert!(session.run(&[bad, two[1], rest[0], rest[1]]).is_err());
}

#[test]
fn a_contract_of_another_graph_is_refused_with_both_sides() {
    let runtime = runtime();
    let open = |contract: &FileContract| Session::open(&runtime, &graph(), contract).map(|_| ()).unwrap_err();
    let mut other = contract();
    other.input[0].shape = vec![1, 64];
    let text = open(&other).to_string();
    assert!(text.contains("[1, 64]") && text.contains("[1, -1]"), "{text}");
    let mut other = contract();
    other.output[0].name = "total".into();
    let text = open(&other).to_string();
    assert!(text.contains("total") && text.contains("sum"), "{text}");
    let mut other = contract();
    other.input[3].dtype = DType::F32;
    assert!(matches!(open(&other), ModelError::Mismatch { .. }));
    let mut other = contract();
    other.sha256 = "00".into();
    assert!(matches!(open(&other), ModelError::Hash { .. }));
}

#[test]
fn a_stopped_session_says_cancelled_until_it_is_resumed() {
    let runtime = runtime();
    let mut session = Session::open(&runtime, &graph(), &contract()).unwrap();
    let inputs = [
        ("x", TensorRef::F32(&[1, 1], &[1.0])),
        ("cache", TensorRef::F32(&[1, 0], &[])),
        ("flip", TensorRef::Bool(&[1], &[false])),
        ("id", TensorRef::I64(&[1], &[0])),
    ];
    session.stopper().stop();
    assert_eq!(session.run(&inputs).unwrap_err(), ModelError::Cancelled);
    session.resume().unwrap();
    assert!(session.run(&inputs).is_ok());
}

#[test]
fn what_is_no_runtime_is_refused_and_does_no_harm() {
    // Loading refuses each before or after the real one is there; the real one still works.
    let missing = Path::new("/nowhere/libonnxruntime.so");
    assert!(matches!(find_runtime_in(&[missing]), Err(ModelError::RuntimeMissing { .. })));
    let runtime = runtime();
    assert!(Arc::ptr_eq(&runtime, &Runtime::load(missing).unwrap()));
    assert!(runtime.path().is_absolute());
    assert!(runtime.version().starts_with("1."), "{}", runtime.version());
}

/// `find_runtime` without the variable's say.
fn find_runtime_in(paths: &[&Path]) -> Result<PathBuf, ModelError> {
    continuo_models::runtime::find_among(&paths.iter().map(|p| p.to_path_buf()).collect::<Vec<_>>())
}
