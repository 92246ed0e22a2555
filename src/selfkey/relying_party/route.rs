//! Which call a request is, in either dialect.

use http::Method;

use crate::selfkey::Dialect;

/// A call with what its path says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Challenge(Option<String>),
    Reply,
    UploadUserFile,
    FileLink(String),
    CreateUser,
    /// The user token.
    Token,
    Login,
    Templates,
    Template(String),
    Upload,
    CreateApplication,
    Applications,
    Application(String),
    UpdateApplication(String),
    Pay(String),
    Messages(String),
    PostMessage(String),
    ChangeStatus(String),
    AddRequirement(String),
    AddMember(String),
    KycUser,
    CreateKycUser,
    /// The token that opens the checking service's own pages.
    AccessToken,
}

/// Why a request is no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRoute {
    /// There is nothing at the path.
    Path,
    /// There is something, by another method.
    Method,
}

impl Route {
    /// Reads method and path; the path is that below the root endpoint, with its slash.
    pub(super) fn of(dialect: Dialect, method: &Method, path: &str) -> Result<Self, NoRoute> {
        let segments: Option<Vec<String>> =
            path.strip_prefix('/').ok_or(NoRoute::Path)?.split('/').map(decoded).collect();
        let mut segments = segments.ok_or(NoRoute::Path)?;
        // The older page's own list of contents writes `/templates/`.
        if segments.len() > 1 && segments.last().is_some_and(String::is_empty) {
            segments.pop();
        }
        let words: Vec<&str> = segments.iter().map(String::as_str).collect();
        if words.iter().any(|word| word.is_empty()) {
            return Err(NoRoute::Path);
        }
        match dialect {
            Dialect::Documented => documented(method, &words),
            _ => current(method, &words),
        }
    }

    /// The name of the operation in errors and traces.
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Self::Challenge(_) => "serve_challenge",
            Self::Reply => "serve_challenge_reply",
            Self::UploadUserFile => "serve_user_file",
            Self::FileLink(_) => "serve_file_link",
            Self::CreateUser => "serve_create_user",
            Self::Token => "serve_user_token",
            Self::Login => "serve_login",
            Self::Templates => "serve_templates",
            Self::Template(_) => "serve_template",
            Self::Upload => "serve_file",
            Self::CreateApplication => "serve_create_application",
            Self::Applications => "serve_applications",
            Self::Application(_) => "serve_application",
            Self::UpdateApplication(_) => "serve_update_application",
            Self::Pay(_) => "serve_payment",
            Self::Messages(_) => "serve_messages",
            Self::PostMessage(_) => "serve_post_message",
            Self::ChangeStatus(_) => "serve_change_status",
            Self::AddRequirement(_) => "serve_add_requirement",
            Self::AddMember(_) => "serve_add_member",
            Self::KycUser => "serve_kyc_user",
            Self::CreateKycUser => "serve_create_kyc_user",
            Self::AccessToken => "serve_access_token",
        }
    }
}

fn current(method: &Method, words: &[&str]) -> Result<Route, NoRoute> {
    let id = |id: &str| id.to_owned();
    let (get, post, patch) = match words {
        ["auth", "challenge"] => (None, Some(Route::Reply), None),
        ["auth", "challenge-response"] => (None, Some(Route::Reply), None),
        ["auth", "challenge", subject] => (Some(Route::Challenge(Some(id(subject)))), None, None),
        ["auth", "token"] => (Some(Route::AccessToken), None, None),
        ["users"] => (None, Some(Route::CreateUser), None),
        ["users", "token"] => (Some(Route::Token), None, None),
        // One page of the provider's writes it in the plural.
        ["users", "file" | "files"] => (None, Some(Route::UploadUserFile), None),
        ["users", "files", file] => (Some(Route::FileLink(id(file))), None, None),
        ["login"] => (None, Some(Route::Login), None),
        ["templates"] => (Some(Route::Templates), None, None),
        ["templates", template] => (Some(Route::Template(id(template))), None, None),
        ["files"] => (None, Some(Route::Upload), None),
        ["applications"] => (Some(Route::Applications), Some(Route::CreateApplication), None),
        ["applications", one] => {
            (Some(Route::Application(id(one))), None, Some(Route::UpdateApplication(id(one))))
        }
        ["applications", one, "payments"] => (None, Some(Route::Pay(id(one))), None),
        ["applications", one, "chat"] => {
            (Some(Route::Messages(id(one))), Some(Route::PostMessage(id(one))), None)
        }
        ["applications", one, "change_status"] => (None, Some(Route::ChangeStatus(id(one))), None),
        ["applications", one, "attributes"] => (None, Some(Route::AddRequirement(id(one))), None),
        ["applications", one, "members"] => (None, Some(Route::AddMember(id(one))), None),
        ["kyc-users"] => (None, Some(Route::CreateKycUser), None),
        ["kyc-users", "me"] => (Some(Route::KycUser), None, None),
        _ => return Err(NoRoute::Path),
    };
    pick(method, get, post, patch)
}

