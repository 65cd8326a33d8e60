"""Power logs: what is read, refused, and integrated."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchnn.energy.power_log import logged_energy_j, power_log_domain, read_power_log
from benchnn.energy.recorder import Span
from simcore.errors import InputError


def test_times_of_both_kinds_names_comments_and_empty_lines(tmp_path):
    log = tmp_path / "p.csv"
    log.write_text(
        "time,watts\n# a comment\n1700000000.5, 100\n\n2023-11-14T22:13:22+00:00,101.5\n2023-11-14T23:13:23+01:00,7\n"
    )
    assert read_power_log(log) == [(1_700_000_000.5, 100.0), (1_700_000_002.0, 101.5), (1_700_000_003.0, 7.0)]


def test_a_line_that_is_being_written_is_left_for_later(tmp_path):
    log = tmp_path / "p.csv"
    log.write_text("\ufeff# meter\ntime,power\n1700000001,400\n1700000002,400\n1700000003,4")
    assert read_power_log(log) == [(1_700_000_001.0, 400.0), (1_700_000_002.0, 400.0)]


def test_several_samples_may_have_one_time():
    samples = [(float(t // 5), 10.0) for t in range(50)]
    assert logged_energy_j(samples, 2.0, 5.0) == (30.0, None)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("1700000001,2\nnow,3\n", "line 2: 'now,3' is not allowed: 'now' is not a time; must be TIME,WATTS"),
        ("1700000001,2\n1700000002\n", "line 2: '1700000002' is not allowed: must have 2 columns, like the first line"),
        ("1700000001,2\n1700000002,nan\n", "'nan' is not a power"),
        ("1700000001,2\n1700000002,1_000\n", "'1_000' is not a power"),
        ("1700000001,2\n1700000002,-1\n", "a power must be in [0, 1e+09] W"),
        ("1700000001,2\n1700000002,1e999\n", "a power must be in"),
        ("1700000001,2\n1700000002,2 VA\n", "'2 VA' is not a power"),
        ("1,2\n2023-11-14T22:13:22Z,5\n", "line 1: '1,2' is not allowed: '1' is not a Unix time"),
        ("1700000001,2\n2023-11-14T22:13:22,5\n", "does not have a time zone; append Z or +01:00"),
        ("1700000001,2\n" + "3" * 200_000 + ",5\n", "is not a Unix time"),
        ('1700000001,2\n"' + "3" * 200_000 + '",5\n', "field larger"),
        ("1700000005,2\n1700000004,2\n", "line 2: the time is earlier"),
    ],
)
def test_a_wrong_line_is_refused(tmp_path, text, refusal):
    log = tmp_path / "p.csv"
    log.write_text(text)
    with pytest.raises(InputError, match=r"p\.csv") as refused:
        read_power_log(log)
    assert refusal in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"cannot read the power log .*none\.csv: No such file"):
        read_power_log(tmp_path / "none.csv")


def test_power_is_linear_between_samples():
    samples = [(0.0, 100.0), (1.0, 200.0), (2.0, 200.0), (3.0, 0.0)]
    assert logged_energy_j(samples, 0.0, 3.0) == (150.0 + 200.0 + 100.0, None)
    assert logged_energy_j(samples, 0.5, 1.5) == ((150.0 + 200.0) / 2 * 0.5 + 100.0, None)
    assert logged_energy_j(samples, 0.25, 0.75) == (75.0, None)


@given(st.floats(0.0, 9.0), st.floats(0.0, 9.0), st.floats(0.0, 9.0))
def test_energies_of_adjacent_windows_add_up(a, b, c):
    a, b, c = sorted((a, b, c))
    samples = [(float(t), 50.0 + 10.0 * (t % 3)) for t in range(10)]
    whole, one, other = (logged_energy_j(samples, *ends)[0] for ends in ((a, c), (a, b), (b, c)))
    assert whole == pytest.approx(one + other, abs=1e-9)


def test_what_the_log_does_not_cover_is_not_known():
    samples = [(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (12.0, 1.0), (13.0, 1.0)]
    assert "covers 0.0 to 13.0" in logged_energy_j(samples, 5.0, 14.0)[1]
    assert "covers 0.0 to 13.0" in logged_energy_j(samples, -1.0, 4.0)[1]
    assert logged_energy_j(samples, 1.0, 4.0) == (None, "the power log has a gap of 10.0 s in the window")
    assert logged_energy_j([], 1.0, 4.0) == (None, "the power log is empty")


def test_the_last_sample_is_awaited(tmp_path):
    log = tmp_path / "p.csv"
    log.write_text("1700000000,10\n1700000001,10\n")

    def append():
        time.sleep(0.3)
        with open(log, "a") as stream:
            stream.write("1700000002,10\n1700000003,10\n")

    writer = threading.Thread(target=append)
    writer.start()
    domain = power_log_domain(log, Span(1_700_000_000.5, 1_700_000_002.5, 2.0), patience_s=20.0)
    writer.join()
    assert domain.propagation_j == 20.0 and domain.fault is None


def test_a_log_that_breaks_while_the_run_goes_on_loses_nothing_but_the_energy(tmp_path):
    domain = power_log_domain(tmp_path / "gone.csv", Span(0.0, 1.0, 1.0))
    assert domain.propagation_j is None and "cannot read" in domain.fault
