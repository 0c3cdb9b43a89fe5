//! The `continuo` command.
fn main() {}
