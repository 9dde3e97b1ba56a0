//! Wire: a connection of the replication protocol, of which the usual client speaks all but the last word.
//!
//! Starting up, authenticating (SCRAM-SHA-256) and framing are `postgres-protocol`'s; what is ours is the state after
//! `START_REPLICATION`, in which both sides send (PostgreSQL 15, documentation, section 55.4). Bytes are read when somebody
//! asks for the next frame, so a slow caller makes the server wait and not us grow; a task of its own says every few seconds
//! how far we are, so that the server does not give us up meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use gongxin_connector_api::{ConnectorError, Position};
use postgres_protocol::authentication::sasl::{self, ChannelBinding, ScramSha256};
use postgres_protocol::message::backend::{ErrorFields, Header, Message};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Notify;
use tokio_postgres::tls::TlsConnect as _;

use crate::Settings;
use crate::cause::ServerError;
use crate::connect::{password, tls, unreachable};
use crate::limits::{CONNECT_TIMEOUT, FRAME_BYTES_MAX, STATUS_INTERVAL};

/// Anything that bytes go over.
trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}
type BoxedLine = Box<dyn Line>;

/// One frame of the stream.
pub(crate) enum Frame {
    /// A message of the plugin.
    Data(Bytes),
    /// The server lives, and has sent everything up to here.
    Alive(Position),
}

/// A stream of changes that has begun.
pub(crate) struct Wire {
    database: String,
    line: ReadHalf<BoxedLine>,
    buffer: BytesMut,
    progress: Arc<Progress>,
    status: tokio::task::JoinHandle<()>,
    // Where the stream began: a slot must not be moved back by a late confirmation.
    begin: Position,
    /// The process of the server that serves us.
    pub(crate) process: i32,
}

/// What the status says, and when it must be said at once.
#[derive(Default)]
struct Progress {
    confirmed: AtomicU64,
    received: AtomicU64,
    say: Notify,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.status.abort();
    }
}

impl Wire {
    /// Connects, and begins the stream of the settings' slot and publication.
    pub(crate) async fn start(
        settings: &Settings,
        encoding: &str,
        from: Option<Position>,
    ) -> Result<Self, ConnectorError> {
        let name = settings.database.as_str();
        let begun = async {
            let line = open(settings).await?;
            let mut opening = Opening { line, buffer: BytesMut::new(), database: name, process: 0 };
            opening.enter(settings, encoding).await?;
            opening.begin(settings, from).await?;
            Ok::<_, ConnectorError>(opening)
        };
        let opening = tokio::time::timeout(CONNECT_TIMEOUT, begun).await.map_err(|late| unreachable(name, late))??;
        let (line, writer) = tokio::io::split(opening.line);
        let progress = Arc::new(Progress::default());
        // Until the caller confirms, zero is told, which the server takes for nothing.
        let status = tokio::spawn(tell(writer, progress.clone()));
        let (buffer, process) = (opening.buffer, opening.process);
        let begin = from.unwrap_or_default();
        Ok(Self { database: name.to_owned(), line, buffer, progress, status, begin, process })
    }

    /// The next frame. Dropped while it waits, it loses nothing.
    pub(crate) async fn frame(&mut self) -> Result<Frame, ConnectorError> {
        loop {
            if let Some(frame) = self.parse()? {
                return Ok(frame);
            }
            let read =
                self.line.read_buf(&mut self.buffer).await.map_err(|error| unreachable(&self.database, error))?;
            if read == 0 {
                return Err(unreachable(&self.database, "the connection was closed"));
            }
        }
    }

    /// Everything up to here may be forgotten.
    pub(crate) fn confirm(&self, upto: Position) {
        if upto >= self.begin {
            self.progress.confirmed.fetch_max(upto.0, Ordering::Relaxed);
            self.progress.say.notify_one();
        }
    }

    fn parse(&mut self) -> Result<Option<Frame>, ConnectorError> {
        loop {
            let Some((tag, mut body)) = take_frame(&mut self.buffer)? else { return Ok(None) };
            match tag {
                b'd' => {}
                b'E' => return Err(server_error("go on with the stream", &body)),
                b'c' | b'C' => return Err(unreachable(&self.database, "the server ended the stream")),
                // Notices and parameters.
                _ => continue,
            }
            let cut = || ConnectorError::Protocol { what: "a replication frame that is cut short".to_owned() };
            match body.try_get_u8().map_err(|_| cut())? {
                b'w' => {
                    let start = body.try_get_u64().map_err(|_| cut())?;
                    body.try_get_u64().and_then(|_| body.try_get_u64()).map_err(|_| cut())?;
                    self.progress.received.fetch_max(start, Ordering::Relaxed);
                    return Ok(Some(Frame::Data(body)));
                }
                b'k' => {
                    let end = body.try_get_u64().map_err(|_| cut())?;
                    body.try_get_u64().map_err(|_| cut())?;
                    self.progress.received.fetch_max(end, Ordering::Relaxed);
                    if body.try_get_u8().map_err(|_| cut())? == 1 {
                        self.progress.say.notify_one();
                    }
                    return Ok(Some(Frame::Alive(Position(end))));
                }
                _ => {
                    return Err(ConnectorError::Protocol { what: "a replication frame of an unknown kind".to_owned() });
                }
            }
        }
    }
}

