//! The whole world, wired together.
