//! The limits of a policy set beyond those of its encoding, each with the reason behind it.

/// Brackets open at the same time in one policy's source. Parsing recurses about ten frames per bracket; written by
/// hand, a rule rarely needs four.
pub const BRACKETS_MAX: usize = 16;

/// Words, signs and literals of one policy's source. The longest default policy has about 120.
pub const TOKENS_MAX: usize = 1_024;

/// Levels of one policy in Cedar's JSON form, two per operator. Evaluation recurses once per operator, so this bounds
/// its stack; a chain of 40 alternatives still fits.
pub const LEVELS_MAX: usize = 96;

/// The same for a policy given to the file check, which never stands on a ledger and may list hundreds of entities.
pub const CHECKED_TOKENS_MAX: usize = 8 * 1_024;

/// Brackets and generics open at the same time in a schema given to the file check.
pub const SCHEMA_BRACKETS_MAX: usize = 64;

/// Stack that one evaluation may need: [`LEVELS_MAX`] / 2 = 48 operators at no more than 16 KiB each are 768 KiB, and
/// Cedar wants 100 KiB free at the deepest point. A test runs the deepest policies with just this much.
pub const EVALUATION_STACK_BYTES: usize = 1_024 * 1_024;

/// Stack that compiling or checking one set may need: the validator recurses over [`CHECKED_TOKENS_MAX`] nested nodes
/// at worst, each in a few frames. It is address space; only what is used is ever touched.
pub const COMPILATION_STACK_BYTES: usize = 64 * 1_024 * 1_024;

/// Compiled sets that a process keeps: the one in force, the one before it, and two that are proposed, at about 1 MB each.
pub const SHARED_SETS_MAX: usize = 4;

/// Decisions kept in memory: 32,768 at about 600 bytes each are 20 MB. A network of 100 organizations, 5 roles and 23
/// kinds of act, most of them at home, has some thousands of different questions.
pub const CACHED_DECISIONS_MAX: usize = 32_768;

/// Bytes of each text given to the file check: far above any real policy folder, far below what would hurt.
pub const CHECKED_FILE_BYTES_MAX: usize = 1_024 * 1_024;

/// Organizations that one policy set may name to be proposed: each is asked about as sender's, as owner and as parent of
/// either, so 8 make 9 × 19 × 10 × 9 = 15,000 places of one act where policies ask what belongs to what.
pub const NAMED_ORGANIZATIONS_MAX: usize = 8;

/// Steps that one evaluation of a policy costs, besides one for each object of its JSON form: building the question and its
/// entities takes about 15 µs.
pub const EVALUATION_STEPS: u64 = 150;

/// Steps, of about a tenth of a microsecond, that checking the invariants of one set may take: 1,000,000 are 0.1 s of one
/// core, half of what a block leaves to a proposal of rules. The default set takes 32,000: what gateways must
/// not do is asked act by act, since they may raise alerts.
pub const INVARIANT_STEPS_MAX: u64 = 1_000_000;
