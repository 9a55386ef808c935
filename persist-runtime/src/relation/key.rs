//! The bytes by which children find their parents.

use crate::error::Error;
use crate::row::raw;

/// The binary form of a key, of one column or several.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum LinkKey {
    /// Most keys are integers or UUIDs, which need no allocation.
    Short(u8, [u8; SHORT]),
    Long(Box<[u8]>),
}

const SHORT: usize = 16;

impl LinkKey {
    /// The key in the cells at these indices; `None` where one of them is NULL, which refers to nothing.
    pub(crate) fn read(
        row: &tokio_postgres::Row,
        mut indices: impl ExactSizeIterator<Item = usize>,
    ) -> Result<Option<LinkKey>, Error> {
        if indices.len() == 1 {
            let cell = indices.next().map_or(Ok(None), |index| raw(row, index))?;
            return Ok(cell.map(LinkKey::of));
        }
        let mut bytes = Vec::with_capacity(SHORT * 4);
        for index in indices {
            let Some(cell) = raw(row, index)? else { return Ok(None) };
            // Without their lengths, ("ab", "c") and ("a", "bc") would be one key.
            bytes.extend_from_slice(&cell.len().to_le_bytes());
            bytes.extend_from_slice(cell);
        }
        Ok(Some(LinkKey::Long(bytes.into())))
    }

    fn of(bytes: &[u8]) -> LinkKey {
        match bytes.len() {
            length @ ..=SHORT => {
                let mut short = [0; SHORT];
                short[..length].copy_from_slice(bytes);
                LinkKey::Short(length as u8, short)
            }
            _ => LinkKey::Long(bytes.into()),
        }
    }
}
