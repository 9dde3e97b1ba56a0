//! Look for inputs that break a decoder, guided by coverage: `cargo xtask fuzz [TARGET] [SECONDS]`.
//!
//! The engine is libFuzzer. It is built with the stable compiler, whose own passes count the edges that an input takes, in
//! a folder of its own below the target folder; a C++ compiler is needed. What it finds stays there too: the repository's
//! corpora are read, never written. An input that breaks something is reported with the line that replays it; once it is
//! mended, the input is kept by hand, under a name that tells what it showed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::deny::host;
use crate::finding::Finding;
use crate::say;
use crate::workspace::{Workspace, WorkspaceError};

const RULE: &str = "fuzz";
const CORPORA: &str = "crates/fuzz/corpus";
const SECONDS: u64 = 60;
/// Longest input that is tried, bytes: the corpora's largest entries are half of it.
const INPUT_BYTES_MAX: u32 = 64 * 1024;
/// An input that takes longer is a finding: every decoder here is done in milliseconds.
const PATIENCE_SECONDS: u32 = 20;
/// Memory of one run, MiB: an input that needs more is a finding.
const MEMORY_MIB_MAX: u32 = 2_048;

/// Counts edges and compared values, as libFuzzer reads them.
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "-Cdebug-assertions=on",
];

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Task {
    /// Look for so many seconds, at one target or at each.
    Search { target: Option<String>, seconds: u64 },
    /// Run one input.
    Replay { target: String, input: PathBuf },
}

impl Task {
    fn of(arguments: &[String]) -> Result<Self, WorkspaceError> {
        let seconds = |text: &String| text.parse::<u64>().ok();
        match arguments {
            [] => Ok(Self::Search { target: None, seconds: SECONDS }),
            [one] => match seconds(one) {
                Some(seconds) => Ok(Self::Search { target: None, seconds }),
                None => Ok(Self::Search { target: Some(one.clone()), seconds: SECONDS }),
            },
            [target, second] => match seconds(second) {
                Some(seconds) => Ok(Self::Search { target: Some(target.clone()), seconds }),
                None => Ok(Self::Replay { target: target.clone(), input: second.into() }),
            },
            _ => Err(WorkspaceError::Usage),
        }
    }
}

pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<Vec<Finding>, WorkspaceError> {
    let task = Task::of(arguments)?;
    let targets = targets(workspace)?;
    let known = |name: &String| match targets.contains(name) {
        true => Ok(name.clone()),
        false => Err(WorkspaceError::Parse {
            path: name.clone(),
            message: format!("the targets are {}", targets.join(", ")),
        }),
    };
    let chosen = match &task {
        Task::Search { target: None, .. } => targets.clone(),
        Task::Search { target: Some(target), .. } | Task::Replay { target, .. } => vec![known(target)?],
    };
    let engine = Engine::build(workspace)?;
    let mut findings = Vec::new();
    for target in &chosen {
        findings.extend(match &task {
            Task::Search { seconds, .. } => engine.search(workspace, target, *seconds)?,
            Task::Replay { input, .. } => engine.replay(target, input)?,
        });
    }
    Ok(findings)
}

/// The targets by name: each has a corpus, as a test of `crates/fuzz` sees to.
fn targets(workspace: &Workspace) -> Result<Vec<String>, WorkspaceError> {
    let mut names: Vec<String> = names(&workspace.root.join(CORPORA))?;
    names.sort();
    Ok(names)
}

/// The names in a folder; none where there is no folder.
fn names(folder: &Path) -> Result<Vec<String>, WorkspaceError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let read = |source| WorkspaceError::Read { path: folder.to_path_buf(), source };
    let entries = fs::read_dir(folder).map_err(read)?;
    entries.map(|entry| Ok(entry.map_err(read)?.file_name().to_string_lossy().into_owned())).collect()
}

/// The program with all targets in it.
struct Engine {
    program: PathBuf,
    /// Holds what is found, by target.
    folder: PathBuf,
}

impl Engine {
    fn build(workspace: &Workspace) -> Result<Self, WorkspaceError> {
        let host = host(workspace)?;
        let folder = workspace.metadata(&["--no-deps"])?.target_directory.join("fuzz");
        // Naming the target keeps the flags away from build scripts and macros.
        let status = Command::new("cargo")
            .args(["build", "--locked", "--package", "gongxin-fuzz", "--features", "engine"])
            .args(["--bin", "gongxin-fuzz-engine", "--target", &host])
            .env("CARGO_TARGET_DIR", &folder)
            .env("RUSTFLAGS", FLAGS.join(" "))
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .current_dir(&workspace.root)
            .status()
            .map_err(|source| WorkspaceError::Spawn { command: "cargo build".to_owned(), source })?;
        if !status.success() {
            let message = "the engine does not build; it needs a C++ compiler (`build-essential`)".to_owned();
            return Err(WorkspaceError::Failed { command: "cargo build".to_owned(), message });
        }
        Ok(Self { program: folder.join(host).join("debug/gongxin-fuzz-engine"), folder })
    }

    /// Runs the engine on a target; the output tells how it went.
    fn run(&self, target: &str, arguments: &[String]) -> Result<Output, WorkspaceError> {
        let spawn = |source| WorkspaceError::Spawn { command: self.program.display().to_string(), source };
        let mut command = Command::new(&self.program);
        command.args(arguments).env("GONGXIN_FUZZ_TARGET", target).env("RUST_BACKTRACE", "1");
        command.output().map_err(spawn)
    }