/// Says how far we are, every few seconds and whenever that changes, and asks the server how far it is.
async fn tell(mut writer: WriteHalf<BoxedLine>, progress: Arc<Progress>) {
    loop {
        let due = tokio::time::timeout(STATUS_INTERVAL, progress.say.notified()).await.is_err();
        let confirmed = progress.confirmed.load(Ordering::Relaxed);
        let received = progress.received.load(Ordering::Relaxed).max(confirmed);
        let mut message = BytesMut::with_capacity(40);
        message.put_u8(b'd');
        message.put_u32(4 + 34);
        message.put_u8(b'r');
        [received, confirmed, confirmed].iter().for_each(|position| message.put_u64(*position));
        // The server makes nothing of our clock.
        message.put_i64(0);
        message.put_u8(u8::from(due));
        // A broken line shows to whoever reads from it.
        if writer.write_all(&message).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
}

/// A connection that is not yet a stream.
struct Opening<'a> {
    line: BoxedLine,
    buffer: BytesMut,
    database: &'a str,
    process: i32,
}

impl Opening<'_> {
    async fn enter(&mut self, settings: &Settings, encoding: &str) -> Result<(), ConnectorError> {
        let parameters = [
            ("user", settings.user.as_str()),
            ("database", settings.database.as_str()),
            ("replication", "database"),
            ("application_name", "gongxin"),
            ("client_encoding", encoding),
        ];
        self.send(|out| frontend::startup_message(parameters, out)).await?;
        let mut scram = None;
        loop {
            match self.message().await? {
                Message::AuthenticationOk => break,
                Message::AuthenticationSasl(body) => {
                    let known = fallible(body.mechanisms())?.iter().any(|name| name == sasl::SCRAM_SHA_256);
                    let password = password(settings)?.filter(|_| known).ok_or_else(|| no_way_in(settings))?;
                    let started = ScramSha256::new(&password, ChannelBinding::unsupported());
                    self.send(|out| frontend::sasl_initial_response(sasl::SCRAM_SHA_256, started.message(), out))
                        .await?;
                    scram = Some(started);
                }
                Message::AuthenticationSaslContinue(body) => {
                    let scram = scram.as_mut().ok_or_else(|| no_way_in(settings))?;
                    scram.update(body.data()).map_err(|error| unreachable(self.database, error))?;
                    let answer = scram.message().to_vec();
                    self.send(|out| frontend::sasl_response(&answer, out)).await?;
                }
                Message::AuthenticationSaslFinal(body) => {
                    let scram = scram.as_mut().ok_or_else(|| no_way_in(settings))?;
                    scram.finish(body.data()).map_err(|error| unreachable(self.database, error))?;
                }
                _ => return Err(no_way_in(settings)),
            }
        }
        loop {
            match self.message().await? {
                Message::BackendKeyData(body) => self.process = body.process_id(),
                Message::ReadyForQuery(_) => return Ok(()),
                _ => {}
            }
        }
    }

    async fn begin(&mut self, settings: &Settings, from: Option<Position>) -> Result<(), ConnectorError> {
        // Zero: from where the slot stands.
        let from = from.unwrap_or_default();
        // Names with quotes are refused where settings are read.
        let statement = format!(
            "START_REPLICATION SLOT {} LOGICAL {from} (proto_version '1', publication_names '{}', binary 'true', messages 'true')",
            settings.slot.quoted(),
            settings.publication.quoted(),
        );
        self.send(|out| frontend::query(&statement, out)).await?;
        loop {
            let tag = self.tag().await?;
            if tag != b'W' {
                self.message().await?;
                continue;
            }
            while take_frame(&mut self.buffer)?.is_none() {
                self.fill().await?;
            }
            return Ok(());
        }
    }

    async fn send(&mut self, write: impl FnOnce(&mut BytesMut) -> std::io::Result<()>) -> Result<(), ConnectorError> {
        let mut out = BytesMut::new();
        let written = write(&mut out);
        let sent = async { self.line.write_all(&out).await.and(self.line.flush().await) };
        written.and(sent.await).map_err(|error| unreachable(self.database, error))
    }

    async fn fill(&mut self) -> Result<(), ConnectorError> {
        match self.line.read_buf(&mut self.buffer).await {
            Ok(0) => Err(unreachable(self.database, "the connection was closed")),
            Ok(_) => Ok(()),
            Err(error) => Err(unreachable(self.database, error)),
        }
    }

    /// The kind of the next message.
    async fn tag(&mut self) -> Result<u8, ConnectorError> {
        loop {
            match Header::parse(&self.buffer).map_err(|error| unreachable(self.database, error))? {
                Some(header) => return Ok(header.tag()),
                None => self.fill().await?,
            }
        }
    }

    /// The next message, an error of the server's apart.
    async fn message(&mut self) -> Result<Message, ConnectorError> {
        loop {
            match Message::parse(&mut self.buffer).map_err(|error| unreachable(self.database, error))? {
                Some(Message::ErrorResponse(body)) => return Err(told("let us follow it", body.fields())),
                Some(Message::NoticeResponse(_)) => {}
                Some(message) => return Ok(message),
                None if self.buffer.len() > FRAME_BYTES_MAX => return Err(too_long()),
                None => self.fill().await?,
            }
        }
    }
}

