//! Why does the queue grow?

use std::time::Duration;

use chatapi_client::Severity;
use chatapi_client::diagnosis::Examination;
use serde_json::json;

use crate::connect;
use crate::exit::{Code, Failure};
use crate::options::GatewayOptions;
use crate::out;

/// Examines the queue and prints the findings, worst first.
pub(crate) async fn run(gateway: GatewayOptions, watch: u64, json: bool) -> Result<Code, Failure> {
    let client = connect::client(&gateway)?;
    let examination = Examination::new(client.line()).watching(Duration::from_secs(watch));
    let diagnosis = examination.run().await?;
    if json {
        let findings: Vec<_> = diagnosis
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "code": finding.cause.code(),
                    "cause": finding.cause.to_string(),
                    "severity": finding.severity.to_string().trim().to_lowercase(),
                    "evidence": finding.evidence,
                    "remedy": finding.remedy,
                    "explains": finding.explains,
                })
            })
            .collect();
        out::json(&json!({ "waiting": diagnosis.waiting, "findings": findings }))?;
    } else {
        out::line(&diagnosis)?;
    }
    let stops = diagnosis.findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if stops { Code::Failed } else { Code::Done })
}
