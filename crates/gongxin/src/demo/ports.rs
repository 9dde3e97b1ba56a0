//! The ports of the demonstration: free, or named with a way out.

use std::net::{SocketAddr, TcpListener};

use crate::failure::Failure;
use crate::setup::Layout;

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
