//! Reps browse, claim and contact pooled leads.
