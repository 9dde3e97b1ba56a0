//! Plays seeds, and says what came of them. The last line reads `N passed, N failed`.

#![expect(clippy::print_stdout, reason = "this is a program for a terminal")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use clap::Parser;
use gongxin_simulation::{Faces, Kind, Plan, Planted, Report, Violation, Wrong, run};

/// A seed allocates all the time, and holds little.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Beats the ledger on a simulated machine; the same seed tells the same story.
#[derive(Debug, Parser)]
struct Arguments {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, from the first on.
    #[arg(long, default_value_t = 1)]
    count: u64,
    /// How many seeds are played at a time; as many as there are cores if left out.
    #[arg(long)]
    jobs: Option<usize>,
    /// Plant a defect, and play seeds until one finds it: it is a failure if none does.
    #[arg(long, value_name = "DEFECT")]
    plant: Option<Planted>,
    /// Play the first so many seeds twice, and fail if one tells two stories.
    #[arg(long, default_value_t = 0)]
    twice: u64,
    /// Fail if a kind of fault never struck.
    #[arg(long)]
    every_fault: bool,
    /// Also print what the nodes log (RUST_LOG decides what), one seed at a time.
    #[arg(long)]
    log: bool,
}

/// What came of the seeds so far.
#[derive(Default)]
struct Tally {
    failed: Vec<u64>,
    played: u64,
    blocks: u64,
    epochs: u64,
    transactions: u64,
    seconds: u64,
    slowest_recovery_ms: u128,
    faults: BTreeMap<Kind, u64>,
    villains: BTreeMap<&'static str, u64>,
    faces: Faces,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.log {
        tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    } else {
        // What a simulated node says when it is killed is of no interest.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let tally = play(&arguments);
    let never: Vec<&str> = Kind::ALL
        .into_iter()
        .filter(|kind| arguments.every_fault && !tally.faults.contains_key(kind))
        .map(Kind::name)
        .collect();
    let (passed, failed) = match arguments.plant {
        Some(planted) => {
            let found = tally.failed.first();
            let words = found.map_or_else(|| "not found".to_owned(), |seed| format!("found by seed {seed}"));
            println!("{planted}: {words} ({} seeds played)", tally.played);
            (u64::from(found.is_some()), u64::from(found.is_none()))
        }
        None => {
            summarize(&tally);
            let failed = tally.failed.len() as u64;
            (tally.played.saturating_sub(failed), failed.saturating_add(never.len() as u64))
        }
    };
    for kind in never {
        println!("no seed had a {kind}");
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn play(arguments: &Arguments) -> Tally {
    let (next, found) = (AtomicU64::new(arguments.seed), AtomicBool::new(false));
    let end = arguments.seed.saturating_add(arguments.count);
    let tally = Mutex::new(Tally::default());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let jobs = if arguments.log { 1 } else { arguments.jobs.unwrap_or(cores).max(1) };
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while !found.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let begun = Instant::now();
                    let mut played = run(&Plan::new(seed, arguments.plant));
                    if seed < arguments.seed.saturating_add(arguments.twice) {
                        played = played.and_then(|report| again(report, arguments.plant));
                    }
                    found.fetch_or(arguments.plant.is_some() && played.is_err(), Ordering::Relaxed);
                    let mut tally = tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    tally.take(seed, played, arguments.plant, begun.elapsed().as_millis());
                }
            });
        }
    });
    let mut tally = tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    tally.failed.sort_unstable();
    tally
}

/// Plays a seed again: it must tell the same story.
fn again(report: Report, planted: Option<Planted>) -> Result<Report, Violation> {
    let second = run(&Plan::new(report.seed, planted))?;
    if second.fingerprint == report.fingerprint { Ok(report) } else { Err(Violation::AnotherStory) }
}

impl Tally {
    fn take(&mut self, seed: u64, played: Result<Report, Violation>, planted: Option<Planted>, took_ms: u128) {
        self.played += 1;
        match played {
            Ok(report) => {
                println!("{report} ({took_ms} ms, {})", report.fingerprint);
                self.blocks += report.blocks;
                self.epochs += report.epochs;
                self.transactions += report.transactions;
                self.seconds += report.time.as_secs();
                self.slowest_recovery_ms = self.slowest_recovery_ms.max(report.recovery.as_millis());
                let greedy = report.greedy.then_some("greedy office");
                for name in report.villain.map(Wrong::name).into_iter().chain(greedy) {
                    *self.villains.entry(name).or_default() += 1;
                }
                let Faces { votes, caught, proofs } = report.faces.unwrap_or_default();
                self.faces.votes += votes;
                self.faces.caught += caught;
                self.faces.proofs += proofs;
                for (kind, count) in report.faults {
                    *self.faults.entry(kind).or_default() += count;
                }
            }
            Err(violation) => {
                self.failed.push(seed);
                let plant = planted.map(|planted| format!(" --plant {planted}")).unwrap_or_default();
                println!(
                    "seed {seed}: VIOLATION: {violation}\n  replay: RUST_LOG=info cargo xtask sim --seed {seed}{plant} --log"
                );
            }
        }
        // A pipe is told at once.
        let _ = std::io::stdout().flush();
    }
}

fn summarize(tally: &Tally) {
    let faults = tally.faults.iter().map(|(kind, count)| (kind.name(), count));
    let villains = tally.villains.iter().map(|(name, count)| (*name, count));
    let Faces { votes, caught, proofs } = tally.faces;
    let kinds: Vec<String> = faults.chain(villains).map(|(name, count)| format!("{name} {count}")).collect();
    println!(
        "{} seeds, {} violations: {} simulated seconds, {} blocks, {} epoch changes, {} transactions, at most {} ms until all were alive again; {}; {votes} votes with two faces, both heard by one {caught} times, {proofs} proofs",
        tally.played,
        tally.failed.len(),
        tally.seconds,
        tally.blocks,
        tally.epochs,
        tally.transactions,
        tally.slowest_recovery_ms,
        kinds.join(", ")
    );
}
