//! Requests for one page, and answers: pure bytes.

use memchr::memmem;

/// The most bytes of a request's head.
pub(super) const HEAD: usize = 8 << 10;

/// What is answered to the request at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    status: Status,
    /// Only the head is wanted.
    head: bool,
    closes: bool,
    length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Ok,
    BadRequest,
    NotFound,
    NotAllowed,
    HeadTooLarge,
    Version,
}

/// The answer, if there is something to answer.
pub(super) fn answer(input: &[u8]) -> Option<Answer> {
    let Some(end) = memmem::find(input, b"\r\n\r\n") else {
        return (input.len() > HEAD).then(|| Answer::refusal(Status::HeadTooLarge, input.len()));
    };
    let length = end + 4;
    if length > HEAD {
        return Some(Answer::refusal(Status::HeadTooLarge, input.len()));
    }
    let Some(request) = std::str::from_utf8(&input[..end]).ok().and_then(Request::parse) else {
        return Some(Answer::refusal(Status::BadRequest, input.len()));
    };
    if !request.version.starts_with("HTTP/1.") {
        return Some(Answer::refusal(Status::Version, input.len()));
    }
    let path = request.target.split('?').next().unwrap_or_default();
    let status = match (path, request.method) {
        ("/metrics", "GET" | "HEAD") => Status::Ok,
        ("/metrics", _) => Status::NotAllowed,
        _ => Status::NotFound,
    };
    let closes = request.has_body || !request.keeps_alive;
    Some(Answer { status, head: request.method == "HEAD", closes, length })
}

/// The head of a request.
struct Request<'a> {
    method: &'a str,
    target: &'a str,
    version: &'a str,
    /// Something follows the head; nobody reads it.
    has_body: bool,
    keeps_alive: bool,
}

impl<'a> Request<'a> {
    fn parse(head: &'a str) -> Option<Request<'a>> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let is_sound = words.next().is_none() && target.starts_with('/');
        if !is_sound || !method.bytes().all(|byte| byte.is_ascii_uppercase()) || method.is_empty() {
            return None;
        }
        let mut has_body = false;
        let mut keeps_alive = version == "HTTP/1.1";
        for line in lines {
            let (name, value) = line.split_once(':')?;
            if name.is_empty() || name.bytes().any(|byte| byte.is_ascii_whitespace()) {
                return None;
            }
            let value = value.trim_ascii();
            if name.eq_ignore_ascii_case("connection") {
                let mut options = value.split(',').map(str::trim);
                keeps_alive &= !options.any(|option| option.eq_ignore_ascii_case("close"));
            }
            has_body |= name.eq_ignore_ascii_case("transfer-encoding")
                || (name.eq_ignore_ascii_case("content-length") && value != "0");
        }
        Some(Request { method, target, version, has_body, keeps_alive })
    }
}

impl Answer {
    /// What follows cannot be understood either.
    fn refusal(status: Status, length: usize) -> Answer {
        Answer { status, head: false, closes: true, length }
    }

    /// How many bytes of input it answers.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Whether the connection ends with it.
    pub(super) fn closes(&self) -> bool {
        self.closes
    }

    /// The whole answer; `page` makes the page if it is to be shown.
    pub(super) fn bytes(&self, page: impl FnOnce() -> String) -> Vec<u8> {
        let (status, body) = match self.status {
            Status::Ok => ("200 OK", page()),
            Status::BadRequest => ("400 Bad Request", "This is no request.\n".into()),
            Status::NotFound => ("404 Not Found", "There is /metrics, nothing else.\n".into()),
            Status::NotAllowed => ("405 Method Not Allowed", "GET it, or HEAD.\n".into()),
            Status::HeadTooLarge => {
                ("431 Request Header Fields Too Large", "Too many words.\n".into())
            }
            Status::Version => ("505 HTTP Version Not Supported", "HTTP/1.1, please.\n".into()),
        };
        let kind = match self.status {
            Status::Ok => "text/plain; version=0.0.4; charset=utf-8",
            _ => "text/plain; charset=utf-8",
        };
        let allow = if self.status == Status::NotAllowed { "Allow: GET, HEAD\r\n" } else { "" };
        let connection = if self.closes { "Connection: close\r\n" } else { "" };
        let mut text = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{allow}\
             {connection}\r\n",
            body.len()
        );
        if !self.head {
            text.push_str(&body);
        }
        text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::{HEAD, answer};

    fn answered(request: &str) -> String {
        let answer = answer(request.as_bytes()).expect("a whole request");
        String::from_utf8(answer.bytes(|| "page".into())).expect("text")
    }

    #[test]
    fn a_request_is_answered_when_its_head_is_complete() {
        let request = "GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\n\r\n";
        for length in 0..request.len() {
            assert_eq!(answer(&request.as_bytes()[..length]), None);
        }
        let text = answered(request);
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
        assert!(text.contains("\r\nContent-Length: 4\r\n") && text.ends_with("\r\n\r\npage"));
        assert!(!text.contains("Connection: close"), "{text}");
        let two = answer(format!("{request}{request}").as_bytes()).expect("a request");
        assert_eq!(two.length(), request.len());
    }

    #[test]
    fn the_head_alone_is_as_long_as_the_page_would_be() {
        let text = answered("HEAD /metrics HTTP/1.1\r\n\r\n");
        assert!(text.contains("\r\nContent-Length: 4\r\n") && text.ends_with("\r\n\r\n"), "{text}");
    }

    #[test]
    fn what_cannot_be_had_is_refused() {
        let long = format!("GET /metrics HTTP/1.1\r\nA: {}", "x".repeat(HEAD));
        for (request, status) in [
            ("GET / HTTP/1.1\r\n\r\n", "404"),
            ("GET /metricsx HTTP/1.1\r\n\r\n", "404"),
            ("POST /metrics HTTP/1.1\r\n\r\n", "405"),
            ("GET /metrics HTTP/2.0\r\n\r\n", "505"),
            ("GET /metrics\r\n\r\n", "400"),
            ("get /metrics HTTP/1.1\r\n\r\n", "400"),
            ("GET /metrics HTTP/1.1\r\nno field\r\n\r\n", "400"),
            ("\r\n\r\n", "400"),
            (&long, "431"),
            (&format!("{long}\r\n\r\n"), "431"),
        ] {
            let text = answered(request);
            assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {text}");
        }
    }

    #[test]
    fn the_connection_stays_unless_the_client_or_its_version_does_not_want_it() {
        for (request, closes) in [
            ("GET /metrics HTTP/1.1\r\n\r\n", false),
            ("GET /metrics HTTP/1.1\r\nConnection: Close\r\n\r\n", true),
            ("GET /metrics HTTP/1.1\r\nConnection: te, close\r\n\r\n", true),
            ("GET /metrics HTTP/1.0\r\n\r\n", true),
            ("GET /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\n", true),
            ("GET /none HTTP/1.1\r\n\r\n", false),
        ] {
            let answer = answer(request.as_bytes()).expect("a whole request");
            assert_eq!(answer.closes(), closes, "{request}");
        }
    }
}
