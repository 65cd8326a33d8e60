"""Power logs as real meters and programs write them: columns, separators, decimal marks, units, times."""

import contextlib
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchnn.energy.power_log import power_log_domain, read_power_log
from benchnn.energy.power_logs.headings import names_power, names_time, power_unit_w, time_unit_s
from benchnn.energy.recorder import Span
from simcore.errors import InputError

T0 = 1_700_000_000
"""2023-11-14T22:13:20Z."""
SAMPLES = [(T0, 24.0), (T0 + 1, 25.5)]
per_file = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def read(tmp_path):
    def read(text, column=None):
        log = tmp_path / "p.csv"
        log.write_text(text, encoding="utf-8")
        return read_power_log(log, column)

    return read


@pytest.fixture
def refusal(read):
    def refusal(text, column=None):
        with pytest.raises(InputError) as refused:
            read(text, column)
        message = str(refused.value)
        assert "\n" not in message
        return message

    return refusal


# --- files of real tools -----------------------------------------------------------------------------------------

NVIDIA_SMI = """\
timestamp, index, power.draw [W], power.limit [W], utilization.gpu [%]
2023/11/14 22:13:20.000{zone}, 0, 24.00 W, 400.00 W, 12 %
2023/11/14 22:13:21.000{zone}, 0, 25.50 W, 400.00 W, 13 %
"""


def test_nvidia_smi_needs_a_zone(read, refusal):
    assert "'2023/11/14 22:13:20.000' does not have a time zone" in refusal(NVIDIA_SMI.format(zone=""))
    assert read(NVIDIA_SMI.format(zone="Z")) == SAMPLES
    assert read(NVIDIA_SMI.format(zone="").replace("timestamp,", "timestamp [UTC],")) == SAMPLES
    assert read(NVIDIA_SMI.format(zone="+00:00").replace(" W,", ",")) == SAMPLES


def test_of_two_powers_none_is_guessed(read, refusal):
    text = NVIDIA_SMI.format(zone="Z").replace("power.draw [W]", "power.draw.average [W]")
    text = text.replace("power.limit [W]", "power.draw.instant [W]").replace("400.00", "30.00")
    message = refusal(text)
    assert "2 columns whose heading names a power" in message and "3 'power.draw.average [W]'" in message
    assert "--power-column NAME or NUMBER" in message
    for column in ("power.draw.average [W]", "power.draw.average", "3"):
        assert read(text, column) == SAMPLES
    assert read(text, "power.draw.instant")[0][1] == 30.0


TURBOSTAT = """\
Time_Of_Day_Seconds\tCore\tCPU\tBusy%\tBzy_MHz\tPkgWatt\tCorWatt
1700000000.000000\t-\t-\t3.01\t2400\t24.00\t10.00
1700000001.000000\t-\t-\t3.01\t2400\t25.50\t10.00
Time_Of_Day_Seconds\tCore\tCPU\tBusy%\tBzy_MHz\tPkgWatt\tCorWatt
1700000002.000000\t-\t-\t3.01\t2400\t26.00\t10.00
"""


def test_turbostat_repeats_its_names_and_has_several_powers(read, refusal):
    assert "2 columns whose heading names a power" in refusal(TURBOSTAT)
    assert read(TURBOSTAT, "PkgWatt") == [*SAMPLES, (T0 + 2, 26.0)]
    assert read(TURBOSTAT.replace("CorWatt", "CorTmp")) == [*SAMPLES, (T0 + 2, 26.0)]


def test_devices_that_take_turns_are_not_one_power(refusal):
    rows = "".join(f"{T0 + t},{gpu},{100 + 100 * gpu}\n" for t in range(3) for gpu in range(2))
    assert "several devices (2 values of 'index'" in refusal("timestamp,index,power.draw [W]\n" + rows)


def test_a_column_of_row_numbers_is_no_device(read):
    assert read(f",time,power\n0,{T0},24\n1,{T0 + 1},25.5\n") == SAMPLES
    assert read(f"index,time,node_power\n0,{T0},24\n1,{T0 + 1},25.5\n") == SAMPLES


def test_pandas_writes_zones_behind_a_space(read):
    assert read("time;power_W\n2023-11-14 22:13:20+00:00;24.0\n2023-11-14 23:13:21.000+01:00;25.5\n") == SAMPLES


