//! `gongxin demo governance`: four institutions admit a fifth, change a rule, lose a key, expel a liar.
//!
//! The first thing that a sceptical institution watches. Everything is done for real: a new network of real processes, the
//! commands that a person would type, and every outcome compared and proven by receipts that are verified offline. It ends
//! well only if all of it held, and leaves nothing running and no folder behind that was not asked for.

mod admission;
mod founding;
mod key;
mod liar;
mod lie;
mod pause;
mod people;
mod place;
mod proof;
mod rule;
mod stolen;
mod story;
mod tool;
mod validator;
mod vote;
mod watch;
mod words;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use gongxin_crypto::Suite;
use serde_json::json;

use super::children::{Children, Stop};
use super::ports;
use super::talk::Talk;
use crate::cli::Context;
use crate::failure::Failure;
use crate::setup::{self, Layout, demo_plan};
use admission::Addresses;
use pause::Pause;
use place::Place;
use story::{RECEIPTS, Story, Tally};
use tool::Tool;

/// Ports: those of the demonstration's plan, then two of the fifth's validator and one of its gateway.
const PORTS: u16 = demo_plan::PORTS + 3;

/// How to tell it.
#[derive(Args)]
pub(crate) struct GovernanceArgs {
    /// Go on by itself, without waiting for Enter between the steps
    #[arg(long)]
    auto: bool,
    /// A new or empty folder for the network and its receipts, which stays [default: a temporary one, removed at the end]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// First of seventeen ports on this machine [default: the first that are free]
    #[arg(long, value_name = "N")]
    base_port: Option<u16>,
}

/// Carries the command out.
pub(crate) fn run(arguments: &GovernanceArgs, context: &Context) -> Result<(), Failure> {
    let talk = Talk::new(context.format);
    let base = match arguments.base_port {
        Some(base) => base,
        None => ports::free(super::BASE_PORT, PORTS)?,
    };
    let place = Place::new(arguments.dir.as_deref())?;
    let pause = if arguments.auto { Pause::Never } else { Pause::for_enter() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(Failure::usage)?;
    let told = runtime.block_on(perform(place.path(), base, pause, &talk));
    // What was still being made is finished before the folder goes.
    drop(runtime);
    let stays = place.stays().then(|| place.path().to_owned());
    drop(place);
    let Tally { chapters, checks, receipts } = told.map_err(|failure| match stays {
        Some(_) => failure,
        None => failure.with("nothing is left of it; `--dir DIR` keeps its files and logs"),
    })?;
    talk.event(&json!({ "event": "told", "chapters": chapters, "checks": checks, "receipts": receipts }));
    let kept = stays.map(|path| format!("; its files are in {}", path.display())).unwrap_or_default();
    talk.say(&format!(
        "\nAll {chapters} chapters held: {checks} checks, {receipts} receipts verified offline. Nothing is left running{kept}."
    ));
    Ok(())
}

/// Tells the story over processes that end with it, however it ends.
async fn perform(directory: &Path, base: u16, pause: Pause, talk: &Talk) -> Result<Tally, Failure> {
    let mut stop = Stop::listen()?;
    let mut children = Children::none();
    let told = tell(directory, base, &mut children, pause, talk);
    let ended = tokio::select! {
        result = told => result,
        () = stop.asked() => Err(Failure::unreachable("stopped by a signal, before the story was over")),
    };
    children.stop().await;
    ended
}

async fn tell(
    directory: &Path,
    base: u16,
    children: &mut Children,
    pause: Pause,
    talk: &Talk,
) -> Result<Tally, Failure> {
    let layout = found(directory, base).await?;
    ports::check(&layout)?;
    children.launch(directory, &layout)?;
    let mut story = Story::new(children, layout, Tool::new(directory)?, talk, pause);
    let first = Box::pin(founding::tell(&mut story)).await?;
    let addresses = addresses(base)?;
    Box::pin(admission::tell(&mut story, addresses)).await?;
    Box::pin(validator::tell(&mut story, addresses)).await?;
    Box::pin(rule::tell(&mut story)).await?;
    Box::pin(key::tell(&mut story, &first)).await?;
    Box::pin(liar::tell(&mut story)).await?;
    Ok(story.tally())
}

/// The network of the demonstration's plan, made anew. Making keys takes seconds of computing: a signal is heard meanwhile.
async fn found(directory: &Path, base: u16) -> Result<Layout, Failure> {
    let (plan, directory) = (demo_plan::demo(base)?, directory.to_owned());
    let made = tokio::task::spawn_blocking(move || {
        setup::create(&plan, &directory, Suite::Intl)?;
        let receipts = directory.join(RECEIPTS);
        fs::create_dir(&receipts).map_err(|error| Failure::file(&receipts, error))?;
        Layout::read(&directory)
    });
    made.await.map_err(Failure::usage)?
}

/// Where the fifth listens: behind the ports of the plan.
fn addresses(base: u16) -> Result<Addresses, Failure> {
    let at = |offset: u16| {
        let port = base.checked_add(demo_plan::PORTS).and_then(|port| port.checked_add(offset));
        port.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port))).ok_or_else(|| {
            Failure::usage(format_args!("`--base-port {base}`: {PORTS} ports from there on do not exist"))
        })
    };
    Ok(Addresses { p2p: at(0)?, http: at(1)?, gateway: at(2)? })
}
