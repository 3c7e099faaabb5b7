//! How many a day.

/// How many a day; the same every day, or more from day to day while a phone is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    first: u32,
    last: u32,
    days: u32,
}

impl Cap {
    /// So many every day. None at all means that nothing is sent.
    #[must_use]
    pub const fn of(a_day: u32) -> Self {
        Self { first: a_day, last: a_day, days: 0 }
    }

    /// So many on the day on which the line was added, then evenly more (or fewer) from day to day,
    /// until that many days later it is the last figure. A line that the store knew before it kept
    /// such dates has the last figure at once.
    ///
    /// ```
    /// use chatapi_outbox::rules::Cap;
    ///
    /// let cap = Cap::growing(20, 200, 10);
    /// assert_eq!([0, 1, 5, 10, 99].map(|day| cap.on(day)), [20, 38, 110, 200, 200]);
    /// ```
    #[must_use]
    pub const fn growing(first: u32, last: u32, days: u32) -> Self {
        Self { first, last, days }
    }

    /// How many on a day, counted from the one on which the line was added.
    #[must_use]
    pub fn on(self, day: u32) -> u32 {
        if day >= self.days {
            return self.last;
        }
        let (first, last) = (i128::from(self.first), i128::from(self.last));
        let cap = first + (last - first) * i128::from(day) / i128::from(self.days);
        u32::try_from(cap).unwrap_or(self.last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_growing_cap_never_shrinks_and_ends_where_it_should(a: u32, b: u32, days: u32, day: u32) {
            let (first, last) = (a.min(b), a.max(b));
            let cap = Cap::growing(first, last, days);
            prop_assert!(cap.on(day) >= first && cap.on(day) <= last);
            prop_assert!(cap.on(day) <= cap.on(day.saturating_add(1)));
            prop_assert_eq!(cap.on(days), last);
            if days > 0 {
                prop_assert_eq!(cap.on(0), first);
            }
            // The other way round it may shrink, and stays within its figures, too.
            let shrinking = Cap::growing(last, first, days).on(day);
            prop_assert!(shrinking >= first && shrinking <= last);
        }
    }
}
