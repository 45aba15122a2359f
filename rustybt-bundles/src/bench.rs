//! What benches measure beneath the public interface, and nobody else needs.

use std::path::Path;

use bytes::Bytes;

use crate::Error;
use crate::format::{Column, ColumnSpec, Footer, Kind, ParquetFile, Rows, encode};

/// A file of one column of prices, as bars have them.
#[derive(Debug)]
pub struct PriceFile {
    bytes: Bytes,
    rows: usize,
    scale: u8,
}

impl PriceFile {
    /// Encodes mantissas of `scale` digits behind the point, wide ones or narrow ones.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`].
    pub fn encode(mantissas: &[i64], scale: u8, wide: bool) -> Result<Self, Error> {
        let rows = mantissas.len();
        let (kind, column) = if wide {
            let mantissas = mantissas.iter().map(|&mantissa| mantissa.into()).collect();
            (Kind::Wide(scale), Column::Wide(mantissas))
        } else {
            (Kind::Decimal(scale), Column::Numbers(mantissas.to_vec()))
        };
        let specs = [ColumnSpec::new("close", kind)];
        let encoded = encode(&specs, &[column], &[0..rows], 0, &Footer::default())
            .map_err(|source| Error::Encode { table: "close".to_owned(), source })?;
        Ok(Self { bytes: Bytes::from(encoded.bytes), rows, scale })
    }

    /// The file's length in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Decodes it to `f64`s, as a tile's are.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`].
    pub fn decode(&self, wide: bool) -> Result<Vec<f64>, Error> {
        let kind = if wide { Kind::Wide(self.scale) } else { Kind::Decimal(self.scale) };
        let specs = vec![ColumnSpec::new("close", kind)];
        let (bytes, path) = (self.bytes.clone(), Path::new("close.parquet"));
        let file = ParquetFile::open(path, bytes, specs, self.rows, &Rows::All)?;
        let mut values = Vec::with_capacity(self.rows);
        file.floats(0, self.scale, f64::NAN, &mut values)?;
        Ok(values)
    }
}
