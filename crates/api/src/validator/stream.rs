//! Final blocks as they come: frames of `u32` length, big-endian, and canonical bytes.

use std::sync::Arc;

use axum::{Extension, body::Body, extract::State};
use futures::{FutureExt, StreamExt, future};
use gongxin_client::frame;
use gongxin_types::Height;
use serde::Deserialize;

use super::{ValidatorState, block};
use crate::{
    error::{Answer, ApiError},
    extract::Asked,
    limits, respond,
    serve::Stopping,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StreamQuery {
    from: String,
}

pub(crate) async fn follow(
    State(state): State<ValidatorState>,
    Asked(query): Asked<StreamQuery>,
    stopping: Option<Extension<Stopping>>,
) -> Answer {
    let from = block::parse_height(&query.from)?;
    if from == Height::GENESIS {
        return Err(ApiError::invalid("blocks begin at 1: genesis is derived from its file"));
    }
    block::kept(&*state.node, from)?;
    let permit = Arc::clone(&state.streams).try_acquire_owned().map_err(|_| {
        ApiError::later(
            "busy",
            format!("{} streams are being served: ask another validator", limits::STREAMS_MAX),
            1_000,
        )
    })?;
    // Pulled frame by frame as the client reads: a slow one costs no memory here.
    let frames = state.node.follow(from).map(move |bytes| {
        let _held_while_the_stream_lives = &permit;
        frame::encode(&bytes)
    });
    let stopped = match stopping {
        Some(Extension(stopping)) => stopping.stopped().left_future(),
        None => future::pending().right_future(),
    };
    Ok(respond::octets(Body::from_stream(frames.take_until(stopped))))
}
