//! The officer who calls, and what may be shown to them.
//!
//! Everything public among members is shown to every caller. Readings, and receipts of readings, are shown to the
//! reader's organization, to the owner's, and to supervisors.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use gongxin_types::{Access, Action, Bundle, Officer, OfficerId, OrganizationId, Role, bundle::Subject, codec};
use http::{StatusCode, request::Parts};

use crate::error::ApiError;

/// An authenticated officer.
#[derive(Clone)]
pub(crate) struct Caller(Arc<Officer>);

impl Caller {
    pub(super) fn new(officer: Officer) -> Self {
        Self(Arc::new(officer))
    }

    pub(super) fn id(&self) -> OfficerId {
        self.0.id
    }

    pub(super) fn organization(&self) -> &OrganizationId {
        &self.0.organization
    }

    /// Whose readings the caller sees: those of this organization's making or at it; `None`: all.
    pub(super) fn sees_readings_of(&self) -> Option<&OrganizationId> {
        if self.0.roles.contains(&Role::Supervisor) { None } else { Some(self.organization()) }
    }

    /// Refuses a reading between others.
    pub(super) fn check_access(&self, access: &Access) -> Result<(), ApiError> {
        let Some(own) = self.sees_readings_of() else {
            return Ok(());
        };
        if access.reader == *own || access.resource.organization == *own { Ok(()) } else { Err(not_visible()) }
    }

    /// Refuses the receipt of a reading between others; every other receipt is public among members.
    pub(super) fn check_receipt(&self, receipt: &Bundle) -> Result<(), ApiError> {
        let Subject::Action { action } = &receipt.subject else {
            return Ok(());
        };
        match codec::decode::<Action>("action", &action.0) {
            Ok(Action::RecordAccess(access)) => self.check_access(&access),
            Ok(_) => Ok(()),
            Err(error) => Err(ApiError::internal(&error)),
        }
    }
}

/// 403 by visibility alone: no policy was asked, so none is named, and nothing is on the ledger.
pub(super) fn not_visible() -> ApiError {
    let message = "readings are shown to the reader's organization, to the owner of the resource and to supervisors";
    ApiError::new(StatusCode::FORBIDDEN, "not-visible", message)
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Absent only if a route were mounted without authentication: then nobody gets in.
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| ApiError::new(StatusCode::UNAUTHORIZED, "unsigned", "the call is not signed (RFC 9421)"))
    }
}