def test_names_in_a_comment(read):
    rows = f"20231114T221320.000000Z,2.0,12.0,24.0,0,0\n{T0 + 1},2.0,12.0,25.5,0,0\n"
    assert read("# made by x\n#time,current,voltage,power,charge,energy\n" + rows) == SAMPLES


def test_a_comment_that_is_no_line_of_names_is_none(read, refusal):
    assert read(f"# power, of the outlet\n{T0},24\n{T0 + 1},25.5\n") == SAMPLES
    assert "3 columns without names" in refusal(f"# power, voltage, current\n{T0},24,1\n{T0 + 1},25.5,1\n")


def test_times_of_day_are_refused(refusal):
    assert "'22:13:20' is not a time" in refusal("Time Watts\n22:13:20 24.0\n")


# --- columns -----------------------------------------------------------------------------------------------------


POWERS = {
    1.0: "power, Power, power_W, Power (W), power.draw [W], watts, W, power/W, PkgWatt, RAMWatt, wattage, Total Power, "
    "current_power_w, Wirkleistung [W], SystemW",
    1e-3: "power_mW, power_mw, Power [mW], powermW, milliwatts, PowerMilliWatts, mWatt",
    1e3: "power_kW, active_power (kW), kilowatts, kWatt, kw",
    1e-6: "power_uW, power [µW]",
}
"""W in the unit -> headings."""
OTHERS = (
    "time,voltage_V,current_A,energy,power_kWh,power factor,reactive_power_var,limit [W],power.limit [W],max_power,"
    "Apparent Power (VA),power_percent,power %,P,leistung,power_dBm,POWER_MW,power [MW],MWatt,power [hp],BeamW,"
    "power reading time stamp,power1_input"
)
TIMES = {
    1.0: "Time (s), Time_Of_Day_Seconds",
    1e-3: "time_ms, timeStampMs",
    1e-9: "epoch_ns",
    None: "time, Timestamp, date, Unix time, ts, time (s or ms)",
}
"""Seconds in the unit -> headings."""


def by_unit(table):
    return [(heading, unit) for unit, headings in table.items() for heading in headings.split(", ")]


@pytest.mark.parametrize(("heading", "unit_w"), by_unit(POWERS))
def test_headings_of_powers(heading, unit_w):
    assert names_power(heading) and power_unit_w(heading) == unit_w


@pytest.mark.parametrize("heading", ["", *OTHERS.split(",")])
def test_headings_of_other_things(heading):
    assert not names_power(heading)


@pytest.mark.parametrize(("heading", "unit_s"), by_unit(TIMES))
def test_headings_of_times(heading, unit_s):
    assert names_time(heading) and not names_power(heading)
    assert time_unit_s(heading) == (None if unit_s is None else pytest.approx(unit_s, rel=1e-15))


def test_one_power_among_other_quantities(read):
    names = "voltage_V,time,current_A,power_kW,energy_kWh"
    assert read(f"{names}\n12,{T0},2,0.024,1\n12,{T0 + 1},2,0.0255,1\n") == SAMPLES


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"time,voltage_V,current_A\n{T0},12,2\n", "the columns are 1 'time', 2 'voltage_V'"),
        (f"time,leistung\n{T0},24\n", "no column whose heading names a power"),
        (f"time,power [hp]\n{T0},24\n", "no column whose heading names a power"),
        (f"time,power_MW\n{T0},24\n", "no column whose heading names a power"),
        (f"time,power_W,power_mW\n{T0},24,24000\n", "2 columns whose heading names a power"),
        (f"{T0},12,2,24\n", "4 columns without names"),
        (f"{T0}\n", "1 column without names"),
        ("power_W\n24\n", "not have a column of times"),
        (
            f"time,power_W\n{T0},24,5\n",
            "'1700000000,24,5' is not allowed: must have 2 columns, like the line with the names",
        ),
        (f"time,power_W\n{T0},2400 mW\n", "differs from the unit in the heading"),
        (f"time,power_W\n{T0},N/A\n", "'N/A' is not a power"),
        ("# s,mW\ntime,power\ns,mW\n", "'s' is not a time"),
    ],
)
def test_what_is_not_clear_is_refused(refusal, text, words):
    assert words in refusal(text)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("power", "power_column = 'power' is not allowed: "),
        ("0", "power_column = '0'"),
        ("6", "power_column = '6'"),
        ("-1", "power_column = '-1'"),
        ("²", "power_column = '²'"),
        ("9" * 5000, "power_column"),
        ("x", "2 columns have this name; use the number"),
        ("voltage_V", "column 'voltage_V' is not allowed: must contain power"),
        ("apparent (VA)", "column 'apparent (VA)' is not allowed"),
        ("1", "column 'time' is not allowed"),
    ],
)
def test_a_column_that_cannot_be_meant_is_refused(refusal, column, words):
    assert words in refusal(f"time,voltage_V,apparent (VA),x,x\n{T0},12,24,24,24\n", column)


