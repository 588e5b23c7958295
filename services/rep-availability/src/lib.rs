//! Takes calendars in and says who is free.
