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

/// Decisions kept in memory: 32,768 at about 600 bytes each are 20 MB. A network of 100 organizations, 5 roles and 23
/// kinds of act, most of them at home, has some thousands of different questions.
pub const CACHED_DECISIONS_MAX: usize = 32_768;

/// Bytes of each text given to the file check: far above any real policy folder, far below what would hurt.
pub const CHECKED_FILE_BYTES_MAX: usize = 1_024 * 1_024;
