//! Complete small programs on chatapi. Each file beside this one is a program of its own:
//!
//! - `send_and_follow.rs`: send a message and see it arrive;
//! - `events_in.rs`: receive what a gateway posts, and lose nothing;
//! - `broadcast.rs`: one message to many, with a result for each;
//! - `fleet_report.rs`: all instances at a glance, and plans that show what they would do;
//! - `mock_the_transport.rs`: test your own code without a gateway;
//! - `third_gateway.rs`: speak to a gateway that chatapi has never heard of.
