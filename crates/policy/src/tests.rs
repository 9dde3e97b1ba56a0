//! Tests of the rules as a whole.

mod arbitrary;
mod bounds;
mod check;
mod equivalence;
mod invariants;
mod matrix;
mod must;
mod people;
mod soundness;
mod vocabulary;
