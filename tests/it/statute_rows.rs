//! Every row of the statutory table of England's special educational needs casework: dated rows with dates worked out by hand,
//! over year ends, leap years, August and Christmas; the others with the behaviour of their kind.

use caseload::model::Code;
use caseload::statute::{Catalogue, Clock, Events, Holidays, Kind, Party};
use jiff::civil::Date;

fn england() -> Catalogue {
    Catalogue::preset("send-england").expect("it is shipped")
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn clock<'a>(catalogue: &'a Catalogue, code: &str) -> &'a Clock {
    catalogue.clock(&Code::from(code), day("2025-01-20")).unwrap_or_else(|| panic!("no clock {code}"))
}

fn events(given: &[(&str, &str)]) -> Events {
    given.iter().map(|(code, on)| (Code::from(*code), day(on))).collect()
}

/// The clock ends on that day, and is a limit of ours.
fn ends(code: &str, given: &[(&str, &str)], last: &str) {
    let catalogue = england();
    let clock = clock(&catalogue, code);
    assert_eq!(clock.last_day(&events(given), &Holidays::england()), Some(day(last)), "{code} after {given:?}");
    assert!(clock.is_deadline(), "{code} is a deadline of the council's own");
}

/// The clock ends on that day, and is not ours to miss.
fn ends_but_is_no_deadline(code: &str, given: &[(&str, &str)], last: &str, (kind, whose): (Kind, Party)) {
    let catalogue = england();
    let clock = clock(&catalogue, code);
    assert_eq!(clock.last_day(&events(given), &Holidays::england()), Some(day(last)), "{code} after {given:?}");
    assert_eq!((clock.kind, clock.whose), (kind, whose), "{code}");
    assert!(!clock.is_deadline(), "{code} is never counted as missed by the council");
}

/// The exemption lifts these clocks and no others.
fn lifts(code: &str, clocks: &[&str]) {
    let catalogue = england();
    let exemption = catalogue.exemption(&Code::from(code), day("2025-01-20")).unwrap();
    let lifted: Vec<&str> = exemption.lifts.iter().map(Code::as_str).collect();
    assert_eq!(lifted, clocks, "{code}");
}

fn is_verified(code: &str) -> bool {
    clock(&england(), code).verified
}

#[test]
fn row_1_decide_whether_to_assess_within_6_weeks() {
    // Monday to Monday; over the year end; over 29 February.
    ends("decide-whether-to-assess", &[("request-received", "2025-01-20")], "2025-03-03");
    ends("decide-whether-to-assess", &[("request-received", "2024-12-10")], "2025-01-21");
    ends("decide-whether-to-assess", &[("request-received", "2024-02-01")], "2024-03-14");
    // A council that becomes responsible later counts from then.
    let both = [("request-received", "2025-01-20"), ("became-responsible", "2025-02-03")];
    ends("decide-whether-to-assess", &both, "2025-03-17");
    lifts("school-closed-request", &["decide-whether-to-assess"]);
}

#[test]
fn row_2_advice_of_another_body_within_6_weeks_of_receipt() {
    let other = (Kind::Limit, Party::Other);
    ends_but_is_no_deadline("advice-to-assessment", &[("advice-request-received", "2025-07-14")], "2025-08-25", other);
    lifts("advice-circumstances", &["advice-to-assessment"]);
}

#[test]
fn row_3_decide_not_to_issue_within_16_weeks_of_the_request() {
    ends("decide-not-to-issue", &[("request-received", "2025-01-20")], "2025-05-12");
    // Counted from the request only, whenever it was decided to assess.
    ends(
        "decide-not-to-issue",
        &[("request-received", "2025-01-20"), ("decided-to-assess", "2025-02-03")],
        "2025-05-12",
    );
}

