//! The pool service as a process.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    leadhand_kit::run("pool", leadhand_pool::bind)
}
