//! The world behind the page, and the record of the visitor's actions in it.

pub(crate) mod desk;
pub(crate) mod doings;
pub(crate) mod handoffs;
pub(crate) mod origins;
pub(crate) mod planned;
