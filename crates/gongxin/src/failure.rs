//! How a command ends when it does not end well: one exit code per kind, one sentence for the reader.

use std::fmt::Display;
use std::process::ExitCode;

/// The documented exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The network or a gateway refused, with a reason and, where there is one, a receipt.
    Refused = 1,
    /// The command line, a file or a setting cannot be used.
    Usage = 2,
    /// A server cannot be reached, or is busy; or a node could not go on and stopped by itself.
    Unreachable = 3,
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    details: Option<serde_json::Value>,
}

impl Failure {
    /// What was given cannot be used.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self { exit: Exit::Usage, message: message.to_string(), details: None }
    }

    /// The act was refused.
    pub(crate) fn refused(message: impl Display, details: Option<serde_json::Value>) -> Self {
        Self { exit: Exit::Refused, message: message.to_string(), details }
    }

    /// A server does not answer.
    pub(crate) fn unreachable(message: impl Display) -> Self {
        Self { exit: Exit::Unreachable, message: message.to_string(), details: None }
    }

    /// The error of a file, with its path.
    pub(crate) fn file(path: &std::path::Path, error: impl Display) -> Self {
        Self::usage(format_args!("`{}`: {error}", path.display()))
    }

    /// The same, with what to do about it.
    pub(crate) fn with(self, remedy: &str) -> Self {
        Self { message: format!("{}; {remedy}", self.message), ..self }
    }

    /// The server's own words about a refusal, with its receipt.
    pub(crate) fn details(&self) -> Option<&serde_json::Value> {
        self.details.as_ref()
    }

    /// What the process returns to the shell.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(self.exit as u8)
    }

    /// What a program reads on standard error under `--output json`.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "error": self.message, "exit": self.exit as u8, "details": self.details })
    }
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// An error with all its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !line.contains(&words) {
            line.push_str(": ");
            line.push_str(&words);
        }
        cause = inner.source();
    }
    line
}
