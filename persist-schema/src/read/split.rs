//! Cuts the text of a file into statements, as psql and the server do: a semicolon counts unless it is
//! quoted.

/// One statement and where it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Statement<'a> {
    /// The text without the semicolon, leading white space and leading comments.
    pub(crate) text: &'a str,
    /// The line of its first character, counted from one.
    pub(crate) line: u32,
    /// The lines after `COPY … FROM stdin`.
    pub(crate) data: Option<&'a str>,
    /// Does a word within it begin statements, too? Then a semicolon may be missing in front of it.
    pub(crate) begins_again: bool,
}

/// The statements of a file, in order. Empty ones are left out.
pub(crate) fn split(text: &str) -> Vec<Statement<'_>> {
    let mut splitter =
        Splitter { text, bytes: text.as_bytes(), at: 0, line: 1, counted: 0, found: Vec::new() };
    while splitter.statement() {}
    splitter.found
}

struct Splitter<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The line that `counted` is in, so that lines are counted once and not per statement.
    line: u32,
    counted: usize,
    found: Vec<Statement<'a>>,
}

/// Words with which statements begin, and which statements about data seldom hold.
const BEGINNINGS: [&str; 10] =
    ["create", "alter", "drop", "insert", "update", "delete", "truncate", "grant", "revoke", "comment"];

/// What the words of a statement, as far as read, say about its end.
#[derive(Default)]
struct Words {
    count: usize,
    first: [u8; 4],
    /// CREATE RULE can hold several commands in parentheses.
    is_rule: bool,
    parentheses: usize,
    after_begin: bool,
    /// How many END the body of BEGIN ATOMIC still needs.
    atomic: usize,
    from: bool,
    copies_stdin: bool,
    begins_again: bool,
}

impl Words {
    fn word(&mut self, word: &[u8]) {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        if self.count == 0 {
            for (slot, byte) in self.first.iter_mut().zip(word.iter().chain(&[0; 4])) {
                *slot = byte.to_ascii_lowercase();
            }
        }
        self.is_rule |= self.count < 5 && &self.first == b"crea" && is("rule");
        if self.atomic > 0 {
            match () {
                () if is("case") => self.atomic += 1,
                () if is("end") => self.atomic -= 1,
                () => {}
            }
        } else if self.after_begin && is("atomic") && &self.first == b"crea" {
            self.atomic = 1;
        }
        self.copies_stdin |= &self.first == b"copy" && self.from && is("stdin");
        self.begins_again |=
            self.count > 0 && self.parentheses == 0 && BEGINNINGS.iter().any(|word| is(word));
        self.from = is("from");
        self.after_begin = is("begin");
        self.count += 1;
    }

    fn ends_at_semicolon(&self) -> bool {
        self.atomic == 0 && !(self.is_rule && self.parentheses > 0)
    }
}

