//! What the office refuses, as HTTP says it.

use gongxin_client::wire::UNKNOWN_KEY_CODE;
use http::StatusCode;

use crate::{error::ApiError, office_port::OfficeError};

pub(super) fn refuse(error: OfficeError) -> ApiError {
    let message = error.to_string();
    match error {
        OfficeError::Invalid { .. } => ApiError::invalid(message),
        OfficeError::UnknownKey => ApiError::new(StatusCode::BAD_REQUEST, UNKNOWN_KEY_CODE, message),
        OfficeError::ClaimSignature => ApiError::new(StatusCode::BAD_REQUEST, "claim-signature", message),
        OfficeError::Refused(refused) => ApiError::decided(&refused.decision, refused.height, &refused.receipt),
        OfficeError::Conflict { .. } => ApiError::new(StatusCode::CONFLICT, "conflict", message),
        OfficeError::KeyTaken { .. } => ApiError::new(StatusCode::CONFLICT, "key-taken", message),
        OfficeError::KeyChanged { .. } => ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "key-changed", message),
        OfficeError::Gone => ApiError::new(StatusCode::GONE, "gone", message),
        OfficeError::NotServedHere { .. } => ApiError::new(StatusCode::MISDIRECTED_REQUEST, "not-served-here", message),
        OfficeError::Pending { retry_after_ms } => ApiError::later("pending", message, retry_after_ms),
        OfficeError::Busy { retry_after_ms } => ApiError::later("busy", message, retry_after_ms),
        OfficeError::Unavailable { .. } => ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message),
        OfficeError::Internal(cause) => ApiError::internal(&*cause),
    }
}
