//! Hostile JSON.
