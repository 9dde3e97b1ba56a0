//! Plays runs of real processes under real faults, and says what came of them. The last line reads `N passed, N failed`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a program for a terminal")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use futures::StreamExt as _;
use gongxin_torture::{Bug, Kind, Means, Order, Outcome, Programs, inside, play};
use tokio::signal::unix::{SignalKind, signal};

/// Beats real processes of the ledger: kills them, cuts them off, fills their disks, sets their clocks.
#[derive(Debug, Parser)]
struct Arguments {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, from the first on.
    #[arg(long, default_value_t = 1)]
    count: u64,
    /// How many runs at a time: a run needs about one core.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// The kind of the first fault of every run; otherwise the kinds take turns.
    #[arg(long, value_name = "KIND")]
    fault: Option<Kind>,
    /// Fail if a kind of fault that is possible here never struck.
    #[arg(long)]
    every_fault: bool,
    /// Give all validators a defect, and play seeds until one finds it: it is a failure if none does.
    #[arg(long, value_name = "DEFECT")]
    plant: Option<Bug>,
    /// Keep the files of runs that fail, logs among them, below this folder.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// The program [default: `gongxin` beside this one].
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// The program that can be given a defect, for `--plant` and forgers.
    #[arg(long, value_name = "FILE")]
    planted: Option<PathBuf>,
    /// Play one run in this world, with its files in this folder.
    #[arg(long, hide = true, value_name = "FOLDER")]
    inside: Option<PathBuf>,
}

/// What came of the runs so far.
#[derive(Default)]
struct Tally {
    played: u64,
    failed: u64,
    blocks: u64,
    operations: u64,
    acknowledged: u64,
    open: u64,
    receipts: u64,
    seconds: f64,
    slowest_recovery_ms: u64,
    faults: BTreeMap<Kind, u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = Programs::beside(arguments.program.clone(), arguments.planted.clone()).and_then(|programs| {
        match &arguments.inside {
            Some(folder) => {
                let bug = arguments.plant.clone().map(|bug| bug.0);
                let theme = arguments.fault.unwrap_or(Kind::Kill);
                let report = inside(Order { seed: arguments.seed, theme, bug }, programs, folder)?;
                println!("{report}");
                Ok(true)
            }
            None => Ok(all(&arguments, &programs)),
        }
    });
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("gongxin-torture: {error}");
            ExitCode::from(2)
        }
    }
}

/// Plays what was asked for; whether nothing failed.
fn all(arguments: &Arguments, programs: &Programs) -> bool {
    let means = Means::find(programs);
    let asked = |kind: Kind| arguments.fault.is_none_or(|fault| fault == kind);
    for (kind, reason) in means.missing.iter().filter(|(kind, _)| asked(*kind)) {
        println!("skipped: {kind}, because {reason}");
    }
    if let Some(reason) = &means.world {
        println!("processes share this machine's loopback device, because a namespace cannot be made: {reason}");
    }
    let themes: Vec<Kind> = means.possible().into_iter().filter(|kind| asked(*kind)).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let tally = match runtime {
        Ok(runtime) => runtime.block_on(async {
            let mut tally = Tally::default();
            tokio::select! {
                () = play_all(arguments, &means, programs, &themes, &mut tally) => {}
                () = told_to_stop() => println!("told to stop"),
            }
            tally
        }),
        Err(error) => {
            eprintln!("gongxin-torture: {error}");
            Tally::default()
        }
    };
    conclude(arguments, &tally, &themes)
}

/// The kind of the first fault of a seed: they take turns.
fn theme(seed: u64, themes: &[Kind]) -> Option<Kind> {
    let count = u64::try_from(themes.len()).ok()?;
    let place = usize::try_from(seed.checked_sub(1)?.checked_rem(count)?).ok()?;
    themes.get(place).copied()
}

/// Ends with SIGINT or SIGTERM: whatever runs then ends with its world.
async fn told_to_stop() {
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    let waits = signals.into_iter().flatten().map(|mut signal| Box::pin(async move { signal.recv().await }));
    let _which = futures::future::select_all(waits).await;
}

