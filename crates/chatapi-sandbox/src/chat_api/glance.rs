//! An instance at a glance.

use crate::InstanceView;
use crate::chat_api::Instance;
use crate::world::Scene;

impl Instance {
    pub(crate) fn view(&self, scene: &Scene) -> InstanceView {
        let figures = &scene.profile.chat_api;
        let state = self.state(figures);
        InstanceView {
            id: self.id.clone(),
            token: self.token.clone(),
            phone: self.phone.number.clone(),
            account_status: state.account,
            substatus: state.substatus,
            reason: state.reason,
            battery: self.phone.battery(),
            is_paid: self.paid,
            paid_till: self.paid_till,
            can_send: self.can_send(figures),
            queue: self.queue_len(),
            queue_cap: figures.queue_cap,
            queue_peak: self.queue_peak(),
            sent: self.records().filter(|record| record.progress.is_some()).count(),
        }
    }
}
