//! The commands of the story: what is shown is what is run, by this very program, in the network's folder.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use crate::failure::Failure;

/// How long a command may take: it waits itself for what it asks for, and says when that does not come.
const DONE_WITHIN: Duration = Duration::from_secs(180);
/// What this process was told by its own environment is not for them.
const NOT_TOLD: [&str; 3] = ["GONGXIN_GATEWAY", "GONGXIN_NETWORK", "GONGXIN_PASSPHRASE_FILE"];

/// Runs commands.
#[derive(Clone)]
pub(super) struct Tool {
    program: PathBuf,
    directory: PathBuf,
}

/// What a command said.
pub(super) struct Said {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl Said {
    /// The document that a program reads on standard error when a command did not end well.
    pub(super) fn problem(&self) -> Value {
        let last = self.err.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|_| Value::String(self.err.trim().to_owned()))
    }
}

impl Tool {
    /// Runs commands in a network's folder.
    pub(super) fn new(directory: &Path) -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(Failure::usage)?;
        Ok(Self { program, directory: directory.to_owned() })
    }

    /// The network's folder, where the commands stand.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Runs a line such as `org list --as housing/clerk`. It ends with us: when nobody waits for it any more, it is killed.
    pub(super) async fn run(&self, line: &str, format: &str) -> Result<Said, Failure> {
        let mut command = Command::new(&self.program);
        command.args(["--output", format]).args(line.split_whitespace());
        NOT_TOLD.iter().for_each(|name| {
            command.env_remove(name);
        });
        command.env("GONGXIN_HOME", &self.directory).current_dir(&self.directory);
        command.stdin(Stdio::null()).process_group(0).kill_on_drop(true);
        let ended = timeout(DONE_WITHIN, command.output()).await;
        let ended = ended.map_err(|_| Failure::unreachable(format_args!("`gongxin {line}` does not end")))?;
        let ended = ended.map_err(|error| Failure::usage(format_args!("`gongxin {line}`: {error}")))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Said { code: ended.status.code(), out: text(&ended.stdout), err: text(&ended.stderr) })
    }

    /// What a line that must succeed answers to a program.
    pub(super) async fn json(&self, line: &str) -> Result<Value, Failure> {
        let said = self.run(line, "json").await?;
        if said.code != Some(0) {
            return Err(Failure::refused(format_args!("`gongxin {line}`: {}", error(&said.problem())), None));
        }
        serde_json::from_str(&said.out).map_err(|error| Failure::usage(format_args!("`gongxin {line}`: {error}")))
    }
}

/// The sentence of a problem.
pub(super) fn error(problem: &Value) -> String {
    let words = problem.get("error").unwrap_or(problem);
    words.as_str().map_or_else(|| words.to_string(), str::to_owned)
}
