//! What was posted as a hint, read again from the vendor.

use chatapi_types::{Delivery, chat_api, wamm};

use crate::{About, Content, Hint, Origin, Original, Record, Source, SourceError};

/// What is shown of an event: what was posted, where that is believed; else what the vendor says.
/// Fails when the vendor cannot be asked now.
pub(super) async fn proven(
    source: Option<&dyn Source>,
    record: &Record,
    content: Content,
) -> Result<Content, SourceError> {
    let (Origin::Hint, Some(hint)) = (record.origin, content.hint()) else { return Ok(content) };
    let Some(source) = source.filter(|_| hint.about != About::Chat) else {
        return Ok(Content::Unproven(hint));
    };
    match source.message(&record.line, &hint).await {
        Ok(Some(original)) if hint.message.as_ref() == Some(original.id()) => {
            Ok(confirmed(original, hint, content))
        }
        Ok(_) => Ok(Content::Unproven(hint)),
        Err(error) if error.is_unsupported() => Ok(Content::Unproven(hint)),
        Err(error) => Err(error),
    }
}

/// The event with the vendor's content in the place of what was posted.
fn confirmed(original: Original, hint: Hint, posted: Content) -> Content {
    match (hint.about, original) {
        (About::Message, Original::ChatApi(message)) => {
            Content::ChatApi(Box::new(chat_api::Event::Message(message)))
        }
        (About::Message, Original::Wamm(message)) => {
            let event = again(*message);
            Content::Wamm(Box::new(wamm::Event::Message(Box::new(event))))
        }
        // What is claimed to have become of a message of ours is shown if the vendor's own record
        // says at least as much.
        (About::Delivery, original) => {
            let claimed = hint.delivery.clone().unwrap_or(Delivery::Queued);
            let is_ours = original.delivery() != Delivery::Received;
            let is_true = is_ours && original.delivery().has_reached(&claimed);
            restated(posted, original).filter(|_| is_true).unwrap_or(Content::Unproven(hint))
        }
        _ => Content::Unproven(hint),
    }
}

/// What became of a message, with whatever else the event says in the vendor's words: only the
/// message and its state were compared.
fn restated(posted: Content, original: Original) -> Option<Content> {
    match (posted, original) {
        (Content::ChatApi(event), Original::ChatApi(message)) => match *event {
            chat_api::Event::Ack(mut ack) => {
                ack.queue_number = None;
                ack.chat_id = Some(message.chat_id);
                Some(Content::ChatApi(Box::new(ack.into())))
            }
            _ => None,
        },
        (Content::Wamm(event), Original::Wamm(message)) => match *event {
            wamm::Event::State(mut state) => {
                state.phone = Some(message.phone).filter(|phone| !phone.as_str().is_empty());
                Some(Content::Wamm(Box::new(state.into())))
            }
            _ => None,
        },
        _ => None,
    }
}

/// A message of the history as a webhook would have brought it.
fn again(message: wamm::Message) -> wamm::MessageEvent {
    let mut event = wamm::MessageEvent::new(
        message.msg_id,
        message.from_me,
        message.phone,
        message.msg_text,
        message.state,
    );
    event.from_api = None;
    event.phone_real = message.phone_real;
    event.chat_name = message.chat_name;
    event.tip_msg = message.tip_msg;
    event.msg_link = message.msg_link;
    event.date_ins = message.date_ins;
    event
}
