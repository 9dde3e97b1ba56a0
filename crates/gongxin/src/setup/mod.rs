//! Setting up a network: keys, genesis and one folder per node, from a plan.
//!
//! Everything is written into a folder beside the target and renamed into place at the end: there is no half-written
//! network.

pub(crate) mod demo_plan;
pub(crate) mod gateway;
pub(crate) mod genesis;
pub(crate) mod keys;
pub(crate) mod newcomer;
mod ports;
pub(crate) mod write;

pub(crate) use gongxin_config::plan::{self, Plan};
pub(crate) use ports::{move_ports, rewrite};
pub(crate) use write::{GatewayLayout, Layout, OfficerLayout, ValidatorLayout, create};
