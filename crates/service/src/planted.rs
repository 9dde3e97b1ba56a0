//! The defects that the simulation plants in an office, to see whether it would find them (0013, 0015).
//!
//! This module is in no other build: a real office has neither the defects nor a switch for them.

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
    /// Rows that wait in the vault for their transaction are thrown away when the office is opened.
    LostRows,
}

/// Throws away what waits in the vault, where that is the defect.
pub(crate) fn lose(office: &Office) -> Result<(), OfficeError> {
    if office.bug == Some(Bug::LostRows) {
        for row in office.vault.staged().map_err(internal)?.rows {
            office.vault.forget(&row.transaction).map_err(internal)?;
        }
    }
    Ok(())
}

/// What an office that releases early gives away before the access of a response is final.
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
