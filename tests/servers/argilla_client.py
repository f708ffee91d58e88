"""Run by Argilla's own Python: records go through its client as they do on their way to its server and back.

`python argilla_client.py RECORDS ANSWERS FOLDER` maps alcli's records as `dataset.records.log` does, adds the
answers as responses, and writes what `to_list(flatten=True)` and `to_json` give. The server between the two,
which needs Elasticsearch, is left out; what it adds, a record's own number, is set here.
"""

import json
import sys
import uuid
import warnings
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock


def main(records: str, answers: str, folder: str) -> None:
    """Write flat.json and nested.json into the folder."""
    import argilla as rg
    from argilla.records._io import GenericIO, JsonIO
    from argilla.records._mapping import IngestedRecordMapper

    classes, given = json.loads(Path(answers).read_bytes())
    rg.Argilla._default_client = MagicMock()  # it would look for its server
    settings = rg.Settings(
        fields=[rg.TextField(name=name) for name in ("text", "created_at", "column_3")],
        questions=[rg.LabelQuestion(name="label", labels=classes)],
        metadata=[rg.TermsMetadataProperty(name="alcli_row")],
    )
    dataset = SimpleNamespace(settings=settings, schema=settings.schema)
    mapper = IngestedRecordMapper(dataset=dataset, user_id=uuid.UUID(int=0))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        mapped = [mapper(data=record) for record in json.loads(Path(records).read_bytes())]
    # the row's id is the record's, so that its copy among the data may be dropped
    ignored = {str(warning.message) for warning in told}
    assert ignored == {"Keys ['alcli_id'] in data are not present in the mapping and will be ignored."}, ignored
    by_id = {record.id: record for record in mapped}
    for number, record in enumerate(mapped, start=1):
        record._model.id = uuid.UUID(int=number)
    for id, user, label, status in given:
        by_id[id].responses.add(rg.Response("label", label, user_id=uuid.UUID(user), status=status))
    Path(folder, "flat.json").write_text(json.dumps(GenericIO.to_list(mapped, flatten=True), ensure_ascii=False))
    JsonIO.to_json(mapped, Path(folder, "nested.json"))


if __name__ == "__main__":
    main(*sys.argv[1:])
