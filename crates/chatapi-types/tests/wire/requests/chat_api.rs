//! Chat API's calls.

use chatapi_types::chat_api::{
    AddGroupParticipant, ArchiveChat, ChangeSettings, ChatApi, CheckPhone, ClearActionsQueue,
    ClearChat, ClearMessagesQueue, CreateGroup, CreateLabel, DeleteMessage, DemoteGroupParticipant,
    Expiry, ForwardMessage, JoinGroup, LabelChat, LeaveGroup, ListDialogs, ListHistory,
    ListInstanceStatuses, ListLabels, ListMessages, ListProducts, Logout, PinChat,
    PromoteGroupParticipant, ReadBanSettings, ReadChat, ReadDialog, ReadFile, ReadMe, ReadOrder,
    ReadOutputIp, ReadProduct, ReadQrCode, ReadScreenshot, ReadSettings, ReadStatus,
    ReadUserStatus, ReadWebhook, ReadWebhookStatus, Reboot, RemoveChat, RemoveGroupParticipant,
    RemoveLabel, RepeatHook, Retry, SendButtons, SendContact, SendFile, SendLink, SendLocation,
    SendMessage, SendProduct, SendVCard, SendVoice, SetBanSettings, SetDisappearing, SetName,
    SetStatus, SetWebhook, Settings, ShowActionsQueue, ShowMessagesQueue, ShowRecording,
    ShowTyping, Takeover, TestBan, UnarchiveChat, UnlabelChat, UnpinChat, UnreadChat, UpdateLabel,
};
use chatapi_types::{ChatId, UnixTime};

use super::{Titled, phone, titled};

const MESSAGE: &str = "false_79000000001@c.us_3EB0AAAAAAAAAAAAAAAA";

fn group() -> ChatId {
    ChatId::from("79000000001-1600000000@g.us")
}

/// Every call of the catalogue, those of the specification's core first.
pub(super) fn calls() -> Vec<Titled<ChatApi>> {
    let mut settings = Settings::new();
    settings.send_delay = Some(5);
    settings.webhook_url = Some(String::new());
    settings.ack_notifications_on = Some(true);
    settings.guaranteed_hooks = Some(false);
    let mut calls = vec![
        titled("status", ReadStatus::new()),
        titled("status, full, without waking", ReadStatus::new().full().no_wakeup()),
        titled("qr_code", ReadQrCode::new()),
        titled(
            "sendMessage to a phone",
            SendMessage::new(phone("+7 900 000-00-01"), "hi, «мир» & 100 % 😀"),
        ),
        titled(
            "sendMessage to a group, with a quote and mentions",
            SendMessage::new(group(), "@79000000002 yes")
                .quoting("false_79000000001-1600000000@g.us_3EB0AAAAAAAAAAAAAAAA")
                .mentioning([phone("79000000002"), phone("79000000003")]),
        ),
        titled(
            "sendFile by address",
            SendFile::new(phone("79000000001"), "https://files.example/report.pdf", "report.pdf"),
        ),
        titled(
            "sendFile as data URI, with everything",
            SendFile::new(ChatId::from("79000000001@c.us"), "data:text/plain;base64,aGk=", "a.txt")
                .caption("a note")
                .cached()
                .quoting("false_79000000001@c.us_3EB0AAAAAAAAAAAAAAAA")
                .mentioning([phone("79000000002")]),
        ),
        titled("messages", ListMessages::new()),
        titled("messages after a cursor", ListMessages::new().after(100).limit(0)),
        titled(
            "messages of a chat in a window of time",
            ListMessages::new()
                .chat(group())
                .not_before(UnixTime::from_secs(1_600_000_000))
                .not_after(UnixTime::from_secs(1_600_086_400)),
        ),
        titled("messages, the newest", ListMessages::new().newest()),
        titled("checkPhone", CheckPhone::new(phone("79000000001"))),
        titled("showMessagesQueue", ShowMessagesQueue::new()),
        titled("clearMessagesQueue", ClearMessagesQueue::new()),
        titled("settings, read", ReadSettings::new()),
        titled("settings, change", ChangeSettings::new(settings)),
        titled("webhook, read", ReadWebhook::new()),
        titled("webhook, set", SetWebhook::new("https://hooks.example/chat-api")),
        titled("takeover", Takeover::new()),
        titled("expiry", Expiry::new()),
        titled("retry", Retry::new()),
        titled("logout", Logout::new()),
        titled("reboot", Reboot::new()),
    ];
    calls.extend(others());
    calls
}

