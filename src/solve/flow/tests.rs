use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::{
    model::{Anchor, BalanceSegment, EligiblePair, Instance, Limits, OfficerIndex, Unit},
    solve::{
        budget::Budget,
        state::Choice,
        verify::price_bound,
    },
};
