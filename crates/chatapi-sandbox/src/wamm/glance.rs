//! A channel at a glance.

use crate::ChannelView;
use crate::wamm::Channel;

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
