//! Stamps without a zone.

use chatapi_types::{LocalStamp, UnixMillis, UnixTime};
use proptest::prelude::*;

use crate::text;

/// From the year 1 to 9999, a day inside so that no zone leaves it.
const YEARS: std::ops::Range<i64> = -62_135_500_000..253_402_200_000;

proptest! {
    #[test]
    fn a_moment_comes_back_through_the_same_clock(seconds in YEARS, offset in -840..840_i32) {
        let time = UnixTime::from_secs(seconds);
        prop_assert_eq!(LocalStamp::at(time, offset).to_unix(offset), Some(time));
    }

    #[test]
    fn any_text_is_kept_and_any_number_coped_with(
        text in text(), digits in "[0-9+-]{0,20}-[0-9]{0,3}-[0-9]{0,3} [0-9]{0,3}:[0-9]{0,3}:[0-9]{0,3}",
        seconds: i64, offset: i32,
    ) {
        let stamp = LocalStamp::from(text.as_str());
        prop_assert_eq!(stamp.as_str(), &text);
        let _ = stamp.to_unix(offset);
        let _ = LocalStamp::from(digits.as_str()).to_unix(offset);
        let _ = LocalStamp::at(UnixTime::from_secs(seconds), offset);
        let _ = UnixMillis::from(UnixTime::from_secs(seconds));
    }

    #[test]
    fn stamps_compare_in_order_of_time(one in YEARS, other in YEARS) {
        let stamps = [one, other].map(|seconds| LocalStamp::at(UnixTime::from_secs(seconds), 180));
        prop_assert_eq!(stamps[0].cmp(&stamps[1]), one.cmp(&other));
    }
}
