//! Lists as users write them: one, an array, a `Vec`, or a tuple of up to four.

/// Implements a trait with one method that makes a `Vec` of the items.
macro_rules! lists {
    ($trait:ident :: $method:ident for $item:ident) => {
        lists!(@ $trait $method $item, [] $item, list vec![list]);
        lists!(@ $trait $method $item, [const N: usize] [$item; N], list list.into());
        lists!(@ $trait $method $item, [] Vec<$item>, list list);
        lists!(@ $trait $method $item, [] ($item, $item), list vec![list.0, list.1]);
        lists!(@ $trait $method $item, [] ($item, $item, $item), list vec![list.0, list.1, list.2]);
        lists!(@ $trait $method $item, [] ($item, $item, $item, $item), list vec![list.0, list.1, list.2, list.3]);
    };
    (@ $trait:ident $method:ident $item:ident, [$($generics:tt)*] $list:ty, $name:ident $made:expr) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> $trait for $list {
            fn $method(self) -> Vec<$item> {
                let $name = self;
                $made
            }
        }
    };
}

pub(crate) use lists;
