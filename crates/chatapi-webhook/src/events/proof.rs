//! What was posted as a hint, read again from the vendor.

use std::time::Duration;

use chatapi_types::{Delivery, chat_api, wamm};

use crate::{About, Content, Hint, Origin, Original, Record, Source, SourceError};

/// Where the vendor does not answer at all, an event is given up after no fewer questions than these,
/// however old it is. The pauses between them are 5.8 hours, and each question takes its time.
const QUESTIONS: u32 = 100;

/// What the vendor's record says of an event.
pub(super) enum Proof {
    /// All that it ever will: this is shown.
    Final(Content),
    /// Not, or not yet, what was posted about this.
    Absent(Hint),
}

/// How long the vendor has to confirm an event. An absence goes by the time since the event was
/// posted and not by a count of questions: that time is kept, whoever dies. A vendor that did not
/// answer has not said no: it goes by both, so that an event that has rested for long is not given up
/// at the first silence.
pub(super) struct Patience {
    /// How long after the post the record is read again, in growing order.
    pub(super) again: Vec<Duration>,
    /// How long a vendor may not answer.
    pub(super) unanswered: Duration,
}

impl Patience {
    /// When to ask again about an event that old which is not in the record; `None`: never.
    pub(super) fn after_absence(&self, age: Duration) -> Option<Duration> {
        let next = self.again.iter().find(|again| **again > age);
        next.map(|again| again.saturating_sub(age))
    }

    /// When to ask again about an event that old where the vendor did not answer: after 5, 10, …
    /// 300 seconds.
    pub(super) fn after_silence(&self, age: Duration, asked: u32) -> Option<Duration> {
        let is_over = asked >= QUESTIONS && age >= self.unanswered;
        (!is_over).then(|| Duration::from_secs(5 * u64::from(asked.clamp(1, 60))))
    }
}

impl Default for Patience {
    fn default() -> Self {
        let again = [2, 10, 60].map(Duration::from_secs).to_vec();
        Self { again, unanswered: Duration::from_secs(7 * 24 * 3600) }
    }
}

/// What is shown of an event: what was posted, where that is believed; else what the vendor says.
/// Fails when the vendor cannot be asked now.
pub(super) async fn proven(
    source: Option<&dyn Source>,
    record: &Record,
    content: Content,
) -> Result<Proof, SourceError> {
    let (Origin::Hint, Some(hint)) = (record.origin, content.hint()) else {
        return Ok(Proof::Final(content));
    };
    let Some(source) = source.filter(|_| hint.about != About::Chat) else {
        return Ok(Proof::Final(Content::Unproven(hint)));
    };
    match source.message(&record.line, &hint).await {
        Ok(Some(original)) if hint.message.as_ref() == Some(original.id()) => {
            Ok(confirmed(original, hint, content))
        }
        Ok(_) => Ok(Proof::Absent(hint)),
        Err(error) if error.is_unsupported() => Ok(Proof::Final(Content::Unproven(hint))),
        Err(error) => Err(error),
    }
}

/// The event with the vendor's content in the place of what was posted.
fn confirmed(original: Original, hint: Hint, posted: Content) -> Proof {
    Proof::Final(match (hint.about, original) {
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
            if is_ours && !original.delivery().has_reached(&claimed) {
                return Proof::Absent(hint);
            }
            restated(posted, original).filter(|_| is_ours).unwrap_or(Content::Unproven(hint))
        }
        _ => Content::Unproven(hint),
    })
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
