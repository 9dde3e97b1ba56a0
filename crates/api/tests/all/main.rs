//! The routers as a client meets them: over ports made of small real values, one request at a time, and over TCP.

#[cfg(test)]
mod access;
#[cfg(test)]
mod call;
#[cfg(test)]
mod facts;
#[cfg(test)]
mod live;
#[cfg(test)]
mod node;
#[cfg(test)]
mod office;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod served;
#[cfg(test)]
mod signed;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod validator;
