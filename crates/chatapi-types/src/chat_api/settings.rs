//! Settings of an instance, and where its webhooks go.

mod split;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limits::check_url;
use super::{ChatApi, Limits};
use crate::{Args, BadArg, Call, Grade, JsonReply, Repeat, Verb};

/// `GET /settings`. Chat API §3.1, grade A.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReadSettings {}

impl ReadSettings {
    /// The call.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Call for ReadSettings {
    type Dialect = ChatApi;
    type Reply = Settings;
    const NAME: &'static str = "settings";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

/// The settings of an instance. Chat API §3.1, grade A unless a member says otherwise.
///
/// All may be unset; those of a new instance are (grade C, a fixture of a client's, whose order of
/// keys this struct keeps).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Settings {
    /// Pause between outgoing messages, in seconds (grade B).
    pub send_delay: Option<u32>,
    /// Where webhooks go; null for nowhere, and that an empty text clears it is our inference (grade
    /// D).
    pub webhook_url: Option<String>,
    /// Keep a history of states for `instanceStatuses`.
    pub instance_statuses: Option<bool>,
    /// Keep the results of webhooks for `webhookStatus`.
    pub webhook_statuses: Option<bool>,
    /// A webhook when the instance's state changes.
    pub status_notifications_on: Option<bool>,
    /// A webhook when a message of ours gets further: without it, nobody learns of deliveries.
    pub ack_notifications_on: Option<bool>,
    /// A webhook when a chat changes.
    pub chat_update_on: Option<bool>,
    /// Download incoming videos.
    pub video_upload_on: Option<bool>,
    /// A SOCKS5 proxy, `host:port`.
    pub proxy: Option<String>,
    /// Up to 20 attempts to deliver a webhook, until the receiver answers 200.
    pub guaranteed_hooks: Option<bool>,
    /// No webhooks for messages older than 5 minutes, or than `old_messages_period`.
    pub ignore_old_messages: Option<bool>,
    /// Handle archived chats.
    pub process_archive: Option<bool>,
    /// Keep no archive of dialogs (grade B).
    pub disable_dialogs_archive: Option<bool>,
    /// Send webhooks side by side (grade B).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_hooks: Option<bool>,
    /// How old a message must be to be ignored, in seconds (grade C); 5 minutes unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_messages_period: Option<u32>,
}

impl JsonReply for Settings {}

impl Settings {
    /// Nothing set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn serialize_given<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let given = Args::of(self).map_err(serde::ser::Error::custom)?;
        serializer.collect_map(given.iter())
    }
}

/// `POST /settings`: changes the settings that are given, leaves the others. Chat API §3.1, grade A.
///
/// ```
/// use chatapi_types::chat_api::{ChangeSettings, Settings};
///
/// let mut wanted = Settings::new();
/// wanted.ack_notifications_on = Some(true);
/// wanted.guaranteed_hooks = Some(true);
/// let call = ChangeSettings::new(wanted);
/// # let _ = call;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeSettings(Settings);

impl ChangeSettings {
    /// Changes what `settings` gives.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self(settings)
    }

    /// What is to be changed.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.0
    }
}

impl Call for ChangeSettings {
    type Dialect = ChatApi;
    type Reply = ChangedSettings;
    const NAME: &'static str = "settings";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        if self.0 == Settings::default() {
            return Err(BadArg::new("settings", "nothing is given, so nothing would change"));
        }
        match self.0.webhook_url.as_deref() {
            None | Some("") => Ok(()),
            Some(url) => check_url("webhookUrl", url),
        }
    }
}

/// The answer to [`ChangeSettings`]: all settings, and those that this call changed. Chat API §3.1,
/// grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedSettings {
    /// All settings as they are now.
    pub settings: Settings,
    /// Those that this call changed. The specification names it `update` (grade A), two clients of
    /// the live service read `updated` (grade B): both are written, either is read.
    pub changed: Settings,
}

impl ChangedSettings {
    /// An answer.
    #[must_use]
    pub const fn new(settings: Settings, changed: Settings) -> Self {
        Self { settings, changed }
    }
}

impl JsonReply for ChangedSettings {}

impl Serialize for ChangedSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            #[serde(flatten)]
            settings: &'a Settings,
            #[serde(serialize_with = "given")]
            update: &'a Settings,
            #[serde(serialize_with = "given")]
            updated: &'a Settings,
        }
        fn given<S: Serializer>(settings: &&Settings, serializer: S) -> Result<S::Ok, S::Error> {
            settings.serialize_given(serializer)
        }
        let (settings, changed) = (&self.settings, &self.changed);
        Wire { settings, update: changed, updated: changed }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ChangedSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        split::read(deserializer)
    }
}

/// `GET /webhook`: where webhooks go. Chat API §3.2, grade A.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReadWebhook {}

