//! A source file with the places of the expressions that mutants change.

use proc_macro2::{LineColumn, Span};
use std::collections::BTreeMap;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// The file's bytes, by line and column.
pub struct Positions {
    /// For each line, where each of its characters begins, and where the line ends.
    lines: Vec<Vec<usize>>,
}

impl Positions {
    pub fn of(text: &str) -> Self {
        let mut begin = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            let starts =
                line.char_indices().map(|(at, _)| begin + at).chain([begin + line.len()]).collect();
            begin += line.len();
            starts
        });
        Positions { lines: lines.collect() }
    }

    /// The byte at a line from 1 and a column from 0.
    pub fn byte(&self, line: usize, column: usize) -> Option<usize> {
        self.lines.get(line.checked_sub(1)?)?.get(column).copied()
    }

    fn at(&self, position: LineColumn) -> Option<usize> {
        self.byte(position.line, position.column)
    }

    fn range(&self, span: Span) -> Option<Range<usize>> {
        Some(self.at(span.start())?..self.at(span.end())?)
    }
}

/// Where mutants can be put, by the byte at which what they change begins.
#[derive(Default)]
pub struct Sites {
    /// The operator's byte -> its whole expression.
    pub expressions: BTreeMap<usize, Range<usize>>,
    /// The first statement's byte.
    pub bodies: Vec<usize>,
}

pub fn sites(text: &str, positions: &Positions) -> syn::Result<Sites> {
    let mut finder = Finder { positions, sites: Sites::default() };
    finder.visit_file(&syn::parse_file(text)?);
    Ok(finder.sites)
}

struct Finder<'a> {
    positions: &'a Positions,
    sites: Sites,
}

impl Finder<'_> {
    fn expression(&mut self, operator: Span, whole: Span) {
        if let (Some(operator), Some(whole)) =
            (self.positions.at(operator.start()), self.positions.range(whole))
        {
            self.sites.expressions.insert(operator, whole);
        }
    }

    fn body(&mut self, block: &syn::Block) {
        if let Some(first) =
            block.stmts.first().and_then(|first| self.positions.at(first.span().start()))
        {
            self.sites.bodies.push(first);
        }
    }
}

/// Whether a condition binds names, which no block can be put around.
fn binds(expression: &syn::Expr) -> bool {
    match expression {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => binds(&binary.left) || binds(&binary.right),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if !binds(&binary.left) && !binds(&binary.right) {
            self.expression(binary.op.span(), binary.span());
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        self.expression(unary.op.span(), unary.span());
        visit::visit_expr_unary(self, unary);
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.body(&function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.body(&function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.body(block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
