//! Every call comes back from every form of its dialect.

mod chat_api;

use std::fmt::Debug;

use chatapi_types::admin::{
    Admin, CleanInstance, DeleteInstance, ListInstances, NewInstance, ReloadInstance, TransferDays,
};
use chatapi_types::chat_api::{
    ChangeSettings, ChatApi, CheckPhone, ClearMessagesQueue, Expiry, ListMessages, Logout,
    ReadQrCode, ReadSettings, ReadStatus, ReadWebhook, Reboot, Recipient, Retry, SendFile,
    SendMessage, SetWebhook, Settings, ShowMessagesQueue, Takeover,
};
use chatapi_types::wamm::{
    self, Address, ChannelFilter, ChannelList, ContactDelete, ContactGet, ContactOpen,
    ContactTagDelete, ContactTo, ContactToUser, FileFromBase64, FileTo, MsgEdit, MsgGet,
    MsgGetLast, MsgState, MsgTo, UserChats, UserList, Wamm,
};
use chatapi_types::{
    Args, Call, ChatId, Dialect, InstanceId, MessageId, Operation, Phone, UnixTime,
};
use proptest::option;
use proptest::prelude::*;

use crate::{phone, read_back, render, text};

/// Lays a call out in each form, writes it as text, reads it back, and compares.
fn comes_back<C: Call + PartialEq + Debug>(
    call: &C,
    forms: &[C::Dialect],
    skip: usize,
    own: &[&str],
) -> Result<(), TestCaseError> {
    let args = Args::of(call).unwrap();
    let read = args.read::<C>();
    prop_assert_eq!(read.as_ref(), Ok(call), "from the arguments themselves");
    for dialect in forms {
        let layout = dialect.lay_out(&Operation::of::<C>(), args.clone());
        let request = render::request(&layout);
        let read = read_back::args(&request, C::SLOTS, skip, own).read::<C>();
        prop_assert_eq!(read.as_ref(), Ok(call), "{:?}: {}", dialect, request);
    }
    Ok(())
}

fn chat_api<C: Call<Dialect = ChatApi> + PartialEq + Debug>(call: &C) -> Result<(), TestCaseError> {
    comes_back(call, &[ChatApi::path("12"), ChatApi::query("12")], 2, &["token", "instanceId"])
}

fn admin<C: Call<Dialect = Admin> + PartialEq + Debug>(call: &C) -> Result<(), TestCaseError> {
    comes_back(call, &[Admin::json(), Admin::form(), Admin::query()], 1, &["uid"])
}

fn wamm<C: Call<Dialect = Wamm> + PartialEq + Debug>(call: &C) -> Result<(), TestCaseError> {
    comes_back(call, &[Wamm::query(), Wamm::path()], 2, &[])
}

fn chat() -> impl Strategy<Value = ChatId> {
    text().prop_map(ChatId::from)
}

fn message() -> impl Strategy<Value = MessageId> {
    prop_oneof![text().prop_map(MessageId::from), any::<u64>().prop_map(MessageId::from)]
}

fn recipient() -> impl Strategy<Value = Recipient> {
    prop_oneof![phone().prop_map(Recipient::from), chat().prop_map(Recipient::from)]
}

fn phones() -> impl Strategy<Value = Option<Vec<Phone>>> {
    option::of(proptest::collection::vec(phone(), 0..4))
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![text().prop_map(Address::new), phone().prop_map(Address::from)]
}

fn time() -> impl Strategy<Value = UnixTime> {
    any::<i64>().prop_map(UnixTime::from_secs)
}

fn settings() -> impl Strategy<Value = Settings> {
    let flags = proptest::collection::vec(option::of(any::<bool>()), 11);
    (flags, option::of(text()), option::of(text()), any::<Option<u32>>(), any::<Option<u32>>())
        .prop_map(|(flags, url, proxy, delay, period)| {
            let mut settings = Settings::new();
            settings.send_delay = delay;
            settings.webhook_url = url;
            settings.instance_statuses = flags[0];
            settings.webhook_statuses = flags[1];
            settings.status_notifications_on = flags[2];
            settings.ack_notifications_on = flags[3];
            settings.chat_update_on = flags[4];
            settings.video_upload_on = flags[5];
            settings.proxy = proxy;
            settings.guaranteed_hooks = flags[6];
            settings.ignore_old_messages = flags[7];
            settings.process_archive = flags[8];
            settings.disable_dialogs_archive = flags[9];
            settings.parallel_hooks = flags[10];
            settings.old_messages_period = period;
            settings
        })
}

