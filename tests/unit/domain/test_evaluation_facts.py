"""Facts of an evaluation."""

from domain.evaluation_facts import Fact, Family, with_short_keys


def test_keys_are_short_enough_to_write_and_still_tell_facts_apart():
    def fact(key):
        return Fact(key, Family.COMPLETION, {"due_firm": 1})

    alone = fact("item:731b2f0c-1111-4111-8111-111111111111")
    period = fact("light:731b2f0c-1111-4111-8111-111111111111:2026-05")
    alike = [fact(f"return:9999aaaa-1111-4111-8111-11111111111{n}") for n in (1, 2)]
    found = with_short_keys([alike[0], alone, period, alike[1]])
    assert [each.key for each in found] == [alike[0].key, "item:731b2f0c", "light:731b2f0c:2026-05", alike[1].key]
    assert found[1].counts == alone.counts
    assert [each.key for each in with_short_keys([*alike, fact("report:2026-05")])][2] == "report:2026-05"
