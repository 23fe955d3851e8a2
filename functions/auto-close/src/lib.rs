//! auto-close.
