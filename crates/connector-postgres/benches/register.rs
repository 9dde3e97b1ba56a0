//! How long a pass over a million rows takes beside a query that hashes them, how many changes a second come through, and how
//! soon: `cargo bench -p gongxin-connector-postgres`. It starts a server of its own; `-- ROWS` makes another number of rows.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement prints, and stops where something is not so"
)]
#![allow(dead_code, reason = "the tests' server and department offer more than is measured")]

#[path = "../tests/all/department.rs"]
mod department;
#[path = "../tests/all/server.rs"]
mod server;

use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use gongxin_connector_api::compare::{Living, OutOfOrder};
use gongxin_connector_api::contract::bound;
use gongxin_connector_api::{Comparison, Connector as _, Event, Expected, Key, Position};
use gongxin_crypto::{Digest, Suite, merkle};
use gongxin_types::row::{CellText, Salt, Value};

use department::{Housing, TABLE};
use server::Server;

const SUITE: Suite = Suite::Intl;
const RUNS: usize = 3;

fn main() {
    let rows = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        pass(rows).await;
        throughput(rows / 4).await;
        latency().await;
    });
}

fn seconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The most memory this process has had, in MB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
}

fn fill(rows: u64) -> String {
    format!(
        "INSERT INTO estate SELECT 'district-' || n % 500, n, 'estate number ' || n, n % 2 = 0, date '1980-01-01' + (n % 15000)::int,
        (n % 20000) / 100.0, timestamp '2020-01-01' + n * interval '1 minute', timestamptz '2020-01-01Z' + n * interval '1 minute', NULL
        FROM generate_series(1, {rows}) n"
    )
}

/// What the vault would say of the register, in a file: for each row its key, commitment, salt and fields root.
async fn commit(housing: &Housing, path: &Path) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let bound = bound();
    let mut snapshot = housing.connector.snapshot(&bound.resource.id, None).await.unwrap();
    loop {
        let page = snapshot.page().await.unwrap();
        for row in page.rows {
            let row = row.unwrap();
            let (Value::Text(district), Value::Integer(number)) = (&row.key.values()[0], &row.key.values()[1]) else {
                continue;
            };
            let salt = Salt([number.to_le_bytes()[0]; 32]);
            let root = merkle::root_of_hashes(SUITE, &row.row.field_hashes(SUITE, &salt, &bound.resource));
            let commitment = row.row.commitment(SUITE, &salt, &bound.resource);
            file.write_all(&[u8::try_from(district.as_str().len()).unwrap()]).unwrap();
            file.write_all(district.as_str().as_bytes()).unwrap();
            file.write_all(&number.to_le_bytes()).unwrap();
            [commitment.as_bytes(), &salt.0, root.as_bytes()].iter().for_each(|part| file.write_all(part).unwrap());
        }
        if page.last {
            file.flush().unwrap();
            return;
        }
    }
}

fn expected(path: &Path) -> impl Iterator<Item = Result<Expected, OutOfOrder>> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).unwrap());
    std::iter::from_fn(move || {
        let mut length = [0];
        file.read_exact(&mut length).ok()?;
        let mut district = vec![0; usize::from(length[0])];
        file.read_exact(&mut district).unwrap();
        let mut number = [0; 8];
        file.read_exact(&mut number).unwrap();
        let mut parts = [[0; 32]; 3];
        parts.iter_mut().for_each(|part| file.read_exact(part).unwrap());
        let district = CellText::new(std::str::from_utf8(&district).unwrap()).unwrap();
        let key = Key::new(vec![Value::Text(district), Value::Integer(i64::from_le_bytes(number))]).unwrap();
        let [commitment, salt, root] = parts;
        let digest = |bytes: [u8; 32]| Digest::new(&bytes).unwrap();
        Some(Ok(Expected {
            key,
            living: Some(Living { commitment: digest(commitment), salt: Salt(salt), fields_root: digest(root) }),
        }))
    })
}

