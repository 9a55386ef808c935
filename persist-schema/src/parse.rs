//! The only module that knows the SQL parser: one statement in, a small tree over its text out.

use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) use squawk_parser::SyntaxKind as Kind;
use squawk_parser::{EntryPoint, LexedStr, StrStep};

/// A parsed text. Nodes and tokens lie in one list in the order of the text; white space and comments are
/// left out.
pub(crate) struct Tree<'a> {
    text: &'a str,
    nodes: Vec<NodeData>,
    /// The first error: where, and what the parser says.
    pub(crate) error: Option<(usize, String)>,
}

struct NodeData {
    kind: Kind,
    start: u32,
    end: u32,
    /// The index after the last node below this one.
    after: u32,
}

/// A node or token of a tree.
#[derive(Clone, Copy)]
pub(crate) struct Node<'t> {
    tree: &'t Tree<'t>,
    index: u32,
}

/// Which grammar a text follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// SQL statements.
    Sql,
    /// The body of a DO block or function in PL/pgSQL.
    PlPgSql,
}

/// How deep brackets and blocks may nest; the parser is recursive and would run out of stack somewhere
/// beyond.
const MAX_DEPTH: usize = 200;

/// Parses a text. It never fails: what could not be understood is in [`Tree::error`].
pub(crate) fn parse(text: &str, grammar: Grammar) -> Tree<'_> {
    let mut builder =
        Builder { tree: Tree { text, nodes: Vec::new(), error: None }, open: Vec::new(), at: 0 };
    if bracket_depth(text) > MAX_DEPTH {
        return builder.give_up("it is nested too deeply");
    }
    // The parser asserts what it believes about its input. One that is wrong must not end the user's build.
    let parsed = catch_unwind(AssertUnwindSafe(|| {
        let lexed = LexedStr::new(text);
        let entry = match grammar {
            Grammar::Sql => EntryPoint::SourceFile,
            Grammar::PlPgSql => EntryPoint::Plpgsql,
        };
        let output = entry.parse(&lexed.to_input());
        lexed.intersperse_trivia(&output, &mut |step| builder.step(step));
        lexed.errors().next().map(|(range, message)| (range.start as usize, message.to_owned()))
    }));
    match parsed {
        Ok(lexer_error) => {
            let mut tree = builder.tree;
            tree.error = lexer_error.or(tree.error);
            tree
        }
        Err(_) => builder.give_up("the parser gave up on it"),
    }
}

fn bracket_depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

struct Builder<'a> {
    tree: Tree<'a>,
    open: Vec<u32>,
    at: usize,
}

impl<'a> Builder<'a> {
    fn step(&mut self, step: StrStep<'_>) {
        match step {
            StrStep::Token { kind, text } => {
                let start = self.at;
                self.at += text.len();
                if !kind.is_trivia() {
                    self.push(kind, start, self.at);
                }
            }
            StrStep::Enter { kind } => {
                let index = self.push(kind, self.at, self.at);
                self.open.push(index);
            }
            StrStep::Exit => self.close(),
            StrStep::Error { msg, pos } => {
                self.tree.error.get_or_insert_with(|| (pos, in_sql(msg)));
            }
        }
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) -> u32 {
        let index = self.tree.nodes.len() as u32;
        self.tree.nodes.push(NodeData { kind, start: start as u32, end: end as u32, after: index + 1 });
        index
    }

    /// Ends the innermost node: it reaches from its first to its last token.
    fn close(&mut self) {
        let Some(index) = self.open.pop() else { return };
        let after = self.tree.nodes.len() as u32;
        let (start, end) = match self.tree.nodes.get(index as usize + 1) {
            Some(first) => (first.start, self.tree.nodes[after as usize - 1].end),
            None => (self.at as u32, self.at as u32),
        };
        let node = &mut self.tree.nodes[index as usize];
        (node.start, node.end, node.after) = (start, end.max(start), after);
    }

    fn give_up(mut self, why: &str) -> Tree<'a> {
        self.tree.nodes.clear();
        self.tree.nodes.push(NodeData { kind: Kind::ERROR, start: 0, end: 0, after: 1 });
        self.tree.error = Some((0, why.to_owned()));
        self.tree
    }
}

