//! `contact_to`, `contact_delete`, `contact_get`, and what is done to one chat.

use chatapi_types::UserId;
use chatapi_types::wamm::{ContactKind, ContactToUser, Done, ErrorCode, FoundContact};

use crate::http::{Answer, Question};
use crate::wamm::check::{address_of, verify};
use crate::wamm::{Channel, Refusal, refuse};
use crate::world::Scene;

pub(super) fn contact_to(
    channel: &mut Channel,
    scene: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let (args, figures) = (&question.args, &scene.profile.wamm);
    let phone = address_of(args, channel.messenger)?;
    let name = args.text("name").unwrap_or_default();
    if name.trim().is_empty() {
        return Err(refuse(ErrorCode::NameFail));
    }
    let (info, email, web) = (args.text("info"), args.text("email"), args.text("web"));
    check_chars("name", Some(&name), figures.name_chars)?;
    check_chars("web", web.as_deref(), figures.web_chars)?;
    check_chars("email", email.as_deref(), figures.email_chars)?;
    verify(channel, &phone, scene)?;
    let result = match channel.chat(&phone) {
        Some(_) => "update",
        None => "insert",
    };
    let contact = &mut channel.add_contact(&phone, &name, scene).contact;
    // What is not given stays as it is, and `info` shows as `notes`: the pages do not say.
    contact.notes = info.unwrap_or_else(|| std::mem::take(&mut contact.notes));
    contact.email = email.unwrap_or_else(|| std::mem::take(&mut contact.email));
    contact.web = web.unwrap_or_else(|| std::mem::take(&mut contact.web));
    Ok(Answer::of(&Done::new(result)))
}

fn check_chars(field: &str, text: Option<&str>, most: usize) -> Result<(), Refusal> {
    match text.map_or(0, |text| text.chars().count()) > most {
        true => Err(format!("{field} fail, more {most}")),
        false => Ok(()),
    }
}

pub(super) fn contact_delete(
    channel: &mut Channel,
    _: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let phone = address_of(&question.args, channel.messenger)?;
    match channel.chats.remove(&phone) {
        Some(_) => Ok(Answer::of(&Done::new("delete"))),
        None => Err(refuse(ErrorCode::PhoneNotFound)),
    }
}

pub(super) fn contact_get(
    channel: &mut Channel,
    scene: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let phone = address_of(&question.args, channel.messenger)?;
    let contact = channel.contact(&phone, &scene.people);
    let contact = contact.ok_or_else(|| refuse(ErrorCode::NotFound))?;
    Ok(Answer::of(&FoundContact::new(contact)))
}

pub(super) fn contact_open(
    channel: &mut Channel,
    _: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let phone = address_of(&question.args, channel.messenger)?;
    let chat = channel.chat_mut(&phone).ok_or_else(|| refuse(ErrorCode::NotFound))?;
    chat.is_open = true;
    Ok(success())
}

pub(super) fn contact_to_user(
    channel: &mut Channel,
    scene: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let phone = address_of(&question.args, channel.messenger)?;
    let chat = channel.chat_mut(&phone).ok_or_else(|| refuse(ErrorCode::NotFound))?;
    if chat.contact.tip == ContactKind::Group {
        return Err(scene.profile.wamm.group_assigned.clone());
    }
    let id = question.args.text("user_id").unwrap_or_default();
    chat.contact.user_id = match id.trim() {
        ContactToUser::NOBODY => None,
        id => match scene.office.user(id) {
            None => return Err(refuse(ErrorCode::UserNotFound)),
            Some(user) if !user.is_active() => return Err(refuse(ErrorCode::UserNotActive)),
            Some(user) => Some(UserId::clone(&user.user_id)),
        },
    };
    Ok(success())
}

pub(super) fn contact_tag_delete(
    channel: &mut Channel,
    scene: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let phone = address_of(&question.args, channel.messenger)?;
    let chat = channel.chat_mut(&phone).ok_or_else(|| refuse(ErrorCode::NotFound))?;
    let tag = question.args.text("tag").unwrap_or_default();
    let tag = tag.trim();
    if tag.is_empty() {
        return Err(refuse(ErrorCode::TagNotEntered));
    }
    if !chat.contact.tag_list().any(|known| known == tag) {
        return match &scene.profile.wamm.absent_tag {
            Some(refusal) => Err(refusal.clone()),
            None => Ok(success()),
        };
    }
    let contact = chat.contact.clone();
    chat.contact = contact.clone().tagged(contact.tag_list().filter(|known| *known != tag));
    Ok(success())
}

fn success() -> Answer {
    Answer::of(&Done::new("success"))
}
