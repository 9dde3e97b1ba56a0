//! What servers send to those who call them: block streams, JSON answers, problem documents.

use bytes::Bytes;
use gongxin_client::{
    Problem,
    frame::{self, Decoder, FrameError},
    wire::{FindingsReport, ReadingAnswer, StateProofReport, StatusReport, TransactionAnswer, TransactionReport},
};
use gongxin_types::{FinalizedBlock, Header};
use gongxin_verify::jcs;

use crate::{Outcome, canonical, stable_json};

/// Cuts a stream of frames, arriving in chunks of this size.
fn cut(stream: &[u8], chunk: usize) -> (Vec<Bytes>, Option<FrameError>) {
    let mut decoder = Decoder::default();
    let mut payloads = Vec::new();
    for chunk in stream.chunks(chunk.max(1)) {
        decoder.push(chunk);
        loop {
            match decoder.pop() {
                Ok(Some(payload)) => payloads.push(payload),
                Ok(None) => break,
                Err(error) => return (payloads, Some(error)),
            }
        }
    }
    (payloads, None)
}

/// A stream of final blocks: the first byte says into chunks of how many bytes the network cuts it. Accepted where every
/// frame holds a block.
pub(crate) fn block_frames(bytes: &[u8]) -> Outcome {
    let Some((chunk, stream)) = bytes.split_first() else {
        return Outcome::Refused;
    };
    let (payloads, error) = cut(stream, usize::from(*chunk));
    let whole = cut(stream, stream.len());
    assert_eq!((&payloads, error.is_some()), (&whole.0, whole.1.is_some()), "how the stream is cut makes a difference");
    let framed: Vec<u8> =
        payloads.iter().flat_map(|payload| frame::encode(payload).expect("it was in a frame").to_vec()).collect();
    assert!(stream.starts_with(&framed));
    let blocks = payloads.iter().filter_map(|payload| canonical::<FinalizedBlock>("block", payload)).count();
    Outcome::of(error.is_none() && blocks == payloads.len() && framed.len() == stream.len() && blocks > 0)
}

/// A JSON answer of a gateway.
pub(crate) fn gateway_answer(bytes: &[u8]) -> Outcome {
    let transaction = stable_json::<TransactionAnswer>(bytes).is_some();
    let reading = stable_json::<ReadingAnswer>(bytes).is_some();
    Outcome::of(transaction || reading)
}

/// A JSON answer of a validator.
pub(crate) fn validator_answer(bytes: &[u8]) -> Outcome {
    let status = stable_json::<StatusReport>(bytes).is_some();
    let transaction = stable_json::<TransactionReport>(bytes).is_some();
    let findings = stable_json::<FindingsReport>(bytes).is_some();
    Outcome::of(status || transaction || findings)
}

/// A state proof, with the headers it leads through.
pub(crate) fn state_proof(bytes: &[u8]) -> Outcome {
    let Some(report) = stable_json::<StateProofReport>(bytes) else {
        return Outcome::Refused;
    };
    Outcome::of(report.headers.iter().all(|header| canonical::<Header>("header", &header.0).is_some()))
}

/// The body of a refusal with status 403; whatever it is, the client has something to say.
pub(crate) fn problem(bytes: &[u8]) -> Outcome {
    let problem = Problem::read(403, bytes);
    assert_eq!(problem.status, 403);
    assert_eq!(stable_json::<Problem>(&crate::shown(&problem)).as_ref(), Some(&problem));
    if let Some(receipt) = problem.receipt_bytes() {
        assert_eq!(jcs::check(&receipt), Ok(()));
    }
    Outcome::of(problem.code != "unknown")
}
