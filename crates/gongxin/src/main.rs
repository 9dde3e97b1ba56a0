//! `gongxin`: validator, gateway, tool and verifier in one binary.
//!
//! This is the outermost room: it alone knows both the engine's room (`chain`) and HTTP, and joins them. It decides
//! nothing about data: that is `state`, and for a gateway `service`.

mod backup;
mod bench;
mod cli;
mod config;
mod demo;
mod disk;
mod doctor;
mod failure;
mod files;
mod home;
mod init;
mod locked;
mod logs;
mod node;
mod office;
mod output;
mod port;
mod reading;
mod records;
mod serve;
mod serving;
mod setup;
mod status;

use std::process::ExitCode;

/// A sixth of a loaded validator's time went into the system's allocator, and its heap grew with the load.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
