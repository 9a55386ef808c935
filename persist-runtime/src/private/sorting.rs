//! Orders that a request may ask for by name: the enum that the derive makes for an entity.

use crate::error::Error;
use crate::query::order::Order;
use crate::table::column::ColumnModel;

/// Declares the enum of an entity's orders, or implements what it can do; two variants for each column.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_order {
    (enum $(#[doc = $doc:literal])* $vis:vis $name:ident; $($asc:ident $desc:ident $column:literal $(= $other:literal)?;)*) => {
        $(#[doc = $doc])*
        #[allow(dead_code)]
        #[derive(
            ::core::fmt::Debug,
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::hash::Hash
        )]
        $vis enum $name {
            $(
                #[doc = ::core::concat!("`", $column, "`: smallest first.")]
                $asc,
                #[doc = ::core::concat!("`-", $column, "`: largest first.")]
                $desc,
            )*
        }
    };
    (impl $name:ident; $($asc:ident $desc:ident $column:literal $(= $other:literal)? => $model:expr, $nullable:literal;)*) => {
        impl $crate::private::Sorting for $name {
            const NAMES: &'static [(&'static str, Self)] =
                &[$(($column, Self::$asc), (::core::concat!("-", $column), Self::$desc)),*];

            const OTHER_NAMES: &'static [(&'static str, Self)] =
                &[$($(($other, Self::$asc), (::core::concat!("-", $other), Self::$desc),)?)*];

            fn name(self) -> &'static str {
                match self {
                    $(
                        Self::$asc => $column,
                        Self::$desc => ::core::concat!("-", $column),
                    )*
                }
            }

            fn order(self) -> $crate::private::Order {
                match self {
                    $(
                        Self::$asc => $crate::private::column_order($model, $nullable, false),
                        Self::$desc => $crate::private::column_order($model, $nullable, true),
                    )*
                }
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str($crate::private::Sorting::name(*self))
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::private::Error;

            fn from_str(text: &str) -> $crate::private::Decoded<Self> {
                $crate::private::named_order(text)
            }
        }

        impl $crate::private::IntoOneOrder for $name {
            fn into_one_order(self) -> $crate::private::Order {
                $crate::private::Sorting::order(self)
            }
        }

        $crate::__persist_order_serde!($name);
    };
}

/// Serde for the enum of an entity's orders.
#[cfg(feature = "json")]
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_order_serde {
    ($name:ident) => {
        impl $crate::private::serde::Serialize for $name {
            fn serialize<S: $crate::private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::private::Sorting::name(*self))
            }
        }

        impl<'de> $crate::private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::private::deserialize_order(deserializer)
            }
        }
    };
}

/// Serde is off.
#[cfg(not(feature = "json"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_order_serde {
    ($name:ident) => {};
}

/// The enum of an entity's orders.
pub trait Sorting: Copy + 'static {
    /// All variants by their names.
    const NAMES: &'static [(&'static str, Self)];

    /// Those whose columns are called otherwise than their fields by the names of the columns.
    const OTHER_NAMES: &'static [(&'static str, Self)];

    /// The variant's name.
    fn name(self) -> &'static str;

    /// The order that the variant stands for.
    fn order(self) -> Order;
}

/// The order by a column of the table that a query is about.
pub fn column_order(column: &'static ColumnModel, nullable: bool, descending: bool) -> Order {
    let order = Order::by_column(column, nullable);
    if descending { order.descending() } else { order }
}

/// The variant of this name.
///
/// # Errors
/// There is none.
pub fn named_order<S: Sorting>(text: &str) -> Result<S, Error> {
    let found = S::NAMES.iter().chain(S::OTHER_NAMES).find(|(name, _)| *name == text);
    found.map(|(_, sorting)| *sorting).ok_or_else(|| {
        let names = S::NAMES.iter().map(|(name, _)| format!("`{name}`"));
        let names: Vec<String> = names.filter(|name| !name.starts_with("`-")).collect();
        let found: String = text.chars().take(LONGEST_SHOWN).collect();
        Error::invalid(format!(
            "there is no order `{found}`: expected {}, or one of these after `-` for the largest first",
            names.join(", "),
        ))
    })
}

/// Characters of an unknown name that are repeated: it comes from outside and may be anything.
const LONGEST_SHOWN: usize = 40;

/// Reads the name of an order.
///
/// # Errors
/// It is no text, or there is no such order.
#[cfg(feature = "json")]
pub fn deserialize_order<'de, S, D>(deserializer: D) -> Result<S, D::Error>
where
    S: Sorting,
    D: serde::Deserializer<'de>,
{
    let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
    named_order(&text).map_err(serde::de::Error::custom)
}