#[test]
fn row_4_at_least_15_days_to_comment_on_a_draft() {
    let floor = (Kind::Floor, Party::Family);
    // Served = day 1; over the end of a leap February.
    ends_but_is_no_deadline("comments-on-draft", &[("draft-served", "2025-03-03")], "2025-03-17", floor);
    ends_but_is_no_deadline("comments-on-draft", &[("draft-served", "2024-02-20")], "2024-03-05", floor);
}

#[test]
fn row_5_final_plan_within_20_weeks_of_the_request() {
    ends("final-plan", &[("request-received", "2025-01-20")], "2025-06-09");
    ends("final-plan", &[("request-received", "2023-10-16")], "2024-03-04");
    // Nothing moves to a working day: 25 December.
    ends("final-plan", &[("request-received", "2025-08-07")], "2025-12-25");
}

#[test]
fn row_6_exemptions_from_16_and_20_weeks() {
    for code in ["school-closed", "personal-circumstances", "absence"] {
        lifts(code, &["decide-not-to-issue", "final-plan", "reassessment-final-plan"]);
    }
}

#[test]
fn row_7_annual_review_by_the_day_before_the_anniversary() {
    ends("annual-review", &[("plan-made", "2024-03-03")], "2025-03-02");
    ends("annual-review", &[("plan-made", "2022-03-03"), ("last-review", "2024-06-30")], "2025-06-29");
    ends("annual-review", &[("plan-made", "2024-01-01")], "2024-12-31");
    // From or to a leap day.
    ends("annual-review", &[("last-review", "2024-02-29")], "2025-02-28");
    ends("annual-review", &[("last-review", "2023-03-01")], "2024-02-29");
}

#[test]
fn row_8_notice_of_a_review_meeting_at_least_2_weeks_before() {
    ends("review-notice", &[("review-meeting", "2025-01-08")], "2024-12-25");
    ends("review-notice", &[("review-meeting", "2024-03-10")], "2024-02-25");
}

#[test]
fn row_9_report_of_the_meeting_2_weeks_after() {
    let other = (Kind::Limit, Party::Other);
    ends_but_is_no_deadline("review-report", &[("review-meeting", "2024-12-20")], "2025-01-03", other);
    assert!(!is_verified("review-report"));
}

#[test]
fn row_10_decision_4_weeks_after_the_review_meeting() {
    ends("review-decision", &[("review-meeting", "2025-07-14")], "2025-08-11");
    ends("review-decision", &[("review-meeting", "2024-12-16")], "2025-01-13");
    assert!(!is_verified("review-decision"));
}

#[test]
fn row_11_at_least_15_days_to_comment_on_amendments() {
    let floor = (Kind::Floor, Party::Family);
    ends_but_is_no_deadline("comments-on-amendments", &[("amendments-served", "2024-12-20")], "2025-01-03", floor);
}

#[test]
fn row_12_final_amended_plan_8_weeks_after_amendments_were_sent() {
    // Sent counts, not served.
    let given = [("amendments-sent", "2024-12-02"), ("amendments-served", "2024-12-05")];
    ends("final-amended-plan", &given, "2025-01-27");
}

#[test]
fn row_13_amended_within_12_weeks_of_the_meeting() {
    ends("amended-after-meeting", &[("review-meeting-amend", "2024-11-04")], "2025-01-27");
    assert!(!is_verified("amended-after-meeting"));
}

#[test]
fn row_14_phase_transfer_between_schools_before_15_february() {
    ends("phase-transfer-school", &[("phase-transfer", "2026-09-01")], "2026-02-14");
}

#[test]
fn row_15_phase_transfer_into_post_16_before_31_march() {
    ends("phase-transfer-post-16", &[("phase-transfer-post-16", "2024-09-01")], "2024-03-30");
}

#[test]
fn row_16_post_16_move_at_least_5_months_before() {
    ends("post-16-move", &[("post-16-move", "2025-07-31")], "2025-02-28");
    ends("post-16-move", &[("post-16-move", "2024-07-31")], "2024-02-29");
    ends("post-16-move", &[("post-16-move", "2025-04-28")], "2024-11-28");
}

