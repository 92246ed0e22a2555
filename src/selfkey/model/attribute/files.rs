//! Files inside of values that came from a relying party or from KYC-Chain.

use futures_util::{FutureExt, future::BoxFuture};
use serde_json::Value;

use crate::{error::Error, privacy::Pii};

/// How deep files are looked for. What is deeper stays as it is; JSON that was read is never deeper.
const DEEPEST: usize = 128;

/// A file as a value has it: where it is kept, what it is, how long it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileObject {
    /// The id under which the file can be fetched; in a wallet's own form the content itself.
    pub content: Pii<String>,
    /// The media type.
    pub media_type: Option<String>,
    /// The number of bytes.
    pub size: Option<u64>,
}

impl FileObject {
    /// Reads a value that is a file: an object that owns all of `mimeType`, `size` and `content`, the last a
    /// text.
    pub fn of(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        let (media_type, size) = (members.get("mimeType")?, members.get("size")?);
        Some(Self {
            content: members.get("content")?.as_str()?.into(),
            media_type: media_type.as_str().map(str::to_owned),
            size: size.as_u64(),
        })
    }
}

/// Hands each file inside of a value to a processor, in order, and puts what comes back in the place of its `content`.
///
/// ```
/// # async fn run() -> kyckit::Result<()> {
/// use kyckit::selfkey::attribute::{FileObject, resolve_files};
/// use serde_json::json;
///
/// let value =
///     json!({"image": {"mimeType": "image/png", "size": 3, "content": "F1"}});
/// let stored = resolve_files(value, &|file: FileObject| async move {
///     Ok(json!(format!("stored/{}", file.content.expose())))
/// })
/// .await?;
/// assert_eq!(stored.expose()["image"]["content"], "stored/F1");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The first error of the processor.
///
/// Source: the provider's library, `src/identity/utils`.
pub async fn resolve_files<F, O>(value: Value, processor: &F) -> Result<Pii<Value>, Error>
where
    F: Fn(FileObject) -> O + Sync,
    O: Future<Output = Result<Value, Error>> + Send,
{
    let mut value = value;
    resolve(&mut value, processor, DEEPEST).await?;
    Ok(Pii::new(value))
}

fn resolve<'a, F, O>(value: &'a mut Value, processor: &'a F, depth: usize) -> BoxFuture<'a, Result<(), Error>>
where
    F: Fn(FileObject) -> O + Sync,
    O: Future<Output = Result<Value, Error>> + Send,
{
    async move {
        let Some(deeper) = depth.checked_sub(1) else { return Ok(()) };
        if let Some(file) = FileObject::of(value) {
            value["content"] = processor(file).await?;
            return Ok(());
        }
        match value {
            Value::Array(list) => {
                for item in list {
                    resolve(item, processor, deeper).await?;
                }
            }
            Value::Object(members) => {
                for (_, member) in members {
                    resolve(member, processor, deeper).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }
    .boxed()
}
