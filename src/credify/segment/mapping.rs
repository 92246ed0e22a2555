//! Where claims live.

use std::collections::HashMap;

use crate::{
    credify::offer::Test,
    error::{Error, Result},
};

/// Says which scope and claim live in which column of a table with a row a user.
///
/// Names of tables and columns are quoted always, and have to be ASCII letters, digits and `_`, not beginning with a
/// digit, at most 63 bytes. Names of scopes and claims are free: they never become a part of a query's text.
///
/// See the [module](super) for what each kind of column has to hold.
#[derive(Clone, Debug)]
pub struct Mapping {
    table: String,
    columns: HashMap<ClaimKey, Columns>,
    scopes: HashMap<Box<str>, Presence>,
    documents: HashMap<Box<str>, String>,
    document: Option<String>,
    user_id: Option<String>,
}

/// A scope, and the names of a claim from the outermost on.
type ClaimKey = (Box<str>, Box<[Box<str>]>);

#[derive(Clone, Debug, Default)]
struct Columns {
    number: Option<String>,
    whole_number: Option<String>,
    text: Option<String>,
    boolean: Option<String>,
}

#[derive(Clone, Debug)]
enum Presence {
    Always,
    Column(String),
}

/// Where one claim is, in the type that a comparison asks for. Columns are quoted already.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Column(&'a str),
    WholeNumber(&'a str),
    /// A document, and the names to follow in it. What holds the scope's own claims alone has no scope.
    Json {
        column: &'a str,
        scope: Option<&'a str>,
        names: &'a [Box<str>],
    },
}

impl Mapping {
    /// A mapping to a table, also as `schema.table`.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) with the check `segment.name` for a name outside the grammar,
    /// as of all functions that take one.
    pub fn new(table: &str) -> Result<Self> {
        let parts = table.split('.').map(quoted).collect::<Result<Vec<_>>>()?;
        if parts.len() > 3 {
            return Err(misnamed());
        }
        Ok(Self {
            table: parts.join("."),
            columns: HashMap::new(),
            scopes: HashMap::new(),
            documents: HashMap::new(),
            document: None,
            user_id: None,
        })
    }

    /// A claim that is a number. `path` is the claim's name, after the names of the claims around it.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and `segment.twice` when the claim has a column of this type already, as of all functions
    /// that map a claim.
    pub fn number<N: AsRef<str>>(
        self,
        scope: &str,
        path: impl IntoIterator<Item = N>,
        column: &str,
    ) -> Result<Self> {
        self.column(scope, path, column, |columns| &mut columns.number)
    }

    /// A claim that is a whole number in an integer column. Beyond 2^53 numbers are compared as JSON numbers are: as the
    /// nearest double. Where there are none so large, [`number`](Self::number) is as good, and can use an index.
    ///
    /// # Errors
    ///
    /// As [`number`](Self::number).
    pub fn whole_number<N: AsRef<str>>(
        self,
        scope: &str,
        path: impl IntoIterator<Item = N>,
        column: &str,
    ) -> Result<Self> {
        self.column(scope, path, column, |columns| &mut columns.whole_number)
    }

    /// A claim that is a text.
    ///
    /// # Errors
    ///
    /// As [`number`](Self::number).
    pub fn text<N: AsRef<str>>(
        self,
        scope: &str,
        path: impl IntoIterator<Item = N>,
        column: &str,
    ) -> Result<Self> {
        self.column(scope, path, column, |columns| &mut columns.text)
    }

    /// A claim that is a boolean.
    ///
    /// # Errors
    ///
    /// As [`number`](Self::number).
    pub fn boolean<N: AsRef<str>>(
        self,
        scope: &str,
        path: impl IntoIterator<Item = N>,
        column: &str,
    ) -> Result<Self> {
        self.column(scope, path, column, |columns| &mut columns.boolean)
    }

    /// Whether the user has the scope: what a required custom scope asks for.
    ///
    /// # Errors
    ///
    /// As [`number`](Self::number).
    pub fn scope(self, scope: &str, column: &str) -> Result<Self> {
        let column = qualified(column)?;
        self.presence(scope, Presence::Column(column))
    }

    /// A scope that every user has.
    ///
    /// # Errors
    ///
    /// As [`number`](Self::number).
    pub fn scope_of_all(self, scope: &str) -> Result<Self> {
        self.presence(scope, Presence::Always)
    }

