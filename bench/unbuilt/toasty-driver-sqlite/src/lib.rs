//! Stands in for a driver that the bench does not use.
