//! What the owner of an instance does to it from outside.

use std::time::Duration;

use chatapi_types::UnixMillis;

use crate::chat_api::{Instance, actions, queue};
use crate::http::Question;
use crate::world::{Happening, Scene};

const DAY: Duration = Duration::from_secs(86_400);

impl Instance {
    /// Makes it as good as new: its phone is logged out, what waited and what was said is gone.
    pub(crate) fn clean(&mut self, scene: &mut Scene, question: &Question) {
        self.note(scene, Happening::Control("cleaned".into()));
        self.log_out(scene);
        if scene.profile.admin.cleaning_empties_queue {
            queue::clear(self, scene, question);
            actions::clear(self, scene, question);
        }
        if scene.profile.admin.cleaning_forgets_messages {
            self.forget_chats();
        }
        self.settle(scene);
    }

    /// Starts it anew.
    pub(crate) fn reload(&mut self, scene: &mut Scene) {
        self.note(scene, Happening::Control("reloaded".into()));
        self.reboot(scene);
        self.settle(scene);
    }

    /// For how many whole days it is paid.
    pub(crate) fn paid_days(&self, scene: &Scene) -> u64 {
        match self.paid {
            true => self.paid_till.since(scene.unix()).as_secs() / DAY.as_secs(),
            false => 0,
        }
    }

    /// Pays for that many days from now on.
    pub(crate) fn pay_days(&mut self, days: u32, scene: &mut Scene) {
        self.paid = days > 0;
        self.paid_till = scene.unix().plus(DAY * days);
        self.settle(scene);
    }

    pub(crate) fn give_days(&mut self, days: u32) {
        let earlier = self.paid_till.as_millis().saturating_sub(millis(days));
        self.paid_till = UnixMillis::from_millis(earlier);
    }

    /// Days are put behind those that are left.
    pub(crate) fn take_days(&mut self, days: u32, scene: &mut Scene) {
        self.paid |= scene.profile.admin.days_revive;
        self.paid_till = self.paid_till.max(scene.unix()).plus(DAY * days);
        self.settle(scene);
    }
}

fn millis(days: u32) -> i64 {
    i64::from(days) * 86_400_000
}
