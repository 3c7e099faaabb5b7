//! The secret in the path: all that tells the vendor from anybody else.

use std::fmt;
use std::io;
use std::str::FromStr;

use chatapi_types::Secret;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use crate::hex::hex;

/// How many characters a secret has at least: 128 bits, if they are hexadecimal digits.
const SHORTEST: usize = 32;

/// A secret path segment, to be told to the vendor as the end of the webhook's address and then
/// forgotten: only its [hash](Self::hash) is needed from then on. `Debug` does not show it.
///
/// ```
/// use chatapi_webhook::PathSecret;
///
/// let secret = PathSecret::generate()?;
/// let address = format!("https://example.org/hooks/{}", secret.expose());
/// assert_eq!(secret.expose().len(), 48);
/// let stored = secret.hash().to_string(); // for the configuration
/// assert_eq!(stored.parse::<chatapi_webhook::SecretHash>()?, secret.hash());
/// # let _ = address;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PathSecret(Secret);

impl PathSecret {
    /// A new secret of 192 bits from the system's source of randomness, as 48 lower-case
    /// hexadecimal digits: nothing in it is ever changed by an encoding.
    ///
    /// # Errors
    ///
    /// Those of the system's source of randomness, which hardly ever has any.
    pub fn generate() -> io::Result<Self> {
        let mut bytes = [0; 24];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self::from_random(bytes))
    }

    /// A secret of bytes that are random, by the caller's word.
    #[must_use]
    pub fn from_random(bytes: [u8; 24]) -> Self {
        Self(Secret::new(hex(&bytes)))
    }

    /// A secret that exists already.
    ///
    /// # Errors
    ///
    /// [`WeakSecret`] when it is shorter than 32 characters, or has others than letters, digits,
    /// `-`, `_`, `.` and `~`: such are changed on their way in an address.
    pub fn new(secret: impl Into<String>) -> Result<Self, WeakSecret> {
        let secret = secret.into();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        if secret.len() < SHORTEST || !secret.bytes().all(is_plain) {
            return Err(WeakSecret(()));
        }
        Ok(Self(Secret::new(secret)))
    }

    /// The secret itself, for the address that is told to the vendor.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What the receiver knows it by.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(self.expose())
    }
}

/// What the receiver knows a secret by: its SHA-256. Whoever reads it cannot post.
///
/// Without salt, as the secret is random and has at least 128 bits: there is nothing to guess.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    pub(crate) fn of(presented: &str) -> Self {
        Self(Sha256::digest(presented.as_bytes()).into())
    }

    /// Compared without telling by the time it takes.
    pub(crate) fn is(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.is(other).into()
    }
}

impl Eq for SecretHash {}

/// 64 hexadecimal digits.
impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex(&self.0))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

impl FromStr for SecretHash {
    type Err = BadHash;

    fn from_str(text: &str) -> Result<Self, BadHash> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(BadHash(()));
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = &text[at * 2..at * 2 + 2];
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(BadHash(()));
            }
            *byte = u8::from_str_radix(digits, 16).map_err(|_| BadHash(()))?;
        }
        Ok(Self(bytes))
    }
}

/// A secret that is too short, or does not survive its way in an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a secret path segment needs 32 or more letters, digits, '-', '_', '.' or '~': generate one"
)]
pub struct WeakSecret(());

/// A text that is no hash of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hash of a secret is 64 hexadecimal digits, as PathSecret::hash writes them")]
pub struct BadHash(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_random_and_unseen() {
        let (one, other) = (PathSecret::generate().unwrap(), PathSecret::generate().unwrap());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(format!("{one:?} {:?}", one.hash()), "PathSecret(Secret(…)) SecretHash(…)");
        assert!(PathSecret::new(one.expose()).is_ok());
        for weak in ["", &one.expose()[..31], &format!("{}/", one.expose()), &"ä".repeat(40)] {
            assert_eq!(PathSecret::new(weak).unwrap_err(), WeakSecret(()), "{weak}");
        }
    }

    #[test]
    fn hashes_are_written_and_read() {
        let hash = PathSecret::from_random([7; 24]).hash();
        let text = hash.to_string();
        assert_eq!(text.len(), 64);
        assert_eq!(text.parse::<SecretHash>().unwrap(), hash);
        let odd = ["", &text[1..], &format!("+{}", &text[1..]), &format!("{}é", &text[2..])];
        for bad in odd {
            assert!(bad.parse::<SecretHash>().is_err(), "{bad}");
        }
    }
}
