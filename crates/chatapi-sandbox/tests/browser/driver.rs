//! A browser on a leash: just enough of WebDriver, which is JSON over HTTP.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// How long the driver may take over anything.
const PATIENCE: Duration = Duration::from_secs(40);

/// A browser window without a screen. It goes when it is dropped.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// A window of that size.
    pub(crate) fn open(width: u32, height: u32) -> Self {
        let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn();
        let mut driver = driver.unwrap_or_else(|error| {
            panic!(
                "chromedriver cannot be started ({error}): the browser test needs Debian's \
                 packages `chromium` and `chromium-driver`"
            )
        });
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let port = port.unwrap();
        // It says more as it goes, and must not choke on it.
        std::thread::spawn(move || lines.for_each(drop));
        let mut browser = Self { driver, port, session: String::new() };
        let arguments = [
            "--headless=new".to_owned(),
            // Containers run as root, where Chromium's own sandbox does not work.
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            format!("--window-size={width},{height}"),
        ];
        let wishes = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "timeouts": {"script": 20_000, "pageLoad": 20_000},
        }}});
        let opened = browser.call("POST", "/session", &wishes);
        browser.session = opened["sessionId"].as_str().unwrap().to_owned();
        browser
    }

    pub(crate) fn go(&self, url: &str) {
        self.ask("POST", "url", &json!({ "url": url }));
        // The driver sometimes takes the empty document of before for one that has been loaded.
        let is_there = "return document.readyState === 'complete' && document.body !== null";
        let there = (0..10_000).any(|_| self.run(is_there) == json!(true));
        assert!(there, "{url} was not loaded");
    }

    /// What a script gives back.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.ask("POST", "execute/sync", &json!({"script": script, "args": []}))
    }

    /// Waits until a condition holds, looking whenever the document changes.
    pub(crate) fn until(&self, condition: &str) {
        let script = format!(
            "const done = arguments[0];
            const holds = () => {{ try {{ return Boolean({condition}); }} catch {{ return false; }} }};
            if (holds()) return done(true);
            let watch, limit;
            const end = (how) => {{ watch.disconnect(); clearTimeout(limit); done(how); }};
            watch = new MutationObserver(() => {{ if (holds()) end(true); }});
            watch.observe(document, {{subtree: true, childList: true, attributes: true, characterData: true}});
            limit = setTimeout(() => end(holds()), 10000);"
        );
        let held = self.ask("POST", "execute/async", &json!({"script": script, "args": []}));
        assert_eq!(held, json!(true), "never came true: {condition}\n{}", self.text("main"));
    }

    /// The visible text of an element.
    pub(crate) fn text(&self, selector: &str) -> String {
        let found = self.run(&format!("return document.querySelector({selector:?})?.innerText"));
        found.as_str().unwrap_or_default().to_owned()
    }

    /// Clicks as a person does: only what can be seen and is not covered.
    pub(crate) fn click(&self, selector: &str) {
        let element = self.find(selector);
        self.ask("POST", &format!("element/{element}/click"), &json!({}));
    }

    /// Types into a field.
    pub(crate) fn write(&self, selector: &str, text: &str) {
        let element = self.find(selector);
        self.ask("POST", &format!("element/{element}/value"), &json!({ "text": text }));
    }

    /// Makes the window that large, and people prefer that scheme: `light` or `dark`. Nothing moves.
    pub(crate) fn look(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.devtools("Emulation.setEmulatedMedia", &media);
    }

    /// Speaks to Chromium's own protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.ask("POST", "goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// What was written to a log since it was last read.
    pub(crate) fn log(&self, kind: &str) -> Vec<Value> {
        self.ask("POST", "se/log", &json!({ "type": kind })).as_array().unwrap().clone()
    }

    fn find(&self, selector: &str) -> String {
        let by = json!({"using": "css selector", "value": selector});
        let found = self.ask("POST", "element", &by);
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    fn ask(&self, method: &str, what: &str, body: &Value) -> Value {
        self.call(method, &format!("/session/{}/{what}", self.session), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut answer = self.try_call(method, path, body).unwrap();
        let value = answer["value"].take();
        assert!(value.get("error").is_none(), "{method} {path}: {}", value["message"]);
        value
    }

    fn try_call(&self, method: &str, path: &str, body: &Value) -> io::Result<Value> {
        let body = body.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len(),
        )?;
        // It may keep the connection in spite of what was asked.
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line)?;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut text = vec![0; length];
        answer.read_exact(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Only the driver can close its browser; a test that fails must not leave one behind.
        if !self.session.is_empty() {
            let _ = self.try_call("DELETE", &format!("/session/{}", self.session), &json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
