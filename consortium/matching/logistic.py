"""Logistic regression with coefficients that are not negative, as a scikit-learn classifier: what `learning` fits."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
from threadpoolctl import threadpool_limits


class NonNegativeLogistic(ClassifierMixin, BaseEstimator):
    """Logistic regression through the origin with coefficients ≥ 0, drawn towards `prior`: a binary scikit-learn classifier.

    Minimises Σ wᵢ log(1 + exp(−yᵢ β·xᵢ)) + pull ÷ 2 · ‖β − prior‖² over β ≥ 0 (L-BFGS-B: Byrd et al. 1995); convex, hence one answer.
    prior : (n_features,) or None for zero. After `fit`: coef_ (1, n_features), classes_ (2,), n_iter_.
    """

    def __init__(self, pull: float = 1.0, prior: Any = None) -> None:
        self.pull = pull
        self.prior = prior

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803 (scikit-learn's name)
        """X (n, n_features), y (n,) of two classes. Raises ValueError for other shapes, or more classes."""
        X, y = validate_data(self, X, y, dtype=np.float64)  # noqa: N806
        check_classification_targets(y)
        self.classes_, which = np.unique(y, return_inverse=True)
        if len(self.classes_) > 2:
            raise ValueError(f"Only binary classification is supported. The number of classes is {len(self.classes_)}.")
        if len(self.classes_) < 2:
            raise ValueError("This solver needs samples of 2 classes, but the data holds 1 class.")
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        signed = X * np.where(which == 1, 1.0, -1.0)[:, None]
        middle = np.zeros(X.shape[1]) if self.prior is None else np.asarray(self.prior, dtype=np.float64)

        def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
            margin, away = signed @ beta, beta - middle
            slope = -(signed.T @ (weight * expit(-margin)))
            return float(weight @ np.logaddexp(0.0, -margin) + self.pull / 2 * (away @ away)), slope + self.pull * away

        with threadpool_limits(limits=1):  # a few dozen numbers: more threads only wait for each other, and one gives the same bytes everywhere
            found = minimize(loss, np.maximum(middle, 0.0), jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * X.shape[1], options={"maxiter": 500})
        self.coef_ = found.x[None, :]
        self.n_iter_ = int(found.nit)
        return self

    def decision_function(self, X: Any) -> np.ndarray:  # noqa: N803
        """(n,) float64 β·x."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)  # noqa: N806
        return np.asarray(X @ self.coef_[0])

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803
        """(n, 2) float64."""
        second = expit(self.decision_function(X))
        return np.stack([1 - second, second], axis=1)

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """(n,) of classes_."""
        check_is_fitted(self)
        return np.asarray(self.classes_[(self.decision_function(X) > 0).astype(int)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = True  # through the origin and without negative coefficients: no general-purpose classifier
        return tags
