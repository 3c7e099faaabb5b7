//! One message to many.

use std::fmt;

use chatapi_transport::{Error, ErrorKind, Result};
use chatapi_types::chat_api::Recipient;
use futures_core::Stream;
use futures_util::{StreamExt, stream};

use crate::line::{Content, Line, Outgoing, Submitted};

/// How many sends are under way at once unless [`Broadcast::at_once`] says otherwise. Few, because
/// all of them end up in the one queue of one phone.
const AT_ONCE: usize = 4;

/// One message to many recipients, on any [`Line`], with a result for each.
///
/// A send that fails does not stop the others. Nothing is repeated: of each failure the report says
/// whether the message may have gone out all the same.
#[derive(Clone)]
#[must_use = "nothing is sent until it is run"]
pub struct Broadcast<'a> {
    line: &'a dyn Line,
    recipients: Vec<Recipient>,
    content: Content,
    at_once: usize,
    checking: bool,
}

impl fmt::Debug for Broadcast<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { content, recipients, .. } = self;
        write!(f, "Broadcast({content:?} to {} recipients)", recipients.len())
    }
}

/// What became of the send to one recipient.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sending {
    /// Who it was for.
    pub to: Recipient,
    /// Whether the gateway took it.
    pub result: Result<Submitted>,
}

impl<'a> Broadcast<'a> {
    /// The same content for everybody.
    pub fn new<R: Into<Recipient>>(
        line: &'a dyn Line,
        recipients: impl IntoIterator<Item = R>,
        content: Content,
    ) -> Self {
        let recipients = recipients.into_iter().map(Into::into).collect();
        Self { line, recipients, content, at_once: AT_ONCE, checking: false }
    }

    /// Sends at most this many at once; 4 unless given.
    pub const fn at_once(mut self, sends: usize) -> Self {
        self.at_once = if sends == 0 { 1 } else { sends };
        self
    }

    /// Asks of every phone first whether it has an account, and sends nothing to those that have
    /// none: messages to them clog the queue. One more call for each.
    pub const fn checking_phones(mut self) -> Self {
        self.checking = true;
        self
    }

    /// Sends, and hands out the results as they come, in the order of the recipients. Dropping the
    /// stream sends no more; what is under way may still go out.
    pub fn results(self) -> impl Stream<Item = Sending> + Send + Unpin + 'a {
        let Self { line, recipients, content, at_once, checking } = self;
        let sends = stream::iter(recipients).map(move |to| {
            let content = content.clone();
            async move {
                let result = send(line, &to, content, checking).await;
                Sending { to, result }
            }
        });
        Box::pin(sends.buffered(at_once))
    }

    /// Sends, and waits for all results.
    pub async fn run(self) -> Report {
        Report { sendings: self.results().collect().await }
    }
}

async fn send(
    line: &dyn Line,
    to: &Recipient,
    content: Content,
    checking: bool,
) -> Result<Submitted> {
    if checking
        && let Recipient::Phone(phone) = to
        && !line.check_phone(phone).await?
    {
        return Err(Error::invalid("send", "the number has no account with this messenger"));
    }
    line.submit(&Outgoing { to: to.clone(), content }).await
}

/// What became of a broadcast. `Display` is a table for people, phones masked.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// One result for each recipient, in their order.
    pub sendings: Vec<Sending>,
}

impl Report {
    /// The messages that the gateway took.
    pub fn taken(&self) -> impl Iterator<Item = (&Recipient, &Submitted)> {
        self.sendings
            .iter()
            .filter_map(|sending| Some((&sending.to, sending.result.as_ref().ok()?)))
    }

    /// The recipients who certainly got nothing: it is safe to send to them again.
    pub fn not_sent(&self) -> impl Iterator<Item = (&Recipient, &Error)> {
        self.failures().filter(|(_, error)| !error.may_have_taken_effect())
    }

    /// The recipients of whom nobody knows: look before you send to them again.
    pub fn in_doubt(&self) -> impl Iterator<Item = (&Recipient, &Error)> {
        self.failures().filter(|(_, error)| error.may_have_taken_effect())
    }

    fn failures(&self) -> impl Iterator<Item = (&Recipient, &Error)> {
        self.sendings
            .iter()
            .filter_map(|sending| Some((&sending.to, sending.result.as_ref().err()?)))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (taken, not_sent, in_doubt) =
            (self.taken().count(), self.not_sent().count(), self.in_doubt().count());
        write!(f, "{taken} taken, {not_sent} not sent, {in_doubt} in doubt")?;
        for Sending { to, result } in &self.sendings {
            let chat = to.chat();
            let who = chatapi_types::Masked::new(chat.as_str()).to_string();
            match result {
                Ok(_) => write!(f, "\n{who:<16} taken")?,
                Err(error) if error.kind() == ErrorKind::Invalid => {
                    let why = error.message().unwrap_or("not sent");
                    write!(f, "\n{who:<16} not sent: {why}")?;
                }
                Err(error) => write!(f, "\n{who:<16} {error}")?,
            }
        }
        Ok(())
    }
}
