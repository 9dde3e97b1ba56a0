//! A gateway and its vault: what is stored, what is served, what is refused, what is gone.

mod body;
mod opening;
mod response;
mod support;
