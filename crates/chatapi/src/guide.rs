//! The guide: one page per question, every example compiled and run.

#[doc = include_str!("../docs/guide/01-send-and-follow.md")]
pub mod _01_send_and_follow {}

#[doc = include_str!("../docs/guide/02-may-i-try-again.md")]
pub mod _02_may_i_try_again {}

#[doc = include_str!("../docs/guide/03-why-does-the-queue-grow.md")]
pub mod _03_why_does_the_queue_grow {}

#[doc = include_str!("../docs/guide/04-is-the-phone-alive.md")]
pub mod _04_is_the_phone_alive {}

#[doc = include_str!("../docs/guide/05-instances.md")]
pub mod _05_instances {}

#[doc = include_str!("../docs/guide/06-testing.md")]
pub mod _06_testing {}

#[doc = include_str!("../docs/guide/07-another-gateway.md")]
pub mod _07_another_gateway {}

#[doc = include_str!("../docs/guide/08-groups-and-files.md")]
pub mod _08_groups_and_files {}

#[doc = include_str!("../docs/guide/09-a-gateway-on-your-desk.md")]
pub mod _09_a_gateway_on_your_desk {}

#[doc = include_str!("../docs/guide/10-events-in.md")]
pub mod _10_events_in {}

#[doc = include_str!("../docs/guide/11-messages-out.md")]
pub mod _11_messages_out {}

#[doc = include_str!("../docs/coverage.md")]
pub mod coverage {}

#[doc = include_str!("../docs/architecture.md")]
pub mod architecture {}
