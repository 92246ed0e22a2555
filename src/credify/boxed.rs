//! Object-safe twins of public traits: an application implements `async fn`, and a server holds it as an object.

/// Declares a twin with boxed futures, which every implementation of the public trait has.
macro_rules! boxed_twin {
    (
        $(#[$attribute:meta])*
        $visibility:vis trait $twin:ident: $public:ident {
            $(fn $name:ident<$life:lifetime>(&self $(, $argument:ident: $kind:ty)* $(,)?) -> $output:ty;)*
        }
    ) => {
        $(#[$attribute])*
        $visibility trait $twin: Send + Sync {
            $(
                fn $name<$life>(
                    &$life self $(, $argument: $kind)*
                ) -> futures_util::future::BoxFuture<$life, $output>;
            )*
        }

        impl<T: $public> $twin for T {
            $(
                fn $name<$life>(
                    &$life self $(, $argument: $kind)*
                ) -> futures_util::future::BoxFuture<$life, $output> {
                    Box::pin($public::$name(self $(, $argument)*))
                }
            )*
        }
    };
}

pub(in crate::credify) use boxed_twin;
