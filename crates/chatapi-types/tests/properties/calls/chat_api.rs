//! The calls of Chat API beyond status, texts, files and settings.

use chatapi_types::chat_api::{
    AddGroupParticipant, ArchiveChat, ClearActionsQueue, ClearChat, CreateGroup, CreateLabel,
    DeleteMessage, DemoteGroupParticipant, ForwardMessage, JoinGroup, LabelChat, LeaveGroup,
    ListDialogs, ListHistory, ListInstanceStatuses, ListLabels, ListProducts, PinChat,
    PromoteGroupParticipant, ReadBanSettings, ReadChat, ReadDialog, ReadFile, ReadMe, ReadOrder,
    ReadOutputIp, ReadProduct, ReadScreenshot, ReadUserStatus, ReadWebhookStatus, RemoveChat,
    RemoveGroupParticipant, RemoveLabel, RepeatHook, SendButtons, SendContact, SendLink,
    SendLocation, SendProduct, SendVCard, SendVoice, SetBanSettings, SetDisappearing, SetName,
    SetStatus, ShowActionsQueue, ShowRecording, ShowTyping, TestBan, UnarchiveChat, UnlabelChat,
    UnpinChat, UnreadChat, UpdateLabel,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{chat, chat_api as comes_back, message, phones, recipient, time};
use crate::{phone, text};

/// Degrees with as many places as a phone gives.
fn degrees() -> impl Strategy<Value = f64> {
    (-180_000_000..=180_000_000).prop_map(|millionths: i32| f64::from(millionths) / 1e6)
}

proptest! {
    #[test]
    fn names_come_back(name in text(), status in text(), id in message()) {
        comes_back(&SetName::new(&name))?;
        comes_back(&SetStatus::new(status))?;
        comes_back(&RepeatHook::new(&id))?;
        comes_back(&DeleteMessage::new(&id))?;
        comes_back(&ReadFile::new(&id))?;
        comes_back(&ReadWebhookStatus::new(&id))?;
        comes_back(&CreateLabel::new(name))?;
    }

    #[test]
    fn sends_come_back(
        to in recipient(), body in text(), title in text(), footer in text(),
        buttons in vec(text(), 0..4), quoted in option::of(message()),
    ) {
        let mut voice = SendVoice::new(&to, &body);
        voice.quoted_msg_id = quoted;
        comes_back(&voice)?;
        comes_back(&SendVCard::new(&to, &body))?;
        comes_back(&SendProduct::new(&to, &title, &body, &footer))?;
        comes_back(&SendButtons::new(&to, body, buttons).title(title).footer(footer))?;
    }

    #[test]
    fn links_come_back(
        to in recipient(), texts in vec(text(), 3), description in option::of(text()),
        own in option::of(text()), quoted in option::of(message()), mentioned in phones(),
    ) {
        let mut call = SendLink::new(to, &texts[0], &texts[1], &texts[2]);
        call.description = description;
        call.text = own;
        call.quoted_msg_id = quoted;
        call.mentioned_phones = mentioned.map(FromIterator::from_iter);
        comes_back(&call)?;
    }

    #[test]
    fn one_or_several_come_back(
        to in recipient(), contacts in vec(recipient(), 0..4), messages in vec(message(), 0..4),
    ) {
        comes_back(&SendContact::all(&to, contacts))?;
        comes_back(&ForwardMessage::all(&to, messages))?;
    }

    #[test]
    fn places_come_back(to in recipient(), lat in degrees(), lng in degrees(), address in text()) {
        comes_back(&SendLocation::new(to, lat, lng, address))?;
    }

    #[test]
    fn pages_come_back(
        page: Option<u32>, count: Option<u32>, of in option::of(chat()), order in option::of(text()),
        min in option::of(time()), max in option::of(time()),
    ) {
        let mut history = ListHistory::new();
        history.page = page;
        history.count = count;
        history.chat_id = of;
        comes_back(&history)?;
        let mut dialogs = ListDialogs::new();
        dialogs.limit = count;
        dialogs.page = page;
        dialogs.order = order;
        comes_back(&dialogs)?;
        let mut journal = ListInstanceStatuses::new();
        journal.min_time = min;
        journal.max_time = max;
        comes_back(&journal)?;
    }

    #[test]
    fn orders_come_back(id in text(), token in text(), seller in option::of(chat())) {
        comes_back(&ReadProduct::new(&id))?;
        let mut order = ReadOrder::new(id, token);
        order.seller_jid = seller;
        comes_back(&order)?;
    }

    #[test]
    fn groups_come_back(
        name in text(), members in vec(phone(), 0..4), chats in vec(chat(), 0..4),
        greeting in option::of(text()), pictures in option::of((text(), text())),
    ) {
        let mut group = CreateGroup::new(&name, members);
        group.message_text = greeting;
        comes_back(&group)?;
        let mut group = CreateGroup::of_chats(name, chats);
        if let Some((large, small)) = pictures {
            group = group.picture(large, small);
        }
        comes_back(&group)?;
    }

    #[test]
    fn members_come_back(group in chat(), who in recipient(), invitation in text()) {
        comes_back(&AddGroupParticipant::new(&group, &who))?;
        comes_back(&RemoveGroupParticipant::new(&group, &who))?;
        comes_back(&PromoteGroupParticipant::new(&group, &who))?;
        comes_back(&DemoteGroupParticipant::new(&group, &who))?;
        comes_back(&JoinGroup::new(invitation))?;
        comes_back(&ReadDialog::new(group))?;
    }

    #[test]
    fn chats_come_back(to in recipient()) {
        comes_back(&LeaveGroup::new(&to))?;
        comes_back(&ReadChat::new(&to))?;
        comes_back(&UnreadChat::new(&to))?;
        comes_back(&PinChat::new(&to))?;
        comes_back(&UnpinChat::new(&to))?;
        comes_back(&RemoveChat::new(&to))?;
        comes_back(&ArchiveChat::new(&to))?;
        comes_back(&UnarchiveChat::new(&to))?;
        comes_back(&ClearChat::new(&to))?;
        comes_back(&SetDisappearing::new(&to))?;
        comes_back(&ReadUserStatus::new(&to))?;
    }

    #[test]
    fn activities_come_back(to in recipient(), on: Option<bool>, duration: Option<u32>) {
        let mut typing = ShowTyping::new(&to);
        typing.on = on;
        typing.duration = duration;
        comes_back(&typing)?;
        let mut recording = ShowRecording::new(&to);
        recording.on = on;
        recording.duration = duration;
        comes_back(&recording)?;
    }

    #[test]
    fn labels_come_back(
        to in recipient(), id in text(), name in option::of(text()), color in option::of(text()),
    ) {
        comes_back(&LabelChat::new(&to, &*id))?;
        comes_back(&UnlabelChat::new(&to, &*id))?;
        comes_back(&RemoveLabel::new(&*id))?;
        let mut update = UpdateLabel::new(id);
        update.name = name;
        update.color = color;
        comes_back(&update)?;
    }

    #[test]
    fn bans_come_back(mask in text(), message in text(), set: Option<bool>, phone in phone()) {
        let mut bans = SetBanSettings::new(mask, message);
        bans.set = set;
        comes_back(&bans)?;
        comes_back(&TestBan::new(phone))?;
    }
}

#[test]
fn calls_without_arguments_come_back() {
    comes_back(&ReadScreenshot::new()).unwrap();
    comes_back(&ReadMe::new()).unwrap();
    comes_back(&ReadOutputIp::new()).unwrap();
    comes_back(&ListProducts::new()).unwrap();
    comes_back(&ListLabels::new()).unwrap();
    comes_back(&ShowActionsQueue::new()).unwrap();
    comes_back(&ClearActionsQueue::new()).unwrap();
    comes_back(&ReadBanSettings::new()).unwrap();
}
