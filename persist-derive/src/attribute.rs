//! Reads `#[persist(…)]` by the table of keys.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Ident, LitBool, LitInt, LitStr, Meta, Path, Token, Type, Visibility};

use crate::context::{Context, Mistake};
use crate::suggest::{listed, nearest};
use crate::symbol::{self, Key, Place, Takes};

/// The keys of one item, each at most once unless it takes a field.
#[derive(Default)]
pub(crate) struct Attributes {
    written: Vec<Written>,
    /// Was there something that could not be understood?
    pub(crate) is_unclear: bool,
}

/// A key as it was written.
pub(crate) struct Written {
    pub(crate) key: &'static Key,
    /// The key's own token.
    pub(crate) ident: Ident,
    pub(crate) value: Value,
}

impl Written {
    /// The text in the parentheses after the key.
    pub(crate) fn part(&self, name: &str) -> Option<&LitStr> {
        let Value::Parts(parts) = &self.value else { return None };
        parts.iter().find(|part| part.name == name).map(|part| &part.text)
    }
}

/// What stands after a key.
pub(crate) enum Value {
    Nothing,
    Text(LitStr),
    /// The word that the key may have in parentheses.
    Word,
    Path(Path),
    Number(LitInt),
    Bool(LitBool),
    Parts(Vec<Part>),
    Field(Box<Declared>),
}

/// A field that an attribute declares.
pub(crate) struct Declared {
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// What follows after its type, to be read by [`Attributes::within`].
    pub(crate) rest: TokenStream,
}

/// A text in the parentheses after a key.
pub(crate) struct Part {
    pub(crate) name: Ident,
    pub(crate) text: LitStr,
}

