//! The receiver, its inbox and its stream, as applications use them.

mod inbox;
