#![no_main]

use chatapi_webhook::fuzzing;

thread_local! {
    static RUNTIME: tokio::runtime::Runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
}

libfuzzer_sys::fuzz_target!(|request: &[u8]| {
    let _ = RUNTIME.with(|runtime| runtime.block_on(fuzzing::request(request)));
});
