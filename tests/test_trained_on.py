"""Which data sets the setting `trained_on` names."""

import pytest
from recurbench.trained_on import names_data

MONASH = {"name": "nn5", "horizon": None}


@pytest.mark.parametrize(
    ("names", "named"),
    [
        ((), False),
        (("monash",), True),
        (["m4", "Monash"], True),
        (("monash[name=nn5]",), True),
        (("monash[name=cif]",), False),
        (("monash[no_setting=1]",), False),
        (("monash nn5",), False),
        (("a [broken] name",), False),
        ("monash", False),
        (None, False),
    ],
)
def test_a_name_stands_for_all_problems_of_a_data_set_and_an_address_for_its_own(names, named):
    assert names_data(names, "monash", MONASH) is named


def test_underscores_and_upper_case_do_not_count():
    assert names_data(("M1_Yearly",), "m1-yearly", {})


def test_a_file_of_the_user_goes_by_its_name():
    settings = {"path": "data/My_Sales.csv"}
    assert names_data(("my_sales.csv",), "csv", settings)
    assert not names_data(("other.csv",), "csv", settings)
