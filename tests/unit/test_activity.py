import orjson
from hypothesis import given
from hypothesis import strategies as st

from bpmn.steps import LogEntry
from services.activity import Activity, pack, unpack

IDS = st.from_regex(r"[a-z][a-z_]{0,12}", fullmatch=True)
ENTRIES = st.builds(
    LogEntry,
    task_id=st.uuids(),
    process_id=st.sampled_from(["supervision", "supervised_work"]),
    bpmn_id=IDS,
    element=st.sampled_from(["userTask", "exclusiveGateway", "sequenceFlow"]),
    state=st.sampled_from(["completed", "cancelled"]),
)


@given(log=st.lists(ENTRIES, max_size=12))
def test_what_is_packed_is_unpacked_without_the_flows(log):
    told = [Activity(e.process_id, e.bpmn_id, e.state) for e in log if e.element != "sequenceFlow"]
    assert unpack(orjson.loads(pack(log, "supervision")), "supervision") == told
