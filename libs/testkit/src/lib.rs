//! A real Redis for each test, fixtures, and eventually!.
