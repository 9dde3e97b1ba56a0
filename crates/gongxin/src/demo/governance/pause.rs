//! Waiting for whoever watches: a key between the steps, or nobody.

use std::io::stdin;

use tokio::sync::mpsc::{Receiver, channel};

use crate::failure::Failure;

/// Between two steps.
pub(super) enum Pause {
    /// Goes on by itself.
    Never,
    /// Goes on when Enter is pressed.
    ForEnter(Receiver<()>),
}

impl Pause {
    /// Waits for Enter. A thread of its own reads it: a runtime would wait for that read when it stops.
    pub(super) fn for_enter() -> Self {
        let (pressed, waiting) = channel(1);
        std::thread::spawn(move || {
            let mut lines = stdin().lines();
            while lines.next().is_some_and(|line| line.is_ok()) && pressed.blocking_send(()).is_ok() {}
        });
        Self::ForEnter(waiting)
    }

    /// Whether anybody is waited for.
    pub(super) fn waits(&self) -> bool {
        matches!(self, Self::ForEnter(_))
    }

    /// Waits.
    pub(super) async fn wait(&mut self) -> Result<(), Failure> {
        match self {
            Self::Never => Ok(()),
            Self::ForEnter(waiting) => waiting.recv().await.ok_or_else(|| {
                Failure::usage("standard input has ended, so nobody presses Enter; `--auto` goes on by itself")
            }),
        }
    }
}
