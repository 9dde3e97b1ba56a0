//! A key of the state with its proof, at one height (PROTOCOL 10).

use axum::extract::State;
use gongxin_client::wire::{STATE_PROOF_FORMAT, StateProofReport};
use gongxin_types::{
    List,
    bundle::Encoded,
    codec, json,
    receipt::{Key, Table},
};
use http::StatusCode;

use super::ValidatorState;
use crate::{
    error::{Answer, ApiError},
    extract::{Asked, Names, Nothing},
    respond,
    validator_port::{ProofError, StateProof},
};

pub(crate) async fn show(
    State(state): State<ValidatorState>,
    Names(key): Names<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer {
    let key = parse_key(&key)?;
    let proof = state.node.state_proof(key).await.map_err(|error| match error {
        ProofError::AbsenceUnprovable => ApiError::new(
            StatusCode::NOT_FOUND,
            "absence-unprovable",
            "nothing stands at this key, and the objects prove presence only",
        ),
        ProofError::NotNow { reason } => ApiError::later("no-proof", reason, 1_000),
    })?;
    Ok(respond::json(StatusCode::OK, &report(proof)?))
}

fn parse_key(text: &str) -> Result<Key, ApiError> {
    let error = || ApiError::invalid("the key is not `objects:` or `lists:` and 64 lower-case hexadecimal digits");
    let (table, key) = text.split_once(':').ok_or_else(error)?;
    let table = match table {
        "objects" => Table::Objects,
        "lists" => Table::Lists,
        _ => return Err(error()),
    };
    Ok(Key { table, key: json::from_hex(key).map_err(|_| error())? })
}

fn report(proof: StateProof) -> Result<StateProofReport, ApiError> {
    let headers = proof.headers.iter().map(|header| Encoded(codec::encode(header))).collect();
    Ok(StateProofReport {
        format: STATE_PROOF_FORMAT.into(),
        table: proof.key.table,
        key: proof.key.key,
        page: proof.page.map(|page| Encoded(page.0.to_vec())),
        proof: Encoded(proof.proof),
        headers: List::new(headers).map_err(|error| ApiError::internal(&error))?,
        certificate: proof.certificate,
    })
}
