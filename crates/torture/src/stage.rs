//! One run: a network is made and started, clients work, faults strike and heal, all must go on, and the judge looks at
//! what was seen.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gongxin_types::Role;
use tokio::time::{Instant, sleep};

use crate::clients::{self, Desk};
use crate::disk::Disk;
use crate::fault::{Fault, Kind};
use crate::ground::Ground;
use crate::history::{Answer, What};
use crate::judge::{self, Chain};
use crate::limits::{ALIVE_WITHIN, READY_WITHIN, TROUBLE, VALIDATORS};
use crate::plan::{Event, Plan};
use crate::receipts;
use crate::report::{Report, Violation};
use crate::team::{Programs, Team};
use crate::town::{OWNER, Town};
use crate::trouble::{During as _, Trouble};
use crate::watch::Watch;

/// How often the stage looks around.
const TICK: Duration = Duration::from_millis(20);
/// Clients go on for so long after all have come back, and everybody must.
const AFTERWARDS: Duration = Duration::from_millis(700);

/// Plays a plan in this folder, on this ground.
pub(crate) async fn play(plan: Plan, ground: Ground, programs: Programs, folder: &Path) -> Result<Report, Trouble> {
    let begun = Instant::now();
    let mut report = Report { seed: plan.seed, theme: plan.theme.to_string(), ..Report::default() };
    let events: Vec<String> = plan.events.iter().map(|event| format!("{event:?}\n")).collect();
    fs::write(folder.join("events"), events.concat()).during("the list of events")?;
    let disk = plan.small_disk.map(|_| Disk::new(folder)).transpose()?;
    if let Some(words) = disk.as_ref().and_then(|disk| disk.in_memory.as_ref()) {
        report.notes.push(format!("the small disk is memory: {words}"));
    }
    let small = plan.small_disk.zip(disk.as_ref()).map(|((node, free), disk)| (node, free, disk));
    let town = Arc::new(Town::make(folder, &programs.gongxin, &ground, small)?);
    let desk = Arc::new(Desk::new(Arc::clone(&town), plan.seed)?);
    let program = programs.gongxin.clone();
    let mut team = Team::new(Arc::clone(&town), ground, programs, plan.clone(), folder, disk);
    team.start_all()?;
    let watch = Watch::new(&desk)?;
    watch.ready(READY_WITHIN).await?;
    desk.set_up(plan.seed).await?;

    let tasks = clients::start(&desk, plan.seed)?;
    let looking = tokio::spawn(Watch::new(&desk)?.look_on());
    trouble(&plan, &mut team, &mut report).await?;
    let healed = Instant::now();
    match watch.alive(ALIVE_WITHIN).await {
        Ok(()) => report.recovery_ms = u64::try_from(healed.elapsed().as_millis()).unwrap_or(u64::MAX),
        Err(reason) => {
            report.violations.push(Violation::NoLife { seconds: ALIVE_WITHIN.as_secs(), reason });
        }
    }
    sleep(AFTERWARDS).await;
    clients::close(&desk);
    for task in tasks {
        let _ = task.await;
    }
    clients::read_all(&desk).await?;
    looking.abort();
    team.watch()?;

    if report.violations.is_empty() {
        verdict(&desk, &watch, &program, folder, &mut report).await?;
    }
    report.notes.extend(team.last_words().iter().map(|words| format!("last words: {words}")));
    evidence(&plan, &town, &team, &mut report);
    team.stop().await?;
    report.violations.extend(team.violations());
    report.seconds = begun.elapsed().as_secs_f64();
    Ok(report)
}

/// Lets the faults of the plan strike and heal in time.
async fn trouble(plan: &Plan, team: &mut Team, report: &mut Report) -> Result<(), Trouble> {
    if plan.forger.is_some() {
        report.faults.insert(Kind::Forger, 1);
    }
    let mut coming: VecDeque<&Event> = plan.events.iter().collect();
    let mut under_way: Vec<(Duration, Fault)> = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < TROUBLE || !under_way.is_empty() {
        sleep(TICK).await;
        team.watch()?;
        let now = begun.elapsed();
        while let Some(event) = coming.pop_front_if(|event| event.at <= now) {
            if team.strike(event.fault).await? {
                *report.faults.entry(event.fault.kind()).or_default() += 1;
                under_way.push((event.at + event.lasts, event.fault));
            }
        }
        let mut left = Vec::new();
        for (end, fault) in under_way {
            let is_over = end <= now && team.heal(fault, now.saturating_sub(end)).await?;
            if !is_over {
                left.push((end, fault));
            }
        }
        under_way = left;
    }
    // Whoever is still away, because two faults took turns, comes back.
    team.start_all()
}

/// Judges what clients saw against the chain that all validators hold.
async fn verdict(
    desk: &Arc<Desk>,
    watch: &Watch,
    program: &Path,
    folder: &Path,
    report: &mut Report,
) -> Result<(), Trouble> {
    let operations = desk.history.operations();
    let tip = judge::tip(&watch.heights().await, &operations);
    let chain = Chain::fetch(&desk.town.trusted, &desk.validators, tip).await?;
    let count = |is: &dyn Fn(&What) -> bool| operations.iter().filter(|one| is(&one.what)).count() as u64;
    let told = |what: &What| what.transaction().map(|(_, answer)| answer);
    report.blocks = chain.blocks;
    report.transactions = chain.entries.len() as u64;
    report.operations = operations.len() as u64;
    report.reads = count(&|what| matches!(what, What::Read { .. }));
    report.acknowledged = count(&|what| matches!(told(what), Some(Answer::Final { .. })));
    report.expired = count(&|what| told(what) == Some(Answer::Expired));
    report.open = count(&|what| told(what) == Some(Answer::Open));
    report.written = judge::outcome(&operations, &chain.entries);
    let gateway = desk.town.officer(OWNER, Role::DataSteward)?;
    report.receipts = receipts::verify(desk, gateway, &operations, program, folder).await?;
    report.notes.extend(desk.refusals().into_iter().map(|words| format!("refused: {words}")));
    report.violations.extend(desk.history.violations());
    let judged = tokio::task::spawn_blocking(move || judge::judge(&operations, &chain));
    report.violations.extend(judged.await.during("the judge")?);
    Ok(())
}

/// What validators have written down about each other.
fn evidence(plan: &Plan, town: &Town, team: &Team, report: &mut Report) {
    for node in (0..VALIDATORS).filter(|node| plan.forger != Some(*node)) {
        let log = fs::read_to_string(team.log(node)).unwrap_or_default();
        let refused = log.lines().filter(|line| line.contains("block rejected")).count() as u64;
        report.refused_proposals += refused;
        let faults = fs::metadata(town.config(node).with_file_name("data").join("faults.log"));
        let honest = plan.forger.is_none() && plan.bug.is_none();
        if honest && (refused > 0 || faults.is_ok_and(|file| file.len() > 0)) {
            report.violations.push(Violation::Accused { node });
        }
    }
    if plan.forger.is_some() && report.refused_proposals == 0 {
        report.violations.push(Violation::NoForgery);
    }
}
