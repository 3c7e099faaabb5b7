//! `msg_to` and `msg_edit`.

use std::time::Duration;

use chatapi_transport::Moment;
use chatapi_types::wamm::{Done, ErrorCode, Sent};
use chatapi_types::{Args, ChatId, MessageId, Messenger};

use crate::MagicRecipient;
use crate::http::{Answer, Question};
use crate::profile::WammFigures;
use crate::wamm::check::{address_of, verify};
use crate::wamm::file::Attachment;
use crate::wamm::history::message_id;
use crate::wamm::office::count_message;
use crate::wamm::{Channel, Refusal, refuse};
use crate::world::{Happening, Scene};

pub(super) fn msg_to(
    channel: &mut Channel,
    scene: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    let args = &question.args;
    let figures = &scene.profile.wamm;
    let phone = address_of(args, channel.messenger)?;
    let text = text_of(args, figures)?;
    let ready_at = scene.now.plus(delay_of(args, figures));
    // One that cannot be read is no reason to refuse (grade D).
    let quoted =
        args.text("quote_msg_id").filter(|id| id.trim().parse::<u64>().is_ok_and(|n| n > 0));
    let quoted = quoted.map(|id| MessageId::new(id.trim()));
    let id = channel.submit(phone, text, None, quoted, ready_at, scene)?;
    Ok(Answer::of(&Sent::new(id)))
}

impl Channel {
    /// Takes a message into the line, or refuses it.
    pub(super) fn submit(
        &mut self,
        phone: String,
        text: String,
        file: Option<Attachment>,
        quoted: Option<MessageId>,
        ready_at: Moment,
        scene: &mut Scene,
    ) -> Result<u64, Refusal> {
        if scene.profile.wamm.checks_before_sending {
            verify(self, &phone, scene)?;
        }
        // Ours: no vendor was seen to say it.
        if self.line_len() >= scene.profile.limits.line {
            return Err(scene.profile.wamm.over_test_cap.clone());
        }
        count_message(scene)?;
        let id = self.record(true, phone.clone(), text, file, scene);
        let holds_up = scene.profile.is_magic(&phone, MagicRecipient::HoldsUpTheLine);
        let held_up = scene.profile.magic.holds_up;
        let ready_at = if holds_up { ready_at.plus(held_up) } else { ready_at };
        self.line_up(id, ready_at);
        let (message, chat) = (MessageId::from(id), ChatId::from(phone));
        self.note(scene, Happening::Queued { message, chat });
        if let Some(record) = self.messages.get_mut(&id) {
            record.quoted = quoted;
        }
        self.befall(scene);
        if scene.profile.wamm.echoes_at_once {
            self.tell_message(id, scene);
        }
        Ok(id)
    }
}

pub(super) fn msg_edit(
    channel: &mut Channel,
    scene: &mut Scene,
    question: &Question,
) -> Result<Answer, Refusal> {
    if !matches!(channel.messenger, Messenger::Telegram | Messenger::TelegramBot) {
        return Err(refuse(ErrorCode::WrongMessenger));
    }
    let id = message_id(&question.args)?;
    let text = text_of(&question.args, &scene.profile.wamm)?;
    let now = scene.unix();
    // Only what we wrote ourselves can be changed.
    match channel.messages.get_mut(&id).filter(|record| record.from_me) {
        Some(record) => {
            record.text = text;
            record.changed = now;
            Ok(Answer::of(&Done::new("success")))
        }
        None => Err(refuse(ErrorCode::MsgNotFound)),
    }
}

fn text_of(args: &Args, figures: &WammFigures) -> Result<String, Refusal> {
    let text = args.text("text").unwrap_or_default();
    if text.is_empty() {
        return Err(refuse(ErrorCode::TextFail));
    }
    let most = figures.text_chars;
    if text.chars().count() > most {
        return Err(format!("{}, more {most}", ErrorCode::TextFail));
    }
    Ok(match figures.decodes_twice {
        true => text.replace("%0A", "\n").replace("%0a", "\n"),
        false => text,
    })
}

fn delay_of(args: &Args, figures: &WammFigures) -> Duration {
    let delay = args.text("delay").and_then(|delay| delay.trim().parse().ok());
    let obeyed =
        delay.filter(|delay: &u32| !figures.ignores_other_delays || figures.delays.contains(delay));
    Duration::from_secs(obeyed.unwrap_or(0).into())
}
