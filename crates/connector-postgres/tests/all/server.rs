//! A PostgreSQL of one test: a data directory, a socket and a process of its own, never run as root.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User};
use tokio_postgres::{Client, NoTls};

/// What every server is started with. It need not outlive the machine, only its own kill.
const CONFIG: &str = "
listen_addresses = ''
wal_level = logical
max_wal_senders = 8
max_replication_slots = 8
max_connections = 30
shared_buffers = 32MB
fsync = off
max_slot_wal_keep_size = 1GB
logging_collector = off
log_min_messages = warning
";

const ACCESS: &str = "
local   all all trust
hostssl all gongxin 127.0.0.1/32 scram-sha-256
";

pub(crate) struct Server {
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    process: Option<Child>,
}

/// Where the server's programs are.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let newest = versions
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|version| *version >= 15)
        .max();
    let version = newest.expect("PostgreSQL 15 or later is not installed; run: apt-get install postgresql");
    PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"))
}

/// A command that runs as an ordinary user: as us, or as `postgres` where we are root.
fn ordinary(program: &str) -> Command {
    let mut command = Command::new(programs().join(program));
    if Uid::effective().is_root() {
        let user = User::from_name("postgres").unwrap().expect("a user `postgres`, as Debian's package makes it");
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    command
}

/// Gives a folder to whoever runs the server.
fn give(path: &Path) {
    if Uid::effective().is_root() {
        let user = User::from_name("postgres").unwrap().expect("a user `postgres`");
        chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = tempfile::Builder::new().prefix(name).tempdir_in("/tmp").unwrap().keep();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    give(&folder);
    folder
}

/// A data directory that was initialized once on this machine and is copied for each test.
fn template() -> PathBuf {
    let owner = if Uid::effective().is_root() { "root".to_owned() } else { Uid::effective().to_string() };
    let version = programs().parent().and_then(Path::file_name).unwrap().to_str().unwrap().to_owned();
    let template = PathBuf::from(format!("/tmp/gongxin-postgres-{version}-{owner}"));
    if !template.join("data/PG_VERSION").exists() {
        let made = folder("gongxin-initdb-");
        let data = made.join("data");
        let status = ordinary("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
            .args(["--wal-segsize=1", "--data-checksums"])
            .arg("-D")
            .arg(&data)
            .status()
            .unwrap();
        assert!(status.success(), "initdb failed");
        // Of two who do this at once, one is late: what is there is as good.
        if fs::rename(&made, &template).is_err() {
            fs::remove_dir_all(&made).ok();
        }
    }
    template.join("data")
}

impl Server {
    /// A server that answers.
    pub(crate) async fn start() -> Self {
        Self::start_with("").await
    }

    /// A server with these lines at the end of its configuration.
    pub(crate) async fn start_with(config: &str) -> Self {
        let folder = folder("gongxin-pg-");
        let copied = Command::new("cp").arg("-a").arg(template()).arg(folder.join("data")).status().unwrap();
        assert!(copied.success());
        let socket = format!("unix_socket_directories = '{}'\n", folder.display());
        let data = folder.join("data");
        fs::write(data.join("postgresql.conf"), format!("{CONFIG}{socket}{config}")).unwrap();
        fs::write(data.join("pg_hba.conf"), ACCESS).unwrap();
        let mut server = Self { folder, port: 5432, process: None };
        server.run().await;
        server
    }

    /// Adds lines to its configuration, for the next start.
    pub(crate) fn configure(&self, lines: &str) {
        let path = self.data().join("postgresql.conf");
        let config = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{config}{lines}")).unwrap();
    }

    /// Gives a file to whoever runs the server.
    pub(crate) fn give(&self, path: &Path) {
        give(path);
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Starts the process, and waits until it answers.
    pub(crate) async fn run(&mut self) {
        let log = fs::File::options().create(true).append(true).open(self.folder.join("log")).unwrap();
        let process = ordinary("postgres").arg("-D").arg(self.data()).stderr(log).spawn().unwrap();
        self.process = Some(process);
        loop {
            if self.try_admin("postgres").await.is_ok() {
                return;
            }
            let ended = self.process.as_mut().and_then(|process| process.try_wait().unwrap());
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(ended.is_none(), "the server ended: {}", log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn signal(&mut self, signal: Signal) {
        if let Some(mut process) = self.process.take() {
            kill(Pid::from_raw(process.id().cast_signed()), signal).ok();
            process.wait().ok();
        }
    }

    /// Shuts it down in order.
    pub(crate) fn stop(&mut self) {
        self.signal(Signal::SIGINT);
    }

    /// Ends it at once, as a power cut would end its processes.
    pub(crate) fn crash(&mut self) {
        self.signal(Signal::SIGQUIT);
    }

    pub(crate) async fn admin(&self, database: &str) -> Client {
        self.try_admin(database).await.unwrap()
    }

    async fn try_admin(&self, database: &str) -> Result<Client, tokio_postgres::Error> {
        let mut config = tokio_postgres::Config::new();
        config.host(self.folder.to_str().unwrap()).port(self.port).user("postgres").dbname(database);
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(async move { connection.await.ok() });
        Ok(client)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.crash();
        fs::remove_dir_all(&self.folder).ok();
    }
}
