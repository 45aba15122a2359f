//! Tokens into statements, by precedence climbing.

use super::error::Fault;
use super::lexer::{Kind, Token};
use super::syntax::{Argument, Expression, Node, Span, Statement};

/// Deeper expressions are refused: what is written by hand or by a program stays far below.
const DEEPEST: usize = 50;

/// Words of Python that begin something we do not have.
const FOREIGN: [(&str, &str); 14] = [
    ("def", "there are no functions here; write assignments, then `Pipeline(...)`"),
    ("class", "there are no classes here; write such a factor in Rust"),
    ("return", "there are no functions here; end with `Pipeline(...)`"),
    ("for", "there are no loops here"),
    ("while", "there are no loops here"),
    ("if", "there are no conditions here; use `&`, `|` and `~` on filters"),
    ("else", "there are no conditions here"),
    ("and", "use `&` between filters, each in brackets"),
    ("or", "use `|` between filters, each in brackets"),
    ("not", "use `~` before a filter"),
    ("lambda", "there are no functions here"),
    ("with", "there is no `with` here"),
    ("in", "there is no `in` here"),
    ("is", "use `==`, or `.isnull()` for what is missing"),
];

/// How tightly a sign binds, loosest first.
const PRECEDENCE: [&[&str]; 5] =
    [&["<", "<=", ">", ">=", "==", "!="], &["|"], &["&"], &["+", "-"], &["*", "/", "%"]];

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    /// The place of the token taken last.
    last: Span,
    depth: usize,
}

/// Turns tokens into statements.
pub(super) fn program(tokens: Vec<Token>) -> Result<Vec<Statement>, Fault> {
    let last = Span { line: 1, column: 1, width: 1 };
    let mut parser = Parser { tokens: tokens.into_iter().peekable(), last, depth: 0 };
    let mut statements = Vec::new();
    loop {
        match parser.peek() {
            Kind::End => return Ok(statements),
            Kind::Newline => {
                parser.next();
            }
            Kind::Name(name) if name == "import" || name == "from" => {
                while !matches!(parser.peek(), Kind::Newline | Kind::End) {
                    parser.next();
                }
            }
            _ => statements.push(parser.statement()?),
        }
    }
}

impl Parser {
    fn peek(&mut self) -> Kind {
        self.tokens.peek().map_or(Kind::End, |token| token.kind.clone())
    }

    fn place(&mut self) -> Span {
        self.tokens.peek().map_or(self.last, |token| token.at)
    }

    fn next(&mut self) -> Kind {
        match self.tokens.next() {
            Some(token) => {
                self.last = token.at;
                token.kind
            }
            None => Kind::End,
        }
    }

