"""apricot's selections."""

from __future__ import annotations

from apricot import FacilityLocationSelection
from timed import main


def facility_location(data):
    # Labelled rows come first; apricot counts them as chosen.
    select = FacilityLocationSelection(data.batch, metric="euclidean", initial_subset=data.labelled, n_jobs=1)
    return lambda: select.fit(data.X).ranking


main({"facility_location": facility_location})
