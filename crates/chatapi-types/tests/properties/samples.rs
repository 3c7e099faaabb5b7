//! The canonical wire samples, each with the reply that it is read as.

use chatapi_types::admin::{Created, Deleted, Instances};
use chatapi_types::chat_api::{
    self, BanSettings, BanTest, ChangedSettings, Chat, ChatRead, ClearedActions, ClearedMessages,
    CommandReply, Dialogs, GroupCreated, HistoryPage, InstanceStatuses, Joined, LabelCreated,
    Labels, Me, MessagePage, MessagesQueue, NameSet, Order, OutputIp, ParticipantChanged, Rebooted,
    Removed, Settings, Status, Webhook, WebhookSet, WebhookStatus,
};
use chatapi_types::wamm::{
    self, Channels, Done, FileSent, FoundContact, History, OpenChats, ReadState, Users,
};
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

pub(crate) const SAMPLES: [Sample; 55] = [
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
    sample::<Me>("chat_api/me/linked"),
    sample::<OutputIp>("chat_api/outputIP/known"),
    sample::<NameSet>("chat_api/setName/done"),
    sample::<HistoryPage>("chat_api/messagesHistory/page"),
    sample::<Order>("chat_api/getOrder/bare"),
    sample::<Dialogs>("chat_api/dialogs/two"),
    sample::<Chat>("chat_api/dialog/private"),
    sample::<GroupCreated>("chat_api/group/created"),
    sample::<ParticipantChanged>("chat_api/addGroupParticipant/taken"),
    sample::<Joined>("chat_api/joinGroup/joined"),
    sample::<Removed>("chat_api/leaveGroup/done"),
    sample::<ChatRead>("chat_api/readChat/read"),
    sample::<chat_api::Done>("chat_api/pinChat/done"),
    sample::<Labels>("chat_api/labelsList/two"),
    sample::<LabelCreated>("chat_api/createLabel/exists"),
    sample::<ClearedActions>("chat_api/clearActionsQueue/three"),
    sample::<BanSettings>("chat_api/banSettings/set"),
    sample::<BanTest>("chat_api/banTest/banned"),
    sample::<InstanceStatuses>("chat_api/instanceStatuses/two"),
    sample::<WebhookStatus>("chat_api/webhookStatus/sent"),
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
    sample::<FileSent>("wamm/file_to/taken"),
    sample::<Done>("wamm/contact_to/insert"),
    sample::<FoundContact>("wamm/contact_get/user"),
    sample::<FoundContact>("wamm/contact_get/group"),
    sample::<Users>("wamm/user_list/two"),
    sample::<OpenChats>("wamm/user_chats/two"),
];

pub(crate) fn any_sample() -> impl Strategy<Value = Sample> {
    proptest::sample::select(SAMPLES.to_vec())
}
