//! `msg_state`, `msg_get` and `msg_get_last`.

use chatapi_types::wamm::{ErrorCode, History, Message, ReadState};
use chatapi_types::{Args, LocalStamp, UnixMillis};

use crate::http::{Answer, Question};
use crate::wamm::check::address_of;
use crate::wamm::{Channel, Record, Refusal, refuse};
use crate::world::Scene;

pub(super) fn msg_state(
    channel: &mut Channel,
    _: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let id = message_id(&question.args)?;
    let Some(record) = channel.messages.get(&id) else {
        return Err(refuse(ErrorCode::MsgNotFound));
    };
    let state = record.state.clone();
    Ok(Answer::of(&ReadState::new(id, &*record.phone, state)))
}

pub(super) fn msg_get(
    channel: &mut Channel,
    scene: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let phone = address_of(&question.args, channel.messenger)?;
    let lag = scene.history_lag(&channel.subject());
    Ok(newest(channel, scene, &question.args, |record| {
        record.phone == phone && scene.unix().since(record.made) >= lag
    }))
}

pub(super) fn msg_get_last(
    channel: &mut Channel,
    scene: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let from_me = match question.args.text("from_me").as_deref() {
        Some("1") => Some(true),
        Some("0") => Some(false),
        _ => None,
    };
    let lag = scene.history_lag(&channel.subject());
    Ok(newest(channel, scene, &question.args, |record| {
        from_me.is_none_or(|from_me| from_me == record.from_me)
            && scene.unix().since(record.made) >= lag
    }))
}

/// The newest messages first. `col` is held within 1 to 100, and is 100 where it cannot be read:
/// what the vendor does with others is unknown.
fn newest(
    channel: &Channel,
    scene: &Scene,
    args: &Args,
    matches: impl Fn(&Record) -> bool,
) -> Answer {
    let most = scene.profile.wamm.listing.max(1);
    let asked = args.text("col").and_then(|col| col.trim().parse().ok());
    let count = asked.unwrap_or(most).clamp(1, most);
    let offset = scene.profile.wamm.utc_offset_minutes;
    let stamp = |at: UnixMillis| Some(LocalStamp::at(at.into(), offset));
    let message = |(id, record): (u64, &Record)| {
        let state = record.state.clone();
        let mut message = Message::new(id, record.from_me, &*record.phone, &*record.text, state);
        message.chat_name = channel.name_of(&record.phone, &scene.people);
        message.tip_msg = record.kind();
        if let Some(file) = &record.file {
            message.msg_link = Some(file.link.clone());
        }
        message.date_ins = stamp(record.made);
        message.date_upd = stamp(record.changed);
        message
    };
    let found = channel.records().rev().filter(|(_, record)| matches(record));
    Answer::of(&History::new(found.take(count).map(message).collect()))
}

pub(super) fn message_id(args: &Args) -> Result<u64, Refusal> {
    let id = args.text("msg_id").and_then(|id| id.trim().parse().ok());
    id.filter(|id| *id > 0).ok_or_else(|| refuse(ErrorCode::MsgIdFail))
}
