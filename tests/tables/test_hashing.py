from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.tables.arrays import strings
from alcli.tables.hashing import content_id, hash_ids

TEXTS = st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=30)


GOLDEN = [16433968165414164942, 14431506400518932545, 6575064657129159804, 10472327894329534522, 14866124604701561883]


def test_hashes_never_change():
    # Batches of earlier releases could not be repeated if these did.
    assert hash_ids(strings(["", "a", "007", "twelve bytes", "é" * 20])).tolist() == GOLDEN


@given(TEXTS, st.data())
def test_hashes_depend_on_the_text_alone(texts, data):
    whole = hash_ids(strings(texts), 3, "tie")
    one_by_one = [int(hash_ids(strings([text]), 3, "tie")[0]) for text in texts]
    assert whole.tolist() == one_by_one
    array = strings([*texts, "spare"])
    cut = data.draw(st.integers(0, len(texts)))
    assert hash_ids(array.slice(cut, len(texts) - cut), 3, "tie").tolist() == whole[cut:].tolist()
    large = pa.chunked_array([array.slice(0, cut), array.slice(cut)]).cast(pa.large_string())
    assert hash_ids(large, 3, "tie")[:-1].tolist() == whole.tolist()


def test_a_million_ids_in_sequence_do_not_collide_and_are_uniform():
    hashes = hash_ids(strings([f"{number}" for number in range(1_000_000)]))
    assert len(np.unique(hashes)) == 1_000_000
    for shift in (11, 0):
        uniform = ((hashes << np.uint64(11 - shift)) >> np.uint64(11)) * 2.0**-53
        counts, _ = np.histogram(uniform, 100, (0, 1))
        chi = ((counts - 10_000) ** 2 / 10_000).sum()
        assert chi < 160  # 99 degrees of freedom: one in 10,000
    bits = [(int(((hashes >> np.uint64(bit)) & np.uint64(1)).sum())) for bit in range(64)]
    assert max(abs(count - 500_000) for count in bits) < 2_500


def test_seed_and_purpose_give_other_numbers():
    ids = strings([str(number) for number in range(10_000)])
    plain = hash_ids(ids) >> np.uint64(11)
    for other in (hash_ids(ids, 1), hash_ids(ids, 0, "tie")):
        assert not (plain == other).any()
        assert abs(np.corrcoef(plain.astype(float), (other >> np.uint64(11)).astype(float))[0, 1]) < 0.05


def test_what_is_no_text_is_a_programmers_mistake():
    with pytest.raises(ValueError, match="strings"):
        hash_ids(pa.array([1, 2]))


def test_cells_do_not_run_into_each_other():
    rows = [["a", "b"], ["ab", ""], ["", "ab"], ["ab", None], [None, "ab"], ["a\x1fb", ""], ["ab"], ["1,1", ""]]
    names = {content_id(row) for row in rows}
    assert len(names) == len(rows)
    assert all(len(name) == 16 and name.isalpha() and name.islower() for name in names)
