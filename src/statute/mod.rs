//! When things are due: calendars, clocks, stages, and what a case weighs by them. Pure: dates in, dates out.
//!
//! A [`Catalogue`] says everything that is particular to a service: which clocks run from which events, whose they are, what a
//! stage weighs. It is data, versioned and with dates from which its entries hold, so that law may change without code.

mod calendar;
mod catalogue;
mod clock;
mod problem;
mod resolve;
mod weight;

pub use calendar::{COUNT_MAX, Holidays, Length, Unit};
pub use catalogue::{About, AddOn, Catalogue, Exemption, Fault, PRESETS, Stage, UrgencyStep, Window};
pub use clock::{Clock, Events, Kind, MonthDay, Party, Run};
pub use problem::Statute;
pub use resolve::{Resolved, resolve};
pub use weight::{Facts, Unweighable, WEEKS, Weight, weigh};
