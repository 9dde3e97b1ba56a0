//! Over TCP, with the real client on the other side.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use gongxin_api::office_port::{OfficeError, Reading};
use gongxin_client::{GatewayClient, Submitted, ValidatorClient, Wait};
use gongxin_crypto::Suite;
use gongxin_types::{
    Height, OfficerId,
    receipt::{Key, Table},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    call::key,
    node::{BLOCKS, block, transaction, validator},
    office::{HOUSING, allowed, gateway_at, reading_bundle, request, tell},
};

/// A free port, and the base URL of who listens there.
async fn port() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    (listener, base)
}

/// Serves until told to stop.
fn serve(listener: TcpListener, router: Router) -> (oneshot::Sender<()>, JoinHandle<std::io::Result<()>>) {
    let (stop, stopped) = oneshot::channel();
    let shutdown = async {
        let _ = stopped.await;
    };
    (stop, tokio::spawn(gongxin_api::serve(listener, router, shutdown)))
}

/// Everything that a client asks of a validator, over one real connection after another; then the server stops in order.
#[tokio::test]
async fn a_validator_and_its_client() {
    let (router, _) = validator();
    let (listener, base) = port().await;
    let (stop, server) = serve(listener, router);
    let client = ValidatorClient::new([format!("{base}/")]).unwrap();
    assert_eq!(client.status().await.unwrap().height, Height::new(BLOCKS));
    let submitted = client.submit(&b"bytes"[..], Wait::Final, Duration::from_secs(10)).await.unwrap();
    assert_eq!(submitted, Submitted::Final { id: transaction(), height: Height::new(2), index: 1 });
    assert_eq!(client.block(Height::new(3)).await.unwrap(), Some(block(3)));
    let proof = client.state_proof(Key { table: Table::Objects, key: [3; 32] }).await.unwrap();
    assert_eq!((proof.key, proof.page.unwrap().0[0]), ([3; 32], 7));
    let mut follow = client.follow(Height::new(2));
    assert_eq!((follow.next().await, follow.next().await), (block(2), block(3)));

    // The stream is open still: it ends with the server, and does not hold it up.
    stop.send(()).unwrap();
    tokio::time::timeout(gongxin_api::limits::SHUTDOWN_GRACE / 2, server).await.unwrap().unwrap().unwrap();
    client.status().await.unwrap_err();
}

/// A reading from end to end of the wire: not final at first, asked for again, answered; signatures and clocks are real.
#[tokio::test]
async fn a_gateway_and_its_client() {
    let (listener, base) = port().await;
    let (router, office) = gateway_at(&base);
    *office.clock.lock().unwrap() = Some(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs());
    let (_stop, _server) = serve(listener, router);
    let client = GatewayClient::new(&base, OfficerId::new([HOUSING; 16]), key(HOUSING)).unwrap();
    let page = client.get("/api/v1/officers?limit=2").await.unwrap().json::<serde_json::Value>().unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), 2);

    let signature = key(HOUSING).sign(&request().claim(Suite::Intl).message());
    tell(&office.reading, Err(OfficeError::Pending { retry_after_ms: 1 }));
    let pending = client.access(&request(), signature).await.unwrap_err();
    assert!(pending.is_temporary(), "{pending}");
    let (height, sealed) = (Height::new(17), b"sealed".to_vec());
    tell(&office.reading, Ok(Reading { height, sealed, receipt: reading_bundle(), decision: allowed(), found: true }));
    let answer = client.access(&request(), signature).await.unwrap();
    assert_eq!((answer.height, answer.sealed.0.as_slice()), (height, &b"sealed"[..]));
    let asked = office.requests.lock().unwrap();
    assert_eq!((asked.len(), &asked[0], asked[1].0 == request()), (2, &asked[1], true));
}