impl ReadWebhook {
    /// The call.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Call for ReadWebhook {
    type Dialect = ChatApi;
    type Reply = Webhook;
    const NAME: &'static str = "webhook";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

/// `POST /webhook`: sets where webhooks go, or, with an empty address, that none are sent (grade
/// D). Chat API §3.2, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetWebhook {
    /// An http or https address.
    pub webhook_url: String,
}

impl SetWebhook {
    /// Sends webhooks to an address.
    pub fn new(url: impl Into<String>) -> Self {
        Self { webhook_url: url.into() }
    }
}

impl Call for SetWebhook {
    type Dialect = ChatApi;
    type Reply = WebhookSet;
    const NAME: &'static str = "webhook";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        match self.webhook_url.as_str() {
            "" => Ok(()),
            url => check_url("webhookUrl", url),
        }
    }
}

/// Where webhooks go. Chat API §3.2, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Webhook {
    /// Whether this call changed it; always false when reading (grade A).
    pub set: bool,
    /// The address in the specification's place (grade A), or the vendor's words.
    #[serde(default, deserialize_with = "crate::json::or_default")]
    pub message: String,
    /// The address in the live service's place (grade A).
    #[serde(default, deserialize_with = "crate::json::or_default")]
    pub webhook_url: String,
}

impl Webhook {
    /// Webhooks go to `url`.
    pub fn new(url: impl Into<String>, set: bool) -> Self {
        let url = url.into();
        Self { set, message: url.clone(), webhook_url: url }
    }

    /// The address, wherever it stands; `None` when there is none. Words that are no address are
    /// not taken for one.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self.webhook_url.trim() {
            "" => Some(self.message.trim()).filter(|words| check_url("message", words).is_ok()),
            url => Some(url),
        }
    }
}

impl JsonReply for Webhook {}

/// The answer to [`SetWebhook`]: here `set: false` is a refusal. Chat API §3.2, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookSet(Webhook);

impl WebhookSet {
    /// An answer.
    #[must_use]
    pub const fn new(webhook: Webhook) -> Self {
        Self(webhook)
    }

    /// Where webhooks go now.
    #[must_use]
    pub const fn webhook(&self) -> &Webhook {
        &self.0
    }
}

impl JsonReply for WebhookSet {
    fn refusal(&self) -> Option<&str> {
        (!self.0.set).then_some(&self.0.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_settings_are_read_under_either_name() {
        for key in ["update", "updated"] {
            let json = format!(
                r#"{{"sendDelay":"0","ackNotificationsOn":1,"{key}":{{"ackNotificationsOn":1}}}}"#
            );
            let reply: ChangedSettings = crate::json::from_str(&json).unwrap();
            assert_eq!(reply.settings.send_delay, Some(0));
            assert_eq!(reply.changed.ack_notifications_on, Some(true));
            assert_eq!(reply.changed.send_delay, None);
        }
    }

    #[test]
    fn what_is_wrong_with_an_answer_is_told_without_its_values() {
        let wrong = r#"{"sendDelay":"CANARY"}"#;
        let error = crate::json::from_str::<ChangedSettings>(wrong).unwrap_err();
        assert_eq!(error.to_string(), "expected a whole number at `sendDelay`");
        let wrong = r#"{"updated":{"guaranteedHooks":"CANARY"},"CANARY":1}"#;
        let error = crate::json::from_str::<ChangedSettings>(wrong).unwrap_err();
        let says = "expected a flag (true, false, 1 or 0) at `[…].guaranteedHooks`";
        assert_eq!(error.to_string(), says);
        assert!(crate::json::from_str::<ChangedSettings>("[1]").is_err());
    }

    #[test]
    fn of_two_lists_of_changes_the_one_that_says_something_counts() {
        let json = r#"{"update":{},"updated":{"sendDelay":5}}"#;
        let reply: ChangedSettings = crate::json::from_str(json).unwrap();
        assert_eq!(reply.changed.send_delay, Some(5));
        let json = r#"{"update":null,"updated":null}"#;
        let reply: ChangedSettings = crate::json::from_str(json).unwrap();
        assert_eq!(reply.changed, Settings::new());
    }

    #[test]
    fn words_are_not_taken_for_an_address() {
        let mut webhook = Webhook::new("https://h.example/hook", true);
        assert_eq!(webhook.url(), Some("https://h.example/hook"));
        webhook.webhook_url.clear();
        assert_eq!(webhook.url(), Some("https://h.example/hook"));
        webhook.message = "Wrong url".into();
        assert_eq!(webhook.url(), None);
        assert_eq!(Webhook::new("", false).url(), None);
    }

    #[test]
    fn only_given_settings_travel() {
        let mut settings = Settings::new();
        settings.guaranteed_hooks = Some(true);
        let call = ChangeSettings::new(settings);
        assert_eq!(format!("{:?}", Args::of(&call).unwrap()), r#"{"guaranteedHooks"}"#);
        assert!(call.check(&Limits::default()).is_ok());
        assert!(ChangeSettings::default().check(&Limits::default()).is_err());
        assert!(SetWebhook::new("ftp://x").check(&Limits::default()).is_err());
    }
}
