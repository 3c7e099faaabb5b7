//! Sending a place.

use serde::{Deserialize, Serialize};

use super::limits::check_given;
use super::{ChatApi, Limits, Recipient, Sent};
use crate::{BadArg, Call, ChatId, Grade, Phone, Repeat, Verb};

/// `POST /sendLocation`: sends a place. Chat API §4.2, grade A.
///
/// ```
/// use chatapi_types::chat_api::{Limits, SendLocation};
/// use chatapi_types::{Call, ChatId};
///
/// let to = ChatId::from("79000000001-1600000000@g.us");
/// let call = SendLocation::new(to, 55.7539, 37.6208, "Red Square\nMoscow");
/// assert!(call.check(&Limits::default()).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SendLocation {
    /// The chat, where no phone is given.
    pub chat_id: Option<ChatId>,
    /// The phone, where no chat is given.
    pub phone: Option<Phone>,
    /// Latitude in degrees, south negative. Read from a number or text.
    pub lat: f64,
    /// Longitude in degrees, west negative. Read from a number or text.
    pub lng: f64,
    /// What stands under the map, at most two lines.
    pub address: String,
}

impl SendLocation {
    /// Sends the place at these degrees to a phone or a chat, with up to two lines of text.
    pub fn new(to: impl Into<Recipient>, lat: f64, lng: f64, address: impl Into<String>) -> Self {
        let (chat_id, phone) = to.into().split();
        Self { chat_id, phone, lat, lng, address: address.into() }
    }
}

impl Call for SendLocation {
    type Dialect = ChatApi;
    type Reply = Sent;
    const NAME: &'static str = "sendLocation";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())?;
        // What is no number is in no range.
        if !(-90.0..=90.0).contains(&self.lat) {
            return Err(BadArg::new("lat", "degrees from -90 (south) to 90 (north)"));
        }
        if !(-180.0..=180.0).contains(&self.lng) {
            return Err(BadArg::new("lng", "degrees from -180 (west) to 180 (east)"));
        }
        check_given("address", &self.address)?;
        let (lines, most) = (self.address.split('\n').count(), limits.address_lines);
        match lines <= most {
            true => Ok(()),
            false => {
                Err(BadArg::new("address", format!("{lines} lines; at most {most} are taken")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Args;

    #[test]
    fn degrees_and_lines_are_checked() {
        let to = || ChatId::from("79000000001@c.us");
        let check = |lat, lng, address: &str| {
            let call = SendLocation::new(to(), lat, lng, address);
            call.check(&Limits::default()).map_err(|error| error.field())
        };
        assert_eq!(check(55.75, 37.62, "Red Square\nMoscow"), Ok(()));
        assert_eq!(check(-90.0, 180.0, "x"), Ok(()));
        assert_eq!(check(90.1, 0.0, "x"), Err("lat"));
        assert_eq!(check(f64::NAN, 0.0, "x"), Err("lat"));
        assert_eq!(check(0.0, -181.0, "x"), Err("lng"));
        assert_eq!(check(0.0, f64::INFINITY, "x"), Err("lng"));
        assert_eq!(check(0.0, 0.0, ""), Err("address"));
        assert_eq!(check(0.0, 0.0, "a\nb\nc"), Err("address"));
        let three = Limits { address_lines: 3, ..Limits::default() };
        assert!(SendLocation::new(to(), 0.0, 0.0, "a\nb\nc").check(&three).is_ok());
    }

    #[test]
    fn degrees_are_read_from_text_too() {
        let args: Args =
            [("chatId", "79000000001@c.us"), ("lat", "55.75"), ("lng", "-0.5"), ("address", "x")]
                .into_iter()
                .collect();
        let to = ChatId::from("79000000001@c.us");
        assert_eq!(args.read::<SendLocation>().unwrap(), SendLocation::new(to, 55.75, -0.5, "x"));
    }
}
