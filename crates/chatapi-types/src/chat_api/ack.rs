//! How far a message of ours has come.

use crate::Delivery;

crate::open_enum! {
    /// How far a message of ours has come, in Chat API's words.
    ///
    /// From ack webhooks (Chat API §8; `delivered`, `viewed`: grade A; `sent`: grade B; `read`: a
    /// successor, grade C) and from a message's `ack` where the service fills it (§4.5, grade C),
    /// there sometimes as a number.
    pub enum Ack {
        /// The messenger has it.
        Sent = "sent",
        /// It is on the recipient's device.
        Delivered = "delivered",
        /// The recipient has opened it.
        Viewed = "viewed" | "read",
    }
}

impl Ack {
    /// The state in common words. Numbers are [`Delivery::Other`]: what they mean here was never
    /// seen; see [`delivery_by_number`](Self::delivery_by_number).
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Sent => Delivery::Sent,
            Self::Delivered => Delivery::Delivered,
            Self::Viewed => Delivery::Read,
            Self::Unknown(word) => Delivery::Other(word.as_str().to_owned()),
        }
    }

    /// As [`delivery`](Self::delivery), and reads numbers as WhatsApp Web counts: 0 waiting, 1 sent,
    /// 2 delivered, 3 read, 4 played. That Chat API counts so is our inference (grade D), so nothing
    /// here does it unasked.
    #[must_use]
    pub fn delivery_by_number(&self) -> Delivery {
        match self.as_str() {
            "0" => Delivery::Queued,
            "1" => Delivery::Sent,
            "2" => Delivery::Delivered,
            "3" | "4" => Delivery::Read,
            _ => self.delivery(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_not_interpreted_unasked() {
        let number: Ack = serde_json::from_str("3").unwrap();
        assert_eq!(number.delivery(), Delivery::Other("3".into()));
        assert_eq!(number.delivery_by_number(), Delivery::Read);
        assert_eq!(Ack::Viewed.delivery_by_number(), Delivery::Read);
    }
}
