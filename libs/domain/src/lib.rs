//! The pure core: what Leadhand decides and why. No I/O, no clock.
