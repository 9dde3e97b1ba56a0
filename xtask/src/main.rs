//! Keep the house in order: the checks of our own that no ready-made tool makes.
//!
//! `cargo xtask tidy` reads sources and manifests, `cargo xtask deny` the licences and sources of what we depend on,
//! `cargo xtask wasm` builds the crates that must live in a browser, `cargo xtask fuzz` looks for inputs that break a
//! decoder, `cargo xtask sim` plays seeds of the simulation, `cargo xtask torture` runs of real processes. Each prints one line per finding, `file:line` first, and exits 1
//! when there is any, 2 when it could not look. Formatting, lints and spelling are left to rustfmt, clippy and typos;
//! `./test` runs them all.

mod deny;
mod finding;
mod fuzz;
mod sim;
mod tidy;
mod tokens;
mod torture;
mod wasm;
mod workspace;

use std::io::Write as _;
use std::process::ExitCode;

use finding::Finding;
use workspace::{Workspace, WorkspaceError};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  tidy   the laws of the house that no other tool holds
  deny   licences, bans and sources of the dependencies, by deny.toml
  wasm   build types, crypto and verify for wasm32-unknown-unknown
  fuzz   [TARGET] [SECONDS]: look for inputs that break a decoder, at one target or at each, 60 s unless said
         TARGET FILE: run one input
  sim    [--seed N] [--count N] [--plant DEFECT] …: play seeds of the simulation; --help says all
  torture [--seed N] [--count N] [--fault KIND] [--every-fault] [--plant DEFECT] …: beat real processes; --help says all
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let arguments: Vec<String> = arguments.collect();
    let result = Workspace::locate().and_then(|workspace| match command.as_str() {
        "tidy" => tidy::run(&workspace),
        "deny" => deny::run(&workspace),
        "wasm" => wasm::run(&workspace),
        "fuzz" => fuzz::run(&workspace, &arguments),
        "sim" => sim::run(&workspace, &arguments),
        "torture" => torture::run(&workspace, &arguments),
        _ => Err(WorkspaceError::Usage),
    });
    match result {
        Ok(findings) => report(&command, &findings),
        Err(WorkspaceError::Usage) => {
            say(USAGE);
            ExitCode::from(2)
        }
        Err(error) => {
            say(&format!("cargo xtask {command}: {error}\n"));
            ExitCode::from(2)
        }
    }
}

fn report(command: &str, findings: &[Finding]) -> ExitCode {
    let mut text = String::new();
    for finding in findings {
        text.push_str(&format!("{finding}\n"));
    }
    match findings.len() {
        0 => text.push_str(&format!("{command}: in order\n")),
        1 => text.push_str(&format!("{command}: 1 finding\n")),
        n => text.push_str(&format!("{command}: {n} findings\n")),
    }
    say(&text);
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes to standard error; a closed pipe is no reason to fail a check.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