async fn play_all(arguments: &Arguments, means: &Means, programs: &Programs, themes: &[Kind], tally: &mut Tally) {
    let seeds = arguments.seed..arguments.seed.saturating_add(arguments.count);
    let bug = arguments.plant.clone().map(|bug| bug.0);
    let orders = seeds.filter_map(|seed| Some(Order { seed, theme: theme(seed, themes)?, bug: bug.clone() }));
    let runs = orders.map(|order| async move {
        let played = one(&order, arguments, means, programs).await;
        (order, played)
    });
    let mut runs = futures::stream::iter(runs).buffer_unordered(arguments.jobs.max(1));
    while let Some((order, played)) = runs.next().await {
        tally.take(&order, &played, arguments);
        if arguments.plant.is_some() && tally.failed > 0 {
            break;
        }
    }
}

/// One run with its files in a folder of its own, which goes away unless it failed and is to be kept.
async fn one(order: &Order, arguments: &Arguments, means: &Means, programs: &Programs) -> Outcome {
    let (name, mut maker) = (format!("gongxin-torture-{}-", order.seed), tempfile::Builder::new());
    let made = match &arguments.keep {
        Some(base) => std::fs::create_dir_all(base).and_then(|()| maker.prefix(&name).tempdir_in(base)),
        None => maker.prefix(&name).tempdir(),
    };
    let base = arguments.keep.as_deref().unwrap_or(Path::new("a folder for temporary files"));
    let mut folder = made.map_err(|error| gongxin_torture::Trouble::of(base, &error))?;
    let played = play(order, means, programs, folder.path()).await;
    let failed = played.as_ref().map_or(true, |report| !report.violations.is_empty());
    folder.disable_cleanup(failed && arguments.keep.is_some());
    played
}

impl Tally {
    fn take(&mut self, order: &Order, played: &Outcome, arguments: &Arguments) {
        self.played += 1;
        let wrong: Vec<String> = match played {
            Ok(report) => {
                println!("{report}");
                self.blocks += report.blocks;
                self.operations += report.operations;
                self.acknowledged += report.acknowledged;
                self.open += report.open;
                self.receipts += report.receipts;
                self.seconds += report.seconds;
                self.slowest_recovery_ms = self.slowest_recovery_ms.max(report.recovery_ms);
                for (kind, count) in &report.faults {
                    *self.faults.entry(*kind).or_default() += count;
                }
                report.violations.iter().map(ToString::to_string).collect()
            }
            Err(error) => vec![error.to_string()],
        };
        if !wrong.is_empty() {
            self.failed += 1;
            let plant = arguments.plant.as_ref().map(|bug| format!(" --plant {}", bug.0)).unwrap_or_default();
            for words in wrong {
                println!("seed {}: VIOLATION: {words}", order.seed);
            }
            println!("  again: cargo xtask torture --seed {} --fault {}{plant} --keep FOLDER", order.seed, order.theme);
        }
        // A pipe is told at once.
        let _ = std::io::stdout().flush();
    }

    fn summarize(&self) {
        let kinds: Vec<String> = self.faults.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        println!(
            "{} runs, {} with an anomaly: {:.0} s of processes, {} blocks, {} operations ({} acknowledged, {} open), {} receipts \
             verified, at most {} ms until all were alive again; {}",
            self.played,
            self.failed,
            self.seconds,
            self.blocks,
            self.operations,
            self.acknowledged,
            self.open,
            self.receipts,
            self.slowest_recovery_ms,
            kinds.join(", ")
        );
    }
}

/// Says what came of all, and whether nothing failed.
fn conclude(arguments: &Arguments, tally: &Tally, themes: &[Kind]) -> bool {
    let (passed, failed) = if let Some(bug) = &arguments.plant {
        let found = tally.failed > 0;
        println!("{}: {} ({} runs)", bug.0, if found { "found" } else { "not found" }, tally.played);
        (u64::from(found), u64::from(!found))
    } else {
        tally.summarize();
        let never = themes.iter().filter(|kind| arguments.every_fault && !tally.faults.contains_key(kind));
        let never: Vec<&Kind> = never.collect();
        for kind in &never {
            println!("no run had a {kind}");
        }
        (tally.played - tally.failed, tally.failed + never.len() as u64)
    };
    println!("{passed} passed, {failed} failed");
    failed == 0 && passed > 0
}
