//! Accesses 访问: make a reading, and see which readings were made.

use axum::extract::State;
use bytes::Bytes;
use gongxin_client::wire::{AccessCall, ReadingAnswer};
use gongxin_types::{ListKey, OrganizationId, ResourceId, bundle::Encoded};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{
    GatewayState,
    caller::{self, Caller},
    facts::{self, PageQuery},
    office_error,
};
use crate::{
    error::{Answer, ApiError},
    extract::{self, Asked, Names, Nothing},
    office_port::{AccessFilter, Fact, FactKey, Question, Reading},
    respond,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessesQuery {
    limit: Option<usize>,
    cursor: Option<String>,
    reader: Option<OrganizationId>,
    resource: Option<ResourceId>,
    /// `record:HEX`, or `resource:ORGANIZATION/NAME` for readings that found nothing.
    list: Option<String>,
}

pub(crate) async fn list(
    State(state): State<GatewayState>,
    caller: Caller,
    Asked(query): Asked<AccessesQuery>,
) -> Answer {
    let within = caller.sees_readings_of().cloned();
    if let (Some(own), Some(reader), Some(resource)) = (&within, &query.reader, &query.resource)
        && own != reader
        && *own != resource.organization
    {
        return Err(caller::not_visible());
    }
    let list = query.list.map(|text| list_key(&state, &text)).transpose()?;
    let filter = AccessFilter { within, reader: query.reader, resource: query.resource, list };
    facts::list(&state, Question::Accesses(filter), PageQuery { limit: query.limit, cursor: query.cursor }).await
}

pub(crate) async fn show(
    State(state): State<GatewayState>,
    caller: Caller,
    Names((officer, request)): Names<(String, String)>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer {
    let fact = facts::find(&state, FactKey::Access(extract::id(&officer)?, extract::id(&request)?)).await?;
    if let Fact::Access(found) = &fact {
        caller.check_access(&found.access)?;
    }
    Ok(facts::answer(&fact))
}

/// One reading: 200 with the sealed response, 404 and 403 with the receipt, each only when the access is final.
pub(crate) async fn read(
    State(state): State<GatewayState>,
    caller: Caller,
    Asked(Nothing {}): Asked<Nothing>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let call: AccessCall = extract::json(&headers, &body)?;
    let request = call.into_request(state.office.network(), caller.organization().clone(), caller.id());
    let (request, signature) = request.map_err(|error| ApiError::invalid(error.to_string()))?;
    let reading = state.office.read(request, signature).await.map_err(office_error::refuse)?;
    let Reading { height, sealed, receipt, decision, found } = reading;
    if !found {
        let error = ApiError::not_found("no record has this key; that you asked is on the ledger");
        return Err(error.with_decision(&decision, height, &receipt).with_sealed(sealed));
    }
    let receipt = serde_json::to_value(&receipt).map_err(|error| ApiError::internal(&error))?;
    Ok(respond::json(StatusCode::OK, &ReadingAnswer { height, sealed: Encoded(sealed), receipt }))
}

fn list_key(state: &GatewayState, text: &str) -> Result<ListKey, ApiError> {
    match text.split_once(':') {
        Some(("record", record)) => Ok(ListKey::Record { record: extract::id(record)? }),
        Some(("resource", resource)) => Ok(ListKey::of_resource(state.office.suite(), &extract::id(resource)?)),
        _ => Err(ApiError::invalid("`list` is not `record:IDENTIFIER` or `resource:ORGANIZATION/NAME`")),
    }
}
