#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    chatapi_webhook::fuzzing::target(chatapi_webhook::Vendor::Wamm, body);
});
