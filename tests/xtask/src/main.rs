//! `cargo verify`, `cargo demo` and `cargo perf` as a process.

fn main() -> std::process::ExitCode {
    xtask::run(std::env::args().skip(1).collect())
}
