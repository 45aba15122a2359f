//! A factor beside another one: correlation, regression, beta.

use super::{CustomFactor, Returns, RollingLinearRegression, RollingPearson, RollingSpearman};
use crate::{AssetName, Error, Factor, Filter};

impl Factor {
    fn beside(
        &self,
        target: &Self,
        custom: impl CustomFactor,
        mask: Option<&Filter>,
    ) -> Result<Self, Error> {
        let factor = custom.on([self, target])?;
        Ok(match mask {
            Some(mask) => factor.masked(mask),
            None => factor,
        })
    }

    /// Pearson's correlation with `target`, a factor or a slice of one, over `window` rows.
    ///
    /// # Errors
    ///
    /// [`Error::NotWindowSafe`], [`Error::WindowLength`].
    pub fn pearsonr(
        &self,
        target: &Self,
        window: usize,
        mask: Option<&Filter>,
    ) -> Result<Self, Error> {
        self.beside(target, RollingPearson::new(window)?, mask)
    }

    /// Spearman's correlation with `target`, a factor or a slice of one, over `window` rows.
    ///
    /// # Errors
    ///
    /// [`Error::NotWindowSafe`], [`Error::WindowLength`].
    pub fn spearmanr(
        &self,
        target: &Self,
        window: usize,
        mask: Option<&Filter>,
    ) -> Result<Self, Error> {
        self.beside(target, RollingSpearman::new(window)?, mask)
    }

    /// The least-squares line on `target`, a factor or a slice of one, over `window` rows: outputs `alpha`, `beta`,
    /// `r_value`, `p_value` and `stderr`.
    ///
    /// # Errors
    ///
    /// [`Error::NotWindowSafe`], [`Error::WindowLength`].
    pub fn linear_regression(
        &self,
        target: &Self,
        window: usize,
        mask: Option<&Filter>,
    ) -> Result<Self, Error> {
        self.beside(target, RollingLinearRegression::new(window)?, mask)
    }

    /// Returns over `window` rows, and those of one asset.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than two rows.
    pub fn returns_beside(target: AssetName, window: usize) -> Result<(Self, Self), Error> {
        let returns = Returns::new(window)?.factor()?;
        let target = returns.slice(target);
        Ok((returns, target))
    }
}
