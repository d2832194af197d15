//! The XML return, element by element: nothing is expanded, nothing recurses, and no text is longer than a record may be.

use std::io::{self, BufRead, Read};

use jiff::civil::Date;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::fields::{Field, Module};
use super::records::{RECORD_BYTES_MAX, is_utf16};
use super::rejects::{RejectCode, Rejects};
use super::row::{NO_SPANS, Row, Spans};
use super::tables::{Door, Lengths, Tables};

/// Deepest nesting; a return has nine levels.
const DEPTH_MAX: usize = 64;
/// Most bytes of one tag, comment or text.
const EVENT_BYTES_MAX: usize = 1 << 20;

/// What the return says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// Code of the council.
    pub(super) lea: Option<String>,
    pub(super) reference_date: Option<Date>,
}

impl Header {
    pub(super) fn read(&mut self, row: &Row<'_>, rejects: &mut Rejects) {
        let lea = row.word(Field::Lea);
        let is_code = (1..=16).contains(&lea.len()) && lea.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_code && !lea.is_empty() {
            row.reject(Some(Field::Lea), RejectCode::UnknownCode, rejects);
        }
        self.lea = is_code.then(|| lea.into_owned());
        self.reference_date = row.date(Field::ReferenceDate, rejects);
    }
}

/// What a walk comes past.
pub(super) enum Seen<'a> {
    /// A record begins: a person, or one below the record that began last and has not ended.
    Begin(Module),
    /// The record that began last ends, with its values; or the header does, which never begins.
    End(Row<'a>),
    /// The file ends, or cannot be read further, within a person, who is lost with all that began since.
    Lost,
}

/// An element that is open.
enum Open {
    Record,
    Field(Field),
    /// A wrapper, a field that is not read, a record that is not wanted.
    Other,
}

/// A record whose end has not come.
struct Frame {
    module: Module,
    text: Vec<u8>,
    spans: Spans,
    /// It stands where no such record can: passed over.
    is_stray: bool,
}

struct Walk {
    /// Open elements: what they are, and where their names begin in `names`.
    open: Vec<(Open, usize)>,
    names: Vec<u8>,
    /// The name that is looked at.
    name: Vec<u8>,
    frames: Vec<Frame>,
    /// Frames that are done with, for their memory.
    spare: Vec<Frame>,
    text: Vec<u8>,
    is_bad_text: bool,
    is_told_not_utf8: bool,
    person: u32,
}

