//! Secrets Manager, as far as `GetSecretValue`.