/// What the parser says, with SQL in the place of the names of its tokens: `expected KEY_KW` as `expected `KEY``.
fn in_sql(message: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches([',', '.']);
        let sql = match bare {
            "L_PAREN" => "(",
            "R_PAREN" => ")",
            "L_BRACK" => "[",
            "R_BRACK" => "]",
            "L_CURLY" => "{",
            "R_CURLY" => "}",
            "COMMA" => ",",
            "SEMICOLON" => ";",
            "COLON" => ":",
            "COLON_COLON" => "::",
            "COLON_EQ" | "COLONEQ" => ":=",
            "DOT" => ".",
            "EQ" => "=",
            "STAR" => "*",
            "FAT_ARROW" => "=>",
            "EOF" => return word.replace("EOF", "the end"),
            "IDENT" => return word.replace("IDENT", "a name"),
            "STRING" => return word.replace("STRING", "a text in quotation marks"),
            "INT_NUMBER" | "FLOAT_NUMBER" => return word.replace(bare, "a number"),
            "column_name" => return word.replace(bare, "the name of a column"),
            _ => match bare.strip_suffix("_KW") {
                Some(keyword) => keyword,
                None => return word.to_owned(),
            },
        };
        format!("`{sql}`{}", &word[bare.len()..])
    };
    let words: Vec<String> = message.split(' ').map(word).collect();
    words.join(" ").replace("path name", "a name").replace("expected command", "expected a statement")
}

impl Tree<'_> {
    /// The node of the whole text.
    pub(crate) fn root(&self) -> Node<'_> {
        Node { tree: self, index: 0 }
    }
}

impl<'t> Node<'t> {
    pub(crate) fn kind(self) -> Kind {
        self.data().kind
    }

    pub(crate) fn is(self, kind: Kind) -> bool {
        self.kind() == kind
    }

    /// The bytes of the tree's text that the node covers.
    pub(crate) fn range(self) -> Range<usize> {
        self.data().start as usize..self.data().end as usize
    }

    pub(crate) fn start(self) -> usize {
        self.data().start as usize
    }

    /// The text as written, comments between its tokens included.
    pub(crate) fn text(self) -> &'t str {
        &self.tree.text[self.range()]
    }

    /// The text from the start of this node to the end of another.
    pub(crate) fn text_to(self, last: Node<'t>) -> &'t str {
        &self.tree.text[self.start()..last.range().end.max(self.start())]
    }

    /// The text of the whole tree.
    pub(crate) fn whole_text(self) -> &'t str {
        self.tree.text
    }

    /// Whether this is a token.
    pub(crate) fn is_token(self) -> bool {
        self.data().after == self.index + 1 && self.kind() <= Kind::WHITESPACE
    }

    pub(crate) fn children(self) -> impl Iterator<Item = Node<'t>> + Clone {
        let end = self.data().after;
        let mut index = self.index + 1;
        std::iter::from_fn(move || {
            if index >= end {
                return None;
            }
            let node = Node { tree: self.tree, index };
            index = node.data().after;
            Some(node)
        })
    }

    /// All nodes and tokens below this one, in the order of the text.
    pub(crate) fn descendants(self) -> impl Iterator<Item = Node<'t>> + Clone {
        let tree = self.tree;
        (self.index + 1..self.data().after).map(move |index| Node { tree, index })
    }

    /// The first child of that kind.
    pub(crate) fn child(self, kind: Kind) -> Option<Node<'t>> {
        self.children().find(|node| node.is(kind))
    }

    /// Whether there is a child of that kind.
    pub(crate) fn has(self, kind: Kind) -> bool {
        self.child(kind).is_some()
    }

    /// All children of that kind.
    pub(crate) fn all(self, kind: Kind) -> impl Iterator<Item = Node<'t>> {
        self.children().filter(move |node| node.is(kind))
    }

    /// The first node of that kind anywhere below.
    pub(crate) fn find(self, kind: Kind) -> Option<Node<'t>> {
        self.descendants().find(|node| node.is(kind))
    }

    /// The tokens below this node, or the node itself when it is one.
    pub(crate) fn tokens(self) -> impl Iterator<Item = Node<'t>> {
        let tree = self.tree;
        (self.index..self.data().after).map(move |index| Node { tree, index }).filter(|node| node.is_token())
    }

    fn data(self) -> &'t NodeData {
        &self.tree.nodes[self.index as usize]
    }
}

/// The tree as `(KIND child child …)`, tokens as written: for finding out what the parser makes of a
/// statement.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_token() {
            return f.write_str(self.text());
        }
        write!(f, "({:?}", self.kind())?;
        self.children().try_for_each(|child| write!(f, " {child:?}"))?;
        f.write_str(")")
    }
}
