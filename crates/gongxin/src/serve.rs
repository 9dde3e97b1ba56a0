//! Serving HTTP until told to stop: by SIGTERM, SIGINT, or the end of standard input where a parent asked for that.

use std::io::Read as _;
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;

/// Takes the port that the configuration gives under this name, or names it with a way out.
pub(crate) async fn listen(name: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::unreachable(format_args!(
            "port {}: {error}; end what uses it, or choose another `{name}` address",
            address.port()
        ))
    })
}

/// Listens for what stops this process, from now on; resolves when it is to stop.
pub(crate) fn asked_to_stop(stop_with_stdin: bool) -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let terminate = signal(SignalKind::terminate()).map_err(Failure::usage)?;
    let interrupt = signal(SignalKind::interrupt()).map_err(Failure::usage)?;
    Ok(stopping(terminate, interrupt, stop_with_stdin))
}

async fn stopping(mut terminate: Signal, mut interrupt: Signal, stop_with_stdin: bool) {
    if stop_with_stdin {
        // A child of ours: Ctrl-C is the parent's business, which then stops us in order.
        tokio::select! {
            _ = terminate.recv() => {}
            () = end_of_input() => {}
        }
    } else {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// Ends when standard input does. A thread of its own reads it: a runtime would wait for that read when it stops.
async fn end_of_input() {
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let mut buffer = [0; 64];
        while std::io::stdin().read(&mut buffer).is_ok_and(|count| count > 0) {}
        drop(ended);
    });
    // The sender is dropped at the end of input: that is the message.
    let _ended = end.await;
}
