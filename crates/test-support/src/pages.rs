//! Pages: a state in memory, loaded as the rules ask for it.

use std::collections::BTreeMap;

use gongxin_state::{BlockContext, Caches, ExecuteError, Executed, View};
use gongxin_types::Transaction;
use gongxin_types::receipt::{Key, Page};

/// Rounds of loading that no block may need.
const ROUNDS_MAX: usize = 8;

/// Executes on these pages without changing them; what came of it, and how many rounds of loading it took.
///
/// # Errors
/// When a transaction may not stand in the block, or when the rules still ask for pages in the last round.
pub fn execute(
    pages: &BTreeMap<Key, Page>,
    caches: &Caches,
    context: &BlockContext,
    transactions: &[Transaction],
) -> Result<(Executed, usize), ExecuteError> {
    let mut view = View::new();
    let mut wanted = gongxin_state::needs(context.suite, transactions);
    for round in 1..=ROUNDS_MAX {
        for key in &wanted {
            view.insert(*key, pages.get(key).copied());
        }
        match gongxin_state::execute(context, caches, &mut view, transactions) {
            Ok(executed) => return Ok((executed, round)),
            Err(ExecuteError::Missing(more)) => wanted = more,
            Err(error) => return Err(error),
        }
    }
    Err(ExecuteError::Missing(wanted))
}

/// Writes what was executed.
pub fn apply(pages: &mut BTreeMap<Key, Page>, executed: &Executed) {
    for (key, page) in &executed.writes {
        match page {
            Some(page) => pages.insert(*key, *page),
            None => pages.remove(key),
        };
    }
}