proptest! {
    #[test]
    fn a_status_comes_back(full: bool, asleep: bool) {
        let mut call = ReadStatus::new();
        call.full = full.then_some(asleep);
        call.no_wakeup = asleep.then_some(full);
        chat_api(&call)?;
    }

    #[test]
    fn a_text_comes_back(
        to in recipient(), body in text(), quoted in option::of(message()), mentioned in phones(),
    ) {
        let mut call = SendMessage::new(to, body);
        call.quoted_msg_id = quoted;
        call.mentioned_phones = mentioned.map(FromIterator::from_iter);
        chat_api(&call)?;
    }

    #[test]
    fn a_file_comes_back(
        to in recipient(), body in text(), name in text(), caption in option::of(text()),
        cached: Option<bool>, quoted in option::of(message()), mentioned in phones(),
    ) {
        let mut call = SendFile::new(to, body, name);
        call.caption = caption;
        call.cached = cached;
        call.quoted_msg_id = quoted;
        call.mentioned_phones = mentioned.map(FromIterator::from_iter);
        chat_api(&call)?;
    }

    #[test]
    fn a_request_for_messages_comes_back(
        after: Option<u64>, last: Option<bool>, chat in option::of(chat()), limit: Option<u32>,
        min in option::of(time()), max in option::of(time()),
    ) {
        let mut call = ListMessages::new();
        call.last_message_number = after;
        call.last = last;
        call.chat_id = chat;
        call.limit = limit;
        call.min_time = min;
        call.max_time = max;
        chat_api(&call)?;
    }

    #[test]
    fn settings_come_back(settings in settings(), url in text()) {
        chat_api(&ChangeSettings::new(settings))?;
        chat_api(&SetWebhook::new(url))?;
    }

    #[test]
    fn a_question_about_a_number_comes_back(phone in phone(), address in address()) {
        chat_api(&CheckPhone::new(phone))?;
        wamm(&wamm::CheckPhone::new(address))?;
    }

    #[test]
    fn admin_calls_come_back(platform in text(), instance in text()) {
        admin(&NewInstance::new(platform))?;
        admin(&DeleteInstance::new(InstanceId::from(instance.clone())))?;
        admin(&CleanInstance::new(instance.clone()))?;
        admin(&ReloadInstance::new(instance))?;
    }

    #[test]
    fn a_transfer_comes_back(source in text(), receiver in text(), days: u32) {
        admin(&TransferDays::new(source, receiver, days))?;
    }

    #[test]
    fn a_file_for_wamm_comes_back(to in address(), name in text(), content in text()) {
        wamm(&FileTo::new(to.clone(), content.clone()))?;
        wamm(&FileFromBase64::new(to, name, content))?;
    }

    #[test]
    fn a_contact_comes_back(
        who in address(), name in text(), info in option::of(text()), email in option::of(text()),
        web in option::of(text()),
    ) {
        wamm(&ContactDelete::new(who.clone()))?;
        wamm(&ContactGet::new(who.clone()))?;
        wamm(&ContactOpen::new(who.clone()))?;
        let mut call = ContactTo::new(who, name);
        call.info = info;
        call.email = email;
        call.web = web;
        wamm(&call)?;
    }

    #[test]
    fn what_is_done_to_a_chat_comes_back(
        who in address(), user in text(), tag in text(), by_channel: Option<bool>,
    ) {
        wamm(&ContactToUser::new(who.clone(), user.clone()))?;
        wamm(&ContactTagDelete::new(who, tag))?;
        let mut call = UserChats::of(user);
        call.by_channel = by_channel;
        wamm(&call)?;
    }

    #[test]
    fn a_text_for_wamm_comes_back(
        to in address(), body in text(), delay: Option<u32>, quoted in option::of(message()),
    ) {
        let mut call = MsgTo::new(to, body);
        call.delay = delay;
        call.quote_msg_id = quoted;
        wamm(&call)?;
    }

    #[test]
    fn an_edited_text_comes_back(id in message(), body in text()) {
        wamm(&MsgEdit::new(id.clone(), body))?;
        wamm(&MsgState::new(id))?;
    }

    #[test]
    fn requests_for_history_and_channels_come_back(
        chat in address(), count: u32, from_me: Option<bool>, filter in option::of(text()),
    ) {
        wamm(&MsgGet::new(chat, count))?;
        let mut call = MsgGetLast::new(count);
        call.from_me = from_me;
        wamm(&call)?;
        let mut call = ChannelList::new();
        call.filter = filter.map(ChannelFilter::from);
        wamm(&call)?;
    }
}

#[test]
fn calls_without_arguments_come_back() {
    chat_api(&ReadQrCode::new()).unwrap();
    chat_api(&ShowMessagesQueue::new()).unwrap();
    chat_api(&ClearMessagesQueue::new()).unwrap();
    chat_api(&ReadSettings::new()).unwrap();
    chat_api(&ReadWebhook::new()).unwrap();
    chat_api(&Takeover::new()).unwrap();
    chat_api(&Expiry::new()).unwrap();
    chat_api(&Retry::new()).unwrap();
    chat_api(&Logout::new()).unwrap();
    chat_api(&Reboot::new()).unwrap();
    admin(&ListInstances::new()).unwrap();
    wamm(&UserList::new()).unwrap();
}
