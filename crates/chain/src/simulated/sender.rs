//! Sends messages over a simulated network: an equivocator's with two faces.

use std::sync::Arc;
use std::time::SystemTime;

use commonware_actor::{Feedback, Unreliable};
use commonware_p2p::{Recipients, Sender as _, simulated};
use commonware_runtime::IoBufs;

use super::equivocator::Equivocator;
use crate::machine::Runtime;
use crate::names::NodeKey;

type Inner = simulated::Sender<NodeKey, Runtime>;

/// The sending end of a channel.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(super) inner: Inner,
    /// Who turns what is sent on this channel into two faces, and the channel.
    pub(super) faces: Option<(Arc<Equivocator>, u64)>,
}

/// What may be sent now.
pub(crate) struct Checked<'a> {
    checked: <Inner as commonware_p2p::LimitedSender>::Checked<'a>,
    faces: Option<(Arc<Equivocator>, u64, Inner)>,
}

impl commonware_p2p::LimitedSender for Sender {
    type PublicKey = NodeKey;
    type Checked<'a> = Checked<'a>;

    fn check(&mut self, recipients: Recipients<NodeKey>) -> Result<Checked<'_>, SystemTime> {
        let faces = self.faces.as_ref().map(|(who, channel)| (Arc::clone(who), *channel, self.inner.clone()));
        Ok(Checked { checked: self.inner.check(recipients)?, faces })
    }
}

impl commonware_p2p::CheckedSender for Checked<'_> {
    type PublicKey = NodeKey;

    fn recipients(&self) -> Vec<NodeKey> {
        self.checked.recipients()
    }

    fn send(self, message: impl Into<IoBufs> + Send, priority: bool) -> Unreliable<Feedback> {
        let message = message.into();
        let Some((who, channel, mut inner)) = self.faces else {
            return self.checked.send(message, priority);
        };
        for (to, message) in who.faces(channel, message.coalesce(), &self.checked.recipients()) {
            inner.send(Recipients::One(to), message, priority);
        }
        Unreliable::new(Feedback::Ok)
    }
}
