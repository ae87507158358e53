"""The smallest model for each finding of the linter: (code, element, BPMN)."""

from tests.unit.bpmn.drawing import (
    any_of,
    both,
    boundary,
    catch,
    end,
    flow,
    message,
    model,
    path,
    start,
    sub,
    throw,
    timer,
    user,
    xor,
)

LINE = path("started", "work", "finished")


def around(inner: str) -> bytes:
    """A right model with one more thing in it."""
    return model(start(), user("work"), end(), LINE, inner)


def instead(element: str, element_id: str = "work") -> bytes:
    """A model with another element where the work is."""
    return model(start(), element, end(), path("started", element_id, "finished"), messages=("tell",))


EVENT_SUB = '<bpmn:subProcess id="inspection" triggeredByEvent="true">' + start("inner") + end("inner_end")
EVENT_SUB += path("inner", "inner_end") + "</bpmn:subProcess>"
LOOP = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
MULTI = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>3</bpmn:loopCardinality>'
    "</bpmn:multiInstanceLoopCharacteristics>"
)
OPERATOR = (
    '<bpmn:serviceTask id="work"><bpmn:extensionElements><spiffworkflow:serviceTaskOperator id="http/Get"'
    ' resultVariable="r"><spiffworkflow:parameters/></spiffworkflow:serviceTaskOperator></bpmn:extensionElements>'
    "</bpmn:serviceTask>"
)
EVENT_GATE = '<bpmn:eventBasedGateway id="gate"/>'
PRE = (
    '<bpmn:userTask id="work" name="w"><bpmn:extensionElements><spiffworkflow:preScript>x = 1</spiffworkflow:preScript>'
)
PRE += "</bpmn:extensionElements></bpmn:userTask>"

CONDITIONAL = "<bpmn:conditionalEventDefinition><bpmn:condition/></bpmn:conditionalEventDefinition>"

