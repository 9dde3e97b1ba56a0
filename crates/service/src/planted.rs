//! The defect that the simulation plants in an office, to see whether it would find it (0013, 0015).
//!
//! This module is in no other build: a real office has neither the defect nor a switch for it.

use std::sync::Arc;

use gongxin_projection::PageRequest;
use gongxin_types::{Transaction, codec};
use gongxin_vault::Response;

use crate::office::{Office, internal};
use crate::port::{OfficeError, Reading};

/// A planted defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Sealed bytes are given away when their access was handed in, and not when it is final: with the receipt of whatever
    /// reading was final first.
    EarlyRelease,
}

/// What an office with this defect gives away before the access of a response is final.
pub(crate) async fn early(office: &Arc<Office>, response: &Response) -> Result<Option<Reading>, OfficeError> {
    if office.bug != Some(Bug::EarlyRelease) {
        return Ok(None);
    }
    let sealed = response.sealed.clone();
    let transaction: Transaction = codec::decode("transaction", &response.transaction).map_err(internal)?;
    tracing::info!(transaction = %transaction.id(office.suite), "released early, as planted");
    office
        .blocking(move |office| {
            let page = PageRequest { after: None, limit: 1 };
            let first = office.projection.accesses(&page).map_err(internal)?.items.into_iter().next();
            let Some(first) = first else { return Ok(None) };
            let receipt = office.projection.bundle(first.at, None).map_err(internal)?.value;
            let (height, decision) = (first.at.height(), first.decision);
            Ok(Some(Reading { height, sealed, receipt, decision, found: true }))
        })
        .await
}
