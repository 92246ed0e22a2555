//! Text without case and without invisible characters.

use unicode_normalization::UnicodeNormalization;

/// A text without what is not seen.
pub(super) fn visible(text: &str) -> String {
    text.chars().filter(|char| !is_ignored(*char)).collect()
}

/// Whether a character is invisible, and copied along with text: characters that Unicode ignores by default (the
/// property Default_Ignorable_Code_Point), the marks that set the direction of writing among them, and the stroke that
/// only makes Arabic words longer.
pub(in crate::identity) fn is_ignored(char: char) -> bool {
    matches!(
        char,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{640}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Full case folding without a table of its own: through upper case, so that `ß` meets `SS` and the two small sigmas
/// meet each other.
pub(super) fn folded(text: &str) -> String {
    text.to_uppercase().to_lowercase().nfkc().collect()
}
