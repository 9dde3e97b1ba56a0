//! Validators that play scripts: busy, silent, lying, gone.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{self, Body},
    extract::Request as ServerRequest,
    http::{StatusCode, header},
    response::{IntoResponse, Response as ServerResponse},
    routing::any,
};
use futures::{StreamExt, stream};
use gongxin_crypto::{Digest, Suite};
use gongxin_types::{Header, HeaderDigest, List, Time, header::EngineContext, receipt::BlockReceipts};

use super::*;
use crate::{
    Problem, frame,
    wire::{Status, Wait},
};

/// One answer of a validator that plays a script.
enum Play {
    /// These bytes with this status; 503 asks to come back at once.
    Say(StatusCode, Vec<u8>),
    /// A stream of these chunks that then ends, or stays silent.
    Stream(Vec<Vec<u8>>, Then),
}

#[derive(PartialEq)]
enum Then {
    Ends,
    IsSilent,
}

#[derive(Clone, Default)]
struct Script {
    plays: Arc<Mutex<VecDeque<Play>>>,
    asked: Arc<Mutex<Vec<(String, Bytes)>>>,
}

impl Script {
    fn of(plays: Vec<Play>) -> Self {
        Self { plays: Arc::new(Mutex::new(plays.into())), asked: Arc::default() }
    }