    /// Takes a sign if it comes next.
    fn eat(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Kind::Sign(next) if next == sign);
        if found {
            self.next();
        }
        found
    }

    fn unexpected<T>(&mut self, expected: &str) -> Result<T, Fault> {
        let at = self.place();
        let found = match self.peek() {
            Kind::Name(name) => {
                if let Some((_, hint)) = FOREIGN.iter().find(|(word, _)| *word == name) {
                    return Fault::new(at, format!("`{name}` cannot be used: {hint}"));
                }
                format!("`{name}`")
            }
            Kind::Number(number) => format!("`{number}`"),
            Kind::Text(_) => "a string".to_owned(),
            Kind::Sign(sign) => format!("`{sign}`"),
            Kind::Newline => "the end of the line".to_owned(),
            Kind::End => "the end of the file".to_owned(),
        };
        Fault::new(at, format!("found {found} where {expected} was expected"))
    }

    fn statement(&mut self) -> Result<Statement, Fault> {
        let value = self.expression()?;
        let mut targets = vec![value];
        while self.eat(",") {
            targets.push(self.expression()?);
        }
        let statement = if matches!(self.peek(), Kind::Sign("=")) {
            let mut names = Vec::with_capacity(targets.len());
            for target in targets {
                let Node::Name(name) = target.node else {
                    return Fault::new(target.at, "only a plain name can be assigned to");
                };
                names.push(name);
            }
            self.next();
            let value = self.expression()?;
            let value = if self.eat(",") {
                // A tuple without brackets.
                let mut items = vec![value];
                loop {
                    items.push(self.expression()?);
                    if !self.eat(",") {
                        break;
                    }
                }
                let at = items.first().map_or(self.last, |first| first.at).to(self.last);
                build(at, Node::List(items))?
            } else {
                value
            };
            Statement { names, value }
        } else if let [_, second, ..] = targets.as_slice() {
            return Fault::new(second.at, "`=` was expected behind several names");
        } else {
            match targets.pop() {
                Some(value) => Statement { names: Vec::new(), value },
                None => return self.unexpected("a value"),
            }
        };
        match self.peek() {
            Kind::Newline | Kind::End => Ok(statement),
            Kind::Sign("=") => {
                let at = self.place();
                Fault::new(at, "one name can be assigned to at a time; `==` compares")
            }
            _ => self.unexpected("an operator or the end of the line"),
        }
    }

    fn expression(&mut self) -> Result<Expression, Fault> {
        self.depth += 1;
        let at = self.place();
        if self.depth > DEEPEST {
            return Fault::new(at, format!("brackets are nested more than {DEEPEST} deep"));
        }
        let expression = self.binary(0)?;
        self.depth -= 1;
        Ok(expression)
    }

    /// Takes operators that bind at least as tightly as `loosest`.
    fn binary(&mut self, loosest: usize) -> Result<Expression, Fault> {
        let mut left = self.unary()?;
        let mut compared = false;
        loop {
            let Kind::Sign(sign) = self.peek() else { return Ok(left) };
            let level = PRECEDENCE.iter().position(|signs| signs.contains(&sign));
            let Some(level) = level.filter(|level| *level >= loosest) else { return Ok(left) };
            self.next();
            let sign_at = self.last;
            if level == 0 && compared {
                return Fault::new(
                    sign_at,
                    "comparisons cannot be chained, and `&` and `|` bind tighter than they do; \
                     put each in brackets, as in `(a < b) & (b < c)`",
                );
            }
            compared |= level == 0;
            let right = self.binary(level + 1)?;
            let at = left.at.to(right.at);
            let (left_box, right) = (Box::new(left), Box::new(right));
            left = build(at, Node::Binary { sign, sign_at, left: left_box, right })?;
        }
    }

    fn unary(&mut self) -> Result<Expression, Fault> {
        let at = self.place();
        let sign = match self.peek() {
            Kind::Sign("-") => "-",
            Kind::Sign("~") => "~",
            Kind::Sign("+") => "+",
            _ => return self.power(),
        };
        self.next();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Fault::new(at, format!("signs are nested more than {DEEPEST} deep"));
        }
        let of = self.unary()?;
        self.depth -= 1;
        build(at.to(of.at), Node::Unary { sign, of: Box::new(of) })
    }

    /// `**` binds tighter than a sign before it, looser than one behind it, and from the right.
    fn power(&mut self) -> Result<Expression, Fault> {
        let left = self.postfix()?;
        if !self.eat("**") {
            return Ok(left);
        }
        let sign_at = self.last;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Fault::new(sign_at, format!("powers are nested more than {DEEPEST} deep"));
        }
        let right = self.unary()?;
        self.depth -= 1;
        let at = left.at.to(right.at);
        build(
            at,
            Node::Binary { sign: "**", sign_at, left: Box::new(left), right: Box::new(right) },
        )
    }

    fn postfix(&mut self) -> Result<Expression, Fault> {
        let mut expression = self.primary()?;
        loop {
            if self.eat(".") {
                let Kind::Name(name) = self.peek() else {
                    return self.unexpected("the name of an attribute");
                };
                self.next();
                let (name_at, of) = (self.last, Box::new(expression));
                expression = build(of.at.to(name_at), Node::Attribute { of, name, name_at })?;
            } else if self.eat("[") {
                let index = Box::new(self.expression()?);
                if !self.eat("]") {
                    return self.unexpected("`]`");
                }
                let of = Box::new(expression);
                expression = build(of.at.to(self.last), Node::Index { of, index })?;
            } else if self.eat("(") {
                let arguments = self.arguments()?;
                let what = Box::new(expression);
                expression = build(what.at.to(self.last), Node::Call { what, arguments })?;
            } else {
                return Ok(expression);
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<Argument>, Fault> {
        let mut arguments: Vec<Argument> = Vec::new();
        while !self.eat(")") {
            if !arguments.is_empty() {
                if !self.eat(",") {
                    return self.unexpected("`,` or `)`");
                }
                if self.eat(")") {
                    break;
                }
            }
            let value = self.expression()?;
            if self.eat("=") {
                let Node::Name(name) = value.node else {
                    return Fault::new(value.at, "an argument is named by a plain name");
                };
                arguments
                    .push(Argument { name: Some((name, value.at)), value: self.expression()? });
            } else if arguments.iter().any(|argument| argument.name.is_some()) {
                return Fault::new(
                    value.at,
                    "an argument without a name cannot follow one with a name",
                );
            } else {
                arguments.push(Argument { name: None, value });
            }
        }
        Ok(arguments)
    }

    fn primary(&mut self) -> Result<Expression, Fault> {
        let at = self.place();
        let node = match self.peek() {
            Kind::Number(number) => Node::Number(number),
            Kind::Text(text) => Node::Text(text),
            Kind::Name(name) => match name.as_str() {
                "True" => Node::Bool(true),
                "False" => Node::Bool(false),
                "None" => Node::None,
                word if FOREIGN.iter().any(|(foreign, _)| *foreign == word) => {
                    return self.unexpected("a value");
                }
                _ => Node::Name(name),
            },
            Kind::Sign("(") => return self.group(at),
            Kind::Sign("[") => {
                self.next();
                let items = self.items("]")?;
                return build(at.to(self.last), Node::List(items));
            }
            Kind::Sign("{") => return self.dictionary(at),
            _ => return self.unexpected("a value"),
        };
        self.next();
        build(at, node)
    }

    /// A bracket: one expression, or a tuple, which counts as a list.
    fn group(&mut self, at: Span) -> Result<Expression, Fault> {
        self.next();
        if self.eat(")") {
            return build(at, Node::List(Vec::new()));
        }
        let first = self.expression()?;
        if self.eat(")") {
            return Ok(first);
        }
        if !self.eat(",") {
            return self.unexpected("`)`");
        }
        let mut items = vec![first];
        items.extend(self.items(")")?);
        build(at.to(self.last), Node::List(items))
    }

    fn items(&mut self, close: &str) -> Result<Vec<Expression>, Fault> {
        let mut items = Vec::new();
        while !self.eat(close) {
            items.push(self.expression()?);
            if !self.eat(",") {
                if self.eat(close) {
                    break;
                }
                return self.unexpected(&format!("`,` or `{close}`"));
            }
        }
        Ok(items)
    }

    fn dictionary(&mut self, at: Span) -> Result<Expression, Fault> {
        self.next();
        let mut items: Vec<(Expression, Expression)> = Vec::new();
        while !self.eat("}") {
            let key = self.expression()?;
            if !self.eat(":") {
                if items.is_empty() {
                    return self.set(at, key);
                }
                return self.unexpected("`:`");
            }
            items.push((key, self.expression()?));
            if !self.eat(",") {
                if self.eat("}") {
                    break;
                }
                return self.unexpected("`,` or `}`");
            }
        }
        build(at.to(self.last), Node::Dictionary(items))
    }

    /// `{1, 2}` after its first item: the order does not matter to anybody, so it is a list.
    fn set(&mut self, at: Span, first: Expression) -> Result<Expression, Fault> {
        if !matches!(self.peek(), Kind::Sign("," | "}")) {
            return self.unexpected("`:`");
        }
        self.eat(",");
        let mut items = vec![first];
        items.extend(self.items("}")?);
        build(at.to(self.last), Node::List(items))
    }
}

/// Puts an expression together and refuses one that has become too deep.
fn build(at: Span, node: Node) -> Result<Expression, Fault> {
    let deepest =
        |expressions: &[&Expression]| expressions.iter().map(|e| e.depth).max().unwrap_or(0);
    let below = match &node {
        Node::List(items) => deepest(&items.iter().collect::<Vec<_>>()),
        Node::Dictionary(items) => {
            deepest(&items.iter().flat_map(|(key, value)| [key, value]).collect::<Vec<_>>())
        }
        Node::Attribute { of, .. } | Node::Unary { of, .. } => of.depth,
        Node::Index { of, index } => of.depth.max(index.depth),
        Node::Call { what, arguments } => {
            what.depth.max(arguments.iter().map(|argument| argument.value.depth).max().unwrap_or(0))
        }
        Node::Binary { left, right, .. } => left.depth.max(right.depth),
        _ => 0,
    };
    if below >= 4 * DEEPEST {
        return Fault::new(at, "this expression is too long; give names to its parts");
    }
    Ok(Expression { at, node, depth: below + 1 })
}
