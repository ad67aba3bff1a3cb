//! A copy of everything that a process can read of its own memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

const PAGE: usize = 4_096;
const CHUNK: usize = 256 * PAGE;

/// Regions that are the kernel's own: clocks and system calls, the same in every process, and not
/// readable from outside.
const KERNEL_REGIONS: [&str; 3] = ["[vvar]", "[vvar_vclock]", "[vsyscall]"];

/// Writes the memory of `pid` to `path` and returns how many bytes it read; 0 when the process
/// ended meanwhile. Pages of zeros are read and counted, and left out of the copy.
///
/// # Errors
/// Memory that may not be read.
pub fn dump(pid: u32, path: &Path) -> io::Result<u64> {
    let Some(maps) = unless_gone(fs::read_to_string(format!("/proc/{pid}/maps")))? else {
        return Ok(0);
    };
    let Some(memory) = unless_gone(File::open(format!("/proc/{pid}/mem")))? else { return Ok(0) };
    let mut copy = BufWriter::new(File::create(path)?);
    let mut bytes = 0;
    for (start, end) in maps.lines().filter_map(readable_region) {
        bytes += copy_region(&memory, start, end, &mut copy)?;
        // What lies in two regions side by side in the copy did not in the process.
        copy.write_all(&[0; 1])?;
    }
    copy.flush()?;
    Ok(bytes)
}

fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        // ESRCH
        Err(error)
            if error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(3) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The addresses of one line of `/proc/PID/maps`: `55d0..-55d1.. r--p 00000000 08:01 1234 /path`.
fn readable_region(line: &str) -> Option<(u64, u64)> {
    let mut fields = line.split_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let readable = fields.next()?.starts_with('r');
    let kernels = fields.nth(3).is_some_and(|name| KERNEL_REGIONS.contains(&name));
    let address = |text| u64::from_str_radix(text, 16).ok();
    if readable && !kernels { Some((address(start)?, address(end)?)) } else { None }
}

fn copy_region(memory: &File, start: u64, end: u64, copy: &mut impl Write) -> io::Result<u64> {
    let mut buffer = vec![0; CHUNK];
    let mut at = start;
    while at < end {
        let wanted = CHUNK.min((end - at) as usize);
        let read = match memory.read_at(&mut buffer[..wanted], at) {
            // The region was given back meanwhile.
            Ok(0) => break,
            Err(error) if error.raw_os_error() == Some(5) => break,
            other => other?,
        };
        for page in buffer[..read].chunks(PAGE) {
            if page.iter().any(|byte| *byte != 0) {
                copy.write_all(page)?;
            }
        }
        at += read as u64;
    }
    Ok(at - start)
}