#[test]
fn row_17_working_back_from_15_february_is_advice() {
    let advice = (Kind::Advice, Party::Ours);
    ends_but_is_no_deadline("phase-transfer-meeting", &[("phase-transfer", "2025-09-01")], "2024-11-22", advice);
    ends_but_is_no_deadline("phase-transfer-draft", &[("phase-transfer", "2025-09-01")], "2024-12-20", advice);
    assert!(!is_verified("phase-transfer-meeting") && !is_verified("phase-transfer-draft"));
}

#[test]
fn row_18_child_under_5_is_advice() {
    let advice = (Kind::Advice, Party::Ours);
    ends_but_is_no_deadline("early-years-review", &[("last-review", "2024-08-31")], "2025-02-28", advice);
}

#[test]
fn row_19_decide_whether_to_reassess_within_15_days() {
    ends("decide-whether-to-reassess", &[("reassessment-requested", "2024-12-20")], "2025-01-04");
    assert!(!is_verified("decide-whether-to-reassess"));
}

#[test]
fn row_20_reassessment_finished_within_14_weeks() {
    ends("reassessment-final-plan", &[("reassessment-decided", "2024-11-25")], "2025-03-03");
}

#[test]
fn row_21_ceasing_has_no_number_of_days() {
    let catalogue = england();
    let ceasing = clock(&catalogue, "ceasing");
    assert_eq!(ceasing.kind, Kind::Undated);
    assert_eq!(ceasing.last_day(&events(&[("plan-made", "2024-03-03")]), &Holidays::england()), None);
    assert!(!ceasing.is_deadline());
}

#[test]
fn row_22_plan_sent_on_the_day_of_the_move_or_15_working_days_after_it_was_learned() {
    // Learned long before: on the day of the move.
    ends("transfer-out", &[("move", "2025-09-01"), ("move-learned", "2025-06-02")], "2025-09-01");
    // Learned on the day: it is day 1, and the last is a Friday.
    ends("transfer-out", &[("move", "2025-03-03"), ("move-learned", "2025-03-03")], "2025-03-21");
    // Over Christmas, Boxing Day and New Year's Day.
    ends("transfer-out", &[("move", "2024-12-16"), ("move-learned", "2024-12-16")], "2025-01-08");
}

#[test]
fn row_23_family_told_within_6_weeks_of_a_transfer_in() {
    ends("transfer-in-notice", &[("transferred-in", "2024-12-02")], "2025-01-13");
}

#[test]
fn row_24_review_after_a_transfer_in_by_the_later_day() {
    ends("transfer-in-review", &[("last-review", "2024-03-03"), ("transferred-in", "2024-06-03")], "2025-03-02");
    ends("transfer-in-review", &[("last-review", "2024-03-03"), ("transferred-in", "2025-01-31")], "2025-04-30");
    assert!(!is_verified("transfer-in-review"));
    let catalogue = england();
    let review = clock(&catalogue, "transfer-in-review");
    assert_eq!(review.last_day(&events(&[("last-review", "2024-03-03")]), &Holidays::england()), None, "no transfer");
}

#[test]
fn row_25_the_family_has_2_months_to_contact_the_adviser() {
    let window = (Kind::Window, Party::Family);
    ends_but_is_no_deadline("mediation-contact", &[("decision-sent", "2024-12-31")], "2025-02-28", window);
}

#[test]
fn row_26_mediation_within_30_days_or_a_certificate() {
    ends("mediation-arranged", &[("mediation-wanted", "2024-12-10")], "2025-01-09");
    let other = (Kind::Limit, Party::Other);
    ends_but_is_no_deadline("mediation-certificate", &[("mediation-not-arranged", "2024-12-23")], "2024-12-30", other);
    assert!(!is_verified("mediation-arranged"));
}

