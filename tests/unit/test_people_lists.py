"""What lists of ambassadors and buyers say: people as pseudonyms of a good one, every problem of a bad one."""

import datetime as dt
from collections.abc import Mapping
from hashlib import sha256

import pytest

from contracts.config import Account, Brand, Config, Privacy
from deploy.imports import lists
from deploy.imports.lists import Buyer, Code, Naming
from ingest.identity import pseudonymiser

CONFIG = Config(
    brands={"acme": Brand("Acme")},
    accounts=(Account("facebook", "1", "Acme", "acme", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),),
)
LENA, MO = (pseudonymiser("key", "facebook")(person) for person in ("100000000000000001", "2"))
HEAD = "brand,kind,code,platform,person,personal"


def customer(contact: str) -> str:
    return pseudonymiser("key", "customer")(sha256(contact.encode()).hexdigest())


def naming(config: Config = CONFIG, first: Mapping[str, str] = {}) -> Naming:
    return Naming.of(config, "key", lambda platform: first if platform == "facebook" else {})


def codes(*lines: str) -> lists.Read[Code]:
    return lists.ambassadors("\n".join(lines), naming())


def buyers(*lines: str) -> lists.Read[Buyer]:
    return lists.buyers("\n".join(lines), naming())


def problems(read: lists.Read[Code] | lists.Read[Buyer]) -> list[tuple[int, str]]:
    return [(problem.line, problem.text) for problem in read.problems]


def test_a_code_and_a_link_are_spelled_as_orders_and_touches_have_them() -> None:
    found = codes(
        HEAD, "acme,code, LENA10,facebook,100000000000000001,", "acme,Link,With+Lena,facebook,100000000000000001,Yes"
    )
    assert found == (
        (
            Code("acme", "code", "lena10", "facebook", LENA, False),
            Code("acme", "link", "with lena", "facebook", LENA, True),
        ),
        (),
    )


def test_columns_may_be_in_any_order_separated_by_semicolons_and_personal_may_be_missing() -> None:
    [found] = codes("person;platform;code;kind;brand", "2;facebook;a,b;code;acme").rows
    assert found == Code("acme", "code", "a,b", "facebook", MO, False)


def test_one_word_may_be_a_code_and_a_link_of_two_people() -> None:
    found = codes(HEAD, "acme,code,lena,facebook,1,", "acme,link,lena,facebook,2,no")
    assert (len(found.rows), found.problems) == (2, ())


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("other,code,a,facebook,1,", "brand 'other' is not configured"),
        ("acme,coupon,a,facebook,1,", "kind is none of code, link: 'coupon'"),
        ("acme,code,,facebook,1,", "code is empty, or longer than 255 characters"),
        (f"acme,code,{'x' * 256},facebook,1,", "code is empty, or longer than 255 characters"),
        ("acme,link,+,facebook,1,", "code is empty, or longer than 255 characters"),
        ("acme,code,a,facebook,,", "no person"),
        (f"acme,code,a,facebook,{'1' * 256},", "person: 1 to 255 characters"),
        ("acme,code,a,facebook,1,perhaps", "personal is neither yes nor no: 'perhaps'"),
        ("acme,code,a,facebook", "4 cells under 6 columns"),
    ],
)
def test_a_code_that_cannot_be_used_is_told_with_its_line(line: str, problem: str) -> None:
    assert problems(codes(HEAD, "acme,code,good,facebook,1,", line)) == [(3, problem)]


def test_a_platform_without_people_is_none() -> None:
    [(line, text)] = problems(codes(HEAD, "acme,code,a,meta_ads,1,"))
    assert (line, text.partition(" of ")[0], text.rpartition(": ")[2]) == (2, "platform is none", "'meta_ads'")


def test_a_code_that_stands_twice_in_any_spelling_is_a_problem() -> None:
    found = codes(HEAD, "acme,code,Lena10,facebook,1,", "", "acme,code,lena10 ,facebook,2,")
    assert problems(found) == [(4, "code lena10 of acme stands in line 2 already")]


def test_a_head_without_its_columns_is_all_that_is_told() -> None:
    assert problems(codes("brand,kind,code,platform,who", "x,y")) == [
        (1, "no column person"),
        (1, "unknown column 'who': there are brand, kind, code, platform, person, personal"),
    ]
    assert problems(buyers("")) == [(1, f"no column {name}") for name in ("brand", "person", "platform")]


def test_a_buyer_is_the_customer_that_an_order_with_the_address_or_the_number_has() -> None:
    found = buyers(
        "brand,platform,person,email,phone",
        "acme,facebook,100000000000000001, Lena@Mail.Test,",
        "acme,facebook,2,mo@mail.test,+49 (30) 123-4567",
    )
    assert found == (
        (
            Buyer("acme", "facebook", LENA, customer("lena@mail.test")),
            Buyer("acme", "facebook", MO, customer("mo@mail.test")),
            Buyer("acme", "facebook", MO, customer("49301234567")),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("acme,facebook,1,,", "neither email nor phone"),
        ("acme,facebook,1,lena at mail,", "email is no e-mail address"),
        (
            "acme,facebook,1,,030 1234567",
            "phone is no telephone number with its country's code, for instance +49 30 1234567",
        ),
        ("acme,facebook,,a@mail.test,", "no person"),
        ("acme,facebook,1,a@mail.test,\nacme,facebook,1,A@mail.test,", None),
    ],
)
def test_a_buyer_who_cannot_be_used_is_told_without_repeating_who(line: str, problem: str | None) -> None:
    told = problems(buyers("brand,platform,person,email,phone", line))
    assert (
        told == [(2, problem)] if problem else [(3, "this person with this address or number stands in line 2 already")]
    )


def test_somebody_who_was_renamed_is_called_as_in_the_tables() -> None:
    found = lists.ambassadors(f"{HEAD}\nacme,code,a,facebook,2,", naming(first={MO: "first"}))
    assert found.rows[0].actor_id == "first"


def test_where_ids_are_kept_as_they_are_lists_keep_them_too() -> None:
    plain = Config(brands=CONFIG.brands, accounts=CONFIG.accounts, privacy=Privacy(pseudonymise=False))
    found = lists.buyers("brand,platform,person,email\nacme,facebook,2,mo@mail.test", naming(plain))
    assert found.rows == (Buyer("acme", "facebook", "2", sha256(b"mo@mail.test").hexdigest()),)