fn others() -> Vec<Titled<ChatApi>> {
    vec![
        titled("screenshot", ReadScreenshot::new()),
        titled("me", ReadMe::new()),
        titled("outputIP", ReadOutputIp::new()),
        titled("setName", SetName::new("Name")),
        titled("setStatus", SetStatus::new("busy")),
        titled("repeatHook", RepeatHook::new(MESSAGE)),
        titled(
            "sendPTT by address",
            SendVoice::new(phone("79000000001"), "https://files.example/a.ogg"),
        ),
        titled(
            "sendPTT as data URI, with a quote",
            SendVoice::new(group(), "data:audio/ogg;base64,T2dnUw==").quoting(MESSAGE),
        ),
        titled(
            "sendLink",
            SendLink::new(
                phone("79000000001"),
                "https://example.org",
                "Title",
                "data:image/jpeg;base64,/9g=",
            ),
        ),
        titled(
            "sendLink, with everything",
            SendLink::new(group(), "https://example.org", "Title", "data:image/jpeg;base64,/9g=")
                .description("more")
                .text("@79000000002 look")
                .quoting(MESSAGE)
                .mentioning([phone("79000000002")]),
        ),
        titled("sendContact", SendContact::new(phone("79000000001"), phone("79000000002"))),
        titled(
            "sendContact, several",
            SendContact::all(group(), [phone("79000000002"), phone("79000000003")]),
        ),
        titled(
            "sendLocation",
            SendLocation::new(phone("79000000001"), 55.75, -37.5, "Red Square\nMoscow"),
        ),
        titled(
            "sendVCard",
            SendVCard::new(group(), "BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nEND:VCARD"),
        ),
        titled("forwardMessage", ForwardMessage::new(phone("79000000001"), MESSAGE)),
        titled("forwardMessage, several", ForwardMessage::all(group(), [MESSAGE, "7"])),
        titled("deleteMessage", DeleteMessage::new(MESSAGE)),
        titled(
            "sendButtons",
            SendButtons::new(phone("79000000001"), "Tea?", ["Yes", "No"])
                .title("Menu")
                .footer("today"),
        ),
        titled(
            "sendProduct",
            SendProduct::new(phone("79000000001"), "1", "https://files.example/tea.jpg", "tea.jpg"),
        ),
        titled("messagesHistory", ListHistory::new()),
        titled("messagesHistory of a chat", ListHistory::new().page(2).count(50).chat(group())),
        titled("getFile", ReadFile::new(MESSAGE)),
        titled("getProducts", ListProducts::new()),
        titled("getProduct", ReadProduct::new("1")),
        titled("getOrder", ReadOrder::new("100", "a+b=")),
        titled("getOrder of a seller", ReadOrder::new("100", "a+b=").seller("79000000001@c.us")),
        titled("dialogs", ListDialogs::new()),
        titled("dialogs, a page", ListDialogs::new().limit(0).page(1).order("asc")),
        titled("dialog", ReadDialog::new(group())),
        titled(
            "group of phones",
            CreateGroup::new("Team", [phone("79000000002"), phone("79000000003")]),
        ),
        titled(
            "group of chats, with everything",
            CreateGroup::of_chats("Team", ["79000000002@c.us"])
                .greeting("hi")
                .picture("AA==", "BB=="),
        ),
        titled(
            "addGroupParticipant by phone",
            AddGroupParticipant::new(group(), phone("79000000002")),
        ),
        titled(
            "removeGroupParticipant by chat",
            RemoveGroupParticipant::new(group(), ChatId::from("79000000002@c.us")),
        ),
        titled(
            "promoteGroupParticipant",
            PromoteGroupParticipant::new(group(), phone("79000000002")),
        ),
        titled(
            "demoteGroupParticipant",
            DemoteGroupParticipant::new(group(), phone("79000000002")),
        ),
        titled("joinGroup by code", JoinGroup::new("AbCdEf")),
        titled("joinGroup by address", JoinGroup::new("https://chat.example/AbCdEf")),
        titled("leaveGroup", LeaveGroup::new(group())),
        titled("readChat of a phone", ReadChat::new(phone("79000000001"))),
        titled("readChat", ReadChat::new(group())),
        titled("unreadChat", UnreadChat::new(group())),
        titled("pinChat", PinChat::new(group())),
        titled("unpinChat", UnpinChat::new(group())),
        titled("removeChat", RemoveChat::new(group())),
        titled("typing", ShowTyping::new(phone("79000000001"))),
        titled("recording, stopped", ShowRecording::new(group()).stop()),
        titled("recording for a while", ShowRecording::new(group()).seconds(15)),
        titled("archiveChat", ArchiveChat::new(group())),
        titled("unarchiveChat", UnarchiveChat::new(group())),
        titled("clearChat", ClearChat::new(group())),
        titled("disappearingChat", SetDisappearing::new(group())),
        titled("labelsList", ListLabels::new()),
        titled("createLabel", CreateLabel::new("New")),
        titled("updateLabel", UpdateLabel::new("1").name("Old").color("#ff9485")),
        titled("removeLabel", RemoveLabel::new("1")),
        titled("labelChat", LabelChat::new(group(), "1")),
        titled("unlabelChat", UnlabelChat::new(phone("79000000001"), "1")),
        titled("userStatus", ReadUserStatus::new(phone("79000000001"))),
        titled("showActionsQueue", ShowActionsQueue::new()),
        titled("clearActionsQueue", ClearActionsQueue::new()),
        titled("banSettings, read", ReadBanSettings::new()),
        titled("banSettings, set", SetBanSettings::new("^7900", "Bye")),
        titled("banTest", TestBan::new(phone("79000000001"))),
        titled("instanceStatuses", ListInstanceStatuses::new()),
        titled(
            "instanceStatuses in a window of time",
            ListInstanceStatuses::new()
                .not_before(UnixTime::from_secs(1_600_000_000))
                .not_after(UnixTime::from_secs(1_600_086_400)),
        ),
        titled("webhookStatus", ReadWebhookStatus::new(MESSAGE)),
    ]
}