    fn search(&self, workspace: &Workspace, target: &str, seconds: u64) -> Result<Vec<Finding>, WorkspaceError> {
        let (found, broken) = (self.folder.join("found").join(target), self.folder.join("broken").join(target));
        for folder in [&found, &broken] {
            fs::create_dir_all(folder).map_err(|source| WorkspaceError::Read { path: folder.clone(), source })?;
        }
        let before = names(&broken)?;
        let corpus = workspace.root.join(CORPORA).join(target);
        let output = self.run(
            target,
            &[
                found.display().to_string(),
                corpus.display().to_string(),
                format!("-max_total_time={seconds}"),
                format!("-max_len={INPUT_BYTES_MAX}"),
                format!("-timeout={PATIENCE_SECONDS}"),
                format!("-rss_limit_mb={MEMORY_MIB_MAX}"),
                format!("-artifact_prefix={}/", broken.display()),
                "-print_final_stats=1".to_owned(),
            ],
        )?;
        let told = String::from_utf8_lossy(&output.stderr);
        let kept = self.minimise(target, &found)?;
        say(&format!("{target}: {}, {kept} entries kept in {}\n", summary(&told), found.display()));
        if output.status.success() {
            return Ok(Vec::new());
        }
        say(&format!("{}\n", tail(&told)));
        let broke: Vec<String> = names(&broken)?.into_iter().filter(|name| !before.contains(name)).collect();
        if broke.is_empty() {
            return Ok(vec![finding(target, "the engine failed and left no input".to_owned())]);
        }
        let replay = |name: &String| format!("breaks: cargo xtask fuzz {target} {}", broken.join(name).display());
        Ok(broke.iter().map(|name| finding(target, replay(name))).collect())
    }

    /// Keeps of what was found the fewest and smallest entries with the same coverage; returns how many.
    fn minimise(&self, target: &str, found: &Path) -> Result<usize, WorkspaceError> {
        let fresh = found.with_extension("fresh");
        let failed = |source| WorkspaceError::Read { path: fresh.clone(), source };
        fs::create_dir_all(&fresh).map_err(failed)?;
        let arguments = ["-merge=1".to_owned(), fresh.display().to_string(), found.display().to_string()];
        if self.run(target, &arguments)?.status.success() {
            fs::remove_dir_all(found).and_then(|()| fs::rename(&fresh, found)).map_err(failed)?;
        } else {
            fs::remove_dir_all(&fresh).map_err(failed)?;
        }
        Ok(names(found)?.len())
    }

    fn replay(&self, target: &str, input: &Path) -> Result<Vec<Finding>, WorkspaceError> {
        if !input.is_file() {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(WorkspaceError::Read { path: input.to_path_buf(), source });
        }
        let output = self.run(target, &[input.display().to_string()])?;
        if output.status.success() {
            return Ok(Vec::new());
        }
        say(&format!("{}\n", tail(&String::from_utf8_lossy(&output.stderr))));
        Ok(vec![finding(target, format!("`{}` breaks it", input.display()))])
    }
}

fn finding(target: &str, message: String) -> Finding {
    Finding::new(&format!("{CORPORA}/{target}"), 1, RULE, message)
}

/// `N executions, C edges covered (B at the beginning), M new entries`, as far as the engine said so.
fn summary(told: &str) -> String {
    let number = |name: &str| {
        let line = told.lines().rev().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
        line.map_or("?", |line| line.trim_start_matches(':').trim())
    };
    let covered = |line: &str| {
        let mut words = line.split_whitespace().skip_while(|word| *word != "cov:");
        words.nth(1).map(str::to_owned)
    };
    let first = told.lines().find(|line| line.contains("INITED")).and_then(covered).unwrap_or_else(|| "?".to_owned());
    let last = told.lines().rev().find_map(covered).unwrap_or_else(|| first.clone());
    let (runs, new) = (number("number_of_executed_units"), number("new_units_added"));
    format!("{runs} executions, {last} edges covered ({first} by the corpus), {new} new entries")
}

/// What the engine said last, without its copy of the input.
fn tail(told: &str) -> String {
    let lines: Vec<&str> = told.lines().filter(|line| line.len() < 400).collect();
    lines.get(lines.len().saturating_sub(60)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(arguments: &[&str]) -> Option<Task> {
        Task::of(&arguments.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).ok()
    }

    /// A number is a time, anything else in its place a file.
    #[test]
    fn arguments_are_told_apart() {
        let search = |target: Option<&str>, seconds| Task::Search { target: target.map(str::to_owned), seconds };
        assert_eq!(task(&[]), Some(search(None, 60)));
        assert_eq!(task(&["5"]), Some(search(None, 5)));
        assert_eq!(task(&["row"]), Some(search(Some("row"), 60)));
        assert_eq!(task(&["row", "5"]), Some(search(Some("row"), 5)));
        let replay = Task::Replay { target: "row".to_owned(), input: "broken/row/crash-1".into() };
        assert_eq!(task(&["row", "broken/row/crash-1"]), Some(replay));
        assert_eq!(task(&["row", "5", "6"]), None);
    }

    /// What the engine says in its own words becomes one line.
    #[test]
    fn the_engine_is_summed_up() {
        let told = "#13\tINITED cov: 120 ft: 130 corp: 9/900b\n#99\tNEW    cov: 150 ft: 200 corp: 12/1Kb\n\
                    Done 4096 runs in 2 second(s)\nstat::number_of_executed_units: 4096\nstat::new_units_added:         3\n";
        assert_eq!(summary(told), "4096 executions, 150 edges covered (120 by the corpus), 3 new entries");
        assert_eq!(summary(""), "? executions, ? edges covered (? by the corpus), ? new entries");
    }
}
