//! Commands to the instance. The texts are the vendor's (§2.2, grade A).

use chatapi_types::chat_api::{CommandReply, LoadingReason, Rebooted, Substatus};

use crate::chat_api::Instance;
use crate::http::{Answer, Question};
use crate::world::Scene;

pub(super) fn takeover(instance: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    let state = instance.state(&scene.profile.chat_api);
    if state.reason != Some(LoadingReason::Conflict) {
        return say("Takeover request not sent because reason don't equals \"conflict\"");
    }
    instance.take_over(scene);
    say("Takeover request sent to WhatsApp")
}

pub(super) fn expiry(instance: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    let state = instance.state(&scene.profile.chat_api);
    if state.substatus != Substatus::Expired {
        return say("Expiry request not sent because substatus don't equals \"expired\"");
    }
    instance.show_qr(scene);
    say("Expiry request sent to WhatsApp")
}

pub(super) fn retry(instance: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    let state = instance.state(&scene.profile.chat_api);
    if state.reason != Some(LoadingReason::Syncing) {
        return say("Retry request not sent because reason don't equals \"syncing\"");
    }
    instance.sync_again(scene);
    say("Retry request sent to WhatsApp")
}

pub(super) fn logout(instance: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    instance.log_out(scene);
    say("Logout request sent to WhatsApp")
}

pub(super) fn reboot(instance: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    instance.reboot(scene);
    Answer::of(&Rebooted::done())
}

/// In both places: `result`, where the live service has it, then `accountStatus`.
fn say(sentence: &str) -> Answer {
    Answer::of(&CommandReply::new(sentence))
}
