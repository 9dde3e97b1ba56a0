//! What the gateway's routes need of an organization's office: the port of `service`, under the name the routes know.

pub use gongxin_service::port::*;
