//! Facts by identifier and in pages: what every noun's routes have in common.

use axum::response::Response;
use gongxin_types::{Height, Time, json};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{GatewayState, office_error};
use crate::{
    error::{Answer, ApiError},
    limits,
    office_port::{Fact, FactKey, Page, Question},
    respond,
};

/// `?limit=&cursor=`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    pub(super) limit: Option<usize>,
    pub(super) cursor: Option<String>,
}

/// One page of a list, and as of when it is true.
#[derive(Serialize)]
struct PageAnswer {
    items: Vec<Fact>,
    next: Option<String>,
    height: Height,
    time: Time,
}

pub(super) async fn list(state: &GatewayState, question: Question, query: PageQuery) -> Answer {
    let facts = state.office.list(question, page(query)?).await.map_err(office_error::refuse)?;
    let answer = PageAnswer {
        items: facts.items,
        next: facts.next.map(|next| json::to_base64(next.as_bytes())),
        height: facts.tip.height,
        time: facts.tip.time,
    };
    Ok(respond::json(StatusCode::OK, &answer))
}

pub(super) async fn find(state: &GatewayState, key: FactKey) -> Result<Fact, ApiError> {
    let fact = state.office.find(key).await.map_err(office_error::refuse)?;
    fact.ok_or_else(|| ApiError::not_found("nothing by this identifier is on the ledger as far as it is known here"))
}

pub(super) async fn show(state: &GatewayState, key: FactKey) -> Answer {
    find(state, key).await.map(|fact| answer(&fact))
}

pub(super) fn answer(fact: &Fact) -> Response {
    respond::json(StatusCode::OK, fact)
}

fn page(query: PageQuery) -> Result<Page, ApiError> {
    let limit = query.limit.unwrap_or(limits::PAGE_ITEMS);
    if !(1..=limits::PAGE_ITEMS_MAX).contains(&limit) {
        return Err(ApiError::invalid(format!("`limit` is not between 1 and {}", limits::PAGE_ITEMS_MAX)));
    }
    let after = query.cursor.map(|cursor| read_cursor(&cursor)).transpose()?;
    Ok(Page { after, limit })
}

/// A cursor is opaque to clients, and no secret.
fn read_cursor(cursor: &str) -> Result<String, ApiError> {
    let error = || ApiError::invalid("`cursor` is not what an earlier page gave as `next`");
    if cursor.len() > limits::CURSOR_BYTES_MAX {
        return Err(error());
    }
    let bytes = json::from_base64(cursor).map_err(|_| error())?;
    String::from_utf8(bytes).map_err(|_| error())
}
