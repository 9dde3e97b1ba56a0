//! The clients of a run: they write and read the same few records at once, at different validators and at the gateway, and
//! note down when they asked for what, and what they were told.
//!
//! A reader first has a transaction made final and then asks for a proven state at or above its height: what it is shown is
//! not older than its question, whichever node answers.

mod desk;
mod reader;
mod writer;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use gongxin_types::Role;

pub(crate) use desk::Desk;
#[cfg(test)]
pub(crate) use desk::commitment;

use crate::dice::Dice;
use crate::limits::VALIDATORS;
use crate::town::OWNER;
use crate::trouble::Trouble;

/// How many write.
const WRITERS: u16 = 3;
/// Whose clerks read at validators.
const READERS: [&str; 2] = ["housing", "public-security"];

/// Lets all of them work until the desk closes.
pub(crate) fn start(desk: &Arc<Desk>, seed: u64) -> Result<Vec<tokio::task::JoinHandle<()>>, Trouble> {
    let mut tasks = Vec::new();
    for number in 0..WRITERS {
        let steward = desk.town.officer(OWNER, Role::DataSteward)?;
        let dice = Dice::new(seed, &format!("writer {number}"));
        let writer = writer::Writer::new(Arc::clone(desk), steward, number, dice);
        tasks.push(tokio::spawn(writer.work()));
    }
    for (number, member) in (WRITERS..).zip(READERS) {
        let clerk = desk.town.officer(member, Role::CaseOfficer)?;
        let dice = Dice::new(seed, &format!("reader {number}"));
        let reader = reader::Reader::new(Arc::clone(desk), clerk, number, dice);
        tasks.push(tokio::spawn(reader.work()));
    }
    let clerk = desk.town.officer(OWNER, Role::CaseOfficer)?;
    let dice = Dice::new(seed, "reader at the gateway");
    let reader = reader::Reader::new(Arc::clone(desk), clerk, 20, dice).at_the_gateway()?;
    tasks.push(tokio::spawn(reader.work()));
    Ok(tasks)
}

/// After everything: every record is read once more, at one validator after another.
pub(crate) async fn read_all(desk: &Arc<Desk>) -> Result<(), Trouble> {
    let clerk = desk.town.officer("social-security", Role::CaseOfficer)?;
    let mut reader = reader::Reader::new(Arc::clone(desk), clerk, 21, Dice::new(0, "last"));
    for record in 0..desk.records.len() {
        reader.read(record, record % VALIDATORS).await;
    }
    Ok(())
}

/// Tells all that the day is over.
pub(crate) fn close(desk: &Desk) {
    desk.closed.store(true, Ordering::Relaxed);
}
