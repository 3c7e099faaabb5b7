#![no_main]

use chatapi_webhook::{Vendor, fuzzing};

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let _ = fuzzing::target(Vendor::ChatApi, body);
});
