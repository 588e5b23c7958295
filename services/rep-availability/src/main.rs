//! The rep-availability service as a process.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    leadhand_kit::run("rep-availability", leadhand_rep_availability::bind)
}