    async fn answer(self, request: ServerRequest) -> ServerResponse {
        let (head, body) = request.into_parts();
        let body = body::to_bytes(body, 1 << 20).await.unwrap();
        self.asked.lock().unwrap().push((head.uri.to_string(), body));
        let play = self.plays.lock().unwrap().pop_front();
        match play {
            Some(Play::Say(status, body)) => (status, [(header::RETRY_AFTER, "0")], body).into_response(),
            Some(Play::Stream(chunks, then)) => {
                let chunks = stream::iter(chunks).map(Ok::<_, std::io::Error>);
                let rest = if then == Then::IsSilent {
                    stream::pending().left_stream()
                } else {
                    stream::empty().right_stream()
                };
                Body::from_stream(chunks.chain(rest)).into_response()
            }
            None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    /// Serves the script on a free port and gives the base URL.
    async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let script = self.clone();
        let router = Router::new().fallback(any(move |request| script.clone().answer(request)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        base
    }

    fn asked(&self) -> Vec<(String, Bytes)> {
        self.asked.lock().unwrap().clone()
    }
}

/// A base URL at which nobody listens.
async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn digest() -> Digest {
    Suite::Intl.hash(&[b"x"])
}

fn block(height: u64) -> FinalizedBlock {
    let header = Header {
        version: 1,
        network: digest(),
        protocol_version: 1,
        height: Height::new(height),
        parent: HeaderDigest([0; 32]),
        time: Time::from_millis(height),
        transactions_root: digest(),
        receipts_root: digest(),
        state: List::empty(),
        epoch: 0,
        validators_root: digest(),
        next_validators_root: digest(),
        engine: EngineContext(List::empty()),
    };
    let receipts = BlockReceipts::default();
    FinalizedBlock { header, certificate: None, transactions: vec![], receipts }
}

fn frame_of(height: u64) -> Vec<u8> {
    frame::encode(&codec::encode(&block(height))).unwrap().to_vec()
}

fn report(status: Status, place: Option<(u64, u32)>) -> Vec<u8> {
    let report = TransactionReport {
        id: TransactionId(digest()),
        status,
        height: place.map(|(height, _)| Height::new(height)),
        index: place.map(|(_, index)| index),
    };
    serde_json::to_vec(&report).unwrap()
}

/// One validator is down, one is busy, the third takes it: all who were asked got the same bytes.
#[tokio::test]
async fn the_same_bytes_go_to_the_next_validator() {
    let busy = Script::of(vec![Play::Say(StatusCode::SERVICE_UNAVAILABLE, vec![])]);
    let good = Script::of(vec![Play::Say(StatusCode::OK, report(Status::Final, Some((7, 2))))]);
    let client = ValidatorClient::new([nobody().await, busy.serve().await, good.serve().await]).unwrap();
    let submitted = client.submit(&b"transaction"[..], Wait::Final, Duration::from_secs(20)).await.unwrap();
    assert_eq!(submitted, Submitted::Final { id: TransactionId(digest()), height: Height::new(7), index: 2 });
    let expected = vec![("/v1/transactions?wait=final".to_owned(), Bytes::from_static(b"transaction"))];
    assert_eq!((busy.asked(), good.asked()), (expected.clone(), expected));
}

/// Everyone is busy at first: after a round there is a pause, then the round begins again.
#[tokio::test]
async fn a_busy_network_is_asked_again() {
    let first = Script::of(vec![
        Play::Say(StatusCode::SERVICE_UNAVAILABLE, vec![]),
        Play::Say(StatusCode::ACCEPTED, report(Status::Pending, None)),
    ]);
    let second = Script::of(vec![Play::Say(StatusCode::SERVICE_UNAVAILABLE, vec![])]);
    let client = ValidatorClient::new([first.serve().await, second.serve().await]).unwrap();
    let submitted = client.submit(&b"t"[..], Wait::No, Duration::from_secs(20)).await.unwrap();
    assert_eq!(submitted, Submitted::Pending { id: TransactionId(digest()) });
}

/// Not final when the validator stopped waiting: the same bytes are handed in again until they are.
#[tokio::test]
async fn pending_is_asked_again_until_final() {
    let script = Script::of(vec![
        Play::Say(StatusCode::ACCEPTED, report(Status::Pending, None)),
        Play::Say(StatusCode::OK, report(Status::Final, Some((9, 0)))),
    ]);
    let client = ValidatorClient::new([script.serve().await]).unwrap();
    let submitted = client.submit(&b"t"[..], Wait::Final, Duration::from_secs(20)).await.unwrap();
    assert!(matches!(submitted, Submitted::Final { .. }));
}

/// A refusal is final: no other validator is asked, and the reason arrives.
#[tokio::test]
async fn a_refusal_is_not_shopped_around() {
    let problem =
        serde_json::to_vec(&Problem::new(400, "Bad Request", "invalid", "the signature does not verify")).unwrap();
    let first = Script::of(vec![Play::Say(StatusCode::BAD_REQUEST, problem)]);
    let second = Script::default();
    let client = ValidatorClient::new([first.serve().await, second.serve().await]).unwrap();
    let error = client.submit(&b"t"[..], Wait::No, Duration::from_secs(20)).await.unwrap_err();
    assert_eq!(error.to_string(), "the signature does not verify");
    assert!(second.asked().is_empty());
}

/// A validator may be a block behind the one that registered the key: another is asked, and the first again; a key that stays
/// unknown is refused in time.
#[tokio::test]
async fn an_unknown_key_is_asked_about_again() {
    let unknown = || {
        let problem = Problem::new(400, "Bad Request", crate::wire::UNKNOWN_KEY_CODE, "the key is not registered");
        Play::Say(StatusCode::BAD_REQUEST, serde_json::to_vec(&problem).unwrap())
    };
    let taken = || Play::Say(StatusCode::OK, report(Status::Final, Some((7, 0))));
    let (first, second) = (Script::of(vec![unknown(), taken()]), Script::of(vec![unknown()]));
    let client = ValidatorClient::new([first.serve().await, second.serve().await]).unwrap();
    let submitted = client.submit(&b"t"[..], Wait::Final, Duration::from_secs(20)).await.unwrap();
    assert!(matches!(submitted, Submitted::Final { .. }));
    assert_eq!((first.asked().len(), second.asked().len()), (2, 1));

    let never = Script::of((0..200).map(|_| unknown()).collect());
    let client = ValidatorClient::new([never.serve().await]).unwrap();
    let error = client.submit(&b"t"[..], Wait::Final, Duration::from_secs(20)).await.unwrap_err();
    assert_eq!(error.to_string(), "the key is not registered");
}

/// Nobody listens: the caller is told so when time is up.
#[tokio::test]
async fn nobody_answers() {
    let client = ValidatorClient::new([nobody().await]).unwrap();
    let error = client.submit(&b"t"[..], Wait::No, Duration::from_millis(200)).await.unwrap_err();
    assert!(error.is_temporary(), "{error}");
    client.status().await.unwrap_err();
}

/// The stream ends, the next validator sends the wrong height, the next one garbage, the next falls silent: the blocks
/// still come one after the other.
#[tokio::test]
async fn a_stream_goes_on_whoever_fails() {
    let mut cut = frame_of(1);
    let tail = cut.split_off(9);
    let ends = Script::of(vec![Play::Stream(vec![cut, tail], Then::Ends)]);
    let wrong = Script::of(vec![Play::Stream(vec![frame_of(3)], Then::Ends)]);
    let garbage = Script::of(vec![Play::Stream(vec![vec![0xff; 64]], Then::Ends)]);
    let silent = Script::of(vec![Play::Stream(vec![frame_of(2)], Then::IsSilent)]);
    let good = Script::of(vec![Play::Stream(vec![[frame_of(3), frame_of(4)].concat()], Then::Ends)]);
    let bases = [
        ends.serve().await,
        wrong.serve().await,
        garbage.serve().await,
        silent.serve().await,
        nobody().await,
        good.serve().await,
    ];
    let client = ValidatorClient::new(bases).unwrap();
    let follow = client.follow(Height::new(1)).with_stall(Duration::from_millis(300));
    let blocks: Vec<FinalizedBlock> = follow.into_stream().take(4).collect().await;
    assert_eq!(blocks, (1..=4).map(block).collect::<Vec<_>>());
    assert_eq!(good.asked()[0].0, "/v1/stream?from=3");
    assert_eq!(wrong.asked()[0].0, "/v1/stream?from=2");
}

/// One has dropped the blocks that a new copy begins with, and says so: they come from the next, as a block and as a stream.
#[tokio::test]
async fn what_one_does_not_keep_another_has() {
    let words = "this node keeps blocks from height 9 on: ask another validator for block 1";
    let problem = Problem::new(404, "Not Found", crate::wire::NOT_KEPT_CODE, words);
    let pruned = || Play::Say(StatusCode::NOT_FOUND, serde_json::to_vec(&problem).unwrap());
    let thrifty = Script::of(vec![pruned(), pruned()]);
    let full = Script::of(vec![
        Play::Stream(vec![frame_of(1), frame_of(2)], Then::IsSilent),
        Play::Say(StatusCode::OK, codec::encode(&block(1))),
    ]);
    let client = ValidatorClient::new([thrifty.serve().await, full.serve().await]).unwrap();
    let mut follow = client.follow(Height::new(1));
    assert_eq!((follow.next().await, follow.next().await), (block(1), block(2)));
    client.leave(1);
    assert_eq!(client.block(Height::new(1)).await.unwrap(), Some(block(1)));
    assert_eq!((thrifty.asked().len(), full.asked().len()), (2, 2));
}

/// A block that does not verify is rejected: the same height is asked of another validator.
#[tokio::test]
async fn a_rejected_block_is_asked_of_another() {
    let liar = Script::of(vec![Play::Stream(vec![frame_of(5)], Then::IsSilent)]);
    let honest = Script::of(vec![Play::Stream(vec![frame_of(5)], Then::IsSilent)]);
    let client = ValidatorClient::new([liar.serve().await, honest.serve().await]).unwrap();
    let mut follow = client.follow(Height::new(5));
    follow.next().await;
    follow.reject(Height::new(5));
    follow.next().await;
    assert_eq!(honest.asked()[0].0, "/v1/stream?from=5");
}

/// A block that could not be used by our own fault is asked of the same validator again.
#[tokio::test]
async fn a_block_is_asked_for_again() {
    let good = Script::of(vec![
        Play::Stream(vec![frame_of(5)], Then::IsSilent),
        Play::Stream(vec![frame_of(5)], Then::IsSilent),
    ]);
    let other = Script::of(vec![]);
    let client = ValidatorClient::new([good.serve().await, other.serve().await]).unwrap();
    let mut follow = client.follow(Height::new(5));
    follow.next().await;
    follow.again(Height::new(5));
    follow.next().await;
    assert_eq!((good.asked().len(), other.asked().len()), (2, 0));
}

/// A validator that is behind does not have the block; another one does. One that sends another block is not used.
#[tokio::test]
async fn a_block_from_who_has_it() {
    let not_found = serde_json::to_vec(&Problem::new(404, "Not Found", "not-found", "no such block")).unwrap();
    let behind = Script::of(vec![
        Play::Say(StatusCode::NOT_FOUND, not_found.clone()),
        Play::Say(StatusCode::NOT_FOUND, not_found.clone()),
    ]);
    let ahead = Script::of(vec![
        Play::Say(StatusCode::OK, codec::encode(&block(3))),
        Play::Say(StatusCode::NOT_FOUND, not_found),
        Play::Say(StatusCode::OK, codec::encode(&block(4))),
    ]);
    let client = ValidatorClient::new([behind.serve().await, ahead.serve().await]).unwrap();
    assert_eq!(client.block(Height::new(3)).await.unwrap(), Some(block(3)));
    assert_eq!(client.block(Height::new(9)).await.unwrap(), None);
}
