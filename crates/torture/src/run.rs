//! A run in a world of its own: this program starts itself again in namespaces that end with it, and is told what came of
//! the run on one line.
//!
//! Whatever happens to this process, the world ends: it is killed with its parent, and stops when its standard input ends.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::str::FromStr;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use crate::fault::Kind;
use crate::ground::Ground;
use crate::limits::RUN;
use crate::means::{Means, WORLD};
use crate::plan::Plan;
use crate::report::Report;
use crate::stage;
use crate::team::Programs;
use crate::trouble::{During as _, Trouble};

/// What is to be played.
#[derive(Clone, Debug)]
pub struct Order {
    /// The seed.
    pub seed: u64,
    /// What its first fault is.
    pub theme: Kind,
    /// The defect that every validator is given.
    pub bug: Option<String>,
}

/// What came of a run: its report, or why there is none.
pub type Outcome = Result<Report, Trouble>;

/// Plays a run in a world of its own, with its files below this folder.
pub async fn play(order: &Order, means: &Means, programs: &Programs, folder: &Path) -> Outcome {
    let itself = std::env::current_exe().during("this program's own path")?;
    let mut words: Vec<String> = Vec::new();
    if means.world.is_none() {
        words.extend(WORLD.map(str::to_owned));
    }
    words.push(itself.display().to_string());
    words.extend(["--inside".to_owned(), folder.display().to_string()]);
    words.extend(["--seed".to_owned(), order.seed.to_string(), "--fault".to_owned(), order.theme.to_string()]);
    words.extend(order.bug.iter().flat_map(|bug| ["--plant".to_owned(), bug.clone()]));
    words.extend(["--program".to_owned(), programs.gongxin.display().to_string()]);
    words.extend(programs.planted.iter().flat_map(|file| ["--planted".to_owned(), file.display().to_string()]));
    let (program, arguments) = words.split_first().ok_or_else(|| Trouble("no command".to_owned()))?;
    let mut world = Command::new(program);
    world.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut world = world.spawn().during("a world of its own")?;
    let (_input, output, errors) = (world.stdin.take(), world.stdout.take(), world.stderr.take());
    let told = async {
        let (mut report, mut words) = (Vec::new(), Vec::new());
        let (one, other) = tokio::join!(
            async { if let Some(mut output) = output { output.read_to_end(&mut report).await } else { Ok(0) } },
            async { if let Some(mut errors) = errors { errors.read_to_end(&mut words).await } else { Ok(0) } },
        );
        one.and(other).map(|_| (report, words))
    };
    let Ok(told) = timeout(RUN, told).await else {
        let _gone = world.kill().await;
        return Err(Trouble(format!("the run did not end within {} s", RUN.as_secs())));
    };
    let (report, words) = told.during("what a run says")?;
    let _status = world.wait().await.during("a run")?;
    serde_json::from_slice(&report).map_err(|_| Trouble(String::from_utf8_lossy(&words).trim().to_owned()))
}

/// Plays a run in this very world, with what was found possible from there; the report as one line of JSON.
///
/// # Errors
/// When the stage cannot be set.
pub fn inside(order: Order, programs: Programs, folder: &Path) -> Result<String, Trouble> {
    // The first process of a world of its own; a shared one has others.
    let apart = std::process::id() == 1;
    let ground = if apart { Ground::apart()? } else { Ground::shared(order.seed) };
    let possible: Vec<Kind> =
        Kind::ALL.into_iter().filter(|kind| apart || !matches!(kind, Kind::Partition | Kind::OneWayCut)).collect();
    let mut plan = Plan::new(order.seed, order.theme, &possible);
    plan.bug = order.bug;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.during("a runtime")?;
    let report = runtime.block_on(async {
        tokio::select! {
            report = stage::play(plan, ground, programs, folder) => report,
            () = end_of_input() => Err(Trouble("nobody waits for this run any more".to_owned())),
        }
    })?;
    serde_json::to_string(&report).during("the report")
}

/// Ends when standard input does. A thread of its own reads it: a runtime would wait for that read when it stops.
async fn end_of_input() {
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let mut buffer = [0; 64];
        while std::io::stdin().read(&mut buffer).is_ok_and(|count| count > 0) {}
        drop(ended);
    });
    // The sender is dropped at the end of input: that is the message.
    let _ended = end.await;
}

impl Programs {
    /// `gongxin` as it was built beside this one, unless another is named.
    ///
    /// # Errors
    /// When this program does not know where it is, or `gongxin` is not there.
    pub fn beside(gongxin: Option<PathBuf>, planted: Option<PathBuf>) -> Result<Self, Trouble> {
        let itself = std::env::current_exe().during("this program's own path")?;
        let programs = Self { gongxin: gongxin.unwrap_or_else(|| itself.with_file_name("gongxin")), planted };
        if programs.gongxin.exists() {
            return Ok(programs);
        }
        Err(Trouble(format!("`{}` is not there: build it", programs.gongxin.display())))
    }
}

/// The names of defects that can be planted.
#[derive(Clone, Debug)]
pub struct Bug(pub String);

impl FromStr for Bug {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        const KNOWN: [&str; 6] =
            ["lost-acknowledgement", "double-execution", "clock-in-state", "unordered-map", "skipped-signature", "lie"];
        if KNOWN.contains(&name) { Ok(Self(name.to_owned())) } else { Err(format!("none of {}", KNOWN.join(", "))) }
    }
}
