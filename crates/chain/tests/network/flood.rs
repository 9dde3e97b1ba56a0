//! A flood: a bounded mempool says "busy" and when to come again, keeps half its room from any one organization, and
//! loses nothing that it accepted.

use futures::future::join_all;
use gongxin_chain::limits::SHARE_WEIGHT_MAX;
use gongxin_chain::{Caps, SubmissionState, SubmitError, ValidatorConfig};
use gongxin_types::Transaction;

use crate::town::{Town, finish, is_final, reach, stop};

/// Transactions that fit into a mempool here; one organization may fill half.
const ROOM: usize = 64;
/// What one organization throws at it.
const FLOOD: u64 = 200;

/// Two of four validators run, so nothing becomes final and what is accepted stays: one office floods, and is told to come
/// again; another office still gets in. Then the others start, and everything accepted becomes final; so does what was
/// turned away, once its sender does as it was told.
#[tokio::test]
async fn a_flood_is_held_back_and_nothing_accepted_is_lost() {
    let town = Town::new();
    let config = |node| {
        let config = town.config(node);
        ValidatorConfig { caps: Caps { mempool_transactions: ROOM, ..config.caps }, ..config }
    };
    let mut nodes: Vec<_> = (0..2).map(|node| town.first_start(config(node))).collect();
    let flood: Vec<_> = (1..=FLOOD).map(|sequence| town.evidence(sequence, &format!("flood {sequence}"))).collect();
    let answers = join_all(flood.iter().map(|(_, bytes)| nodes[0].submit(bytes.clone()))).await;
    let (mut accepted, mut turned_away) = (Vec::new(), Vec::new());
    for (transaction, answer) in flood.iter().zip(answers) {
        match answer {
            Ok(submission) => {
                assert_eq!((submission.id, submission.state), (transaction.0, SubmissionState::Accepted));
                accepted.push(transaction.0);
            }
            Err(SubmitError::Busy { retry_after_ms }) if retry_after_ms > 0 => turned_away.push(transaction),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(accepted.len(), ROOM / 2);
    assert!(nodes[0].metrics().contains(&format!("gongxin_busy_total {}\n", turned_away.len())));

    // The other half is everybody else's.
    let quiet: Vec<_> = (1..=5).map(|sequence| town.evidence_of("housing", sequence, "a flat")).collect();
    for (id, bytes) in &quiet {
        assert_eq!(nodes[0].submit(bytes.clone()).await.unwrap().state, SubmissionState::Accepted);
        accepted.push(*id);
    }
    assert_eq!(nodes[0].status().mempool_transactions, accepted.len());

    nodes.extend((2..4).map(|node| town.first_start(config(node))));
    let mut last = 0;
    for id in &accepted {
        last = last.max(is_final(&nodes[0], *id).await.get());
    }
    let headers = join_all(nodes.iter().map(|node| reach(node, last))).await;
    assert!(headers.iter().all(|block| block.header == headers[0].header));

    for (_, bytes) in turned_away {
        while let Err(error) = nodes[0].submit(bytes.clone()).await {
            let SubmitError::Busy { retry_after_ms } = error else { panic!("{error}") };
            tokio::time::sleep(std::time::Duration::from_millis(retry_after_ms)).await;
        }
        assert!(nodes[0].status().mempool_transactions <= ROOM);
    }
    for (id, _) in &flood {
        is_final(&nodes[0], *id).await;
    }
    stop(&nodes).await;
}

/// What a flood throws at a running network: more than fits beside others into the blocks of this test.
const GREEDY: u64 = 2_000;

/// A network runs; one office floods it, and another one's documents come in between. Whatever block carries one of these
/// carries no more of the flood than its share, though there is room for all of it; and no document waits behind the flood.
#[tokio::test]
async fn beside_others_a_flood_fills_no_block() {
    let town = Town::new();
    let nodes = town.open();
    finish(&nodes[0], town.evidence_of("housing", 1, "the first")).await;
    let flood: Vec<_> = (1..=GREEDY).map(|sequence| town.evidence(sequence, &format!("flood {sequence}"))).collect();
    let one = Transaction::from_bytes(&flood[0].1).unwrap();
    let most = usize::try_from(SHARE_WEIGHT_MAX / gongxin_state::weight(&one)).unwrap();
    let quiet: Vec<_> = (2..=9).map(|sequence| town.evidence_of("housing", sequence, "a flat")).collect();
    let is_of = |who: &str, transaction: &Transaction| transaction.body.sender.organization.as_str() == who;

    let (first, rest) = flood.split_at(flood.len() / 2);
    let thrown = join_all(first.iter().map(|(_, bytes)| nodes[0].submit(bytes.clone())));
    let (document, thrown) = futures::join!(finish(&nodes[0], quiet[0].clone()), thrown);
    assert!(thrown.iter().all(Result::is_ok));
    let mut heights = vec![document];
    let thrown = join_all(rest.iter().map(|(_, bytes)| nodes[1].submit(bytes.clone())));
    let documents = async {
        for document in &quiet[1..] {
            heights.push(finish(&nodes[2], document.clone()).await);
        }
    };
    let ((), thrown) = futures::join!(documents, thrown);
    assert!(thrown.iter().all(Result::is_ok));
    let mut bounded = 0;
    for height in heights {
        let block = reach(&nodes[0], height.get()).await;
        let greedy = block.transactions.iter().filter(|one| is_of("civil-affairs", one)).count();
        assert!(greedy <= most, "{greedy} of the flood in block {height}, and its share is {most}");
        bounded += usize::from(greedy == most);
    }
    assert!(bounded > 0, "the flood never wanted more than its share: this showed nothing");
    for (id, _) in &flood {
        is_final(&nodes[0], *id).await;
    }
    stop(&nodes).await;
}

/// Bytes are bounded as transactions are.
#[tokio::test]
async fn bytes_are_bounded_too() {
    let town = Town::new();
    let (_, one) = town.evidence(1, "one");
    let config = town.config(0);
    let caps = Caps { mempool_bytes: one.len() * 5, ..config.caps };
    let node = town.first_start(ValidatorConfig { caps, ..config });
    for sequence in 1..=4 {
        let answer = node.submit(town.evidence(sequence, "one").1).await;
        // Half of five is two and a half.
        assert_eq!(answer.is_ok(), sequence <= 2, "{answer:?}");
    }
    node.stop().await;
}
