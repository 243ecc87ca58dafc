import pytest

from benchmarks.figures import MIB, fastest_peer, figure, figures, leanest_peer, ratio


def runs(*seconds, peak=1, cores=0.0):
    return [{"seconds": s, "peak_bytes": peak * MIB, "foreign_cores": cores} for s in seconds]


def results(**seconds):
    return {name: {"release": "1", "runs": runs(s)} for name, s in seconds.items()}


def test_the_median_forgets_one_slow_run():
    found = figure(runs(2.0, 1.0, 30.0, 1.5, 2.5))
    assert found.seconds == 2.0
    assert found.spread == pytest.approx(2.5 / 2.0)


def test_an_even_number_of_runs_has_a_median():
    assert figure(runs(1.0, 2.0, 3.0, 10.0)).seconds == 2.5


def test_the_peak_is_the_highest():
    assert figure([*runs(1.0, peak=3), *runs(1.0, peak=7), *runs(1.0, peak=5)]).peak_mib == 7


def test_a_figure_says_whether_it_is_to_be_doubted():
    assert not figure(runs(1.0, 1.0)).noisy
    assert figure(runs(1.0, 1.0, cores=0.5)).noisy


def test_who_did_not_run_has_no_figure():
    others = {"norse": {"absent": "not installed"}, "sinabs": {"runs": []}}
    assert list(figures({"snnc": {"runs": runs(1.0)}} | others)) == ["snnc"]


def test_the_fastest_peer_is_a_library():
    found = figures(results(snnc=0.1, floor=0.05, **{"loop by hand": 0.2}, norse=0.9, sinabs=0.7))
    assert fastest_peer(found) == "sinabs"
    assert fastest_peer(figures(results(snnc=0.1))) is None


def test_the_leanest_peer_is_another_question():
    found = figures({"norse": {"runs": runs(1.0, peak=5)}, "sinabs": {"runs": runs(2.0, peak=4)}})
    assert (fastest_peer(found), leanest_peer(found)) == ("norse", "sinabs")


def test_a_ratio_beside_nothing_is_none():
    assert ratio(1.0, 4.0) == "0.25"
    assert ratio(1.0, 0.0) == "-"
