//! RealtimeSanitizer over the plugins' process calls, in both formats: see `tests/gate.rs`. A package of its own, so that
//! the sanitizer is linked into this one test program and nothing else.

/// True when the sanitizer was linked in: `cargo xtask test` sets `RTSAN_ENABLE` and `RTSAN_LIB_PATH` while building.
#[must_use]
pub fn sanitizer_is_linked() -> bool {
    option_env!("RTSAN_ENABLE").is_some()
}
