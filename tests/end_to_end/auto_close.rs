//! auto_close.
