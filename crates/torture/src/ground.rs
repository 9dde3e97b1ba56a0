//! The ground that a network stands on: a network namespace per process, joined by a bridge, with a packet filter each.
//!
//! All of it lives in namespaces of the run's own (network, mounts, processes): when the run ends, however it ends, the
//! kernel takes all of it away. Nothing outside can be reached from there. Where namespaces cannot be had, the processes
//! share the loopback device of the machine, and cannot be cut off from each other.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

use crate::limits::HOSTS;
use crate::trouble::{During as _, Trouble};

/// Where the processes of a run live.
#[derive(Debug)]
pub(crate) struct Ground {
    /// Whether each host has a namespace of its own.
    apart: bool,
    /// Second and third byte of the addresses, where the loopback device is shared.
    block: [u8; 2],
    /// Who does not hear whom, once per fault that says so.
    cuts: Vec<(usize, usize)>,
}

impl Ground {
    /// Hosts in namespaces below that of this process.
    pub(crate) fn apart() -> Result<Self, Trouble> {
        run(&["mkdir", "-p", "/run/netns"])?;
        run(&["mount", "-t", "tmpfs", "tmpfs", "/run/netns"])?;
        run(&["ip", "link", "set", "lo", "up"])?;
        run(&["ip", "link", "add", "hub", "type", "bridge"])?;
        run(&["ip", "address", "add", "169.254.77.254/24", "dev", "hub"])?;
        run(&["ip", "link", "set", "hub", "up"])?;
        let ground = Self { apart: true, block: [0, 0], cuts: Vec::new() };
        for host in 0..HOSTS {
            let (name, cable, address) = (space(host), format!("cable{host}"), format!("{}/24", ground.address(host)));
            run(&["ip", "netns", "add", &name])?;
            run(&["ip", "link", "add", &cable, "type", "veth", "peer", "name", "eth0", "netns", &name])?;
            run(&["ip", "link", "set", &cable, "master", "hub", "up"])?;
            run(&["ip", "-n", &name, "address", "add", &address, "dev", "eth0"])?;
            run(&["ip", "-n", &name, "link", "set", "eth0", "up"])?;
            run(&["ip", "-n", &name, "link", "set", "lo", "up"])?;
        }
        Ok(ground)
    }

    /// Hosts on this machine's loopback device, at addresses of this seed.
    pub(crate) fn shared(seed: u64) -> Self {
        let [low, high, ..] = seed.to_le_bytes();
        Self { apart: false, block: [100 + high % 100, low], cuts: Vec::new() }
    }

    /// The address of a host: link-local, which no router passes on, or loopback.
    pub(crate) fn address(&self, host: usize) -> Ipv4Addr {
        let last = u8::try_from(host).unwrap_or(u8::MAX).saturating_add(1);
        let [second, third] = self.block;
        if self.apart { Ipv4Addr::new(169, 254, 77, last) } else { Ipv4Addr::new(127, second, third, last) }
    }

    /// A command that runs on a host.
    pub(crate) fn command(&self, host: usize, program: &str) -> tokio::process::Command {
        if !self.apart {
            return tokio::process::Command::new(program);
        }
        let mut command = tokio::process::Command::new("nsenter");
        command.arg(format!("--net=/run/netns/{}", space(host))).arg("--").arg(program);
        command
    }

    /// Lets these hosts not hear those: (deaf, unheard).
    pub(crate) fn cut(&mut self, pairs: &[(usize, usize)]) -> Result<(), Trouble> {
        self.cuts.extend_from_slice(pairs);
        self.filter(pairs)
    }

    /// Takes cuts back that were made before; those of other faults stay.
    pub(crate) fn heal(&mut self, pairs: &[(usize, usize)]) -> Result<(), Trouble> {
        for pair in pairs {
            if let Some(place) = self.cuts.iter().position(|cut| cut == pair) {
                self.cuts.remove(place);
            }
        }
        self.filter(pairs)
    }

    /// Writes the packet filter of the deaf ones anew.
    fn filter(&self, pairs: &[(usize, usize)]) -> Result<(), Trouble> {
        let hosts: BTreeSet<usize> = pairs.iter().map(|(deaf, _)| *deaf).collect();
        for host in hosts {
            let net = format!("--net=/run/netns/{}", space(host));
            run(&["nsenter", &net, "iptables", "-w", "-F", "INPUT"])?;
            let unheard: BTreeSet<usize> =
                self.cuts.iter().filter(|(deaf, _)| *deaf == host).map(|(_, unheard)| *unheard).collect();
            for other in unheard {
                let from = self.address(other).to_string();
                run(&["nsenter", &net, "iptables", "-w", "-A", "INPUT", "-s", &from, "-j", "DROP"])?;
            }
        }
        Ok(())
    }
}

fn space(host: usize) -> String {
    format!("host{host}")
}

/// Runs a command of the system to its end; a failure is told in its own words.
pub(crate) fn run(words: &[&str]) -> Result<(), Trouble> {
    let line = words.join(" ");
    let (program, arguments) = words.split_first().ok_or_else(|| Trouble("no command".to_owned()))?;
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().during(&line)?;
    if output.status.success() {
        return Ok(());
    }
    Err(Trouble(format!("`{line}`: {}", String::from_utf8_lossy(&output.stderr).trim())))
}
