//! How a database is spoken to.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::ops::DerefMut;

use chatapi_types::UnixMillis;

use crate::store::StoreError;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number, a time in milliseconds, or 0 and 1.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

/// A value of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Int(Some(value.cast_signed()))
    }
}

impl From<UnixMillis> for Value {
    fn from(value: UnixMillis) -> Self {
        Self::Int(Some(value.as_millis()))
    }
}

impl From<Option<UnixMillis>> for Value {
    fn from(value: Option<UnixMillis>) -> Self {
        Self::Int(value.map(UnixMillis::as_millis))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(Some(value))
    }
}

impl From<Option<Vec<u8>>> for Value {
    fn from(value: Option<Vec<u8>>) -> Self {
        Self::Bytes(value)
    }
}

/// What a statement is given.
#[derive(Clone, Debug)]
pub(crate) enum Argument {
    /// One value.
    One(Value),
    /// A column: for [`Engine::list`].
    Many(Kind, Vec<Value>),
    /// Two columns of text: for [`Engine::pairs`] and [`Engine::per_line`].
    Pairs(Vec<(String, Option<String>)>),
}

impl<T: Into<Value>> From<T> for Argument {
    fn from(value: T) -> Self {
        Self::One(value.into())
    }
}

impl Argument {
    pub(crate) fn ints(values: impl IntoIterator<Item = u64>) -> Self {
        Self::Many(Kind::Int, values.into_iter().map(Value::from).collect())
    }

    pub(crate) fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Many(Kind::Text, values.into_iter().map(Value::from).collect())
    }

    pub(crate) fn blobs(values: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self::Many(Kind::Bytes, values.into_iter().map(Value::from).collect())
    }

    pub(crate) fn pairs<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(a, b): (&str, &str)| (a.to_owned(), Some(b.to_owned()));
        Self::Pairs(values.into_iter().map(owned).collect())
    }
}

/// A row that was read; asked for its columns from left to right.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    pub(crate) fn maybe_int(&mut self) -> Result<Option<i64>, Fault> {
        match self.0.next() {
            Some(Value::Int(value)) => Ok(value),
            _ => Err(Fault::damaged("a number")),
        }
    }

    pub(crate) fn int(&mut self) -> Result<i64, Fault> {
        self.maybe_int()?.ok_or_else(|| Fault::damaged("a number"))
    }

    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, Fault> {
        T::try_from(self.int()?).map_err(|_| Fault::damaged("a number in its range"))
    }

    pub(crate) fn flag(&mut self) -> Result<bool, Fault> {
        Ok(self.int()? != 0)
    }

    pub(crate) fn time(&mut self) -> Result<UnixMillis, Fault> {
        self.int().map(UnixMillis::from_millis)
    }

    pub(crate) fn maybe_time(&mut self) -> Result<Option<UnixMillis>, Fault> {
        Ok(self.maybe_int()?.map(UnixMillis::from_millis))
    }

    pub(crate) fn maybe_text(&mut self) -> Result<Option<String>, Fault> {
        match self.0.next() {
            Some(Value::Text(value)) => Ok(value),
            _ => Err(Fault::damaged("text")),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String, Fault> {
        self.maybe_text()?.ok_or_else(|| Fault::damaged("text"))
    }

    pub(crate) fn maybe_bytes(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        match self.0.next() {
            Some(Value::Bytes(value)) => Ok(value),
            _ => Err(Fault::damaged("bytes")),
        }
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let bytes = self.maybe_bytes()?.unwrap_or_default();
        bytes.try_into().map_err(|_| Fault::damaged("as many bytes as belong there"))
    }

    /// A word that stands for one of ours.
    pub(crate) fn maybe_word<T>(
        &mut self,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(word) = self.maybe_text()? else { return Ok(None) };
        read(&word).map(Some).ok_or(Fault::damaged("a word that this version knows"))
    }

    pub(crate) fn word<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
        self.maybe_word(read)?.ok_or(Fault::damaged("a word"))
    }
}

/// Why a statement failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The database says so.
    Sql(sqlx::Error),
    /// What stands in it cannot be read.
    Damaged(&'static str),
    /// It cannot be used as it is.
    Store(StoreError),
    /// Another transaction, which began later, was quicker.
    Overtaken,
}

impl Fault {
    const fn damaged(expected: &'static str) -> Self {
        Self::Damaged(expected)
    }

    /// For the caller: nothing was changed.
    pub(crate) fn unavailable(self, what: &str) -> StoreError {
        match self {
            Self::Sql(error) => StoreError::unavailable(what, error),
            Self::Damaged(_) | Self::Overtaken => StoreError::unavailable(what, self.to_string()),
            Self::Store(error) => error,
        }
    }

