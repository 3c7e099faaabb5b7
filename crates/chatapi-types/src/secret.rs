//! Secrets. They can be held, compared by nobody, and printed by nobody.

use std::fmt;

use serde::{Deserialize, Deserializer, Serializer};

/// Text that must not be seen. `Debug` says only what it is.
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes a secret in.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into().into())
    }

    /// The secret itself. Whoever calls this answers for where it goes: in this workspace that is
    /// the transport, at the very moment of sending, and nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Takes every trace of the secret out of a text that came from outside: vendors echo the
    /// token in their errors (`Wrong token "…" for instance`, Chat API §1.2, grade A).
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        let mut clean = text.replace(&*self.0, "{secret}");
        let escaped = serde_json::to_string(&*self.0).unwrap_or_default();
        for form in [
            escaped.trim_matches('"').to_owned(),
            escaped.trim_matches('"').replace('/', "\\/"),
            percent_encoded(&self.0, true),
            percent_encoded(&self.0, false),
            percent_encoded(&self.0, true).to_ascii_lowercase(),
            form_encoded(&self.0),
            html_escaped(&self.0),
        ] {
            if form != *self.0 && !form.is_empty() {
                clean = clean.replace(&form, "{secret}");
            }
        }
        clean
    }
}

/// Percent-encodes all but unreserved characters (strict) or all but what a query leaves alone.
fn percent_encoded(text: &str, strict: bool) -> String {
    use fmt::Write as _;
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric()
            || b"-._~".contains(&byte)
            || (!strict && b"!$&'()*+,;=:@/?%".contains(&byte));
        if plain {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn form_encoded(text: &str) -> String {
    percent_encoded(text, true)
        .replace("%20", "+")
        .replace('~', "%7E")
        .replace("%2A", "*")
}

fn html_escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

macro_rules! secret {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $name(Secret);

        impl $name {
            /// Takes the secret in; blanks around it (a pasted line end) are dropped.
            pub fn new(secret: impl Into<String>) -> Self {
                Self(Secret::new(secret.into().trim()))
            }

            /// The secret itself; see [`Secret::expose`].
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose()
            }

            /// Writes the secret itself: for the one reply that carries it
            /// (`#[serde(serialize_with = …)]`), and for nothing else.
            ///
            /// # Errors
            ///
            /// Only those of the serializer.
            pub fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.expose())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl From<&str> for $name {
            fn from(secret: &str) -> Self {
                Self::new(secret)
            }
        }

        impl From<String> for $name {
            fn from(secret: String) -> Self {
                Self::new(secret)
            }
        }

        impl From<$name> for Secret {
            fn from(secret: $name) -> Self {
                secret.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::json::text(deserializer).map(Self::new)
            }
        }
    };
}

secret! {
    /// The token of one instance or channel. It can be replaced by the vendor at any time.
    Token
}

secret! {
    /// The account's API key for the admin functions: 28 characters, fixed for life (Chat API §9,
    /// grade A). Whoever has it has all instances.
    ApiKey
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_print() {
        let token = Token::new("  canary\n");
        assert_eq!(token.expose(), "canary");
        assert_eq!(
            format!("{token:?} {:?}", Secret::from(token.clone())),
            "Token(…) Secret(…)"
        );
    }

    #[test]
    fn echoes_are_scrubbed_in_every_encoding() {
        let secret = Secret::new("a/b%c&\"é ~d");
        let echoes = [
            r#"Wrong token "a/b%c&"é ~d" for instance"#,
            r#"{"error":"a/b%c&\"é ~d"}"#,
            r#"{"error":"a\/b%c&\"é ~d"}"#,
            "GET /x?token=a%2Fb%25c%26%22%C3%A9%20~d",
            "GET /x?token=a%2Fb%25c%26%22%C3%A9+%7Ed",
            "<b>a/b%c&amp;&quot;é ~d</b>",
        ];
        for echo in echoes {
            let clean = secret.scrub(echo);
            assert!(clean.contains("{secret}"), "{echo} -> {clean}");
            assert!(
                !clean.contains("%c") && !clean.contains("%25c"),
                "{echo} -> {clean}"
            );
        }
        assert_eq!(Secret::new("").scrub("text"), "text");
    }
}
