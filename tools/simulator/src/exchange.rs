//! Every request that reached an upstream, and its answer.