impl Attributes {
    /// Reads the attributes of an item; what is wrong with them is reported.
    pub(crate) fn read(ctx: &Context, attributes: &[syn::Attribute], place: Place) -> Self {
        let mut read = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("persist")) {
            match &attribute.meta {
                Meta::List(list) if !list.tokens.is_empty() => {
                    read.tokens(ctx, list.tokens.clone(), place);
                }
                Meta::List(_) | Meta::Path(_) | Meta::NameValue(_) => ctx.report(
                    attribute,
                    Mistake::new("this attribute says nothing").write(format!("write {}", forms(place))),
                ),
            }
        }
        read.report_conflicts(ctx);
        read
    }

    /// Reads what stands in the parentheses of another key.
    pub(crate) fn within(ctx: &Context, tokens: TokenStream, place: Place) -> Self {
        let mut read = Self::default();
        read.tokens(ctx, tokens, place);
        read.report_conflicts(ctx);
        read
    }

    /// The key, if it was written.
    pub(crate) fn get(&self, key: &Key) -> Option<&Written> {
        self.written.iter().find(|written| written.key == key)
    }

    /// The text after a key.
    pub(crate) fn text(&self, key: &Key) -> Option<&LitStr> {
        match &self.get(key)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number after a key.
    pub(crate) fn number(&self, key: &Key) -> Option<&LitInt> {
        match &self.get(key)?.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// What is true or false after a key.
    pub(crate) fn bool(&self, key: &Key) -> Option<&LitBool> {
        match &self.get(key)?.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The path after a key.
    pub(crate) fn path(&self, key: &Key) -> Option<&Path> {
        match &self.get(key)?.value {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }

    /// The fields that a key declares.
    pub(crate) fn fields(&self, key: &Key) -> impl Iterator<Item = &Declared> {
        self.written.iter().filter(move |written| written.key == key).filter_map(|written| {
            match &written.value {
                Value::Field(declared) => Some(&**declared),
                _ => None,
            }
        })
    }

    /// The key that says what a field is for.
    pub(crate) fn role(&self) -> Option<&Written> {
        self.written.iter().find(|written| written.key.is_role)
    }

    fn tokens(&mut self, ctx: &Context, tokens: TokenStream, place: Place) {
        let list = |input: ParseStream<'_>| self.list(ctx, input, place);
        if let Err(error) = list.parse2(tokens) {
            self.is_unclear = true;
            ctx.push(error);
        }
    }

    fn list(&mut self, ctx: &Context, input: ParseStream<'_>, place: Place) -> syn::Result<()> {
        while !input.is_empty() {
            let ident = Ident::parse_any(input)?;
            match known(ctx, &ident, place) {
                Some(key) => self.known_key(ctx, key, ident, input)?,
                None => {
                    self.is_unclear = true;
                    skip_value(input)?;
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    fn known_key(
        &mut self,
        ctx: &Context,
        key: &'static Key,
        ident: Ident,
        input: ParseStream<'_>,
    ) -> syn::Result<()> {
        let Some(value) = value(key, input)? else {
            self.is_unclear = true;
            ctx.report(
                &ident,
                Mistake::new(format!("`{}` is not written like this", key.name)).write(form(key)),
            );
            return skip_value(input);
        };
        if self.get(key).is_some() && key.takes != Takes::Field {
            let mistake = Mistake::new(format!("`{}` is written twice", key.name));
            ctx.report(&ident, mistake.write("leave one of them out"));
        } else {
            self.written.push(Written { key, ident, value });
        }
        Ok(())
    }

    /// A field has one role, and what is not in the table has no column.
    fn report_conflicts(&self, ctx: &Context) {
        let Some(role) = self.role() else { return };
        let other = self
            .written
            .iter()
            .find(|written| written.key != role.key && (written.key.is_role || *role.key == symbol::SKIP));
        if let Some(other) = other {
            let mistake =
                Mistake::new(format!("`{}` and `{}` contradict each other", role.key.name, other.key.name));
            ctx.report(&other.ident, mistake.write("leave one of them out; a field has one role"));
        }
    }
}

/// The key, if it may stand here; else the mistake is reported.
fn known(ctx: &Context, ident: &Ident, place: Place) -> Option<&'static Key> {
    let name = ident.to_string();
    let found = symbol::key(&name);
    if let Some(key) = found.filter(|key| key.places.contains(&place)) {
        return Some(key);
    }
    let mistake = if found.is_some_and(|key| key.places.contains(&Place::ViewField)) && place == Place::Field
    {
        Mistake::new(format!("`{name}` cannot stand in a struct whose rows are written"))
            .write("declare a struct with `#[derive(View)] #[persist(of = …)]` for it")
    } else if found.is_some_and(|key| key.places.contains(&Place::Entity))
        && matches!(place, Place::Field | Place::ViewField)
    {
        Mistake::new(format!("`{name}` cannot stand above a field")).write("write it above the struct")
    } else if found.is_some_and(|key| place == Place::Path && symbol::OF_ROWS.contains(&key)) {
        Mistake::new(format!(
            "`{name}` is about rows that are loaded or written, which those of a path are not"
        ))
        .write("leave it out: what `filter_by` declares is for conditions only")
    } else if found.is_some() {
        Mistake::new(format!("`{name}` cannot stand here")).write(format!("here can stand {}", forms(place)))
    } else {
        let unknown = Mistake::new(format!("`{name}` is no key of `#[persist(…)]`"));
        let elsewhere = symbol::CALLED_ELSEWHERE.iter().find(|(called, _)| *called == name);
        let elsewhere = elsewhere.map(|(_, key)| *key).filter(|key| key.places.contains(&place));
        let near = || nearest(&name, symbol::keys_at(place).map(|key| key.name)).and_then(symbol::key);
        match elsewhere.or_else(near) {
            Some(key) => unknown.write(format!("did you mean `{}`?", key.name)),
            None => unknown.write(format!("here can stand {}", forms(place))),
        }
    };
    ctx.report(ident, mistake);
    None
}

/// The value after a key, or `None` where it has another form.
fn value(key: &Key, input: ParseStream<'_>) -> syn::Result<Option<Value>> {
    let ends = input.is_empty() || input.peek(Token![,]);
    match key.takes {
        Takes::Nothing => Ok(ends.then_some(Value::Nothing)),
        Takes::Text if input.peek(Token![=]) && input.peek2(LitStr) => {
            input.parse::<Token![=]>()?;
            Ok(Some(Value::Text(input.parse()?)))
        }
        Takes::Text => Ok(None),
        Takes::Number if input.peek(Token![=]) && input.peek2(LitInt) => {
            input.parse::<Token![=]>()?;
            Ok(Some(Value::Number(input.parse()?)))
        }
        Takes::Bool if input.peek(Token![=]) && input.peek2(LitBool) => {
            input.parse::<Token![=]>()?;
            Ok(Some(Value::Bool(input.parse()?)))
        }
        Takes::Type if input.peek(Token![=]) && !input.peek2(LitStr) => {
            input.parse::<Token![=]>()?;
            Ok(Some(Value::Path(input.parse()?)))
        }
        Takes::Number | Takes::Bool | Takes::Type => Ok(None),
        Takes::Field if input.peek(syn::token::Paren) => {
            let declared = declared.parse2(in_parentheses(input)?).ok();
            Ok(declared.map(|declared| Value::Field(Box::new(declared))))
        }
        Takes::Field => Ok(None),
        Takes::Word(_) | Takes::Path(_) | Takes::Parts(_) if ends => Ok(Some(Value::Nothing)),
        Takes::Word(_) | Takes::Path(_) | Takes::Parts(_) if !input.peek(syn::token::Paren) => Ok(None),
        Takes::Parts(words) => {
            let parts = parts.parse2(in_parentheses(input)?).ok();
            let is_known =
                |parts: &Vec<Part>| parts.iter().all(|part| words.iter().any(|word| part.name == word));
            Ok(parts.filter(is_known).map(Value::Parts))
        }
        Takes::Word(word) => {
            let content = in_parentheses(input)?;
            let parse = |input: ParseStream<'_>| Ident::parse_any(input);
            Ok(parse.parse2(content).ok().filter(|found| found == word).map(|_| Value::Word))
        }
        Takes::Path(word) => {
            let content = in_parentheses(input)?;
            let parse = |input: ParseStream<'_>| {
                let found = Ident::parse_any(input)?;
                input.parse::<Token![=]>()?;
                Ok((found, input.parse::<Path>()?))
            };
            Ok(parse
                .parse2(content)
                .ok()
                .filter(|(found, _)| found == word)
                .map(|(_, path)| Value::Path(path)))
        }
    }
}

/// `members: Vec<Member>, has_many`
fn declared(input: ParseStream<'_>) -> syn::Result<Declared> {
    let (vis, ident) = (input.parse()?, input.parse()?);
    input.parse::<Token![:]>()?;
    let ty = input.parse()?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(Declared { vis, ident, ty, rest: input.parse()? })
}

/// `table = "…", foreign_key = "…"`, each at most once.
fn parts(input: ParseStream<'_>) -> syn::Result<Vec<Part>> {
    let part = |input: ParseStream<'_>| {
        let name = Ident::parse_any(input)?;
        input.parse::<Token![=]>()?;
        Ok(Part { name, text: input.parse()? })
    };
    let parts: Vec<Part> =
        Punctuated::<Part, Token![,]>::parse_terminated_with(input, part)?.into_iter().collect();
    let twice =
        (1..parts.len()).find(|index| parts[..*index].iter().any(|part| part.name == parts[*index].name));
    match twice {
        Some(index) => Err(syn::Error::new_spanned(&parts[index].name, "written twice")),
        None => Ok(parts),
    }
}

fn in_parentheses(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let content;
    syn::parenthesized!(content in input);
    content.parse()
}

fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

fn form(key: &Key) -> String {
    match key.takes {
        Takes::Nothing => format!("write `{}` alone", key.name),
        Takes::Text | Takes::Number | Takes::Bool | Takes::Type | Takes::Field => {
            format!("write `{}`", key.form)
        }
        Takes::Parts(words) => {
            let parts = words.iter().map(|word| format!("{word} = \"…\""));
            format!(
                "write `{}({})`; each of them once, what is not needed is left out",
                key.name,
                parts.collect::<Vec<_>>().join(", ")
            )
        }
        Takes::Word(word) => format!("write `{0}` or `{0}({word})`", key.name),
        Takes::Path(word) => format!("write `{0}` or `{0}({word} = path::to::function)`", key.name),
    }
}

fn forms(place: Place) -> String {
    listed(symbol::keys_at(place).map(|key| key.form))
}
