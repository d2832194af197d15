//! How long a SEN2 return of all councils of England together takes to import, and in how much memory: some 690,000 children,
//! as CSV export and as XML. `cargo bench --bench import`, in a minute or two, most of them to write the returns.

#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use caseload::generate::{
    Census, CouncilOptions, Sen2Council, Sen2CouncilOptions, Sen2Form, Sen2Module, council_names, sen2_council,
};
use caseload::import::{Sen2Options, Tokeniser, read_sen2};
use caseload::statute::{Catalogue, Holidays};

fn main() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let mut first_number = 1;
    let mut councils: Vec<Sen2Council> = Vec::new();
    for name in council_names() {
        let options = Sen2CouncilOptions {
            council: CouncilOptions {
                council: name,
                census: Census::January2025,
                officers: 40,
                overdue_percent: 30,
                allocated_percent: 70,
                seed: 1,
            },
            dirty_percent: 1,
            first_number,
        };
        let mut council = sen2_council(&options).expect("a published council");
        first_number += u32::try_from(council.backlog.cases.len()).expect("a few hundred thousand");
        // What an import must come to is not needed here.
        council.backlog.cases = Vec::new();
        councils.push(council);
    }
    write(folder, &councils)?;
    drop(councils);
    let (catalogue, holidays) = (Catalogue::preset("send-england").expect("it is shipped"), Holidays::england());
    for (form, extract) in [(Sen2Form::Csv, folder.join("csv")), (Sen2Form::Xml, folder.join("xml"))] {
        let bytes: u64 =
            std::fs::read_dir(&extract)?.filter_map(|entry| entry.ok()?.metadata().ok()).map(|about| about.len()).sum();
        let options = Sen2Options {
            extract,
            officers: folder.join("officers.csv"),
            supervisors: None,
            owners: Some(folder.join(format!("owners-{form:?}.csv"))),
            areas: None,
            as_at: None,
            token_source: None,
        };
        reset_peak();
        let (start, computed) = (Instant::now(), computed_seconds());
        let import = read_sen2(&options, &Tokeniser::new(&[7; 32]), &catalogue, &holidays).expect("an extract");
        println!(
            "{form:?}: {} persons, {} cases, {} rejects, {} MB of files in {:.1} s, {:.1} s of them on a processor; peak memory {} MB",
            import.counts.persons,
            import.backlog.cases.len(),
            import.rejects.kept().len(),
            bytes / 1_000_000,
            start.elapsed().as_secs_f64(),
            computed_seconds() - computed,
            peak_bytes() / 1_000_000,
        );
    }
    Ok(())
}

fn write(folder: &Path, councils: &[Sen2Council]) -> io::Result<()> {
    let create = |path: &Path| File::create(path).map(BufWriter::new);
    std::fs::create_dir_all(folder.join("csv"))?;
    std::fs::create_dir_all(folder.join("xml"))?;
    let (first, rest) = councils.split_first().expect("there are councils");
    for module in Sen2Module::ALL {
        let mut out = create(&folder.join("csv").join(first.csv_name(module)))?;
        first.write_csv(module, &mut out)?;
        for council in rest.iter().filter(|_| module != Sen2Module::Header) {
            council.write_csv_rows(module, &mut out)?;
        }
        out.flush()?;
    }
    // Several returns in one: their heads and ends are elements within each other that the reader passes over.
    let mut out = create(&folder.join("xml").join("sen2-return.xml"))?;
    out.write_all(b"<Messages>\n")?;
    for council in councils {
        let mut text = Vec::new();
        council.write_xml(&mut text)?;
        let start = text.windows(9).position(|word| word == b"<Message>").expect("it begins so");
        out.write_all(&text[start..])?;
    }
    out.write_all(b"</Messages>\n")?;
    out.flush()?;
    for form in [Sen2Form::Csv, Sen2Form::Xml] {
        let mut out = create(&folder.join(format!("owners-{form:?}.csv")))?;
        for (position, council) in councils.iter().enumerate() {
            let mut text = Vec::new();
            council.write_owners(form, &mut text)?;
            let header = text.iter().position(|&byte| byte == b'\n').map_or(0, |end| end + 1);
            out.write_all(if position == 0 { &text } else { &text[header..] })?;
        }
        out.flush()?;
    }
    let mut out = create(&folder.join("officers.csv"))?;
    writeln!(out, "officer_id,capacity_points,skills")?;
    for officer in 1..=40 {
        writeln!(out, "officer-{officer:03},1800,assessment;early-years;post-16")?;
    }
    out.flush()
}

/// The most memory that the process has had since it was last reset, as Linux counts it.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1_024
}

/// Time of this thread on a processor, as Linux counts it: an import has one thread. On a busy machine, less than the time that passes.
fn computed_seconds() -> f64 {
    let counted = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    counted.split_whitespace().next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn reset_peak() {
    // Without that right the peak is that of the whole run, which is no less.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
