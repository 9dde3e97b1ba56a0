//! Structured logs of a running node, on standard error: JSON where that is a file, text where it is a terminal.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging; `GONGXIN_LOG` chooses what, such as `debug` or `gongxin_chain=debug,info`.
pub(crate) fn start() {
    let filter = EnvFilter::try_from_env("GONGXIN_LOG").unwrap_or_else(|_| EnvFilter::new("info,commonware=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() { builder.try_init() } else { builder.json().try_init() };
    // A second start in one process would be a fault of ours, and logging is no reason to stop.
    debug_assert!(started.is_ok());
}
