"""Lists of erasures: several of them become one."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.erasures import Erased, ErasureList, all_known, merged

ONE, TWO = b"1" * 32, b"2" * 32


def test_the_latest_of_a_member_counts_with_the_last_time_texts_went() -> None:
    earlier = Erased(-5, day=100, times=1, texts=1)
    later = Erased(-5, day=120, times=2, texts=0)
    other = Erased(-6, day=90)
    both = [ErasureList(1, ONE, (earlier, other)), ErasureList(1, ONE, (later,))]
    expected = ErasureList(1, ONE, (other, Erased(-5, day=120, times=2, texts=1)))
    assert merged(both) == merged(both[::-1]) == [expected]
    assert merged([*both, *both]) == [expected]


def test_servers_and_secrets_stay_apart_and_what_is_old_goes() -> None:
    old, new = Erased(-5, day=99), Erased(-6, day=100)
    lists = [
        ErasureList(2, ONE, (old,)),
        ErasureList(1, TWO, (old, new)),
        ErasureList(1, ONE, (old,)),
    ]
    both = replace(lists[1], erased=(new, old))
    assert merged(lists) == [lists[2], both, lists[0]]
    assert merged(lists, since=100) == [ErasureList(1, TWO, (new,))]
    assert merged(lists, since=101) == merged([]) == []


def test_who_is_known_is_known_as_often_in_that_server_under_that_secret() -> None:
    one = ErasureList(1, ONE, (Erased(-5, day=99, times=2),))
    assert all_known([one], [one])
    assert all_known([], [])
    assert not all_known([one], [])
    for other in (
        replace(one, guild_id=2),
        replace(one, secret=TWO),
        replace(one, erased=(Erased(-6, day=99, times=2),)),
        replace(one, erased=(Erased(-5, day=99, times=1),)),
    ):
        assert not all_known([one], [other])
        assert all_known([one], [other, one])
