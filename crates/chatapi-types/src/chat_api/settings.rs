//! Settings of an instance, and where its webhooks go.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::dialect::check_url;
use super::{ChatApi, Limits};
use crate::{Args, BadArg, Call, Grade, JsonReply, RawJson, Repeat, Verb};

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

/// The settings of an instance. All may be unset; those of a new instance are (grade C, a fixture of
/// a client's, whose order of keys this struct keeps).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Settings {
    /// Pause between outgoing messages, in seconds (grade B).
    pub send_delay: Option<u32>,
    /// Where webhooks go; empty for nowhere.
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
    /// No webhooks for messages older than `old_messages_period`.
    pub ignore_old_messages: Option<bool>,
    /// Handle archived chats.
    pub process_archive: Option<bool>,
    /// Keep no archive of dialogs (grade B).
    pub disable_dialogs_archive: Option<bool>,
    /// Send webhooks side by side, giving up their order (grade B).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel_hooks: Option<bool>,
    /// How old a message must be to be ignored, in seconds; 300 unless given (grade C).
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
            return Err(BadArg::new(
                "settings",
                "nothing is given, so nothing would change",
            ));
        }
        match self.0.webhook_url.as_deref() {
            None | Some("") => Ok(()),
            Some(url) => check_url("webhookUrl", url),
        }
    }
}

/// The answer to [`ChangeSettings`]: all settings, and those that this call changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedSettings {
    /// All settings as they are now.
    pub settings: Settings,
    /// Those that this call changed. The specification names it `update` (grade A), the service
    /// `updated` (grade C): both are written, either is read.
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
        Wire {
            settings,
            update: changed,
            updated: changed,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ChangedSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Changed {
            update: Option<Settings>,
            updated: Option<Settings>,
        }
        let reply = RawJson::deserialize(deserializer)?;
        let settings = reply.read().map_err(serde::de::Error::custom)?;
        let changed: Changed = reply.read().map_err(serde::de::Error::custom)?;
        Ok(Self {
            settings,
            changed: changed.update.or(changed.updated).unwrap_or_default(),
        })
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
        Self {
            webhook_url: url.into(),
        }
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

/// Where webhooks go.
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
        Self {
            set,
            message: url.clone(),
            webhook_url: url,
        }
    }

    /// The address, wherever it stands; `None` when there is none.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        [&self.webhook_url, &self.message]
            .into_iter()
            .find(|url| !url.is_empty())
            .map(String::as_str)
    }
}

impl JsonReply for Webhook {}

/// The answer to [`SetWebhook`]: here `set: false` is a refusal.
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
    fn only_given_settings_travel() {
        let mut settings = Settings::new();
        settings.guaranteed_hooks = Some(true);
        let call = ChangeSettings::new(settings);
        assert_eq!(
            format!("{:?}", Args::of(&call).unwrap()),
            r#"{"guaranteedHooks"}"#
        );
        assert!(call.check(&Limits::default()).is_ok());
        assert!(ChangeSettings::default().check(&Limits::default()).is_err());
        assert!(
            SetWebhook::new("ftp://x")
                .check(&Limits::default())
                .is_err()
        );
    }
}
