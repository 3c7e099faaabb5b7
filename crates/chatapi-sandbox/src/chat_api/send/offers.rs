//! `sendLink`, `sendButtons`, `sendProduct`.

use chatapi_types::chat_api::{MessageKind, SendButtons, SendLink, SendProduct};
use serde::Serialize;

use super::file::Upload;
use super::{EMPTY_BODY, send};
use crate::chat_api::Instance;
use crate::chat_api::history::Content;
use crate::chat_api::queue::raw;
use crate::http::{Answer, Question};
use crate::world::{File, Scene};

/// A link is a text: yours where there is one, then the address unless it stands there already
/// (grade D).
pub(in crate::chat_api) fn send_link(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    #[derive(Serialize)]
    struct Preview {
        title: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    }
    send(instance, scene, question, |call: SendLink, chat, instance, scene| {
        let url = call.body;
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err("Message was not sent: body is not a link".to_owned());
        }
        if File::from_data_uri(&call.preview_base64).is_none() {
            return Err("Message was not sent: previewBase64 is not a data URI".to_owned());
        }
        let text = match call.text {
            Some(text) if text.contains(&url) => text,
            Some(text) if !text.is_empty() => format!("{text}\n{url}"),
            _ => url,
        };
        let mut content = Content::text(text);
        content.metadata = raw(&Preview { title: call.title, description: call.description });
        instance.submit(chat, content, call.quoted_msg_id, scene)
    })
}

/// Of what type such a message is, was never seen: it is a text, and the buttons are its metadata
/// (grade D).
pub(in crate::chat_api) fn send_buttons(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    #[derive(Serialize)]
    struct Buttons {
        title: String,
        footer: String,
        buttons: Vec<String>,
    }
    send(instance, scene, question, |call: SendButtons, chat, instance, scene| {
        let SendButtons { title, body, footer, buttons, .. } = call;
        if body.is_empty() {
            return Err(EMPTY_BODY.to_owned());
        }
        if buttons.is_empty() {
            return Err("Message was not sent: buttons is empty".to_owned());
        }
        let mut content = Content::text(body);
        content.metadata = raw(&Buttons { title, footer, buttons });
        instance.submit(chat, content, None, scene)
    })
}

/// The body is the picture (grade D).
pub(in crate::chat_api) fn send_product(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Product {
        product_id: String,
    }
    send(instance, scene, question, |call: SendProduct, chat, instance, scene| {
        let products = &scene.profile.chat_api.products;
        if !products.iter().any(|product| product.id == call.product_id) {
            return Err(format!("Message was not sent: product {} not found", call.product_id));
        }
        let mut file = Upload::new("body", &call.body, call.filename, MessageKind::Product)?;
        file.content.metadata = raw(&Product { product_id: call.product_id });
        instance.submit_file(chat, file, None, question, scene)
    })
}
