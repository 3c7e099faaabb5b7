//! `settings` and `webhook`.

use chatapi_types::Args;
use chatapi_types::chat_api::{ChangedSettings, SetWebhook, Settings, Webhook};

use crate::chat_api::Instance;
use crate::http::{Answer, Question};
use crate::world::Scene;

/// Reading and changing share a name: a `POST` changes, and so does any setting that is given.
pub(super) fn settings(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    let asked: Settings = match question.args.read() {
        Ok(asked) => asked,
        Err(error) => return Answer::bad_argument(&error),
    };
    if !question.is_post && asked == Settings::default() {
        return Answer::of(&instance.settings);
    }
    // The two halves as lists of names and values: what is given goes over what was there.
    let (Ok(mut all), Ok(given)) = (Args::of(&instance.settings), Args::of(&asked)) else {
        return Answer::error(500, "the settings cannot be read");
    };
    for (name, value) in given {
        all.set(name, value);
    }
    match all.read() {
        Ok(settings) => instance.settings = settings,
        Err(error) => return Answer::bad_argument(&error),
    }
    if instance.settings.webhook_url.as_deref() == Some("") {
        instance.settings.webhook_url = None;
    }
    instance.set_hook_terms(scene);
    Answer::of(&ChangedSettings::new(instance.settings.clone(), asked))
}

/// Reading and setting share a name: giving an address sets it, an empty one clears it (grade D).
pub(super) fn webhook(instance: &mut Instance, scene: &mut Scene, question: &Question) -> Answer {
    if !question.is_post && question.args.get("webhookUrl").is_none() {
        let url = instance.settings.webhook_url.clone().unwrap_or_default();
        return Answer::of(&Webhook::new(url, false));
    }
    let url = match question.args.read::<SetWebhook>() {
        Ok(call) => call.webhook_url,
        Err(error) => return Answer::bad_argument(&error),
    };
    let speaks_http = url.starts_with("http://") || url.starts_with("https://");
    if !url.is_empty() && !speaks_http {
        // The vendor's text was never seen.
        let mut declined = Webhook::new("", false);
        declined.message = "webhookUrl must begin with http:// or https://".to_owned();
        return Answer::of(&declined);
    }
    instance.set_webhook(Some(&url).filter(|url| !url.is_empty()).map(String::as_str), scene);
    Answer::of(&Webhook::new(url, true))
}

impl Instance {
    pub(crate) fn change_settings(
        &mut self,
        change: impl FnOnce(&mut Settings),
        scene: &mut Scene,
    ) {
        change(&mut self.settings);
        self.set_hook_terms(scene);
    }

    /// Where webhooks go from now on; `None` for nowhere.
    pub(crate) fn set_webhook(&mut self, url: Option<&str>, scene: &mut Scene) {
        self.settings.webhook_url = url.map(str::to_owned);
        self.set_hook_terms(scene);
    }
}
