//! `me`, `outputIP`, `setName`, `setStatus`, `screenshot`.

use chatapi_types::chat_api::{
    AccountStatus, Device, Done, Me, NameSet, OutputIp, SetName, SetStatus,
};
use chatapi_types::{ArgError, Args, Binary};
use serde::de::DeserializeOwned;

use crate::chat_api::labels::declined;
use crate::chat_api::{Instance, screenshot};
use crate::http::{Answer, Question};
use crate::world::Scene;

/// Versions and device are made up; the vendor's answer of an instance without a phone was never
/// seen.
pub(super) fn me(instance: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    if !instance.is_linked() {
        return Answer::error(200, "The instance is not linked to a phone");
    }
    let phone = &instance.phone;
    let mut device = Device::default();
    device.os_version = Some("10".to_owned());
    device.manufacturer = Some("Sandbox".to_owned());
    device.model = Some("Virtual phone".to_owned());
    let mut me = Me::new(format!("{}@c.us", phone.number));
    me.battery = Some(phone.battery());
    me.locale = Some("en".to_owned());
    me.name = Some(scene.people.name_of(&phone.number));
    me.wa_version = Some("2.20.200".to_owned());
    me.device = Some(device);
    Answer::of(&me)
}

pub(super) fn output_ip(_: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    Answer::of(&OutputIp::new(scene.profile.chat_api.output_ip.to_string()))
}

/// Taken under either of its names (§2.3, grade C each).
pub(super) fn set_name(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let name = match read(&question.args, "pushname", "accountName") {
        Ok(SetName { pushname, .. }) if !pushname.trim().is_empty() => pushname,
        Ok(_) => return declined("pushname is empty"),
        Err(error) => return declined(error.to_string()),
    };
    if let Err(refusal) = instance.may_operate(scene) {
        return declined(refusal);
    }
    scene.people.name(&instance.phone.number, &name);
    Answer::of(&NameSet::new(name))
}

/// Taken under either of its names (§2.3, grade C each); empty clears it (grade D).
pub(super) fn set_status(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    let line = match read(&question.args, "status", "accountStatus") {
        Ok(SetStatus { status, .. }) => status,
        Err(error) => return declined(error.to_string()),
    };
    if let Err(refusal) = instance.may_operate(scene) {
        return declined(refusal);
    }
    instance.about = line;
    Answer::of(&Done::success())
}

/// Reads a call whose argument has two names; with both, the first counts.
fn read<C: DeserializeOwned>(args: &Args, name: &str, other: &str) -> Result<C, ArgError> {
    let mut args = args.clone();
    if args.get(name).is_some() {
        args.take(other);
    }
    args.read()
}

/// A picture of the web session; of the QR code while one is shown.
pub(super) fn screenshot(instance: &mut Instance, scene: &mut Scene, _: &Question) -> Answer {
    if let Some(qr) = instance.qr()
        && instance.account_status(scene) == AccountStatus::GotQrCode
    {
        return Answer::of(&Binary::new("image/png", qr.png()));
    }
    Answer::of(&Binary::new("image/png", screenshot::draw(instance, scene).unwrap_or_default()))
}