/// The line to the server, encrypted where the settings say so.
async fn open(settings: &Settings) -> Result<BoxedLine, ConnectorError> {
    let name = settings.database.as_str();
    let failed = |error| unreachable(name, error);
    if settings.is_socket() {
        let path = format!("{}/.s.PGSQL.{}", settings.host, settings.port);
        return Ok(Box::new(UnixStream::connect(path).await.map_err(failed)?));
    }
    let mut line = TcpStream::connect((settings.host.as_str(), settings.port)).await.map_err(failed)?;
    line.set_nodelay(true).map_err(failed)?;
    let Some(mut tls) = tls(settings)? else { return Ok(Box::new(line)) };
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    line.write_all(&request).await.map_err(failed)?;
    if line.read_u8().await.map_err(failed)? != b'S' {
        return Err(unreachable(name, "the server offers no TLS"));
    }
    let tls = <_ as tokio_postgres::tls::MakeTlsConnect<TcpStream>>::make_tls_connect(&mut tls, &settings.host);
    let tls = tls.map_err(|error| unreachable(name, error))?;
    Ok(Box::new(tls.connect(line).await.map_err(failed)?))
}

/// Takes the next whole message off the buffer: its kind and its body.
fn take_frame(buffer: &mut BytesMut) -> Result<Option<(u8, Bytes)>, ConnectorError> {
    let Some((tag, length)) = buffer.first().copied().zip(buffer.get(1..5).and_then(|bytes| bytes.try_into().ok()))
    else {
        return Ok(None);
    };
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if !(4..=FRAME_BYTES_MAX).contains(&length) {
        return Err(too_long());
    }
    let whole = length + 1;
    if buffer.len() < whole {
        buffer.reserve(whole - buffer.len());
        return Ok(None);
    }
    let mut frame = buffer.split_to(whole).freeze();
    frame.advance(5);
    Ok(Some((tag, frame)))
}

fn too_long() -> ConnectorError {
    ConnectorError::Limit { what: "bytes of one message of the database", max: FRAME_BYTES_MAX }
}

fn no_way_in(settings: &Settings) -> ConnectorError {
    let what = format!(
        "`{}` wants another way of authentication than SCRAM-SHA-256 with a `password_file`, or the trust of a socket",
        settings.database
    );
    ConnectorError::Config { what }
}

fn fallible(
    mechanisms: postgres_protocol::message::backend::SaslMechanisms<'_>,
) -> Result<Vec<String>, ConnectorError> {
    use fallible_iterator::FallibleIterator as _;
    let names = mechanisms.map(|name| Ok(name.to_owned())).collect();
    names.map_err(|error: std::io::Error| ConnectorError::Protocol { what: error.to_string() })
}

/// An error of the server's in the stream.
fn server_error(what: &'static str, body: &Bytes) -> ConnectorError {
    let mut whole = BytesMut::with_capacity(body.len() + 5);
    whole.put_u8(b'E');
    whole.put_u32(u32::try_from(body.len() + 4).unwrap_or(u32::MAX));
    whole.extend_from_slice(body);
    match Message::parse(&mut whole) {
        Ok(Some(Message::ErrorResponse(body))) => told(what, body.fields()),
        _ => ConnectorError::Protocol { what: "an error that cannot be read".to_owned() },
    }
}

fn told(what: &'static str, mut fields: ErrorFields<'_>) -> ConnectorError {
    use fallible_iterator::FallibleIterator as _;
    let (mut severity, mut code, mut message) = (String::new(), String::new(), String::new());
    while let Ok(Some(field)) = fields.next() {
        let value = String::from_utf8_lossy(field.value_bytes()).into_owned();
        match field.type_() {
            b'S' => severity = value,
            b'C' => code = value,
            b'M' => message = value,
            _ => {}
        }
    }
    ConnectorError::Refused { what, source: Box::new(ServerError::new(&severity, &code, &message, None)) }
}
