"""How unsure another system was of a text that it wrote or of the regions of an image, as its file says.

The file's rows are summarised when they are read: tokens to (mean log-probability, total
log-probability, mean entropy), regions to (mean, largest, sum) of their uncertainties.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.errors import ModelError


def mnlp(sequence: ArrayLike) -> NDArray[np.float64]:
    """How improbable a text is, token by token: the negative mean log-probability.

    Parameters
    ----------
    sequence : array of shape (n, 3)
        Mean and total of the tokens' log-probabilities, neither above 0, and their mean entropy, of
        which the first column is used. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``-mean``: 0 for a text of which the model was certain, larger the less probable its tokens.

    Raises
    ------
    ValueError
        If `sequence` has another shape or a number is not finite; the message names the row.
    ModelError
        ``no-signal`` when the file brings no log-probabilities at all.

    References
    ----------
    Shen, Yun, Lipton, Kronrod, Anandkumar (2018). Deep active learning for named entity recognition:
    maximum normalized log-probability. They rank by the mean itself, smallest first.

    Examples
    --------
    >>> mnlp([[-0.5, -1.0, 0.3], [-0.1, -2.0, 0.2]])
    array([0.5, 0.1])
    """
    return 0.0 - _column(sequence, 0)


def sequence_log_probability(sequence: ArrayLike) -> NDArray[np.float64]:
    """How improbable a text is as a whole: the negative total log-probability.

    Parameters
    ----------
    sequence : array of shape (n, 3)
        As for `mnlp`; the second column is used. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        ``-total``. Orders rows as ``1 - p(y | x)`` does, which would be 1 for every long text in
        floating point.

    Raises
    ------
    ValueError
        If `sequence` has another shape or a number is not finite; the message names the row.
    ModelError
        ``no-signal`` when the file brings no log-probabilities at all.

    References
    ----------
    Culotta, McCallum (2005). Reducing labeling effort for structured prediction tasks.
    Settles, Craven (2008). An analysis of active learning strategies for sequence labeling tasks, eq. 3.

    Examples
    --------
    >>> sequence_log_probability([[-0.5, -1.0, 0.3], [-0.1, -2.0, 0.2]])
    array([1., 2.])
    """
    return 0.0 - _column(sequence, 1)


def token_entropy(sequence: ArrayLike) -> NDArray[np.float64]:
    """How uncertain the tokens of a text were on average.

    Parameters
    ----------
    sequence : array of shape (n, 3)
        As for `mnlp`; the third column is used. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        The mean entropy in nats, 0 or more.

    Raises
    ------
    ValueError
        If `sequence` has another shape or a number is not finite; the message names the row.
    ModelError
        ``no-signal`` when the file brings no entropies and no alternatives.

    References
    ----------
    Settles, Craven (2008). An analysis of active learning strategies for sequence labeling tasks, eq. 4.

    Examples
    --------
    >>> token_entropy([[-0.5, -1.0, 0.3], [-0.1, -2.0, 0.2]])
    array([0.3, 0.2])
    """
    return _column(sequence, 2)


def total_token_entropy(sequence: ArrayLike) -> NDArray[np.float64]:
    """How uncertain the tokens of a text were, all together.

    Parameters
    ----------
    sequence : array of shape (n, 3)
        As for `mnlp`; all columns are used. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        The mean entropy times the number of tokens, which is ``total / mean`` of the log-probabilities.
        A text whose every token had probability 1 counts as one token: its entropy is 0 anyway.

    Raises
    ------
    ValueError
        If `sequence` has another shape or a number is not finite; the message names the row.
    ModelError
        ``no-signal`` when the file brings no log-probabilities, or no entropies and no alternatives.

    References
    ----------
    Settles, Craven (2008). An analysis of active learning strategies for sequence labeling tasks:
    total token entropy.

    Examples
    --------
    >>> total_token_entropy([[-0.5, -1.0, 0.25], [-0.1, -2.0, 0.25], [0.0, 0.0, 0.0]])
    array([0.5, 5. , 0. ])
    """
    mean, total, spread = _column(sequence, 0), _column(sequence, 1), _column(sequence, 2)
    tokens = np.divide(total, mean, out=np.ones(len(mean)), where=mean < 0.0)
    return spread * tokens


def region_mean(regions: ArrayLike) -> NDArray[np.float64]:
    """How uncertain the regions of an image are on average.

    Parameters
    ----------
    regions : array of shape (n, 3)
        Mean, largest and sum of the regions' uncertainties, 0 or more; the first column is used.
        Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        The mean; 0 for an image without regions.

    Raises
    ------
    ValueError
        If `regions` has another shape or a number is not finite; the message names the row.

    References
    ----------
    Brust, Käding, Denzler (2019). Active learning for deep object detection: "average".

    Examples
    --------
    >>> region_mean([[0.25, 0.5, 1.0], [0.125, 0.75, 2.0]])
    array([0.25 , 0.125])
    """
    return _column(regions, 0, "regions")


def region_max(regions: ArrayLike) -> NDArray[np.float64]:
    """How uncertain the most uncertain region of an image is.

    Parameters
    ----------
    regions : array of shape (n, 3)
        As for `region_mean`; the second column is used. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        The largest; 0 for an image without regions.

    Raises
    ------
    ValueError
        If `regions` has another shape or a number is not finite; the message names the row.

    References
    ----------
    Brust, Käding, Denzler (2019). Active learning for deep object detection: "maximum".

    Examples
    --------
    >>> region_max([[0.25, 0.5, 1.0], [0.125, 0.75, 2.0]])
    array([0.5 , 0.75])
    """
    return _column(regions, 1, "regions")


def region_sum(regions: ArrayLike) -> NDArray[np.float64]:
    """How uncertain the regions of an image are, all together.

    Parameters
    ----------
    regions : array of shape (n, 3)
        As for `region_mean`; the third column is used. Row i is candidate i, not row i of the pool.

    Returns
    -------
    utility : array of shape (n,)
        The sum; 0 for an image without regions.

    Raises
    ------
    ValueError
        If `regions` has another shape or a number is not finite; the message names the row.

    References
    ----------
    Brust, Käding, Denzler (2019). Active learning for deep object detection: "sum".

    Examples
    --------
    >>> region_sum([[0.25, 0.5, 1.0], [0.125, 0.75, 2.0]])
    array([1., 2.])
    """
    return _column(regions, 2, "regions")


#: What a file must hold for each column of `sequence`.
_TOLD_BY = ("`token_logprobs`", "`token_logprobs`", "`token_entropies` or `token_top_logprobs`")


def _column(signal: ArrayLike, number: int, what: str = "sequence") -> NDArray[np.float64]:
    """One column of a summary, finite, as a copy."""
    whole = np.asarray(signal, dtype=np.float64)
    if whole.ndim != 2 or whole.shape[1] != 3:
        raise ValueError(f"{what} must have shape (n, 3), not {whole.shape}")
    column: NDArray[np.float64] = whole[:, number].copy()
    finite = np.isfinite(column)
    if not finite.all():
        # a file has these numbers for every row or for none
        if what == "sequence" and not finite.any():
            raise ModelError(
                f"the predictions file does not say enough of the tokens: there is no {_TOLD_BY[number]}",
                hint="docs/predictions.md shows the columns for tokens",
                code="no-signal",
            )
        raise ValueError(f"{what}, row {int(np.argmin(finite))}: a number is not finite")
    return column
