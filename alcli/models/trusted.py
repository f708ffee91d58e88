"""Types that a .skops model may hold beyond those skops trusts by itself.

A fixed list, never what a file asks for: the file is the stranger here. Every one of these is
plain data or code of scikit-learn, none runs anything on being made.
"""

from __future__ import annotations

TRUSTED = (
    # alcli: attributes only, no code at loading
    "alcli.models.bundle.Bundle",
    "alcli.models.classifier.Model",
    "alcli.models.average.Average",
    "alcli.models.pooled.SelfTraining",
    "alcli.models.pooled.Spreading",
    "alcli.models.heads.LinearHead",
    "alcli.models.heads.EstimatorHead",
    "alcli.models.heads.ConstantHead",
    "alcli.features.maker.FeatureMaker",
    "alcli.features.parts.Numbers",
    "alcli.features.parts.Vectors",
    "alcli.features.parts.Categories",
    "alcli.features.texts.Texts",
    "alcli.features.texts.Terms",
    "alcli.features.space.Space",
    # scikit-learn and scipy: types inside fitted estimators that are no estimators themselves
    "scipy.sparse._csr.csr_matrix",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.gaussian_process.kernels.ConstantKernel",
    "sklearn.gaussian_process.kernels.Product",
    "sklearn.gaussian_process.kernels.RBF",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
)
