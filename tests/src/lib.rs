//! End to end over gRPC, under load and under fault; and the bench.
