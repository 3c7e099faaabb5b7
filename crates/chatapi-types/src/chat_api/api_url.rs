//! The address of one instance.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::InstanceId;

/// The address of an instance, as the admin function `newInstance` returns it: it ends with `/`
/// and mostly holds the instance (`https://eu41.chat-api.com/instance123/`; grade B).
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
        let path =
            self.0.trim_end_matches('/').split_once("://").map_or(&*self.0, |(_, rest)| rest);
        let segment = path.trim_end_matches('/').rsplit_once('/')?.1;
        (segment.len() > "instance".len() && segment.starts_with("instance")).then_some(segment)
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
        ] {
            let url = ApiUrl::new(url);
            assert_eq!((url.base(), url.instance()), (base, instance.map(InstanceId::from)));
        }
    }
}
