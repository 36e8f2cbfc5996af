import pytest

from deepcolor.ledger import Entry, Ledger

ENTRY = Entry("abc", kernel_version=2, dataset_version=3, seconds=1.5)


def test_a_finished_step_is_remembered_by_the_next_run(tmp_path):
    Ledger(tmp_path / "ledger.json").record("train", ENTRY)
    assert Ledger(tmp_path / "ledger.json").finished("train", "abc") == ENTRY


@pytest.mark.parametrize(("name", "fingerprint"), [("train", "other"), ("prepare", "abc")])
def test_a_step_with_other_inputs_is_not_finished(tmp_path, name, fingerprint):
    ledger = Ledger(tmp_path / "ledger.json")
    ledger.record("train", ENTRY)
    assert ledger.finished(name, fingerprint) is None


def test_the_file_is_replaced_whole(tmp_path):
    ledger = Ledger(tmp_path / "ledger.json")
    for name in ("a", "b"):
        ledger.record(name, ENTRY)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.json"]
    assert set(Ledger(tmp_path / "ledger.json").entries) == {"a", "b"}
