//! How processes end: by themselves, as they must, or when they are told to.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::{Team, name};
use crate::limits::{ENDED_WITHIN, HOSTS, STOPPED_WITHIN};
use crate::process::{End, Process};
use crate::report::Violation;
use crate::trouble::Trouble;

/// The exit code of a node that could not go on (docs: exit codes).
const COULD_NOT_GO_ON: i32 = 3;

impl Team {
    /// Looks for processes that have ended though nothing was done to them.
    pub(crate) fn watch(&mut self) -> Result<(), Trouble> {
        for host in 0..HOSTS {
            if self.doomed.get(host).copied().unwrap_or(false) {
                continue;
            }
            let ended =
                self.processes.get_mut(host).and_then(Option::as_mut).map(Process::ended).transpose()?.flatten();
            if let Some(end) = ended {
                self.violations.push(ended_with(host, &end));
                self.take(host);
            }
        }
        Ok(())
    }

    /// Whether one that is doomed has ended: in order, with the documented code and a last line for an operator. One that
    /// goes on for too long is killed.
    pub(super) async fn has_ended(
        &mut self,
        node: usize,
        with_words: &str,
        overdue: Duration,
    ) -> Result<bool, Trouble> {
        if !self.doomed.get(node).copied().unwrap_or(false) {
            return Ok(true);
        }
        let ended = self.processes.get_mut(node).and_then(Option::as_mut).map(Process::ended).transpose()?.flatten();
        if ended.is_none() && overdue < ENDED_WITHIN {
            return Ok(false);
        }
        if let Some(doomed) = self.doomed.get_mut(node) {
            *doomed = false;
        }
        let process = self.take(node);
        let Some(end) = ended else {
            let reason = format!("its disk has failed for more than {} s", ENDED_WITHIN.as_secs());
            self.violations.push(Violation::WentOn { name: name(node), reason });
            if let Some(mut process) = process {
                process.kill().await?;
            }
            return Ok(true);
        };
        let in_order = end.status.code() == Some(COULD_NOT_GO_ON)
            && end.last_words.starts_with("gongxin: ")
            && end.last_words.contains(with_words);
        if !in_order {
            self.violations.push(ended_with(node, &end));
        }
        self.last_words.push(end.last_words);
        Ok(true)
    }

    /// Tells all to stop, the gateway first; each must do so in order.
    pub(crate) async fn stop(&mut self) -> Result<(), Trouble> {
        for host in (0..HOSTS).rev() {
            if let Some(process) = self.processes.get(host).and_then(Option::as_ref) {
                process.signal(Signal::SIGTERM);
            }
        }
        for host in 0..HOSTS {
            let Some(mut process) = self.take(host) else { continue };
            match process.end_within(STOPPED_WITHIN).await? {
                Some(end) if end.status.success() => {}
                Some(end) => self.violations.push(ended_with(host, &end)),
                None => {
                    let reason = "it was told to stop".to_owned();
                    self.violations.push(Violation::WentOn { name: name(host), reason });
                    process.kill().await?;
                }
            }
        }
        Ok(())
    }
}

fn ended_with(host: usize, end: &End) -> Violation {
    Violation::Ended { name: name(host), how: end.status.to_string(), words: end.last_words.clone() }
}
