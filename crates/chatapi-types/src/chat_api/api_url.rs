//! The address of one instance.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::InstanceId;

/// The address of an instance, as the admin function `newInstance` returns it: it ends with `/`
/// and mostly holds the instance (`https://eu41.chat-api.com/instance123/`; grade B).
///
/// A last segment is an instance when letters and digits follow `instance` up to the end, a digit
/// among them; `/instances` and `/instance-gw` are the path of a gateway. An address with `?` or `#`
/// holds no instance: it stays whole, so that whoever parses it as a base address refuses it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiUrl(String);

impl ApiUrl {
    /// An address as it came.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without the instance: what a client takes as base address.
    #[must_use]
    pub fn base(&self) -> &str {
        let trimmed = self.0.trim_end_matches('/');
        match self.last_segment() {
            Some(segment) => trimmed[..trimmed.len() - segment.len()].trim_end_matches('/'),
            None => trimmed,
        }
    }

    /// The instance that the address holds.
    #[must_use]
    pub fn instance(&self) -> Option<InstanceId> {
        self.last_segment().and_then(|segment| segment.strip_prefix("instance")).map(Into::into)
    }

    fn last_segment(&self) -> Option<&str> {
        if self.0.contains(['?', '#']) {
            return None;
        }
        let path = self.0.split_once("://").map_or(&*self.0, |(_, rest)| rest);
        let segment = path.trim_end_matches('/').rsplit_once('/')?.1;
        let id = segment.strip_prefix("instance")?.as_bytes();
        (id.iter().all(u8::is_ascii_alphanumeric) && id.iter().any(u8::is_ascii_digit))
            .then_some(segment)
    }
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_url_knows_its_instance() {
        for (url, base, instance) in [
            ("https://eu41.chat-api.com/instance123/", "https://eu41.chat-api.com", Some("123")),
            ("https://eu41.chat-api.com/instance123", "https://eu41.chat-api.com", Some("123")),
            ("https://eu41.chat-api.com/", "https://eu41.chat-api.com", None),
            ("http://h/x/instanceKR7//", "http://h/x", Some("KR7")),
            ("https://instance7", "https://instance7", None),
            ("https://h/instances", "https://h/instances", None),
            ("https://h/instance/", "https://h/instance", None),
            ("https://h/instance-gw/", "https://h/instance-gw", None),
            ("https://h/instance-1", "https://h/instance-1", None),
            ("https://h/instance1/x", "https://h/instance1/x", None),
        ] {
            let url = ApiUrl::new(url);
            assert_eq!((url.base(), url.instance()), (base, instance.map(InstanceId::from)));
        }
    }

    #[test]
    fn a_token_behind_an_instance_is_no_part_of_it() {
        for url in [
            "https://h/instance123?token=canary",
            "https://h/instance123/?token=canary7",
            "https://h/instance123#canary7",
            "https://h/?to=/instance7",
        ] {
            let url = ApiUrl::new(url);
            assert_eq!((url.base(), url.instance()), (url.as_str(), None));
        }
    }
}
