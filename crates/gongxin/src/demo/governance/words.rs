//! What each chapter says before it begins: what is about to happen, and why it matters.

/// The opening of a chapter.
pub(super) struct Chapter {
    /// Heading in Chinese.
    pub(super) zh: &'static str,
    /// Heading in English.
    pub(super) en: &'static str,
    /// What is about to happen.
    pub(super) what: &'static str,
    /// Why it matters.
    pub(super) why: &'static str,
}

/// Four institutions, one network.
pub(super) const FOUNDING: Chapter = Chapter {
    zh: "四家机构，一个网络",
    en: "Four institutions, one network",
    what: "Four offices each run a validator 共识节点 and agree on every act; the data bureau and the audit office watch, without a vote.",
    why: "No office runs the ledger, and whoever doubts an act checks its receipt 核验凭证 without asking any of them.",
};

/// Admit a fifth.
pub(super) const ADMISSION: Chapter = Chapter {
    zh: "接纳第五家",
    en: "Admit a fifth",
    what: "The tax bureau 税务局 joins by proposal 提案 and vote 表决, starts its own validator, and is voted into the set that agrees.",
    why: "Nobody lets anybody in alone, and the network does not stop for a newcomer.",
};

/// Change a rule.
pub(super) const RULE: Chapter = Chapter {
    zh: "修改规则",
    en: "Change a rule",
    what: "Members vote for one more rule of access, and from one block on it decides on every validator.",
    why: "Rules change in the open, with a sentence anyone can read, and some rules cannot be voted away.",
};

/// Lose a key.
pub(super) const KEY: Chapter = Chapter {
    zh: "丢失密钥",
    en: "Lose a key",
    what: "A clerk of housing loses the signing key: one person stops it at once, and two persons together give another.",
    why: "A lost key must not become somebody else's voice, and nobody may hand out such a voice alone.",
};

/// Expel a liar.
pub(super) const LIAR: Chapter = Chapter {
    zh: "除名说谎者",
    en: "Expel a liar",
    what: "The validator of social security signs two contradictory votes; the others prove it, vote it out, and shut the office out.",
    why: "Trust here does not rest on everybody being honest: who lies leaves a signature, and the network goes on.",
};
