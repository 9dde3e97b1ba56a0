//! How far the copy of the ledger has come, and who waits for it to go on: they are told in the order in which they came.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::port::Tip;

/// Those who went away are looked for when there are so many, and then twice as many as are left.
const WAITING_LOOKED_THROUGH: usize = 64;

/// The tip, as many see it.
pub(crate) struct Tips(Mutex<State>);

struct State {
    tip: Tip,
    waiting: Vec<oneshot::Sender<()>>,
    looked_through_at: usize,
}

impl Tips {
    /// It has come this far.
    pub(crate) fn at(tip: Tip) -> Self {
        Self(Mutex::new(State { tip, waiting: Vec::new(), looked_through_at: WAITING_LOOKED_THROUGH }))
    }

    /// How far it has come.
    pub(crate) fn now(&self) -> Tip {
        self.state().tip
    }

    /// It has come this far now: tells those who wait, if that is news.
    pub(crate) fn advance(&self, tip: Tip) {
        let mut state = self.state();
        if std::mem::replace(&mut state.tip, tip) != tip {
            for waiting in state.waiting.drain(..) {
                // Whoever went away need not be told.
                let _ = waiting.send(());
            }
        }
    }

    /// Waits until the tip is another one than this.
    pub(crate) async fn beyond(&self, seen: Tip) {
        let told = {
            let mut state = self.state();
            if state.tip != seen {
                return;
            }
            if state.waiting.len() >= state.looked_through_at {
                state.waiting.retain(|waiting| !waiting.is_closed());
                state.looked_through_at = WAITING_LOOKED_THROUGH.max(state.waiting.len().saturating_mul(2));
            }
            let (waiting, told) = oneshot::channel();
            state.waiting.push(waiting);
            told
        };
        // It is told, or there is no tip any more.
        let _ = told.await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use gongxin_types::{Height, Time};

    use super::{Tip, Tips, WAITING_LOOKED_THROUGH};

    fn tip(height: u64) -> Tip {
        Tip { height: Height::new(height), time: Time::from_millis(height) }
    }

    /// Who has seen the tip waits for the next one, who has not does not; and those who went away are forgotten.
    #[test]
    fn whoever_waits_is_told_of_the_next_one() {
        let tips = Tips::at(tip(1));
        let mut waits = Box::pin(tips.beyond(tip(1)));
        assert!(waits.as_mut().now_or_never().is_none());
        for _ in 0..3 * WAITING_LOOKED_THROUGH {
            assert!(tips.beyond(tip(1)).now_or_never().is_none(), "went away");
        }
        assert!(tips.state().waiting.len() <= WAITING_LOOKED_THROUGH);
        tips.advance(tip(1));
        assert!(waits.as_mut().now_or_never().is_none(), "no news");
        tips.advance(tip(2));
        assert_eq!((waits.now_or_never(), tips.now()), (Some(()), tip(2)));
        assert!(tips.beyond(tip(1)).now_or_never().is_some(), "it has gone on already");
    }
}
