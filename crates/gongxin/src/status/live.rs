//! The same, refreshed in place on a terminal, until Ctrl-C.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use console::{Term, truncate_str};
use tokio::signal::unix::{SignalKind, signal};

use super::ask::{Asker, Round};
use super::{judge, limits, show};
use crate::disk;
use crate::failure::Failure;

/// Lines that a terminal has where it does not say.
const ROWS: usize = 24;

/// Whether standard output is a terminal that can move its cursor.
pub(super) fn is_possible() -> bool {
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    Term::stdout().features().is_attended() && !is_dumb
}

/// Draws until it is told to stop.
pub(super) async fn run(asker: &mut Asker) -> Result<(), Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::usage)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::usage)?;
    let screen = Screen::begin();
    let mut disks = Disks::default();
    loop {
        let round = asker.round().await;
        let mut text = show::text(&round, &judge::judge(&round));
        text.extend(disks.paces(&round).into_iter().map(|line| format!("\n{line}")));
        if screen.draw(&text).is_err() {
            // Whoever looked at it has gone.
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(limits::REFRESH) => {}
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
        }
    }
}

/// A terminal without its cursor; it has it back when this is dropped.
struct Screen(Term);

impl Screen {
    fn begin() -> Self {
        let term = Term::buffered_stdout();
        let _drawn_all_the_same = term.hide_cursor().and_then(|()| term.clear_screen());
        Self(term)
    }

    /// Draws over what was there, line by line: nothing flickers. What does not fit is left out, from the end.
    fn draw(&self, text: &str) -> std::io::Result<()> {
        let (rows, columns) =
            self.0.size_checked().map_or((ROWS, usize::MAX), |(rows, columns)| (rows.into(), columns.into()));
        self.0.move_cursor_to(0, 0)?;
        let lines: Vec<&str> = text.lines().collect();
        let shown = rows.saturating_sub(2);
        for line in lines.iter().take(shown) {
            (&self.0).write_all(format!("{}\x1b[K\n", truncate_str(line, columns, "…")).as_bytes())?;
        }
        let left = lines.len().saturating_sub(shown);
        let foot = if left > 0 {
            format!("{left} more lines: make the terminal higher, or use `--once`")
        } else {
            "Ctrl-C ends".into()
        };
        (&self.0).write_all(format!("{}\x1b[K", truncate_str(&foot, columns, "…")).as_bytes())?;
        self.0.clear_to_end_of_screen()?;
        self.0.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _gone = self.0.write_line("").and_then(|()| self.0.show_cursor()).and_then(|()| self.0.flush());
    }
}

/// How full each disk was when it was first seen.
#[derive(Default)]
struct Disks(BTreeMap<String, (Instant, u64)>);

impl Disks {
    /// Those that are full soon, at the pace that was seen.
    fn paces(&mut self, round: &Round) -> Vec<String> {
        let mut lines = Vec::new();
        for (seen, answer) in round.answering() {
            let Some(now) = answer.report.operator.disk else { continue };
            let (since, before) = *self.0.entry(seen.url.clone()).or_insert_with(|| (Instant::now(), now.free_bytes));
            let (watched, used) = (since.elapsed(), before.saturating_sub(now.free_bytes));
            if watched < limits::WATCHED_MIN || used == 0 {
                continue;
            }
            let left = now.free_bytes.saturating_sub(now.floor_bytes);
            let lasts = Duration::from_secs(left.saturating_mul(watched.as_secs()) / used);
            if lasts < limits::FULL_WITHIN {
                let (hours, pace) = (lasts.as_secs() / 3_600, used.saturating_mul(3_600) / watched.as_secs().max(1));
                let pace = disk::readable(pace);
                lines.push(format!("· {} its disk is full in {hours} h at this pace, {pace} an hour", seen.name));
            }
        }
        lines
    }
}
