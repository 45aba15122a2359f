//! The shape of a pipeline file: statements and expressions, each with its place.

/// A place in the file: where it begins, from 1, and how many characters it covers on that line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) width: usize,
}

impl Span {
    /// From the start of this place to the end of another, as far as it lies on the same line.
    pub(super) fn to(self, end: Self) -> Self {
        if end.line == self.line && end.column >= self.column {
            Self { width: end.column + end.width - self.column, ..self }
        } else {
            self
        }
    }
}

/// One statement: an expression, perhaps kept under a name, or its parts under several.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) names: Vec<String>,
    pub(super) value: Expression,
}

/// An expression and its place.
#[derive(Debug)]
pub(super) struct Expression {
    pub(super) at: Span,
    pub(super) node: Node,
    /// Expressions on the longest way down.
    pub(super) depth: usize,
}

#[derive(Debug)]
pub(super) enum Node {
    Name(String),
    Number(f64),
    Text(String),
    Bool(bool),
    None,
    List(Vec<Expression>),
    Dictionary(Vec<(Expression, Expression)>),
    Attribute { of: Box<Expression>, name: String, name_at: Span },
    Index { of: Box<Expression>, index: Box<Expression> },
    Call { what: Box<Expression>, arguments: Vec<Argument> },
    Unary { sign: &'static str, of: Box<Expression> },
    Binary { sign: &'static str, sign_at: Span, left: Box<Expression>, right: Box<Expression> },
}

/// An argument of a call, perhaps by name.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) name: Option<(String, Span)>,
    pub(super) value: Expression,
}
