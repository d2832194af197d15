//! On which line of its file each record starts.

/// Line numbers by position. Records mostly stand on consecutive lines, so only the places are kept where they do not:
/// a few bytes for a file of any length, and a binary search to look one up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    /// (position, its line), by position; the records between two entries follow line by line.
    starts: Vec<(usize, u64)>,
}

impl Lines {
    /// Notes the line of the next record. Positions must rise.
    pub(crate) fn push(&mut self, position: usize, line: u64) {
        if self.line(position) != Some(line) {
            self.starts.push((position, line));
        }
    }

    /// The line of the record at that position; `None` where nothing was read.
    pub(crate) fn line(&self, position: usize) -> Option<u64> {
        let after = self.starts.partition_point(|&(start, _)| start <= position);
        let &(start, line) = self.starts.get(after.checked_sub(1)?)?;
        Some(line + (position - start) as u64)
    }
}