def test_a_column_by_name_or_number(read):
    text = f"time,leistung,b [mW]\n{T0},24,24000\n{T0 + 1},25.5,25500\n"
    assert (
        read(text, "leistung")
        == read(text, "2")
        == read(text, "b [mW]")
        == read(text, "b")
        == read(text, "3")
        == SAMPLES
    )
    assert read(f"time,phase A [W],phase B [W]\n{T0},24,0\n{T0 + 1},25.5,0\n", "phase A") == SAMPLES
    assert read(f"{T0},12,24 W\n{T0 + 1},12,25500 mW\n", "3") == SAMPLES


def test_a_domain_says_which_column_it_is(tmp_path):
    (tmp_path / "p.csv").write_text(f"time,power_W\n{T0},24\n{T0 + 2},24\n")
    assert power_log_domain(tmp_path / "p.csv", Span(T0, T0 + 1.0, 1.0)).domain == "p.csv: power_W"
    (tmp_path / "e.csv").write_text(f"time,\x1b[31mpower_W\n{T0},24\n{T0 + 2},24\n")
    assert power_log_domain(tmp_path / "e.csv", Span(T0, T0 + 1.0, 1.0)).domain == r"e.csv: '\x1b[31mpower_W'"
    (tmp_path / "q.csv").write_text(f"{T0},24\n{T0 + 2},24\n")
    assert power_log_domain(tmp_path / "q.csv", Span(T0, T0 + 1.0, 1.0)).domain == "q.csv"


# --- separators and decimal marks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{0}, 24.0\n{1}, 25.5\n",
        "{0} 24.0\n{1}   25.5\n",
        "{0}\t24.0\n{1}\t25.5\n",
        "{0};24,0\n{1};25,5\n",
        "{0};24,000\n{1};25,500\n",
        "{0},000 24,0\n{1},000 25,5\n",
        "{0} 24.0 W\n{1} 25.5 W\n",
        '"{0}","24,0"\n"{1}","25,5"\n',
        "{0};24.0;\n{1};25.5;\n",
        "time;power;\n{0};24.0;\n{1};25.5;\n",
        "\r\ntime,power\r\n{0},24.0\r\n{1},25.5\r\n",
        "time,power,note\n{0},24.0,\n{1},25.5,\n",
        'time "power draw"\n{0} 24.0\n{1} 25.5\n',
        "2023-11-14 22:13:20+00:00 24.0\n2023-11-14 22:13:21 Z 25.5\n",
        "2023-11-14 22:13:20,0 UTC 24,0\n2023-11-14T22:13:21,0Z 25,5\n",
    ],
)
def test_separators_and_decimal_marks(read, text):
    assert read(text.format(*(time for time, _ in SAMPLES))) == SAMPLES


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{T0}\t1,234\n{T0 + 1}\t2,345\n", "'1,234' is not allowed: the comma could be a decimal comma"),
        (f'time,power\n{T0},"1,234"\n', "or a thousands separator; use a decimal point"),
        (f"{T0}.5;24,5\n", "use a decimal point, as in other numbers of the log"),
        (f"{T0};1,234.5\n", "'1,234.5' is not a power"),
        (f"{T0};1.234,5\n", "'1.234,5' is not a power"),
        (f"{T0},24,5\n", "3 columns without names"),
        (f"{T0} 24\n{T0 + 1},25\n", "must have 2 columns, like the first line"),
        (f"{T0},24\x00\n", "is not a power"),
    ],
)
def test_numbers_that_may_mean_two_things_are_refused(refusal, text, words):
    assert words in refusal(text)


