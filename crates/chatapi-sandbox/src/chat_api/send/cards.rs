//! `sendContact`, `sendVCard`, `sendLocation`.

use chatapi_types::ChatId;
use chatapi_types::chat_api::{MessageKind, SendContact, SendLocation, SendVCard};

use super::send;
use crate::chat_api::Instance;
use crate::chat_api::history::Content;
use crate::http::{Answer, Question};
use crate::world::Scene;

/// Contacts travel as cards: one as `vcard`, several as `multi_vcard` (§4.5, grade B).
pub(in crate::chat_api) fn send_contact(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    send(instance, scene, question, |call: SendContact, chat, instance, scene| {
        let contacts = call.contact_id.as_slice();
        let numbers: Option<Vec<&str>> = contacts.iter().map(number_of).collect();
        let kind = match contacts.len() {
            0 => return Err("Message was not sent: contactId is empty".to_owned()),
            1 => MessageKind::VCard,
            _ => MessageKind::MultiVCard,
        };
        let Some(numbers) = numbers else {
            return Err("Message was not sent: contactId must be like 79000000000@c.us".to_owned());
        };
        let cards = numbers.into_iter().map(|number| card(&scene.people.name_of(number), number));
        let cards = cards.collect::<Vec<_>>().join("\n");
        instance.submit(chat, Content::new(kind, cards), None, scene)
    })
}

fn number_of(contact: &ChatId) -> Option<&str> {
    let number = contact.as_str().strip_suffix("@c.us")?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(number)
}

/// A name may hold what means something in a card.
fn card(name: &str, number: &str) -> String {
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .flat_map(|c| matches!(c, '\\' | ';' | ',').then_some('\\').into_iter().chain([c]))
        .collect();
    format!(
        "BEGIN:VCARD\nVERSION:3.0\nN:;{name};;;\nFN:{name}\n\
         TEL;type=CELL;waid={number}:+{number}\nEND:VCARD"
    )
}

pub(in crate::chat_api) fn send_vcard(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    send(instance, scene, question, |call: SendVCard, chat, instance, scene| {
        let card = call.vcard.trim().to_ascii_uppercase();
        if !card.starts_with("BEGIN:VCARD") || !card.ends_with("END:VCARD") {
            return Err("Message was not sent: vcard is not a vCard".to_owned());
        }
        instance.submit(chat, Content::new(MessageKind::VCard, call.vcard), None, scene)
    })
}

/// The body is `lat;lng` (§4.5, grade A); the address stands where the text under a file does.
pub(in crate::chat_api) fn send_location(
    instance: &mut Instance,
    scene: &mut Scene,
    question: &Question,
) -> Answer {
    send(instance, scene, question, |call: SendLocation, chat, instance, scene| {
        let (lat, lng) = (call.lat, call.lng);
        // What is no number is in no range.
        if !(-90.0..=90.0).contains(&lat) || !(-180.0..=180.0).contains(&lng) {
            return Err("Message was not sent: lat or lng is out of range".to_owned());
        }
        let mut content = Content::new(MessageKind::Location, format!("{lat};{lng}"));
        content.caption = Some(call.address);
        instance.submit(chat, content, None, scene)
    })
}
