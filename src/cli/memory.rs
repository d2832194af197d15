//! How much memory the process has used.

/// Most bytes of memory that the process held at once; `None` where the system does not say (only Linux does).
pub(super) fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    // `VmHWM:     12345 kB`, and it is always kB.
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
