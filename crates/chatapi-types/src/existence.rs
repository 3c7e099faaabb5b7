//! Whether a number has an account with the messenger.

crate::open_enum! {
    /// Whether a number has an account with the messenger.
    ///
    /// `exists` is grade B for both vendors; `not exists` is grade B for Chat API and our inference
    /// (D) for wamm, where the negative word was never seen: there, ask [`is_yes`](Self::is_yes).
    pub enum Existence {
        /// It has.
        Exists = "exists",
        /// It has not.
        NotExists = "not exists",
    }
}

impl Existence {
    /// Whether the vendor said yes. Any other word counts as no, as all known clients have it.
    #[must_use]
    pub const fn is_yes(&self) -> bool {
        matches!(self, Self::Exists)
    }
}