# --- times -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.0,24\n0.5,24\n", "'0.0' is not a Unix time in s, ms, us or ns"),
        ("time,power_W\n60,24\n", "line 2: '60,24' is not allowed: '60' is not a Unix time"),
        ("45244.5,24\n", "is not a Unix time"),
        ("20231114221320,24\n", "is not a Unix time"),
        (f"time_ms,power_W\n{T0},24\n", "'1700000000' is not a Unix time in the unit of the column"),
        ("2023-11-14T22:13:20,24\n", "does not have a time zone"),
        ("14.11.2023 22:13:20,24\n", "is not a time"),
        ("11/14/2023 22:13:20,24\n", "is not a time"),
        ("2023-13-14T22:13:20Z,24\n", "line 1"),
        ("2023-11-14,24\n", "is not a time"),
    ],
)
def test_times_that_are_not_absolute_are_refused(refusal, text, words):
    assert words in refusal(text)


def test_of_two_columns_of_times_the_absolute_one_counts(read):
    assert read(f"time_s,timestamp,power_W\n0.0,{T0},24\n1.0,{T0 + 1},25.5\n") == SAMPLES


ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@per_file
@given(
    st.lists(st.tuples(st.integers(10**12, 10**13 - 1), st.integers(0, 10**9)), min_size=1, max_size=8),
    st.sampled_from(["s", "ms", "us", "ns", "ISO"]),
    st.sampled_from([",", ";", "\t", " "]),
    st.sampled_from([("power_W", 1.0), ("power [mW]", 1e-3), ("kilowatts", 1e3)]),
    ZONES,
    st.booleans(),
)
def test_what_is_written_in_any_form_is_read(read, drawn, form, separator, power, zone, decimal_comma):
    """Times in ms and powers in mW, written with separators, units and decimal marks of many kinds."""
    heading, unit_w = power
    drawn = sorted(drawn)
    if separator == " ":
        heading = heading.replace(" ", "_")

    def time_text(ms):
        if form == "ISO":
            moment = datetime.fromtimestamp(ms // 1000, UTC) + timedelta(milliseconds=ms % 1000)
            return moment.astimezone(zone).isoformat(sep=" ")
        return {"s": f"{ms // 1000}.{ms % 1000:03d}", "ms": f"{ms}", "us": f"{ms}000", "ns": f"{ms}000000"}[form]

    def cell(text):
        return text.replace(".", ",") if decimal_comma and separator == ";" else text

    rows = ((cell(time_text(ms)), cell(f"{mw / 1000 / unit_w:.9f}")) for ms, mw in drawn)
    lines = [separator.join(("time", "voltage_V", heading))] + [separator.join((t, "12", p)) for t, p in rows]
    found = read("\n".join(lines) + "\n")
    assert [time for time, _ in found] == pytest.approx([ms / 1000 for ms, _ in drawn], abs=1e-5, rel=0.0)
    assert [value for _, value in found] == pytest.approx([mw / 1000 for _, mw in drawn], abs=1e-6)


def assert_read_or_refused(read, text, column=None):
    """Any other exception fails the test."""
    samples = []
    with contextlib.suppress(InputError):
        samples = read(text.encode(errors="replace").decode() + "\n", column)
    assert all(0.0 <= value <= 1e9 for _, value in samples)


@per_file
@given(st.text(max_size=60), st.none() | st.text(max_size=5))
def test_any_text_is_read_or_refused(read, text, column):
    assert_read_or_refused(read, text, column)


@per_file
@given(
    st.sampled_from([NVIDIA_SMI.format(zone="Z"), TURBOSTAT, f"time;power\n{T0};24,5\n{T0 + 1};25,5\n"]),
    st.lists(st.tuples(st.integers(0, 300), st.characters(max_codepoint=0x17F)), min_size=1, max_size=4),
)
def test_a_log_with_changed_letters_is_read_or_refused(read, text, changes):
    letters = list(text)
    for place, letter in changes:
        letters[place % len(letters)] = letter
    assert_read_or_refused(read, "".join(letters))


SPACES = " " * 60_000


@pytest.mark.parametrize(
    ("text", "column"),
    [
        (f"1700000000{SPACES}x,1\n", None),
        (f"time,power{'(' * 60_000}\n1700000000,5\n", "power"),
        (f"time,power\n2023-11-14T22:13{SPACES}x,5\n", None),
    ],
)
def test_no_line_is_read_again_and_again(tmp_path, text, column):
    (tmp_path / "power.log").write_text(text)
    started = time.process_time()
    with pytest.raises(InputError):
        read_power_log(tmp_path / "power.log", column)
    assert time.process_time() - started < 3.0
