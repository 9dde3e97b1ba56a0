//! The program as its users meet it: the command line, and a network of real processes.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on says why and ends"
)]

mod backup;
mod bad_input;
mod command;
mod directories;
mod disk;
mod doctor;
mod documented;
mod fake;
mod governance;
mod help;
mod interrupted;
mod network;
mod node;
mod status;
mod units;
