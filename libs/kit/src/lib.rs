//! What every service needs to run: configuration, server, clients, health, telemetry, shutdown, clock.
