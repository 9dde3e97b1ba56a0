//! The ports of the demonstration: free, or named with a way out.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::failure::Failure;
use crate::setup::Layout;

/// Where free ports are looked for: so many ports apart, below those that systems give to clients.
const FREE_EVERY: usize = 20;
const FREE_BELOW: u16 = 32_000;

/// The first of so many free ports in a row, from a port on.
pub(crate) fn free(from: u16, count: u16) -> Result<u16, Failure> {
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let mut bases = (from..FREE_BELOW).step_by(FREE_EVERY);
    let found = bases.find(|base| (*base..base.saturating_add(count)).all(is_free));
    found.ok_or_else(|| {
        Failure::unreachable(format_args!("no {count} free ports in a row; name the first with `--base-port N`"))
    })
}

/// Checks that every port of the layout can be taken.
pub(crate) fn check(layout: &Layout) -> Result<(), Failure> {
    let validators =
        layout.validators.iter().map(|validator| (format!("validator {}", validator.name), &validator.http));
    let gateways =
        layout.gateways.iter().map(|gateway| (format!("gateway of {}", gateway.organization), &gateway.http));
    let peers = layout.validators.iter().map(|validator| (format!("peers of {}", validator.name), &validator.p2p));
    for (whose, url) in validators.chain(gateways).chain(peers) {
        let address = url.trim_start_matches("http://");
        let address: SocketAddr = address.parse().map_err(|_| Failure::usage(format_args!("`{url}` is no address")))?;
        if let Err(error) = TcpListener::bind(address) {
            return Err(Failure::unreachable(format_args!(
                "port {} ({whose}) cannot be taken: {error}; end what uses it, or choose others with `--base-port N`",
                address.port()
            )));
        }
    }
    Ok(())
}
