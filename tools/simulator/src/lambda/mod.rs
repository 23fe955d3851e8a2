//! A Lambda host for the built function binaries.
