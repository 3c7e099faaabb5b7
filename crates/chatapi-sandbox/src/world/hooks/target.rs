//! Where a webhook goes.

use std::fmt;

use serde::{Serialize, Serializer};

/// The address of a webhook's receiver. `Display`, `Debug` and `Serialize` show it without what may
/// be secret in it: user and password, and the values of the query.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Target(Box<str>);

impl Target {
    pub(crate) fn new(url: impl Into<Box<str>>) -> Self {
        Self(url.into())
    }

    /// The whole address. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.0.split_once('#').map_or(&*self.0, |(url, _)| url);
        let (url, query) = url.split_once('?').map_or((url, None), |(url, q)| (url, Some(q)));
        let (scheme, rest) = url.split_once("//").unwrap_or(("", url));
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if !scheme.is_empty() {
            write!(f, "{scheme}//")?;
        }
        match authority.rsplit_once('@') {
            Some((_, host)) => write!(f, "…@{host}")?,
            None => f.write_str(authority)?,
        }
        f.write_str(path)?;
        for (place, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
            f.write_str(if place == 0 { "?" } else { "&" })?;
            match pair.split_once('=') {
                Some((name, _)) => write!(f, "{name}=…")?,
                None => f.write_str("…")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_does_not_show() {
        for (url, shown) in [
            ("http://127.0.0.1:9/hook", "http://127.0.0.1:9/hook"),
            ("http://user:pass@h:9/a@b?key=K&x#f", "http://…@h:9/a@b?key=…&…"),
            ("http://u@v@h", "http://…@h"),
            ("http://h?token=a=b", "http://h?token=…"),
            ("nonsense?s", "nonsense?…"),
            ("u:p@h/x", "…@h/x"),
            ("", ""),
        ] {
            let target = Target::new(url);
            assert_eq!(target.to_string(), shown);
            assert_eq!(format!("{target:?}"), format!("Target({shown})"));
            assert_eq!(serde_json::to_value(&target).unwrap(), shown);
            assert_eq!(target.expose(), url);
        }
    }
}