    /// All claims of a user as one JSON object. It answers for what has no column.
    ///
    /// # Errors
    ///
    /// As [`number`](Self::number).
    pub fn document(mut self, column: &str) -> Result<Self> {
        let column = qualified(column)?;
        match self.document.replace(column) {
            None => Ok(self),
            Some(_) => Err(mapped_twice()),
        }
    }

    /// The claims of one scope as a JSON object. It answers for those of them that have no column.
    ///
    /// # Errors
    ///
    /// As [`number`](Self::number).
    pub fn scope_document(mut self, scope: &str, column: &str) -> Result<Self> {
        let column = qualified(column)?;
        match self.documents.insert(scope.into(), column) {
            None => Ok(self),
            Some(_) => Err(mapped_twice()),
        }
    }

    /// The text column with the Credify id, for [`count_without`](Self::count_without).
    ///
    /// # Errors
    ///
    /// As [`number`](Self::number).
    pub fn user_id(mut self, column: &str) -> Result<Self> {
        let column = qualified(column)?;
        match self.user_id.replace(column) {
            None => Ok(self),
            Some(_) => Err(mapped_twice()),
        }
    }

    fn column<N: AsRef<str>>(
        mut self,
        scope: &str,
        path: impl IntoIterator<Item = N>,
        column: &str,
        of_type: impl FnOnce(&mut Columns) -> &mut Option<String>,
    ) -> Result<Self> {
        let path: Box<[Box<str>]> = path.into_iter().map(|name| name.as_ref().into()).collect();
        if path.is_empty() {
            return Err(Error::configuration("a claim has a name").with_check("segment.name"));
        }
        let column = qualified(column)?;
        let columns = self.columns.entry((scope.into(), path)).or_default();
        match of_type(columns).replace(column) {
            None if columns.number.is_some() && columns.whole_number.is_some() => Err(mapped_twice()),
            None => Ok(self),
            Some(_) => Err(mapped_twice()),
        }
    }

    fn presence(mut self, scope: &str, presence: Presence) -> Result<Self> {
        match self.scopes.insert(scope.into(), presence) {
            None => Ok(self),
            Some(_) => Err(mapped_twice()),
        }
    }

    pub(super) fn table(&self) -> &str {
        &self.table
    }

    pub(super) fn whole_document(&self) -> Option<&str> {
        self.document.as_deref()
    }

    pub(super) fn id_column(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Where the claim is, in the type that the test compares.
    pub(super) fn place<'a>(
        &'a self,
        scope: &'a str,
        names: &'a [Box<str>],
        test: &Test,
    ) -> Option<Place<'a>> {
        let columns = self.columns.get(&(scope.into(), names.into()));
        let place = columns.and_then(|columns| match test {
            Test::Number(..) | Test::Between(..) => {
                let number = columns.number.as_deref().map(Place::Column);
                number.or_else(|| columns.whole_number.as_deref().map(Place::WholeNumber))
            }
            Test::Text(_) | Test::Contains(_) => columns.text.as_deref().map(Place::Column),
            Test::Boolean(_) => columns.boolean.as_deref().map(Place::Column),
        });
        place.or_else(|| self.json(scope, names))
    }

    fn json<'a>(&'a self, scope: &'a str, names: &'a [Box<str>]) -> Option<Place<'a>> {
        let own = self.documents.get(scope).map(|column| Place::Json { column, scope: None, names });
        own.or_else(|| {
            self.document.as_deref().map(|column| Place::Json { column, scope: Some(scope), names })
        })
    }

    /// Where it is said that a user has a scope: a boolean column, or a document; the outer `None` where it is not, the
    /// inner one where all have it.
    pub(super) fn who_has<'a>(&'a self, scope: &'a str) -> Option<Option<Place<'a>>> {
        match self.scopes.get(scope) {
            Some(Presence::Always) => Some(None),
            Some(Presence::Column(column)) => Some(Some(Place::Column(column))),
            None => self.json(scope, &[]).map(Some),
        }
    }
}

/// A column of the table under its alias. Without the alias SQLite takes a name that it does not know for a text.
fn qualified(column: &str) -> Result<String> {
    Ok(format!("u.{}", quoted(column)?))
}

fn quoted(name: &str) -> Result<String> {
    let begins_well = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if begins_well && is_word && name.len() <= 63 { Ok(format!("\"{name}\"")) } else { Err(misnamed()) }
}

fn misnamed() -> Error {
    Error::configuration("a name of a table or a column is not ASCII letters, digits and `_`")
        .with_check("segment.name")
}

fn mapped_twice() -> Error {
    Error::configuration("this is mapped already").with_check("segment.twice")
}
