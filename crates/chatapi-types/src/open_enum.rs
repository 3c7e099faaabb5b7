//! Enums of wire words that a vendor may extend at any time.

/// Declares an enum of wire words that keeps words it does not know.
///
/// Each variant names its canonical word and, after `|`, other spellings that are read but never
/// written. An unknown word is kept as it came, so that decoding and encoding again loses nothing.
/// The unknown variant is hidden: compare with a named variant, or ask [`is_known`] and [`as_str`].
/// A word that a later version learns therefore never steals a match arm of yours.
///
/// A first line `#![case_insensitive]` makes reading ignore ASCII case.
///
/// [`is_known`]: crate::chat_api::Substatus::is_known
/// [`as_str`]: crate::chat_api::Substatus::as_str
///
/// ```
/// chatapi_types::open_enum! {
///     /// How a parcel travels.
///     pub enum Carriage {
///         /// By ship.
///         Sea = "sea" | "ship",
///         /// By plane.
///         Air = "air",
///     }
/// }
///
/// assert_eq!(Carriage::from("ship"), Carriage::Sea);
/// assert_eq!(Carriage::Sea.as_str(), "sea");
///
/// let odd: Carriage = serde_json::from_str("\"camel\"").unwrap();
/// assert!(!odd.is_known());
/// assert_eq!(serde_json::to_string(&odd).unwrap(), "\"camel\"");
/// ```
#[macro_export]
macro_rules! open_enum {
    (@ignores_case case_insensitive) => { true };
    (
        $(#![$mode:ident])?
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$vmeta:meta])* $variant:ident = $word:literal $(| $alias:literal)* ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        $vis enum $name {
            $( $(#[$vmeta])* $variant, )*
            #[doc(hidden)]
            Unknown($crate::UnknownWord),
        }

        impl $name {
            /// Every word this version knows, in canonical spelling.
            pub const KNOWN: &'static [&'static str] = &[$($word),*];

            /// The word as the vendor writes it; for an unknown one, as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $word, )*
                    Self::Unknown(word) => word.as_str(),
                }
            }

            /// Whether this version knows the word.
            #[must_use]
            pub const fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }

            fn known(word: &str) -> Option<Self> {
                const IGNORES_CASE: bool = false $(|| $crate::open_enum!(@ignores_case $mode))?;
                let is = |known: &str| match IGNORES_CASE {
                    true => word.eq_ignore_ascii_case(known),
                    false => word == known,
                };
                $( if is($word) $(|| is($alias))* {
                    return Some(Self::$variant);
                } )*
                None
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                Self::known(word).unwrap_or_else(|| Self::Unknown(word.into()))
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                Self::known(&word).unwrap_or_else(|| Self::Unknown(word.into()))
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::__private::Serialize for $name {
            fn serialize<S: $crate::__private::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::json::text(deserializer, |word| Self::from(word))
            }
        }
    };
}

/// A wire word that this version does not know, kept as it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnknownWord(Box<str>);

impl UnknownWord {
    /// The word as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for UnknownWord {
    fn from(word: &str) -> Self {
        Self(word.into())
    }
}

impl From<String> for UnknownWord {
    fn from(word: String) -> Self {
        Self(word.into())
    }
}

#[cfg(test)]
#[expect(unreachable_pub, dead_code, reason = "the macro writes public items")]
mod tests {
    open_enum! {
        /// Strict about case.
        pub enum Strict {
            /// One.
            One = "one" | "uno",
            /// Two.
            Two = "two",
        }
    }
    open_enum! {
        #![case_insensitive]
        /// Lax about case.
        pub enum Lax {
            /// No account.
            NoAccount = "noAccount",
        }
    }

    #[test]
    fn known_words_and_aliases_are_read_and_the_canonical_word_is_written() {
        assert_eq!(Strict::from("uno"), Strict::One);
        assert_eq!(serde_json::to_string(&Strict::from("uno")).unwrap(), "\"one\"");
        assert_eq!(Strict::KNOWN, ["one", "two"]);
        assert_eq!(format!("{:>5}|", Strict::Two), "  two|");
    }

    #[test]
    fn unknown_words_survive() {
        let three: Strict = serde_json::from_str("\"Three \"").unwrap();
        assert!(!three.is_known());
        assert_eq!(serde_json::to_string(&three).unwrap(), "\"Three \"");
        assert_eq!(three, Strict::from("Three "));
        assert!(!Strict::from("ONE").is_known());
    }

    #[test]
    fn case_is_ignored_only_when_asked() {
        assert_eq!(Lax::from("NOACCOUNT"), Lax::NoAccount);
        assert_eq!(Lax::from("NoAccount").as_str(), "noAccount");
    }

    #[test]
    fn a_number_where_a_word_was_expected_is_kept_as_a_word() {
        assert_eq!(serde_json::from_str::<Strict>("7").unwrap(), Strict::from("7"));
    }
}
