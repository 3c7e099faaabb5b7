//! One module per command.

pub(crate) mod doctor;
pub(crate) mod follow;
pub(crate) mod instances;
pub(crate) mod queue;
pub(crate) mod sandbox;
pub(crate) mod send;
pub(crate) mod status;