#[test]
fn row_27_health_commissioners_told_within_3_working_days() {
    // Thursday before Easter 2025.
    ends("mediation-health-notice", &[("family-informed-mediation", "2025-04-17")], "2025-04-24");
    assert!(!is_verified("mediation-health-notice"));
}

#[test]
fn row_28_agreements_on_appealable_matters_are_kept_like_orders() {
    ends("order-assess-notify", &[("agreement-to-assess", "2024-12-23")], "2025-01-06");
    ends("order-assess-no-plan", &[("agreement-to-assess", "2024-12-23")], "2025-03-03");
    ends("order-assess-final", &[("agreement-to-assess", "2024-12-23")], "2025-03-31");
    ends("order-plan-draft", &[("agreement-to-make-plan", "2024-12-23")], "2025-01-27");
    ends("order-plan-final", &[("agreement-to-make-plan", "2024-12-23")], "2025-03-10");
    ends("order-contents", &[("agreement-to-amend", "2024-12-23")], "2025-01-27");
    ends("order-school", &[("agreement-to-name-school", "2024-12-23")], "2025-01-06");
}

#[test]
fn row_29_agreements_on_other_matters_within_2_weeks() {
    ends("mediation-other-matters", &[("mediation-agreement-other", "2024-12-23")], "2025-01-06");
    let other = (Kind::Limit, Party::Other);
    ends_but_is_no_deadline(
        "mediation-commissioner-tells",
        &[("mediation-agreement-other", "2024-12-23")],
        "2024-12-30",
        other,
    );
}

#[test]
fn row_30_the_familys_time_to_appeal() {
    let window = (Kind::Window, Party::Family);
    let ends = |given: &[(&str, &str)], last| ends_but_is_no_deadline("appeal-window", given, last, window);
    ends(&[("decision-sent", "2025-03-03")], "2025-05-03");
    // The certificate's month ends later.
    ends(&[("decision-sent", "2025-03-03"), ("certificate-issued", "2025-04-28")], "2025-05-28");
    // 10 August: the first working day after 31 August is Monday, 1 September.
    ends(&[("decision-sent", "2025-06-10")], "2025-09-01");
    // 27 December: the first working day after 1 January 2026 is Friday, the 2nd.
    ends(&[("decision-sent", "2025-10-27")], "2026-01-02");
    // 1 January 2027 is a Friday: Monday, the 4th.
    ends(&[("decision-sent", "2026-11-01")], "2027-01-04");
}

#[test]
fn row_31_response_to_an_appeal_in_30_tribunal_working_days() {
    // Six plain weeks.
    ends("appeal-response", &[("appeal-received", "2025-01-20")], "2025-03-03");
    // 14 to 31 July are 14 working days after the 11th less none; August is left out; 16 more from 1 September.
    ends("appeal-response", &[("appeal-received", "2025-07-11")], "2025-09-22");
    // 2 to 24 December are 17 working days; from 2 January, a Friday, 13 more.
    ends("appeal-response", &[("appeal-received", "2025-12-01")], "2026-01-20");
    assert!(!is_verified("appeal-response"));
}

#[test]
fn row_32_hearing_bundle_10_working_days_before() {
    ends("hearing-bundle", &[("hearing", "2025-01-10")], "2024-12-24");
    assert!(!is_verified("hearing-bundle"));
}

#[test]
fn row_33_order_to_assess() {
    ends("order-assess-notify", &[("order-to-assess", "2025-07-21")], "2025-08-04");
    ends("order-assess-no-plan", &[("order-to-assess", "2025-07-21")], "2025-09-29");
    ends("order-assess-final", &[("order-to-assess", "2025-07-21")], "2025-10-27");
}

#[test]
fn row_34_order_to_make_a_plan() {
    // August is no break for the regulations.
    ends("order-plan-draft", &[("order-to-make-plan", "2025-07-21")], "2025-08-25");
    ends("order-plan-final", &[("order-to-make-plan", "2025-07-21")], "2025-10-06");
}

