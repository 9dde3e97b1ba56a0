//! Nouns of the ledger in their canonical bytes: from clients, from validators, from files.

use gongxin_crypto::Suite;
use gongxin_state::page;
use gongxin_types::{
    FinalizedBlock, Genesis, Header, ReceiptLeaf, Transaction, limits::PAGE_BYTES, proposed_block, receipt::Page,
};

use crate::{Outcome, canonical, proofs, shown};

/// A transaction as a client hands it in.
pub(crate) fn transaction(bytes: &[u8]) -> Outcome {
    let Ok(transaction) = Transaction::from_bytes(bytes) else {
        return Outcome::Refused;
    };
    assert_eq!(canonical::<Transaction>("transaction", bytes).as_ref(), Some(&transaction));
    shown(&transaction);
    // Which keys it needs is asked before its signature is checked.
    let _ = gongxin_state::needs(Suite::Intl, std::slice::from_ref(&transaction));
    let _ = gongxin_state::weight(&transaction);
    Outcome::Accepted
}

/// A final block, as followers and peers receive it; what it holds is then checked against its header.
pub(crate) fn block(bytes: &[u8]) -> Outcome {
    let Some(block) = canonical::<FinalizedBlock>("block", bytes) else {
        return Outcome::Refused;
    };
    let network = proofs::trusted();
    let _ = gongxin_verify::block::check(network, &block);
    if let Some(certificate) = &block.certificate {
        let _ = gongxin_verify::headers::check_chain(std::slice::from_ref(&block.header), certificate, network);
    }
    Outcome::Accepted
}

/// A header as receipts and proofs carry it.
pub(crate) fn header(bytes: &[u8]) -> Outcome {
    let Some(header) = canonical::<Header>("header", bytes) else {
        return Outcome::Refused;
    };
    shown(&header);
    // A block of it alone is a proposed block exactly where the header commits to no transactions.
    let alone = proposed_block::encode::<&[u8]>(&header, &[]);
    let parsed = proposed_block::ProposedBlock::parse(&alone, Suite::Intl, 0);
    assert!(parsed.is_err() || bytes.len() <= gongxin_types::limits::HEADER_BYTES_MAX);
    Outcome::Accepted
}

/// A genesis file; accepted where it also belongs together.
pub(crate) fn genesis(bytes: &[u8]) -> Outcome {
    let genesis = canonical::<Genesis>("genesis", bytes);
    let Some(genesis) = genesis.filter(|genesis| genesis.check().is_ok()) else {
        return Outcome::Refused;
    };
    shown(&genesis);
    let trusted = gongxin_verify::TrustedNetwork::from_head(&genesis.head);
    assert_eq!(trusted.network, genesis.head.id());
    Outcome::Accepted
}

/// The leaf of a receipt.
pub(crate) fn receipt_leaf(bytes: &[u8]) -> Outcome {
    canonical::<ReceiptLeaf>("receipt leaf", bytes).into()
}

/// Pages of the state, as a proof or a write shows them: what they join to is split into the same pages.
pub(crate) fn state_pages(bytes: &[u8]) -> Outcome {
    let (whole, rest) = bytes.as_chunks::<PAGE_BYTES>();
    let pages: Vec<Page> = whole.iter().map(|page| Page(*page)).collect();
    if let Some(first) = pages.first() {
        let _ = gongxin_state::ReplayWindow::decode(first);
        let _ = page::decode_slot::<gongxin_types::record::RecordSlot>(first);
        let _ = page::decode_slot::<gongxin_types::access::ListSlot>(first);
    }
    let noun =
        page::join(&pages).filter(|noun| rest.is_empty() && noun.len() <= gongxin_state::limits::OBJECT_BYTES_MAX);
    if let Some(noun) = &noun {
        assert_eq!(page::split(noun), Some(pages), "a noun has two ways to stand in pages");
    }
    noun.into()
}