/// A pass with commitments beside the department's own query, alternating, on one server.
async fn pass(rows: u64) {
    let housing = Housing::installed(
        Server::start_with("shared_buffers = 512MB\nwork_mem = 64MB\nmax_wal_size = 4GB\n").await,
        TABLE,
    )
    .await;
    housing.connector.drop_slot().await.unwrap();
    housing.run(&fill(rows)).await;
    housing.run("VACUUM ANALYZE estate").await;
    let path = housing.server.folder.join("expected");
    commit(&housing, &path).await;
    let (mut queries, mut passes) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let begun = Instant::now();
        housing.run("SELECT max(encode(sha256(t::text::bytea),'hex')) FROM estate t").await;
        queries.push(seconds(begun));
        let begun = Instant::now();
        let mut differences = 0;
        let mut comparison = Comparison::new(SUITE, expected(&path));
        let mut snapshot = housing.connector.snapshot(&bound().resource.id, None).await.unwrap();
        loop {
            let page = snapshot.page().await.unwrap();
            page.rows.iter().for_each(|row| comparison.row(row, &mut |_| differences += 1).unwrap());
            if page.last {
                break;
            }
        }
        assert_eq!(comparison.finish(&mut |_| differences += 1).unwrap(), rows);
        assert_eq!(differences, 0);
        passes.push(seconds(begun));
    }
    let (query, pass) = (median(queries), median(passes));
    println!(
        "pass over {rows} rows: {pass:.2} s; the query: {query:.2} s; ratio {:.2}; memory {} MB",
        pass / query,
        memory()
    );
}

/// Changes that wait in the slot, as one bulk load and as many small transactions, read as fast as they come.
async fn throughput(rows: u64) {
    let housing = Housing::new().await;
    let mut from: Option<Position> = None;
    let one_by_one = format!(
        "DO $$ BEGIN FOR n IN 1..{} LOOP UPDATE estate SET name = 'changed' WHERE number = n; COMMIT; END LOOP; END $$",
        rows / 10
    );
    for (what, statement, count) in
        [("one transaction", fill(rows), rows), ("a transaction each", one_by_one, rows / 10)]
    {
        if what == "a transaction each" {
            housing.run("CREATE INDEX ON estate (number)").await;
        }
        housing.run(&statement).await;
        let begun = Instant::now();
        let mut changes = housing.connector.changes(from).await.unwrap();
        let (mut seen, mut is_whole) = (0, false);
        while seen < count || !is_whole {
            if let Event::Changes(batch) = changes.next().await.unwrap() {
                seen += batch.changes.len() as u64;
                is_whole = batch.end.is_some();
                from = batch.end.or(from);
            }
        }
        let end = from.unwrap();
        changes.confirm(end).await.unwrap();
        println!("{count} changes in {what}: {:.0} a second; memory {} MB", count as f64 / seconds(begun), memory());
        drop(changes);
        while housing.connector.health().await.unwrap().confirmed < Some(end) {}
    }
}

/// 500 commits a second for ten seconds: how long after the commit was answered its change is here.
async fn latency() {
    const RATE: u32 = 500;
    const COUNT: u32 = 5_000;
    let housing = Housing::new().await;
    let writer = housing.server.admin("housing").await;
    let (sender, mut commits) = tokio::sync::mpsc::unbounded_channel();
    let mut changes = housing.connector.changes(None).await.unwrap();
    tokio::spawn(async move {
        let statement = writer.prepare("INSERT INTO estate (district, number) VALUES ('a', $1)").await.unwrap();
        let mut tick = tokio::time::interval(Duration::from_secs(1) / RATE);
        for number in 0..i64::from(COUNT) {
            tick.tick().await;
            let sent = Instant::now();
            writer.execute(&statement, &[&number]).await.unwrap();
            sender.send(sent).unwrap();
        }
    });
    let mut arrivals = Vec::new();
    while arrivals.len() < COUNT as usize {
        if let Event::Changes(batch) = changes.next().await.unwrap() {
            arrivals.extend(batch.changes.iter().map(|_| Instant::now()));
        }
    }
    let mut waits = Vec::new();
    for arrived in arrivals {
        // From before the statement was sent: the server's own commit is in it.
        waits.push(arrived.duration_since(commits.recv().await.unwrap()).as_secs_f64() * 1_000.0);
    }
    waits.sort_by(f64::total_cmp);
    let at = |share: usize| waits[(waits.len() - 1) * share / 100];
    println!("statement sent to change seen at {RATE}/s: p50 {:.1} ms, p99 {:.1} ms", at(50), at(99));
}
