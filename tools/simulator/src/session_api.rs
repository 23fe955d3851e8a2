//! The session API of the AI platform.
