//! Running the program and reading what it says.

use std::path::Path;
use std::process::{Command, Output};

/// The program that was built with these tests.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_gongxin");

/// A call of the program with a network's folder.
pub(crate) fn gongxin(home: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).env("GONGXIN_HOME", home).output().expect("the program starts")
}

/// Standard output as text.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error as text.
pub(crate) fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Standard output of a call that must succeed, as JSON.
pub(crate) fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "exit {:?}\n{}\n{}", output.status.code(), said(output), complained(output));
    serde_json::from_slice(&output.stdout).expect("JSON on standard output")
}
