//! The notification service as a process.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    leadhand_kit::run("notification", leadhand_notification::bind)
}