fn documented(method: &Method, words: &[&str]) -> Result<Route, NoRoute> {
    let (get, post) = match words {
        ["auth", "challenge"] => (Some(Route::Challenge(None)), Some(Route::Reply)),
        ["auth", "token"] => (Some(Route::Token), None),
        ["users"] => (None, Some(Route::CreateUser)),
        ["login"] => (None, Some(Route::Login)),
        ["templates"] => (Some(Route::Templates), None),
        ["templates", template, "schema.json"] => (Some(Route::Template((*template).to_owned())), None),
        ["files"] => (None, Some(Route::Upload)),
        ["applications"] => (None, Some(Route::CreateApplication)),
        _ => return Err(NoRoute::Path),
    };
    pick(method, get, post, None)
}

fn pick(
    method: &Method,
    get: Option<Route>,
    post: Option<Route>,
    patch: Option<Route>,
) -> Result<Route, NoRoute> {
    let call = match *method {
        Method::GET => get,
        Method::POST => post,
        Method::PATCH => patch,
        _ => None,
    };
    call.ok_or(NoRoute::Method)
}

/// Undoes percent-encoding; `None` for what is no text afterwards.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2)?;
        let mut byte = [0];
        hex::decode_to_slice(digits, &mut byte).ok()?;
        bytes.push(byte[0]);
        rest = behind;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(dialect: Dialect, method: &Method, path: &str) -> Result<Route, NoRoute> {
        Route::of(dialect, method, path)
    }

    #[test]
    fn the_nine_calls_of_the_older_page_are_all_that_its_dialect_has() {
        let known = [
            (Method::GET, "/auth/challenge"),
            (Method::POST, "/auth/challenge"),
            (Method::POST, "/users"),
            (Method::GET, "/auth/token"),
            (Method::POST, "/login"),
            (Method::GET, "/templates"),
            (Method::GET, "/templates/1/schema.json"),
            (Method::POST, "/files"),
            (Method::POST, "/applications"),
        ];
        for (method, path) in &known {
            assert!(of(Dialect::Documented, method, path).is_ok(), "{method} {path}");
        }
        assert!(of(Dialect::Documented, &Method::GET, "/templates/").is_ok());
        for path in
            ["/users/file", "/users/token", "/templates/1", "/auth/challenge/did:eth:0x1", "/applications/1"]
        {
            assert_eq!(of(Dialect::Documented, &Method::GET, path), Err(NoRoute::Path), "{path}");
        }
        assert_eq!(of(Dialect::Current, &Method::GET, "/auth/challenge"), Err(NoRoute::Method));
        assert_eq!(of(Dialect::Current, &Method::GET, "/templates/1/schema.json"), Err(NoRoute::Path));
    }

    #[test]
    fn a_segment_is_decoded_by_itself() {
        let call = |path: &str| of(Dialect::Current, &Method::GET, path);
        assert_eq!(call("/templates/a%2Fb"), Ok(Route::Template("a/b".to_owned())));
        let did = "did:selfkey:0x1;selfkey:chain=ropsten";
        let path = format!("/auth/challenge/{did}");
        assert_eq!(call(&path), Ok(Route::Challenge(Some(did.to_owned()))));
        for path in [
            "",
            "templates",
            "//templates",
            "/templates/%",
            "/templates/%ff",
            "/templates/%zz",
            "/templates//",
        ] {
            assert_eq!(call(path), Err(NoRoute::Path), "{path}");
        }
    }
}
