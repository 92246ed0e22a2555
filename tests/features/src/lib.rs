//! Nothing: what is tested is the crate, with other features of serde_json than its own. See `tests/`.
