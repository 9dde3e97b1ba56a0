//! A gateway and its vault: what is stored, what is served, what is refused, what is gone.

#![expect(clippy::unwrap_used, reason = "a wrong stage ends the test that set it")]

mod body;
mod copying;
mod opening;
mod response;
mod support;
