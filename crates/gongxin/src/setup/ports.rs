//! Moving a network on one machine to other ports: the same folder, rewritten configurations, the layout last.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{plan::Plan, write::Layout};
use crate::config::{self, GatewayConfig, NodeConfig};
use crate::failure::Failure;
use crate::files;

/// Gives every node of the folder the addresses of the plan.
pub(crate) fn move_ports(directory: &Path, plan: &Plan) -> Result<Layout, Failure> {
    let mut layout = Layout::read(directory)?;
    for organization in &plan.organizations {
        if let Some(validator) = &organization.validator {
            for place in layout.validators.iter_mut().filter(|place| place.name.as_str() == organization.id.as_str()) {
                place.http = format!("http://{}", validator.http);
                place.p2p = validator.p2p.to_string();
            }
        }
        if let Some(gateway) = &organization.gateway {
            for place in layout.gateways.iter_mut().filter(|place| place.organization == organization.id) {
                place.http = format!("http://{}", gateway.http);
            }
        }
    }
    for place in &layout.validators {
        rewrite(&directory.join(&place.config), |node: &mut NodeConfig| {
            for peer in &mut node.peers {
                let moved = layout.validators.iter().find(|other| other.name == peer.name);
                peer.address = moved.and_then(|other| other.p2p.parse().ok()).unwrap_or(peer.address);
            }
            node.p2p = place.p2p.parse().unwrap_or(node.p2p);
            node.http = place.http.trim_start_matches("http://").parse().unwrap_or(node.http);
        })?;
    }
    for place in &layout.gateways {
        rewrite(&directory.join(&place.config), |gateway: &mut GatewayConfig| {
            gateway.http = place.http.trim_start_matches("http://").parse().unwrap_or(gateway.http);
            gateway.validators = layout.validators.iter().map(|validator| validator.http.clone()).collect();
        })?;
    }
    layout.write(directory)?;
    Ok(layout)
}

/// Changes a configuration in place: all of it or nothing.
pub(crate) fn rewrite<T: Serialize + DeserializeOwned>(
    path: &Path,
    change: impl FnOnce(&mut T),
) -> Result<(), Failure> {
    let mut value: T = config::read(path)?;
    change(&mut value);
    files::replace(path, toml::to_string_pretty(&value).map_err(Failure::usage)?.as_bytes())
}
