//! Errors as a server sends them.

/// An error that a server or something in front of it answers.
#[derive(Debug, Clone)]
pub struct ServerError {
    severity: String,
    code: String,
    has_severity: bool,
}

impl ServerError {
    /// An error of this severity, such as `ERROR` or `FATAL`, and this SQLSTATE.
    pub fn new(severity: &str, code: &str) -> Self {
        Self { severity: severity.to_owned(), code: code.to_owned(), has_severity: true }
    }

    /// The same without the field that holds the severity untranslated, which some poolers do not send.
    #[must_use]
    pub fn without_severity(self) -> Self {
        Self { has_severity: false, ..self }
    }

    /// The message `ErrorResponse`.
    pub(super) fn message(&self) -> Vec<u8> {
        let untranslated = self.has_severity.then_some((b'V', &*self.severity));
        let fields = [(b'S', &*self.severity)].into_iter().chain(untranslated);
        let fields =
            fields.chain([(b'C', &*self.code), (b'M', "an answer that was put in the place of another")]);
        let mut body = Vec::new();
        for (field, value) in fields {
            body.push(field);
            body.extend_from_slice(value.as_bytes());
            body.push(0);
        }
        body.push(0);
        let mut message = vec![b'E'];
        message.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
        message.extend_from_slice(&body);
        message
    }
}
