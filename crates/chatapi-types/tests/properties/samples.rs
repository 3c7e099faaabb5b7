//! The canonical wire samples, each with the reply that it is read as.

use chatapi_types::admin::{Created, Deleted, Instances};
use chatapi_types::chat_api::{
    self, ChangedSettings, ClearedMessages, CommandReply, MessagePage, MessagesQueue, Rebooted,
    Settings, Status, Webhook, WebhookSet,
};
use chatapi_types::wamm::{self, Channels, Done, History, ReadState};
use chatapi_types::{Answer, DecodeError, Reply};
use proptest::prelude::*;

/// Reads a reply and writes it again.
pub(crate) type Reader = fn(&[u8]) -> Result<String, DecodeError>;

fn of<T: Reply>(json: &[u8]) -> Result<String, DecodeError> {
    T::decode(&Answer::new(200, None, json))
        .map(|reply| String::from_utf8(reply.encode().1).unwrap())
}

/// A file and its reader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) file: &'static str,
    pub(crate) read: Reader,
}

impl Sample {
    pub(crate) fn json(&self) -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire");
        std::fs::read_to_string(format!("{folder}/{}/canonical.json", self.file)).unwrap()
    }
}

const fn sample<T: Reply>(file: &'static str) -> Sample {
    Sample { file, read: of::<T> }
}

pub(crate) const SAMPLES: [Sample; 29] = [
    sample::<Status>("chat_api/status/authenticated"),
    sample::<Status>("chat_api/status/got_qr_code"),
    sample::<Status>("chat_api/status/conflict"),
    sample::<chat_api::Sent>("chat_api/sendMessage/taken"),
    sample::<chat_api::Sent>("chat_api/sendMessage/declined_phone"),
    sample::<MessagePage>("chat_api/messages/page"),
    sample::<MessagePage>("chat_api/messages/later_fields"),
    sample::<chat_api::PhoneCheck>("chat_api/checkPhone/exists"),
    sample::<chat_api::PhoneCheck>("chat_api/checkPhone/failed"),
    sample::<MessagesQueue>("chat_api/showMessagesQueue/two"),
    sample::<ClearedMessages>("chat_api/clearMessagesQueue/two"),
    sample::<Settings>("chat_api/settings/new_instance"),
    sample::<Settings>("chat_api/settings/in_use"),
    sample::<ChangedSettings>("chat_api/settings/changed"),
    sample::<Webhook>("chat_api/webhook/read"),
    sample::<WebhookSet>("chat_api/webhook/set"),
    sample::<CommandReply>("chat_api/takeover/declined"),
    sample::<Rebooted>("chat_api/reboot/declined"),
    sample::<Created>("admin/newInstance/created"),
    sample::<Deleted>("admin/deleteInstance/deleted"),
    sample::<Instances>("admin/listInstances/two"),
    sample::<wamm::Sent>("wamm/msg_to/taken"),
    sample::<ReadState>("wamm/msg_state/viewed"),
    sample::<wamm::PhoneCheck>("wamm/check_phone/exists"),
    sample::<History>("wamm/msg_get/two"),
    sample::<History>("wamm/msg_get_last/two"),
    sample::<Done>("wamm/msg_edit/done"),
    sample::<Channels>("wamm/channel_list/three"),
    sample::<Channels>("wamm/channel_list/none"),
];

pub(crate) fn any_sample() -> impl Strategy<Value = Sample> {
    proptest::sample::select(SAMPLES.to_vec())
}
