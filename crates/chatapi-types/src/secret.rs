//! Secrets. They can be held, compared by nobody, and printed by nobody.

mod echo;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serializer};

/// Text that must not be seen. `Debug` says only what it is.
#[derive(Clone)]
pub struct Secret(Arc<str>);

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
    ///
    /// Each character may be plain or escaped as URLs, forms, JSON, HTML and source code do, in any
    /// mixture. Where the usual mark `{secret}` would itself spell the secret, another is taken.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        ["{secret}", "…", ""]
            .into_iter()
            .map(|mark| self.replace(text, mark))
            .find(|clean| echo::find(&self.0, clean, 0).is_none())
            .unwrap_or_default()
    }

    fn replace(&self, text: &str, mark: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut done = 0;
        while let Some(found) = echo::find(&self.0, text, done) {
            clean.push_str(&text[done..found.start]);
            clean.push_str(mark);
            done = found.end;
        }
        clean.push_str(&text[done..]);
        clean
    }
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
                crate::json::text(deserializer, |text| Self::from(text))
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
        assert_eq!(format!("{token:?} {:?}", Secret::from(token.clone())), "Token(…) Secret(…)");
    }

    #[test]
    fn echoes_are_scrubbed_in_every_encoding() {
        let secret = Secret::new("a/b%c&\"é ~d");
        for echo in [
            r#"a/b%c&"é ~d"#,
            r#"a/b%c&\"é ~d"#,
            r#"a\/b%c&\"é ~d"#,
            r#"a\/b%c\u0026\"\u00E9 ~d"#,
            r#"a/b%c&\\\"é ~d"#,
            r#"a\u{2f}b%c&\"\xe9 ~d"#,
            "a%2Fb%25c%26%22%C3%A9%20~d",
            "a%2fb%25c&%22%c3%a9%20%7ed",
            "a%2Fb%25c%26%22%C3%A9+%7Ed",
            "a%252Fb%2525c%2526%2522%25C3%25A9%2520~d",
            "a/b%c&amp;&quot;é ~d",
            "a&#47;b%c&#x26;&#34;&eacute; ~d".replace("&eacute;", "&#233;").as_str(),
        ] {
            let text = format!("<Wrong token \"{echo}\" for {echo}>");
            let clean = secret.scrub(&text);
            assert_eq!(clean, "<Wrong token \"{secret}\" for {secret}>", "{echo}");
        }
    }

    #[test]
    fn what_is_not_the_secret_stays() {
        assert_eq!(Secret::new("").scrub("text"), "text");
        let text = "Wrong token. Please provide token as a GET parameter: 100 %, я, \\, &amp;";
        assert_eq!(Secret::new("canary").scrub(text), text);
        assert_eq!(Secret::new("xyx").scrub("xyxyx"), "{secret}yx");
        // Cut short: not the secret, and nothing to fall over.
        let odd = Secret::new("é😀\\\n");
        for cut in ["%", "%C3%", "\\", "\\u", "\\ud83d", "\\ud83d\\u", "&#", "&#x", "é\\u{", "é&"]
        {
            assert_eq!(odd.scrub(cut), cut);
        }
    }

    #[test]
    fn a_text_of_nothing_but_escapes_takes_no_time() {
        for sign in ["\\", "%", "%25", "&", "&#", "\\u", "\\u{"] {
            let text = sign.repeat((1 << 16) / sign.len());
            for secret in ["canary", "\"\n/é", "%x", "\\x"] {
                assert_eq!(Secret::new(secret).scrub(&text), text, "{sign} and {secret}");
            }
        }
        let text = format!("{}canary", "\\".repeat(1 << 16));
        assert!(Secret::new("canary").scrub(&text).ends_with("{secret}"));
    }

    #[test]
    fn the_mark_never_spells_the_secret() {
        for secret in ["secret", "{secret}", "ecre", "x{se", "}y", "…"] {
            let text = format!("x{secret}y {secret}");
            let clean = Secret::new(secret).scrub(&text);
            assert!(!clean.contains(secret), "{secret}: {clean}");
            assert!(!clean.is_empty(), "{secret}: the rest of the text stays");
        }
    }
}
