//! Values in PostgreSQL's binary form, by the type that the server declares.
//!
//! The catalog's own statements know numbers, text and bytes. Some of DuckLake's columns are
//! something else on PostgreSQL: `boolean` is 0 and 1 here, `uuid` and `timestamptz` are text.

use std::error::Error as StdError;

use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type};
use uuid::Uuid;

use super::Value;
use crate::format::{Bound, Kind};

/// From 1970 to 2000, where PostgreSQL begins to count.
const EPOCH_US: i64 = 946_684_800_000_000;

type Failure = Box<dyn StdError + Sync + Send>;

/// A value on its way to the server.
#[derive(Debug)]
pub(super) struct Argument<'a>(pub(super) &'a Value);

impl ToSql for Argument<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match (self.0, ty) {
            (Value::Null, _) => return Ok(IsNull::Yes),
            (Value::Int(value), &Type::INT8) => out.extend_from_slice(&value.to_be_bytes()),
            (Value::Int(value), &Type::INT4) => {
                out.extend_from_slice(&i32::try_from(*value)?.to_be_bytes());
            }
            (Value::Int(value), &Type::BOOL) => out.extend_from_slice(&[u8::from(*value != 0)]),
            (Value::Text(text), &(Type::TEXT | Type::VARCHAR | Type::NAME)) => {
                out.extend_from_slice(text.as_bytes());
            }
            (Value::Text(text), &Type::UUID) => {
                out.extend_from_slice(Uuid::try_parse(text)?.as_bytes());
            }
            (Value::Text(text), &Type::TIMESTAMPTZ) => {
                let Some(Bound::Number(micros)) = Bound::parse(Kind::Instant, text) else {
                    return Err(format!("`{text}` is no instant").into());
                };
                out.extend_from_slice(&micros.saturating_sub(EPOCH_US).to_be_bytes());
            }
            (Value::Blob(bytes), &Type::BYTEA) => out.extend_from_slice(bytes),
            (value, ty) => {
                return Err(format!("{} where the column is {ty}", value.kind()).into());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// A cell as it came from the server.
pub(super) struct Cell<'a> {
    /// Its type, and its bytes; `None` where it is empty.
    raw: Option<(Type, &'a [u8])>,
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self { raw: Some((ty.clone(), raw)) })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self { raw: None })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl Cell<'_> {
    /// Fills a value; what it is instead, where it is nothing that a catalog holds.
    pub(super) fn fill(&self, value: &mut Value) -> Result<(), String> {
        let Some((ty, raw)) = &self.raw else {
            *value = Value::Null;
            return Ok(());
        };
        let odd = || format!("{ty} of {} bytes", raw.len());
        match *ty {
            Type::INT8 => value.set_int(i64::from_be_bytes(exact(raw).ok_or_else(odd)?)),
            Type::INT4 => value.set_int(i32::from_be_bytes(exact(raw).ok_or_else(odd)?).into()),
            Type::BOOL => value.set_int(i64::from(*raw != [0])),
            Type::TEXT | Type::VARCHAR | Type::NAME => {
                value.set_text(std::str::from_utf8(raw).map_err(|_| odd())?);
            }
            Type::BYTEA => value.set_blob(raw),
            Type::UUID => {
                let id = Uuid::from_bytes(exact(raw).ok_or_else(odd)?);
                value.set_text(&id.to_string());
            }
            Type::TIMESTAMPTZ => {
                let micros = i64::from_be_bytes(exact(raw).ok_or_else(odd)?);
                let instant = Bound::Number(micros.saturating_add(EPOCH_US));
                value.set_text(&instant.format(Kind::Instant));
            }
            _ => return Err(odd()),
        }
        Ok(())
    }
}

fn exact<const N: usize>(raw: &[u8]) -> Option<[u8; N]> {
    raw.try_into().ok()
}