CASES: list[tuple[str, str, bytes]] = [
    ("script_task", "work", instead('<bpmn:scriptTask id="work"><bpmn:script>x = 1</bpmn:script></bpmn:scriptTask>')),
    ("script_task", "work", instead(PRE)),
    ("complex_gateway", "work", instead('<bpmn:complexGateway id="work"/>')),
    ("unsupported_element", "work", instead('<bpmn:manualTask id="work"/>')),
    ("unsupported_element", "work", instead('<bpmn:task id="work"/>')),
    ("unsupported_element", "work", instead('<bpmn:transaction id="work"/>')),
    ("service_operator_unknown", "work", instead(OPERATOR)),
    ("service_operator_unknown", "work", instead('<bpmn:serviceTask id="work"/>')),
    ("link_event", "work", instead(throw("work", '<bpmn:linkEventDefinition name="x"/>'))),
    ("compensation", "work", instead(throw("work", "<bpmn:compensateEventDefinition/>"))),
    ("event_sub_process", "inspection", around(EVENT_SUB)),
    ("multi_instance", "work", instead(user("work", MULTI))),
    ("multi_instance", "work", instead(user("work", LOOP))),
    ("unsupported_event", "work", instead(catch("work", CONDITIONAL))),
    (
        "unsupported_event",
        "finished",
        model(start(), user("work"), end("finished", "<bpmn:cancelEventDefinition/>"), LINE),
    ),
    ("several_events", "work", instead(catch("work", message("tell") + timer("Duration", "'P1D'")))),
    ("event_without_definition", "work", instead(catch("work", ""))),
    ("event_without_name", "work", instead(catch("work", "<bpmn:messageEventDefinition/>"))),
    ("event_without_name", "work", instead(catch("work", "<bpmn:signalEventDefinition/>"))),
    ("timer_cycle_misplaced", "work", instead(catch("work", timer("Cycle", "'R/P1D'")))),
    (
        "timer_cycle_misplaced",
        "late",
        around(boundary("late", "work", timer("Cycle", "'R/P1D'")) + end("over") + path("late", "over")),
    ),
    (
        "boundary_host",
        "late",
        model(
            start(),
            user("work"),
            xor("gate"),
            end(),
            boundary("late", "gate", timer("Duration", "'P1D'")),
            path("started", "work", "gate", "finished"),
            path("late", "finished"),
        ),
    ),
    ("unreachable", "lost", around(user("lost") + flow("lost", "finished"))),
    (
        "dead_end",
        "lost",
        model(
            start(),
            user("work"),
            user("lost"),
            xor("gate", "gate_to_lost"),
            end(),
            path("started", "work", "gate", "finished"),
            flow("gate", "lost"),
        ),
    ),
    ("many_outgoing", "work", model(start(), user("work"), end(), end("other"), LINE, flow("work", "other"))),
    ("end_goes_on", "finished", model(start(), user("work"), end(), LINE, flow("finished", "work"))),
    ("flow_loose", "work_to_nowhere", around(flow("work", "nowhere"))),
    (
        "default_missing",
        "gate",
        model(
            start(),
            xor("gate"),
            user("work"),
            end(),
            path("started", "gate", "work", "finished"),
            flow("gate", "finished", "1 == 1"),
        ),
    ),
    (
        "default_missing",
        "gate",
        model(
            start(),
            any_of("gate"),
            user("work"),
            end(),
            path("started", "gate", "work", "finished"),
            flow("gate", "finished", "1 == 1"),
        ),
    ),
    (
        "condition_missing",
        "gate_to_work",
        model(
            start(),
            xor("gate", "gate_to_finished"),
            user("work"),
            end(),
            path("started", "gate", "work", "finished"),
            flow("gate", "finished"),
        ),
    ),
    (
        "condition_on_default",
        "gate_to_work",
        model(
            start(),
            xor("gate", "gate_to_work"),
            user("work"),
            end(),
            path("started", "gate"),
            flow("gate", "work", "1 == 1"),
            path("work", "finished"),
            flow("gate", "finished", "1 == 2"),
        ),
    ),
    (
        "condition_ignored",
        "work_to_finished",
        model(start(), user("work"), end(), flow("started", "work"), flow("work", "finished", "1 == 1")),
    ),
    (
        "flow_twice",
        "second",
        model(
            start(),
            both("gate"),
            user("work"),
            end(),
            path("started", "gate", "work", "finished"),
            flow("gate", "work", element_id="second"),
        ),
    ),
    (
        "no_way_to_an_end",
        "again",
        model(
            start(),
            both("split"),
            user("work"),
            user("again"),
            user("more"),
            end(),
            path("started", "split", "work", "finished"),
            path("split", "again", "more", "again"),
        ),
    ),
    (
        "join_waits_for_itself",
        "joined",
        model(
            start(),
            both("joined"),
            user("work"),
            xor("gate", "gate_to_finished"),
            end(),
            path("started", "joined", "work", "gate", "finished"),
            flow("gate", "joined", "decision_work == 'return'"),
        ),
    ),
    (
        "event_gateway_target",
        "gate",
        model(
            start(),
            EVENT_GATE,
            user("work"),
            catch("told", message("tell")),
            end(),
            path("started", "gate", "work", "finished"),
            path("gate", "told", "finished"),
            messages=("tell",),
        ),
    ),
    (
        "event_gateway_timers",
        "gate",
        model(
            start(),
            EVENT_GATE,
            catch("soon", timer("Duration", "'P1D'")),
            catch("later", timer("Duration", "'P2D'")),
            end(),
            path("started", "gate", "soon", "finished"),
            path("gate", "later", "finished"),
        ),
    ),
    (
        "start_events",
        "small_process",
        model(start(), start("second_start"), user("work"), end(), LINE, path("second_start", "work")),
    ),
    ("start_events", "inner_work", instead(sub("inner_work", end("inner_end")), "inner_work")),
    ("id_style", "Activity_1x2y3z", instead(user("Activity_1x2y3z"), "Activity_1x2y3z")),
    ("id_style", "task_1", instead(user("task_1"), "task_1")),
    ("id_style", "check-plan", instead(user("check-plan"), "check-plan")),
    ("called_process_missing", "work", instead('<bpmn:callActivity id="work" calledElement="nobody"/>')),
    ("decision_missing", "work", instead('<bpmn:businessRuleTask id="work"/>')),
    ("name_missing", "work", instead('<bpmn:userTask id="work"/>')),
    ("property_missing", "work", instead(user("work", parties=""))),
    ("property_missing", "work", instead(user("work", form=""))),
    ("property_missing", "work", instead(user("work", veto="yes"))),
    (
        "property_missing",
        "work",
        model(
            start(),
            user("before"),
            user("work", return_to="before"),
            end(),
            path("started", "before", "work", "finished"),
        ),
    ),
    ("property_unknown", "work", instead(user("work", colour="red"))),
    ("form_missing", "work", instead(user("work", form="nowhere"))),
    ("task_unknown", "work", instead(user("work", not_by="nobody"))),
    ("task_unknown", "work", instead(user("work", adverse="return", return_to="nobody"))),
    (
        "expression_refused",
        "late",
        around(boundary("late", "work", timer("Date", "due = 1")) + end("over") + path("late", "over")),
    ),
    (
        "expression_refused",
        "gate_to_finished",
        model(
            start(),
            user("work"),
            xor("gate", "gate_to_over"),
            end(),
            end("over"),
            path("started", "work", "gate", "over"),
            flow("gate", "finished", "a === ) 1"),
        ),
    ),
    (
        "name_never_set",
        "gate_to_finished",
        model(
            start(),
            user("work"),
            xor("gate", "gate_to_over"),
            end(),
            end("over"),
            path("started", "work", "gate", "over"),
            flow("gate", "finished", "decision_wrok == 'submit'"),
        ),
    ),
    ("model_refused", "small_process.bpmn", model(start(), '<bpmn:userTask id="work" nonsense="1"/>', end(), LINE)),
    ("model_refused", "small_process.bpmn", model(start("same"), user("same"), end())),
    ("process_missing", "small_process", model(start(), user("work"), end(), LINE, key="other_process")),
]
