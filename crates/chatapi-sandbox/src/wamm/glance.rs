//! A channel at a glance.

use crate::wamm::Channel;
use crate::{ChannelView, Submission};

impl Channel {
    pub(crate) fn view(&self) -> ChannelView {
        ChannelView {
            id: self.api_id.clone(),
            token: self.token.clone(),
            messenger: self.messenger,
            phone: self.phone.clone(),
            state: self.state.clone(),
            pay_state: self.pay_state.clone(),
            queue: self.line_len(),
            queue_peak: self.line_peak(),
            sent: self.records().filter(|(_, record)| record.has_left()).count(),
        }
    }
}

impl Channel {
    /// What clients gave it, oldest first.
    pub(crate) fn submissions(&self) -> impl Iterator<Item = Submission> {
        let ours = self.records().filter(|(_, record)| record.from_me);
        ours.map(|(id, record)| Submission {
            subject: self.subject(),
            id: id.into(),
            chat: record.phone.as_str().into(),
            text: record.file.as_ref().map_or(&record.text, |file| &file.link).clone(),
            file: record.file.as_ref().map(|file| file.name.clone()),
            caption: None,
            left: record.left,
            state: record.state.delivery(),
        })
    }
}
