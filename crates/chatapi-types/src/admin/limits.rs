//! What the vendor takes.

/// The vendor's limits. None can be seen in one call, so none is checked before one; whoever plans
/// transfers asks here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// [`TransferDays`](super::TransferDays) is open to accounts with **more** instances than this:
    /// 25 (help page "API customization and automation", grade A).
    pub min_instances_for_transfer: usize,
    /// How many days the instance that gives has to keep: 1 (a clone's rule, grade C).
    pub source_keeps_days: u32,
}

impl Limits {
    /// The vendor's figures.
    pub const DEFAULT: Self = Self { min_instances_for_transfer: 25, source_keeps_days: 1 };

    /// Whether an account of that many instances may transfer days.
    ///
    /// ```
    /// use chatapi_types::admin::Limits;
    ///
    /// assert!(!Limits::default().allows_transfer(25));
    /// assert!(Limits::default().allows_transfer(26));
    /// ```
    #[must_use]
    pub const fn allows_transfer(&self, instances: usize) -> bool {
        instances > self.min_instances_for_transfer
    }

    /// How many of its days an instance may give.
    #[must_use]
    pub const fn spare_days(&self, has: u32) -> u32 {
        has.saturating_sub(self.source_keeps_days)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
