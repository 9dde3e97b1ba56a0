//! Over a network: TLS with the department's own authority, a password from a file, and refusals that tell no secret.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use gongxin_connector_api::contract::{Department as _, Step, bound, drain, row};
use gongxin_connector_api::{Connector as _, ConnectorError};
use gongxin_connector_postgres::{PostgresConnector, Settings};

use crate::department::{Housing, TABLE};
use crate::server::Server;

fn openssl(folder: &Path, arguments: &str) {
    let done =
        Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().expect("openssl is installed");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A server that takes TLS connections on the loopback, and the port.
async fn encrypted() -> (Housing, u16, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    openssl(path, "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority");
    openssl(path, "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost");
    fs::write(path.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    openssl(
        path,
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem",
    );
    openssl(path, "req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -days 2 -subj /CN=another");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Server::start().await;
    server.stop();
    for name in ["server.pem", "server.key"] {
        fs::copy(path.join(name), server.data().join(name)).unwrap();
        server.give(&server.data().join(name));
        fs::set_permissions(server.data().join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    server.configure(&format!(
        "ssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\nlisten_addresses = '127.0.0.1'\nport = {port}\n"
    ));
    server.port = port;
    server.run().await;
    let housing = Housing::installed(server, TABLE).await;
    (housing, port, folder)
}

fn settings(folder: &Path, port: u16, ca: &str, password: &str) -> Settings {
    let file = folder.join(password.len().to_string());
    fs::write(&file, format!("{password}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let text = format!(
        "host = \"127.0.0.1\"\nport = {port}\ndatabase = \"housing\"\nuser = \"gongxin\"\npassword_file = \"{}\"\nca_file = \"{ca}\"\nslot = \"gongxin_housing\"\npublication = \"gongxin_housing\"\n",
        password.len()
    );
    Settings::read(&toml::from_str(&text).unwrap(), folder).unwrap()
}

/// Both kinds of connection are encrypted, check the certificate, and authenticate by SCRAM with a password from a file.
#[tokio::test]
async fn encrypted_and_authenticated() {
    let (mut housing, port, folder) = encrypted().await;
    let good = settings(folder.path(), port, "ca.pem", "a password of the test");
    housing.connector = PostgresConnector::new(good, vec![bound()]);
    housing.commit(vec![Step::Insert(row("a", 1, "one"))]).await;
    let (batches, _) = drain(&housing.connector, None, 1).await;
    assert_eq!(batches.len(), 1);
    let encrypted =
        "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'gongxin' AND ssl";
    let encrypted: i64 = housing.application.query_one(encrypted, &[]).await.unwrap().get(0);
    assert!(encrypted >= 1);
    // Another authority than the one that we trust, and another password: refused, and no secret is told.
    let stranger =
        PostgresConnector::new(settings(folder.path(), port, "other.pem", "a password of the test"), vec![bound()]);
    assert!(matches!(stranger.check().await, Err(ConnectorError::Unreachable { .. })));
    let wrong = PostgresConnector::new(settings(folder.path(), port, "ca.pem", "a wrong password"), vec![bound()]);
    let error = wrong.check().await.unwrap_err();
    let told = format!("{error} {error:?} {wrong:?}");
    assert!(
        matches!(error, ConnectorError::Refused { .. }) && told.contains("28P01") && !told.contains("wrong password"),
        "{told}"
    );
}

/// Settings that would send rows in the clear, and a password file that others can read, are refused.
#[tokio::test]
async fn what_would_leak_is_refused() {
    let read = |text: &str| {
        let common = "database = \"d\"\nuser = \"u\"\nslot = \"s\"\npublication = \"p\"\n";
        Settings::read(&toml::from_str(&format!("{common}{text}")).unwrap(), Path::new("/nowhere"))
    };
    let refused = |text: &str| read(text).unwrap_err().to_string();
    assert!(refused("host = \"10.1.2.3\"\ntls = \"off\"").contains("loopback"));
    assert!(refused("host = \"10.1.2.3\"").contains("ca_file"));
    assert!(refused("host = \"/run/postgresql\"").contains("socket"));
    assert!(refused("host = \"h\"\npassword = \"x\"").contains("password"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, "hunter-of-the-test").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let open = read(&format!("host = \"127.0.0.1\"\ntls = \"off\"\npassword_file = \"{}\"", file.display())).unwrap();
    let error = PostgresConnector::new(open, vec![]).check().await.unwrap_err().to_string();
    assert!(error.contains("open to others") && !error.contains("hunter"), "{error}");
}