#[test]
fn row_35_order_to_amend_contents() {
    ends("order-contents", &[("order-to-amend", "2024-01-29")], "2024-03-04");
    assert!(!is_verified("order-contents"));
}

#[test]
fn row_36_order_to_name_a_school() {
    ends("order-school", &[("order-to-name-school", "2024-02-19")], "2024-03-04");
    assert!(!is_verified("order-school"));
}

#[test]
fn row_37_ceasing_appeals_are_carried_out_at_once() {
    ends("order-cease", &[("appeal-cease-dismissed", "2025-08-04")], "2025-08-04");
    ends("order-keep-maintaining", &[("appeal-cease-allowed", "2025-12-25")], "2025-12-25");
    ends("order-keep-amended", &[("appeal-cease-allowed-amend", "2025-08-04")], "2025-09-08");
    assert!(is_verified("order-cease") && !is_verified("order-keep-amended"));
}

#[test]
fn row_38_concessions() {
    ends("order-assess-notify", &[("conceded-to-assess", "2024-12-23")], "2025-01-06");
    ends("order-assess-no-plan", &[("conceded-to-assess", "2024-12-23")], "2025-03-03");
    ends("order-assess-final", &[("conceded-to-assess", "2024-12-23")], "2025-03-31");
    // 5 weeks since 2015, not the 4 of the text of 2014.
    ends("concession-contents", &[("conceded-contents", "2025-01-20")], "2025-02-24");
    ends("concession-school", &[("conceded-school", "2025-01-20")], "2025-02-03");
    ends("concession-plan-draft", &[("conceded-to-make-plan", "2025-01-20")], "2025-02-24");
    ends("concession-plan-final", &[("conceded-to-make-plan", "2025-01-20")], "2025-04-07");
    assert!(is_verified("concession-contents") && !is_verified("concession-school"));
}

#[test]
fn row_39_exemptions_from_orders() {
    let orders = [
        "order-assess-notify",
        "order-assess-no-plan",
        "order-assess-final",
        "order-plan-draft",
        "order-plan-final",
        "order-contents",
        "order-school",
    ];
    lifts("order-personal-circumstances", &orders);
    lifts("order-absence", &orders);
    let catalogue = england();
    let unverified = ["order-personal-circumstances", "order-absence", "order-representations"];
    for code in unverified {
        let exemption = catalogue.exemption(&Code::from(code), day("2025-01-20")).unwrap();
        assert!(!exemption.verified, "{code}");
    }
}

#[test]
fn row_40_complaint_stage_1() {
    // Thursday before Easter 2025; Good Friday and Easter Monday are left out.
    ends("complaint-1-acknowledge", &[("complaint-received", "2025-04-17")], "2025-04-28");
    ends("complaint-1-reply", &[("complaint-acknowledged", "2024-12-16")], "2025-01-02");
    let catalogue = england();
    let extension = clock(&catalogue, "complaint-1-reply").extension.unwrap();
    assert_eq!(extension.to_string(), "10 working days");
    assert_eq!(extension.after(day("2025-01-02"), &Holidays::england()), day("2025-01-16"));
}

#[test]
fn row_41_complaint_stage_2() {
    ends("complaint-2-acknowledge", &[("complaint-escalated", "2025-08-22")], "2025-09-01");
    ends("complaint-2-reply", &[("complaint-2-acknowledged", "2025-12-15")], "2026-01-15");
    assert!(!is_verified("complaint-2-reply"));
}

#[test]
fn row_42_ombudsman_within_12_months_of_knowing() {
    let window = (Kind::Window, Party::Family);
    ends_but_is_no_deadline("ombudsman-window", &[("matter-known", "2024-02-29")], "2025-02-28", window);
}

#[test]
fn a_clock_whose_event_has_not_happened_does_not_run() {
    let catalogue = england();
    for clock in &catalogue.clocks {
        assert_eq!(clock.last_day(&Events::new(), &Holidays::england()), None, "{}", clock.code);
    }
}
