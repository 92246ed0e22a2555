//! The paths that the fake serves.

/// The route of a path.
pub(super) fn route(path: &str) -> Option<&'static str> {
    const ROUTES: &[&str] = &[
        "/api/v2/auth/challenge",
        "/api/v2/auth/challenge/{subject}",
        "/api/v2/auth/challenge-response",
        "/api/v2/auth/login",
        "/api/v2/auth/token",
        "/api/v2/users",
        "/api/v2/lws_users",
        "/api/v2/users/token",
        "/api/v2/users/file",
        "/api/v2/users/files",
        "/api/v2/users/files/{id}",
        "/api/v2/login",
        "/api/v2/templates",
        "/api/v2/templates/{id}",
        "/api/v2/files",
        "/api/v2/files/{id}",
        "/api/v2/applications",
        "/api/v2/applications/{id}",
        "/api/v2/applications/{id}/payments",
        "/api/v2/applications/{id}/chat",
        "/api/v2/applications/{id}/change_status",
        "/api/v2/applications/{id}/attributes",
        "/api/v2/applications/{id}/members",
        "/api/v2/kyc-users",
        "/api/v2/kyc-users/me",
        "/documented/auth/challenge",
        "/documented/auth/token",
        "/documented/users",
        "/documented/login",
        "/documented/templates",
        "/documented/templates/{id}/schema.json",
        "/documented/files",
        "/documented/applications",
        "/integrations/v2/applications",
        "/integrations/v2/applications/{id}",
        "/integrations/v2/applications/{id}/status_changes",
        "/integrations/v2/applications/{id}/attributes",
        "/integrations/v2/applications/{id}/attributes/invalidate",
        "/integrations/v2/applications/{id}/questions",
        "/integrations/v2/applications/{id}/questions/invalidate",
        "/integrations/v2/applications/{id}/attachments",
        "/integrations/v2/files/{id}",
        "/integrations/v2/users",
        "/integrations/v2/users/{id}",
        "/sandbox/applications/{id}/status",
    ];
    ROUTES.iter().copied().find(|route| fits(route, path))
}

/// Whether a path is one of a route: a segment in braces is any.
fn fits(route: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (route.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(word), Some(segment)) if word == segment => {}
            (Some(word), Some(segment)) if word.starts_with('{') && !segment.is_empty() => {}
            _ => return false,
        }
    }
}
