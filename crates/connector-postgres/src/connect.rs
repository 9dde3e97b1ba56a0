//! Connect: ordinary connections for SQL, and the TLS that both kinds share.

use std::sync::Arc;

use gongxin_connector_api::ConnectorError;
use gongxin_connector_api::error::Cause;
use gongxin_crypto::secret_file::{self, Sharing};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio_postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use zeroize::Zeroizing;

use crate::cause::refused;
use crate::limits::{CONNECT_TIMEOUT, PASSWORD_BYTES_MAX};
use crate::{Settings, Tls};

/// The password of the role, without the line's end; none where there is no file.
pub(crate) fn password(settings: &Settings) -> Result<Option<Zeroizing<Vec<u8>>>, ConnectorError> {
    let Some(path) = &settings.password_file else { return Ok(None) };
    // The error names the file, never what is in it.
    let mut password = secret_file::read(path, PASSWORD_BYTES_MAX, Sharing::GroupMayRead)
        .map_err(|error| ConnectorError::Config { what: error.to_string() })?;
    while password.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        password.pop();
    }
    Ok(Some(password))
}

/// What makes TLS connections; none where the settings say so.
pub(crate) fn tls(settings: &Settings) -> Result<Option<MakeRustlsConnect>, ConnectorError> {
    let (Tls::Verify, Some(path)) = (settings.tls, &settings.ca_file) else { return Ok(None) };
    let bad = |what: String| ConnectorError::Config { what: format!("`{}` {what}", path.display()) };
    let mut roots = rustls::RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| bad(format!("cannot be read: {error}")))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| bad(format!("cannot be read: {error}")))?;
        roots.add(certificate).map_err(|error| bad(format!("holds no usable certificate: {error}")))?;
    }
    if roots.is_empty() {
        return Err(bad("holds no certificate".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(format!("cannot be used: {error}")))?;
    Ok(Some(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth())))
}

/// An ordinary connection. It ends when the client is dropped.
pub(crate) async fn connect(settings: &Settings) -> Result<Client, ConnectorError> {
    let mut config = tokio_postgres::Config::new();
    config
        .host(&settings.host)
        .port(settings.port)
        .dbname(settings.database.as_str())
        .user(settings.user.as_str())
        .application_name("gongxin")
        .connect_timeout(CONNECT_TIMEOUT);
    if let Some(password) = password(settings)? {
        config.password(&password[..]);
    }
    let name = settings.database.as_str();
    let opened = async {
        let client: Result<Client, ConnectorError> = match tls(settings)? {
            Some(tls) => {
                config.ssl_mode(tokio_postgres::config::SslMode::Require);
                let (client, connection) = config.connect(tls).await.map_err(refused("let us in", name))?;
                // How the connection ended is told by whoever was using it.
                tokio::spawn(async move { connection.await.ok() });
                Ok(client)
            }
            None => {
                config.ssl_mode(tokio_postgres::config::SslMode::Disable);
                let (client, connection) = config.connect(NoTls).await.map_err(refused("let us in", name))?;
                tokio::spawn(async move { connection.await.ok() });
                Ok(client)
            }
        };
        client
    };
    let client = tokio::time::timeout(CONNECT_TIMEOUT, opened).await.map_err(|late| unreachable(name, late))??;
    settle(&client, name).await?;
    Ok(client)
}

/// A database without an encoding hands out bytes as they are; they are judged here, row by row, rather than ending the query.
async fn settle(client: &Client, name: &str) -> Result<(), ConnectorError> {
    let encoding = encoding(client, name).await?;
    let statement = format!(
        "SET client_encoding = '{encoding}'; SET search_path = pg_catalog; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'"
    );
    client.batch_execute(&statement).await.map_err(refused("take our session's settings", name))
}

/// The encoding in which a session is told texts.
pub(crate) async fn encoding(client: &Client, name: &str) -> Result<&'static str, ConnectorError> {
    let row = client
        .query_one("SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()", &[]);
    let row = row.await.map_err(refused("tell its encoding", name))?;
    let encoding: String = row.try_get(0).map_err(refused("tell its encoding", name))?;
    Ok(if encoding == "SQL_ASCII" { "SQL_ASCII" } else { "UTF8" })
}

/// An error of the connection itself.
pub(crate) fn unreachable(database: &str, source: impl Into<Cause>) -> ConnectorError {
    ConnectorError::Unreachable { database: database.to_owned(), source: source.into() }
}
