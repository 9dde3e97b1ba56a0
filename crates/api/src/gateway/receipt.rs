//! Receipts 核验凭证: the very bytes of `receipt.json`.

use axum::extract::State;
use http::StatusCode;

use super::{GatewayState, caller::Caller, office_error, transaction};
use crate::{
    error::{Answer, ApiError},
    extract::{self, Asked, Names, Nothing},
    office_port::ReceiptPlace,
    respond,
};

pub(crate) async fn of_action(
    State(state): State<GatewayState>,
    caller: Caller,
    Names((transaction, index)): Names<(String, String)>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer {
    let transaction = transaction::parse_id(&state, &transaction)?;
    answer(&state, &caller, ReceiptPlace { transaction, index: extract::id(&index)?, operation: None }).await
}

pub(crate) async fn of_operation(
    State(state): State<GatewayState>,
    caller: Caller,
    Names((transaction, index, operation)): Names<(String, String, String)>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer {
    let (transaction, index) = (transaction::parse_id(&state, &transaction)?, extract::id(&index)?);
    answer(&state, &caller, ReceiptPlace { transaction, index, operation: Some(extract::id(&operation)?) }).await
}

async fn answer(state: &GatewayState, caller: &Caller, place: ReceiptPlace) -> Answer {
    let receipt = state.office.receipt(place).await.map_err(office_error::refuse)?;
    let receipt =
        receipt.ok_or_else(|| ApiError::not_found("no such action or operation is final as far as is known here"))?;
    caller.check_receipt(&receipt)?;
    Ok(respond::json(StatusCode::OK, &receipt))
}
