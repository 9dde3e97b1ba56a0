//! Term 期限: what runs out on which working day, and its firing at the beginning of a block.
//!
//! Obligations stand in pages under the ordinal they are due on. The first page of an ordinal is the one that is being
//! filled; when it is full its entries move to a page of their own, which is written without being read, so that one more
//! costs two pages however many there are. Nothing is taken out when a term changes: what is found under an ordinal counts
//! only if it still runs and is still due on it.
//!
//! A cursor stands behind what was looked at. What is over is noted in the order of ordinals, then of entry, at most
//! [`FIRINGS_MAX`] looked at in a block (PROTOCOL 17); the pages of an ordinal are deleted as they are passed.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::limits::{FIRING_DAYS_MAX, FIRINGS_MAX};
use gongxin_types::obligation::ObligationStatus;
use gongxin_types::receipt::Write;
use gongxin_types::{List, Obligation, ObligationId, Ordinal};

use crate::calendar::Today;
use crate::key::{self, Kind};
use crate::limits::ENTRIES_PER_PAGE;
use crate::stop::Halt;
use crate::view::View;

/// What stands in one page: identifiers in the order of their entry.
type Entries = List<ObligationId, ENTRIES_PER_PAGE>;

/// The first page of an ordinal.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Open {
    /// Full pages before it: pages 1 to this.
    full: u32,
    /// The latest entries.
    entries: Entries,
}

/// How far terms have been looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Cursor {
    /// The ordinal in hand: those below it are done.
    pub(crate) ordinal: Ordinal,
    /// Its full pages that are done.
    pub(crate) pages: u32,
}

/// Enters an obligation under the ordinal that it is due on.
pub(crate) fn enter(view: &mut View, due: Ordinal, id: ObligationId) -> Result<(), Halt> {
    let mut open: Open = view.slot(&page(due, 0))?.unwrap_or_default();
    if open.entries.len() >= ENTRIES_PER_PAGE {
        open.full = open.full.saturating_add(1);
        view.put_slot(page(due, open.full), &open.entries)?;
        open.entries = Entries::empty();
    }
    let mut entries = open.entries.into_inner();
    entries.push(id);
    open.entries = List::new(entries).map_err(|_| Halt::Corrupt("a page of terms"))?;
    view.put_slot(page(due, 0), &open)
}

/// Notes what is overdue; what was written for it, in order.
pub(crate) fn begin(view: &mut View, today: Today) -> Result<Vec<Write>, Halt> {
    let before: Cursor = view.slot(&cursor_key())?.ok_or(Halt::Corrupt("the cursor of terms"))?;
    if before.ordinal > today.over {
        return Ok(Vec::new());
    }
    // One round of loading for what comes first in each day, one for its pages, one for the obligations.
    let days = all((before.ordinal.get()..=today.over.get()).take(FIRING_DAYS_MAX).map(Ordinal::new), |due| {
        Ok((due, view.slot::<Open>(&page(due, 0))?))
    })?;
    let round = Round::plan(before, &days);
    let entries = all(round.passed.iter(), |passed| match passed.entries.clone() {
        Some(entries) => Ok(entries),
        None => view.slot(&passed.page)?.ok_or(Halt::Corrupt("a page of terms is absent")),
    })?;
    let found = round.passed.iter().zip(&entries).flat_map(|(passed, ids)| ids.iter().map(|id| (passed.due, *id)));
    let found = all(found, |(due, id)| {
        let obligation = view.noun::<Obligation>(&id)?.ok_or(Halt::Corrupt("an obligation whose term is noted"))?;
        Ok((due, obligation))
    })?;
    let start = view.savepoint();
    for (due, obligation) in found {
        note(view, due, &obligation)?;
    }
    for passed in &round.passed {
        view.write(passed.page, None);
    }
    view.put_slot(cursor_key(), &round.cursor)?;
    let writes = view.writes_since(start);
    view.commit();
    Ok(writes)
}

/// Notes that an obligation is overdue, if it still runs and is still due then.
fn note(view: &mut View, due: Ordinal, found: &Obligation) -> Result<(), Halt> {
    // Entered twice under one ordinal, it was noted a moment ago.
    let now = view.noun::<Obligation>(&found.id)?;
    let Some(now) = now.filter(|now| now.status == ObligationStatus::Running && now.due == due) else {
        return Ok(());
    };
    view.put(&found.id, Obligation { status: ObligationStatus::Overdue, ..(*now).clone() })?;
    Ok(())
}

/// Asks for all before the first that is missing ends the search.
fn all<A, B>(items: impl Iterator<Item = A>, mut read: impl FnMut(A) -> Result<B, Halt>) -> Result<Vec<B>, Halt> {
    let (mut found, mut verdict) = (Vec::new(), Ok(()));
    for item in items {
        match read(item) {
            Ok(one) => found.push(one),
            Err(halt) => verdict = Err(halt),
        }
    }
    verdict.map(|()| found)
}

/// Where the cursor stands.
pub(crate) fn cursor_key() -> gongxin_types::receipt::Key {
    key::of(Kind::TermCursor, &(), 0)
}

fn page(due: Ordinal, number: u32) -> gongxin_types::receipt::Key {
    key::of(Kind::Term, &due, number)
}

/// A page that is passed in this block.
struct Passed {
    due: Ordinal,
    page: gongxin_types::receipt::Key,
    /// What stands in it, where it is known already.
    entries: Option<Entries>,
}

/// What one block looks at.
struct Round {
    /// Where it stands afterwards.
    cursor: Cursor,
    passed: Vec<Passed>,
}

impl Round {
    /// As many pages, from the cursor on, as one block may look at.
    fn plan(before: Cursor, days: &[(Ordinal, Option<Open>)]) -> Self {
        let mut round = Self { cursor: before, passed: Vec::new() };
        let mut left = FIRINGS_MAX;
        for (due, open) in days {
            if let Some(open) = open {
                let room = u32::try_from(left / ENTRIES_PER_PAGE).unwrap_or(u32::MAX);
                let last = open.full.min(round.cursor.pages.saturating_add(room));
                for number in round.cursor.pages.saturating_add(1)..=last {
                    left = left.saturating_sub(ENTRIES_PER_PAGE);
                    round.passed.push(Passed { due: *due, page: page(*due, number), entries: None });
                }
                round.cursor.pages = last;
                if last < open.full || left < open.entries.len() {
                    break;
                }
                left = left.saturating_sub(open.entries.len());
                round.passed.push(Passed { due: *due, page: page(*due, 0), entries: Some(open.entries.clone()) });
            }
            round.cursor = Cursor { ordinal: due.plus(1), pages: 0 };
        }
        round
    }
}