/// Walks through a return in memory of one person, until `seen` says that it is enough.
///
/// # Errors
/// A file that cannot be read, is UTF-16, or is nested so deeply that it is no return.
pub(super) fn walk(
    source: impl BufRead,
    rejects: &mut Rejects,
    mut seen: impl FnMut(Seen<'_>, &mut Rejects) -> bool,
) -> io::Result<()> {
    let mut source = Bounded { source, left: EVENT_BYTES_MAX };
    if is_utf16(source.source.fill_buf()?) {
        rejects.push(Module::Header, 0, None, RejectCode::FileEncoding);
        return Ok(());
    }
    let mut reader = begin(source);
    let mut walk = Walk {
        open: Vec::new(),
        names: Vec::new(),
        name: Vec::new(),
        frames: Vec::new(),
        spare: Vec::new(),
        text: Vec::new(),
        is_bad_text: false,
        is_told_not_utf8: false,
        person: 0,
    };
    let mut buffer = Vec::new();
    let mut has_root = false;
    let mut after_error: Option<RejectCode> = None;
    loop {
        buffer.clear();
        let is_after_error = after_error.is_some();
        reader.get_mut().left = EVENT_BYTES_MAX;
        let event = reader.read_event_into(&mut buffer);
        if let (Some(code), Ok(event)) = (after_error, &event) {
            after_error = None;
            // What fails at the end of the file is its end.
            let is_told = code == RejectCode::NotUtf8 && std::mem::replace(&mut walk.is_told_not_utf8, true);
            if !matches!(event, Event::Eof) && !is_told {
                rejects.push(Module::Person, walk.person, None, code);
            }
        }
        let wants_more = match event {
            Ok(Event::Start(start)) => {
                has_root = true;
                walk.start(start.name().as_ref().as_bytes(), rejects, &mut seen)?
            }
            Ok(Event::End(end)) => {
                walk.end(end.name().as_ref().as_bytes(), rejects, &mut seen);
                true
            }
            Ok(Event::Text(text)) => walk.text(text.as_bytes()),
            Ok(Event::CData(text)) => walk.text(text.as_bytes()),
            Ok(Event::GeneralRef(entity)) => walk.entity(entity.as_bytes(), rejects),
            Ok(Event::DocType(_)) => {
                rejects.push(Module::Header, walk.person, None, RejectCode::XmlDoctype);
                true
            }
            Ok(Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => true,
            Ok(Event::Eof) if walk.open.is_empty() && has_root => return Ok(()),
            Ok(Event::Eof) => {
                walk.lose(RejectCode::FileCutOff, rejects, &mut seen);
                return Ok(());
            }
            Err(quick_xml::Error::Io(error)) if error.kind() == io::ErrorKind::FileTooLarge => {
                walk.lose(RejectCode::RowTooLong, rejects, &mut seen);
                return Ok(());
            }
            Err(quick_xml::Error::Io(error)) => return Err(io::Error::new(error.kind(), error.to_string())),
            Err(_) if is_after_error => {
                walk.lose(RejectCode::FileCutOff, rejects, &mut seen);
                return Ok(());
            }
            // The reader gives up at an error; the text goes on behind it. Of another encoding is what is not read anyway, such
            // as a name; what is read counts as empty.
            Err(error) => {
                after_error = Some(match error {
                    quick_xml::Error::Encoding(_) => RejectCode::NotUtf8,
                    _ => RejectCode::XmlMismatch,
                });
                reader = begin(reader.into_inner());
                true
            }
        };
        if !wants_more {
            return Ok(());
        }
    }
}

/// A reader that goes on at whatever comes next in the source, and leaves it to [`Walk`] what is open.
fn begin<R: BufRead>(source: Bounded<R>) -> Reader<Bounded<R>> {
    let mut reader = Reader::from_reader(source);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    config.expand_empty_elements = true;
    reader
}

/// The name without its prefix, in small letters, in a buffer that is used again.
fn local(name: &[u8], mut buffer: Vec<u8>) -> Vec<u8> {
    let local = name.iter().rposition(|&byte| byte == b':').map_or(name, |colon| &name[colon + 1..]);
    buffer.clear();
    buffer.extend(local.iter().map(u8::to_ascii_lowercase));
    buffer
}

impl Walk {
    fn start(
        &mut self,
        name: &[u8],
        rejects: &mut Rejects,
        seen: &mut impl FnMut(Seen<'_>, &mut Rejects) -> bool,
    ) -> io::Result<bool> {
        if self.open.len() == DEPTH_MAX {
            let message = format!("the file nests elements deeper than {DEPTH_MAX}: it is no SEN2 return");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let name = local(name, std::mem::take(&mut self.name));
        self.text.clear();
        self.is_bad_text = false;
        // A field with elements in it is a wrapper.
        if let Some((open @ Open::Field(_), _)) = self.open.last_mut() {
            *open = Open::Other;
        }
        let mut wants_more = true;
        let is_within_stray = self.frames.last().is_some_and(|frame| frame.is_stray);
        let open = match (Module::of_element(&name), Field::of_name(&name)) {
            (Some(module), _) => {
                let outer = self.frames.last().map(|frame| frame.module);
                let is_stray = is_within_stray || module.parent().map(|(parent, _)| parent) != outer;
                if module == Module::Person && !is_stray {
                    self.person += 1;
                }
                let at = self.person;
                if is_stray && !is_within_stray {
                    rejects.push(module, at, None, RejectCode::XmlStray);
                }
                let mut frame =
                    self.spare.pop().unwrap_or(Frame { module, text: Vec::new(), spans: NO_SPANS, is_stray });
                frame.text.clear();
                frame.spans = NO_SPANS;
                frame.module = module;
                frame.is_stray = is_stray;
                self.frames.push(frame);
                if !is_stray && module != Module::Header {
                    wants_more = seen(Seen::Begin(module), rejects);
                }
                Open::Record
            }
            (None, Some(field)) if !self.frames.is_empty() && !is_within_stray => Open::Field(field),
            _ => Open::Other,
        };
        self.open.push((open, self.names.len()));
        self.names.extend_from_slice(&name);
        self.name = name;
        Ok(wants_more)
    }

    fn end(&mut self, name: &[u8], rejects: &mut Rejects, seen: &mut impl FnMut(Seen<'_>, &mut Rejects) -> bool) {
        let name = local(name, std::mem::take(&mut self.name));
        let name_of = |position: usize| {
            let end = self.open.get(position + 1).map_or(self.names.len(), |&(_, start)| start);
            &self.names[self.open[position].1..end]
        };
        let found = (0..self.open.len()).rev().find(|&position| name_of(position) == name);
        if found.is_none_or(|found| found + 1 != self.open.len()) {
            rejects.push(Module::Person, self.person, None, RejectCode::XmlMismatch);
        }
        self.name = name;
        let Some(found) = found else { return };
        while self.open.len() > found {
            let Some((open, start)) = self.open.pop() else { break };
            self.names.truncate(start);
            match open {
                Open::Field(field) => self.keep(field, rejects),
                Open::Record => self.close(rejects, seen),
                Open::Other => {}
            }
            self.text.clear();
        }
    }

    /// The text of a field belongs to the record that is open.
    fn keep(&mut self, field: Field, rejects: &mut Rejects) {
        let Some(frame) = self.frames.last_mut() else { return };
        let code = match () {
            () if self.is_bad_text => RejectCode::XmlEntity,
            () if frame.text.len() + self.text.len() > RECORD_BYTES_MAX => RejectCode::RowTooLong,
            () => {
                let start = u32::try_from(frame.text.len()).expect("a record is short");
                frame.text.extend_from_slice(&self.text);
                let end = u32::try_from(frame.text.len()).expect("a record is short");
                frame.spans[field as usize] = (start, end);
                return;
            }
        };
        rejects.push(frame.module, self.person, Some(field), code);
    }

    fn close(&mut self, rejects: &mut Rejects, seen: &mut impl FnMut(Seen<'_>, &mut Rejects) -> bool) {
        let Some(frame) = self.frames.pop() else { return };
        if !frame.is_stray {
            let row = Row { module: frame.module, at: self.person, text: &frame.text, spans: &frame.spans };
            seen(Seen::End(row), rejects);
        }
        self.spare.push(frame);
    }

    fn text(&mut self, text: &[u8]) -> bool {
        if let Some((Open::Field(_), _)) = self.open.last() {
            self.text.extend_from_slice(text);
        }
        true
    }

    /// The five that XML itself knows, and none that a file may define.
    fn entity(&mut self, name: &[u8], rejects: &mut Rejects) -> bool {
        match name {
            b"amp" => self.text(b"&"),
            b"lt" => self.text(b"<"),
            b"gt" => self.text(b">"),
            b"quot" => self.text(b"\""),
            b"apos" => self.text(b"'"),
            _ if matches!(self.open.last(), Some((Open::Field(_), _))) => {
                self.is_bad_text = true;
                true
            }
            _ => {
                rejects.push(Module::Person, self.person, None, RejectCode::XmlEntity);
                true
            }
        }
    }

    fn lose(&mut self, code: RejectCode, rejects: &mut Rejects, seen: &mut impl FnMut(Seen<'_>, &mut Rejects) -> bool) {
        rejects.push(Module::Person, self.person, None, code);
        if self.frames.iter().any(|frame| frame.module == Module::Person) {
            seen(Seen::Lost, rejects);
        }
    }
}

/// The header of a return.
pub(super) fn read_header(source: impl BufRead, rejects: &mut Rejects) -> io::Result<Header> {
    let mut header = Header::default();
    walk(source, rejects, |seen, rejects| match seen {
        Seen::End(row) if row.module == Module::Header => {
            header.read(&row, rejects);
            true
        }
        Seen::Begin(Module::Person) => false,
        _ => true,
    })?;
    Ok(header)
}

/// All persons of a return with their records.
pub(super) fn read(source: impl BufRead, door: &mut Door<'_>, rejects: &mut Rejects) -> io::Result<Tables> {
    let mut tables = Tables::default();
    let mut begun: Vec<u32> = Vec::new();
    let mut start = Lengths::default();
    walk(source, rejects, |seen, rejects| {
        match seen {
            Seen::Begin(Module::Person) => {
                begun.clear();
                start = tables.lengths();
            }
            Seen::Begin(module) => begun.push(tables.reserve(module)),
            Seen::End(row) if row.module == Module::Person => match door.admit(&row, &mut tables, rejects) {
                Some(person) => tables.requests[start[0]..].iter_mut().for_each(|request| request.person = person),
                None => tables.truncate(start),
            },
            Seen::End(row) if row.module == Module::Header => {}
            Seen::End(row) => {
                if let Some(position) = begun.pop() {
                    let parent = begun.last().copied().unwrap_or_default();
                    tables.fill(position, parent, &row, rejects);
                }
            }
            Seen::Lost => tables.truncate(start),
        }
        true
    })?;
    tables.sort();
    Ok(tables)
}

/// A source that gives no more than so many bytes before it is asked again.
struct Bounded<R> {
    source: R,
    left: usize,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.source.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        self.source.consume(count);
    }
}
