from standin import Kaggle

READ = "import pathlib\nprint(sorted(p.name for p in pathlib.Path(INPUT).rglob('*.txt')))"
INPUT = "import os\nINPUT = os.environ['KAGGLE_CACHE_MOUNT_FOLDER']\n"


def test_unknown_sources_are_named_and_the_kernel_runs_without_them(kaggle: Kaggle) -> None:
    kaggle.create("my-faces", {"a.txt": "a"})
    said = kaggle.push(
        "read-faces",
        INPUT + READ,
        dataset_sources=["alice/my-faces", "alice/absent"],
        kernel_sources=["alice/absent-too"],
    )
    assert (
        "not valid dataset sources and could not be added to the kernel: ['alice/absent']" in said
    )
    assert (
        "not valid kernel sources and could not be added to the kernel: ['alice/absent-too']"
        in said
    )
    assert kaggle.finished("read-faces") == "COMPLETE"
    assert kaggle.printed("read-faces") == "['a.txt']\n"


def test_a_kernel_mounts_the_last_good_run_of_another(kaggle: Kaggle) -> None:
    kaggle.push("make-one", "open('good.txt', 'w').write('1')")
    assert kaggle.finished("make-one") == "COMPLETE"
    kaggle.push("make-one", "open('bad.txt', 'w').write('2')\n1/0")
    assert kaggle.finished("make-one") == "ERROR"
    kaggle.push("read-one", INPUT + READ, kernel_sources=["alice/make-one/2"])
    assert kaggle.finished("read-one") == "COMPLETE"
    assert kaggle.printed("read-one") == "['good.txt']\n"


def test_versions_count_up(kaggle: Kaggle) -> None:
    kaggle.push("count-up", "pass")
    assert "Kernel version 2" in kaggle.push("count-up", "pass")


def test_the_placeholder_owner_is_refused_with_advice(kaggle: Kaggle) -> None:
    folder = kaggle.kernel("make-one", "pass", id="kaggle-username/make-one")
    assert "put 'alice' in its place" in kaggle.refused("kernels", "push", "-p", str(folder))


def test_too_many_sessions_are_refused_in_kaggles_words(start) -> None:
    kaggle = start(limits={"cpu_sessions": 1})
    kaggle.push("run-long", "import time\ntime.sleep(60)")
    folder = kaggle.kernel("one-more", "pass")
    said = kaggle.ok("kernels", "push", "-p", str(folder))
    assert "Kernel push error: Maximum batch CPU session count of 1 reached." in said