impl<'a> Splitter<'a> {
    /// Reads one statement; false at the end of the text.
    fn statement(&mut self) -> bool {
        self.skip_blank();
        if self.at >= self.bytes.len() {
            return false;
        }
        if self.bytes[self.at] == b'\\' {
            let start = self.at;
            self.skip_line();
            let line = self.text[start..self.at].trim_end();
            // \i, \ir, \include and \include_relative bring statements; all others are for psql alone.
            if line.starts_with("\\i") && !line.starts_with("\\if") {
                self.push(start, start + line.len(), false);
            }
            return true;
        }
        let start = self.at;
        let mut words = Words::default();
        let mut end = self.bytes.len();
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b';' if words.ends_at_semicolon() => {
                    end = self.at;
                    self.at += 1;
                    break;
                }
                // A command of psql, for instance \gexec, ends the statement before it.
                b'\\' => {
                    end = self.at;
                    self.skip_line();
                    break;
                }
                b'(' => {
                    words.parentheses += 1;
                    self.at += 1;
                }
                b')' => {
                    words.parentheses = words.parentheses.saturating_sub(1);
                    self.at += 1;
                }
                byte if is_word_start(byte) => {
                    let from = self.at;
                    self.word();
                    let word = &self.bytes[from..self.at];
                    if word.eq_ignore_ascii_case(b"e") && self.bytes.get(self.at) == Some(&b'\'') {
                        self.quoted(b'\'', true);
                    } else {
                        words.word(word);
                    }
                }
                _ => self.token(),
            }
        }
        self.push(start, end, words.begins_again);
        if words.copies_stdin {
            self.skip_copy_data();
        }
        true
    }

    /// Steps over a quoted text, a comment or a single character.
    fn token(&mut self) {
        match self.bytes[self.at] {
            quote @ (b'\'' | b'"') => self.quoted(quote, false),
            b'-' if self.next_is(b'-') => self.skip_line(),
            b'/' if self.next_is(b'*') => self.skip_comment(),
            b'$' => self.dollar_quoted(),
            b'0'..=b'9' => self.word(),
            _ => self.at += 1,
        }
    }

    fn next_is(&self, byte: u8) -> bool {
        self.bytes.get(self.at + 1) == Some(&byte)
    }

    fn word(&mut self) {
        while self.bytes.get(self.at).is_some_and(|&byte| is_word_part(byte)) {
            self.at += 1;
        }
    }

    fn quoted(&mut self, quote: u8, backslash_escapes: bool) {
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            if byte == quote {
                if self.bytes.get(self.at) != Some(&quote) {
                    return;
                }
                // A doubled quote is one inside; in E'' what follows still has escapes.
                self.at += 1;
            }
            if byte == b'\\' && backslash_escapes {
                self.at += 1;
            }
        }
        self.at = self.bytes.len();
    }

    /// `$$ … $$` or `$tag$ … $tag$`; a lone dollar is a character as any other.
    fn dollar_quoted(&mut self) {
        let rest = &self.text[self.at..];
        let tag = rest[1..].find('$').map(|length| &rest[..length + 2]);
        match tag.filter(|tag| is_tag(&tag[1..tag.len() - 1])) {
            Some(tag) => {
                let body = self.at + tag.len();
                self.at =
                    self.text[body..].find(tag).map_or(self.bytes.len(), |length| body + length + tag.len());
            }
            None => self.at += 1,
        }
    }

    fn skip_blank(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b';' => self.at += 1,
                byte if byte.is_ascii_whitespace() || byte == 0x0b => self.at += 1,
                b'-' if self.next_is(b'-') => self.skip_line(),
                b'/' if self.next_is(b'*') => self.skip_comment(),
                // A byte order mark.
                0xef if self.bytes[self.at..].starts_with("\u{feff}".as_bytes()) => self.at += 3,
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |length| length + 1);
    }

    /// Comments nest.
    fn skip_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.bytes.len() {
            if self.bytes[self.at] == b'/' && self.next_is(b'*') {
                depth += 1;
                self.at += 2;
            } else if self.bytes[self.at] == b'*' && self.next_is(b'/') {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return;
                }
            } else {
                self.at += 1;
            }
        }
    }

    /// The lines after COPY … FROM stdin, up to the one that is `\.`.
    fn skip_copy_data(&mut self) {
        self.skip_line();
        let first = self.at;
        while self.at < self.bytes.len() {
            let start = self.at;
            self.skip_line();
            if self.text[start..self.at].trim_end() == "\\." {
                return self.keep_copy_data(first, start);
            }
        }
        self.keep_copy_data(first, self.at);
    }

    fn keep_copy_data(&mut self, first: usize, end: usize) {
        if let Some(statement) = self.found.last_mut() {
            statement.data = Some(&self.text[first.min(end)..end]);
        }
    }

    fn push(&mut self, start: usize, end: usize, begins_again: bool) {
        let newlines = self.bytes[self.counted..start].iter().filter(|&&byte| byte == b'\n').count();
        self.line += u32::try_from(newlines).unwrap_or(0);
        self.counted = start;
        let text = &self.text[start..end];
        self.found.push(Statement { text, line: self.line, data: None, begins_again });
    }
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_word_part(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_tag(tag: &str) -> bool {
    tag.is_empty()
        || (is_word_start(tag.as_bytes()[0]) && tag.bytes().all(|byte| is_word_part(byte) && byte != b'$'))
}

#[cfg(test)]
mod tests {
    use super::split;

    fn texts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn semicolons_in_quotes_and_comments_do_not_split() {
        assert_eq!(texts("select ';'; select \";\""), ["select ';'", "select \";\""]);
        assert_eq!(texts(r"select E'\';'; select 'a\'; x"), [r"select E'\';'", r"select 'a\'", "x"]);
        assert_eq!(texts(r"select E'''\';'; x"), [r"select E'''\';'", "x"]);
        assert_eq!(texts("a -- ;\n b; /* ; /* ; */ ; */ c"), ["a -- ;\n b", "c"]);
    }

    #[test]
    fn dollar_quotes_keep_their_body_together() {
        assert_eq!(texts("do $$ a; b $$; c"), ["do $$ a; b $$", "c"]);
        assert_eq!(texts("do $x$ a; $$ ; b $x$; c"), ["do $x$ a; $$ ; b $x$", "c"]);
        assert_eq!(texts("select $1; select a$b$c; d"), ["select $1", "select a$b$c", "d"]);
    }

    #[test]
    fn begin_atomic_is_one_statement() {
        let function =
            "create function f() returns int begin atomic select case when a then 1 end; select 2; end";
        assert_eq!(texts(&format!("{function}; next")), [function, "next"]);
        assert_eq!(texts("begin; select 1; end; x"), ["begin", "select 1", "end", "x"]);
    }

    #[test]
    fn rules_may_hold_several_commands() {
        let rule = "create rule r as on insert to t do (select 1; select 2)";
        assert_eq!(texts(&format!("{rule}; next")), [rule, "next"]);
    }

    #[test]
    fn copy_data_and_lines_for_psql_are_skipped() {
        assert_eq!(texts("copy t (a) from stdin;\n1;\n\\.\nnext;"), ["copy t (a) from stdin", "next"]);
        assert_eq!(texts("\\connect db\na; \\echo x;\nselect 1 \\gexec\nb"), ["a", "select 1 ", "b"]);
        assert_eq!(texts("\\if :x\n\\ir other.sql\n\\endif\na"), ["\\ir other.sql", "a"]);
    }

    #[test]
    fn lines_are_those_of_the_first_word() {
        let lines: Vec<u32> =
            split("\n-- x\na;\n\n/*\n*/ b\n;c").into_iter().map(|found| found.line).collect();
        assert_eq!(lines, [3, 6, 7]);
    }

    #[test]
    fn unfinished_texts_end_with_the_file() {
        for text in
            ["select '", "select \"", "do $$ a", "/* a", "select E'\\", "copy t from stdin;\n1", "$", "\\"]
        {
            split(text);
        }
    }
}
