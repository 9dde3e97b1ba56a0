//! The routers as a client meets them: over ports made of small real values, one request at a time, and over TCP.

mod access;
mod call;
mod facts;
mod node;
mod office;
mod refusals;
mod routes;
mod served;
mod signed;
mod transactions;
mod validator;