    /// For the caller: it may have been done.
    pub(crate) fn unknown(self, what: &str) -> StoreError {
        match self {
            Self::Sql(error) => StoreError::unknown(what, error),
            Self::Damaged(_) | Self::Overtaken => StoreError::unknown(what, self.to_string()),
            Self::Store(error) => error,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sql(error) => error.fmt(f),
            Self::Damaged(expected) => {
                write!(f, "a column of the database does not hold {expected}")
            }
            Self::Store(error) => error.fmt(f),
            Self::Overtaken => f.write_str("other transactions were quicker, time and again"),
        }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What there may be that was not there before a transaction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Arrived {
    /// Something new to send.
    pub(crate) messages: bool,
    /// An event to be given out.
    pub(crate) events: bool,
}

/// A kind of database: what differs between one and another.
pub(crate) trait Engine: fmt::Debug + Clone + Send + Sync + 'static {
    /// As it is called there.
    type Database: sqlx::Database<Connection = Self::Connection>;
    /// A connection.
    type Connection: sqlx::Connection<Database = Self::Database> + Send;
    /// A connection for reading, out of a pool.
    type Read: DerefMut<Target = Self::Connection> + Send;

    /// Begins what writes.
    const BEGIN: &'static str;
    /// Begins what reads, all of it as of one moment.
    const BEGIN_READ: &'static str;
    /// Ends a `SELECT` of rows that are to be changed.
    const FOR_UPDATE: &'static str;
    /// The same for what somebody else may be about to take: it is left to him.
    const FOR_UPDATE_OF_OTHERS: &'static str;
    /// Selected along with what is held against others: a transaction that stands still while it holds
    /// it is ended by the database, so that whoever is frozen stops nobody for long.
    const NOT_FOR_LONG: &'static str;
    /// Which changes cannot be preceded by others any more.
    const COMMITTED: &'static str;
    /// Gives a row when there is a table `outbox_schema`.
    const HAS_SCHEMA: &'static str;
    /// Keeps others from changing the tables until the transaction ends.
    const LOCK_SCHEMA: &'static str;
    /// How many arguments pairs are.
    const PAIRS: usize;

    /// Of what it is, for errors.
    fn name(&self) -> &str;

    /// Gives up what it holds, once nothing is written any more.
    fn close(&self) -> impl Future<Output = ()> + Send;

    /// Somebody waits for what other processes put in: whoever listens goes on where he stopped.
    fn listen(&self) {}

    /// A new connection for writing; its settings were looked at.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, StoreError>> + Send;

    /// A connection for reading.
    fn reader(&self) -> impl Future<Output = Result<Self::Read, Fault>> + Send;

    /// The time by which this database judges.
    fn time(
        &self,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<UnixMillis, Fault>> + Send;

    /// The time, and the number of the transaction.
    fn now(
        &self,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<(UnixMillis, i64), Fault>> + Send;

    /// Rows.
    fn fetch(
        connection: &mut Self::Connection,
        text: String,
        arguments: Vec<Argument>,
        kinds: &'static [Kind],
    ) -> impl Future<Output = Result<Vec<Row>, Fault>> + Send;

    /// Statements without arguments that are not worth remembering.
    fn raw(
        connection: &mut Self::Connection,
        text: &'static str,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Shares keys out among processes that write at the same time, until the transaction ends.
    fn lock_keys(
        connection: &mut Self::Connection,
        keys: &BTreeSet<(String, String)>,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// That many new places in the order of messages.
    fn places(
        connection: &mut Self::Connection,
        count: usize,
    ) -> impl Future<Output = Result<Vec<u64>, Fault>> + Send;

    /// Tells whoever waits for it what there may be, at the end of a transaction.
    fn call(
        connection: &mut Self::Connection,
        arrived: Arrived,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// After something was wiped or purged, outside of a transaction: what was deleted is to be gone.
    /// False where somebody is in the way.
    fn tidy(connection: &mut Self::Connection) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Whether a connection is of no use any more.
    fn is_broken(fault: &Fault) -> bool;

    /// Whether a transaction that failed is worth another try at once.
    fn may_repeat(fault: &Fault) -> bool;

    /// Whether a `COMMIT` that failed has certainly committed nothing.
    fn committed_nothing(fault: &Fault) -> bool;

    /// That what stands before it is among the argument of that number, a list.
    fn list(kind: Kind, number: usize) -> String;

    /// The arguments from that number on, pairs of text, as a table with columns a and b.
    fn pairs(number: usize) -> String;

    /// For every pair of a line and its group, the arguments from 3 on: its index, what `select`
    /// selects with them in the place of `{line}` and `{group}`, and `tag`.
    fn per_line(select: &str, tag: u8) -> String;

    /// How many of that many rows one statement takes.
    fn at_once(rows: usize) -> usize;

    /// Rows as something that `INSERT` takes.
    fn source(kinds: &[Kind], rows: usize) -> String;

    /// Rows as a table n with columns `column1` and so on.
    fn table(kinds: &[Kind], rows: usize) -> String;

    /// The arguments of rows.
    fn arguments(kinds: &[Kind], rows: Vec<Vec<Value>>) -> Vec<Argument>;
}

/// Texts with commas in between.
pub(crate) fn joined(parts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(part.as_ref());
    }
    text
}
