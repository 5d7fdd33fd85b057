"""What the Graph API's errors and usage headers call for."""

import json

import pytest

from ingest.meta.errors import failure
from ingest.meta.usage import usage
from ingest.platforms import Usage


def error(code: int, **fields: object) -> bytes:
    return json.dumps({"error": {"message": f"(#{code}) x", "type": "OAuthException", "code": code, **fields}}).encode()


@pytest.mark.parametrize(
    ("codes", "action"),
    [
        ((1, 2, 99, 104, 960), "retry"),
        ((4, 17, 32, 341, 613, 80_000, 80_001, 80_004, 80_014), "wait"),
        ((10, 200, 299, 368), "forbidden"),
        ((100, 506), "refuse"),
        ((102, 190), "reauthorise"),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_the_code_decides_whatever_the_status(codes: tuple[int, ...], action: str, status: int) -> None:
    for code in codes:
        found = failure(status, error(code))
        assert found is not None
        assert (found.action, found.code) == (action, str(code))


@pytest.mark.parametrize("subcode", [458, 459, 460, 463, 467])
def test_every_subcode_of_a_token_needs_a_person(subcode: int) -> None:
    found = failure(400, error(190, error_subcode=subcode))
    assert found is not None
    assert found.action == "reauthorise"


def test_what_is_transient_is_tried_again_unless_it_is_a_limit() -> None:
    for code, action in ((100, "retry"), (190, "retry"), (12345, "retry"), (32, "wait")):
        found = failure(400, error(code, is_transient=True))
        assert found is not None
        assert found.action == action


def test_too_much_data_is_asked_for_in_smaller_pieces() -> None:
    message = "Please reduce the amount of data you're asking for, then retry your request"
    found = failure(500, error(1, message=message))
    assert found is not None
    assert found.action == "smaller"


@pytest.mark.parametrize(
    ("status", "body", "action"),
    [
        (200, b"<html>log in to the hotel's network</html>", "retry"),
        (204, b"", "retry"),
        (301, b"", "retry"),
        (200, b'{"data":[', "retry"),
        (500, b"{}", "retry"),
        (503, b"no", "retry"),
        (429, b"{}", "wait"),
        (401, b"{}", "reauthorise"),
        (403, b"{}", "forbidden"),
        (404, b"{}", "refuse"),
        (400, error(0), "refuse"),
    ],
)
def test_an_answer_without_a_known_code_goes_by_its_status(status: int, body: bytes, action: str) -> None:
    found = failure(status, body)
    assert found is not None
    assert found.action == action


def test_a_good_answer_is_no_failure() -> None:
    assert failure(200, b'{"data":[]}') is None


def test_the_tightest_limit_counts_and_minutes_become_seconds() -> None:
    case = {"type": "pages", "call_count": 95, "total_cputime": 20, "total_time": 20}
    headers = {
        "x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":25}',
        "x-business-use-case-usage": json.dumps({"1001": [{**case, "estimated_time_to_regain_access": 19}]}),
    }
    assert usage(headers) == Usage(0.95, 19 * 60)
    assert usage({"x-page-usage": '{"call_count":28,"total_time":80}'}) == Usage(0.8)


@pytest.mark.parametrize("text", ["", "x", "[]", "null", "{", '{"1001":[1,null]}', '{"1001":5}', "[" * 5000])
def test_a_header_that_says_nothing_is_no_usage(text: str) -> None:
    assert usage({"x-business-use-case-usage": text}) is None


def test_nonsense_in_a_header_is_nothing_used() -> None:
    assert usage({"x-app-usage": '{"call_count":"many","total_time":-5}'}) == Usage(0.0, per="app")
