//! The one declaration of what a request's object has: each member with its documentation, its type, its setters and
//! its place on the wire.

/// Declares an object of a request. Its members go on the wire in this order, each under its own name; `+ raw` adds the
/// setter for members that the object lacks. A member is declared by its setter:
///
/// | declaration | without the call | setter |
/// | --- | --- | --- |
/// | `pub fn country(optional String);` | absent | the value |
/// | `pub fn show_results(flag bool);` | absent | `bool`, which is `"0"` or `"1"` on the wire |
/// | `pub fn filters(list AmlType);` | absent | the whole list |
/// | `pub fn dob(field Pii<Date>), fn read_dob;` | absent | the value, or `""` by the second one |
/// | `pub fn face(service Face);` | absent | the value; `""` is set elsewhere |
/// | `pub fn match_score(number_text u32);` | absent | a number, which is a text on the wire |
/// | `fn journey_id(hidden String);`, `hidden_list`, `hidden_field` | absent | none |
/// | `fn reference(required Reference);` | an argument of `blank` | none |
/// | `fn flow(local Flow);` | an argument of `blank`, not on the wire | none |
/// | `pub fn method(elsewhere String);` | absent | the value, which another object sends |
macro_rules! object {
    (
        $(#[$meta:meta])*
        $vis:vis struct $Name:ident $(+ $raw:ident)? {
            $(
                $(#[$doc:meta])*
                $fn_vis:vis fn $field:ident($kind:ident $type:ty)
                $(, $(#[$read_doc:meta])* fn $read:ident)?;
            )*
        }
    ) => {
        $(#[$meta])*
        $vis struct $Name {
            $($field: $crate::shuftipro::request::object::object!(@type $kind $type),)*
            raw: $crate::shuftipro::request::body::Raw,
        }

        impl $Name {
            $(
                $crate::shuftipro::request::object::object!(@setter $kind [$(#[$doc])*] $field $type);
                $(
                    $(#[$read_doc])*
                    #[must_use]
                    pub fn $read(mut self) -> Self {
                        self.$field = $crate::shuftipro::request::Field::Empty;
                        self
                    }
                )?
            )*
            $($crate::shuftipro::request::object::object!(@$raw);)?
        }

        $crate::shuftipro::request::object::object!(@blank $Name [] [] $($kind $field ($type);)*);

        impl $crate::shuftipro::request::body::Encode for $Name {
            fn encode<'a>(&'a self, body: &mut $crate::shuftipro::request::body::Body<'a>) {
                body.object(Some(&self.raw), |object| {
                    $($crate::shuftipro::request::object::object!(
                        @encode $kind object stringify!($field), &self.$field
                    );)*
                });
            }
        }
    };

    (@type optional $type:ty) => { Option<$type> };
    (@type elsewhere $type:ty) => { Option<$type> };
    (@type hidden $type:ty) => { Option<$type> };
    (@type flag $type:ty) => { Option<$type> };
    (@type number_text $type:ty) => { Option<$type> };
    (@type list $type:ty) => { Vec<$type> };
    (@type hidden_list $type:ty) => { Vec<$type> };
    (@type field $type:ty) => { $crate::shuftipro::request::Field<$type> };
    (@type hidden_field $type:ty) => { $crate::shuftipro::request::Field<$type> };
    (@type service $type:ty) => { $crate::shuftipro::request::Field<$type> };
    (@type required $type:ty) => { $type };
    (@type local $type:ty) => { $type };

    (@setter optional [$($doc:tt)*] $field:ident $type:ty) => {
        $($doc)*
        #[must_use]
        pub fn $field(mut self, value: impl Into<$type>) -> Self {
            self.$field = Some(value.into());
            self
        }
    };
    (@setter elsewhere $($rest:tt)*) => {
        $crate::shuftipro::request::object::object!(@setter optional $($rest)*);
    };
    (@setter number_text $($rest:tt)*) => {
        $crate::shuftipro::request::object::object!(@setter optional $($rest)*);
    };
    (@setter flag [$($doc:tt)*] $field:ident $type:ty) => {
        $($doc)*
        #[must_use]
        pub fn $field(mut self, on: bool) -> Self {
            self.$field = Some(on);
            self
        }
    };
    (@setter list [$($doc:tt)*] $field:ident $type:ty) => {
        $($doc)*
        #[must_use]
        pub fn $field(mut self, values: impl IntoIterator<Item = impl Into<$type>>) -> Self {
            self.$field = values.into_iter().map(Into::into).collect();
            self
        }
    };
    (@setter field [$($doc:tt)*] $field:ident $type:ty) => {
        $($doc)*
        #[must_use]
        pub fn $field(mut self, value: impl Into<$type>) -> Self {
            self.$field = $crate::shuftipro::request::Field::Value(value.into());
            self
        }
    };
    (@setter service [$($doc:tt)*] $field:ident $type:ty) => {
        $($doc)*
        #[must_use]
        pub fn $field(mut self, service: $type) -> Self {
            self.$field = $crate::shuftipro::request::Field::Value(service);
            self
        }
    };
    (@setter $none:ident [$($doc:tt)*] $field:ident $type:ty) => {};

    (@raw) => {
        /// Sets any key to any JSON, for what this builder lacks. It replaces what a typed method set, and is not
        /// checked.
        #[must_use]
        pub fn raw(mut self, key: impl Into<String>, value: serde_json::Value) -> Self {
            self.raw.insert(key.into(), $crate::privacy::Pii::new(value));
            self
        }
    };

    (@blank $Name:ident [$($argument:tt)*] [$($value:tt)*]) => {
        impl $Name {
            #[allow(dead_code, reason = "an object without required members has a default")]
            fn blank($($argument)*) -> Self {
                Self { $($value)* raw: Default::default() }
            }
        }
    };
    (@blank $Name:ident [$($argument:tt)*] [$($value:tt)*] required $field:ident ($type:ty); $($rest:tt)*) => {
        $crate::shuftipro::request::object::object!(
            @blank $Name [$($argument)* $field: $type,] [$($value)* $field,] $($rest)*
        );
    };
    (@blank $Name:ident [$($argument:tt)*] [$($value:tt)*] local $field:ident ($type:ty); $($rest:tt)*) => {
        $crate::shuftipro::request::object::object!(
            @blank $Name [$($argument)* $field: $type,] [$($value)* $field,] $($rest)*
        );
    };
    (@blank $Name:ident [$($argument:tt)*] [$($value:tt)*] $kind:ident $field:ident ($type:ty); $($rest:tt)*) => {
        $crate::shuftipro::request::object::object!(
            @blank $Name [$($argument)*] [$($value)* $field: Default::default(),] $($rest)*
        );
    };

    (@encode optional $object:ident $key:expr, $value:expr) => { $object.optional($key, $value) };
    (@encode hidden $object:ident $key:expr, $value:expr) => { $object.optional($key, $value) };
    (@encode flag $object:ident $key:expr, $value:expr) => { $object.optional($key, $value) };
    (@encode number_text $object:ident $key:expr, $value:expr) => { $object.number_text($key, *$value) };
    (@encode list $object:ident $key:expr, $value:expr) => { $object.list($key, $value) };
    (@encode hidden_list $object:ident $key:expr, $value:expr) => { $object.list($key, $value) };
    (@encode field $object:ident $key:expr, $value:expr) => { $object.field($key, $value) };
    (@encode hidden_field $object:ident $key:expr, $value:expr) => { $object.field($key, $value) };
    (@encode service $object:ident $key:expr, $value:expr) => { $object.field($key, $value) };
    (@encode required $object:ident $key:expr, $value:expr) => { $object.member($key, $value) };
    (@encode local $object:ident $key:expr, $value:expr) => {};
    (@encode elsewhere $object:ident $key:expr, $value:expr) => {};
}

pub(super) use object;
