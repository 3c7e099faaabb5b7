//! Is somebody there?

use super::Unspecified;
use super::declare::call_about_chat;

call_about_chat! {
    /// `GET /userStatus`: whether a person is there now, as far as they show it. Chat API §5.4,
    /// grade C.
    ///
    /// The answer was never seen and is kept as it comes; an emulator gives a shape of its own.
    ReadUserStatus = Get "userStatus" -> Unspecified, Safe, C
}
