"""The demo as a whole: one play of the sample city on a database of its own, and what must hold after it."""

from collections import Counter, defaultdict
from datetime import date, datetime
from uuid import UUID

import docx
import pytest
from sqlmodel import col, func, select

from app.demo.city import PASSWORD, SAMPLE_ACCOUNTS
from app.demo.document import write_task_list
from app.demo.stage import SOURCE, someone
from app.demo.tasks import Issue, tasks
from bpmn.bundle import SHIPPED, Bundle
from db.tables import (
    ActivityLog,
    AuditEntry,
    Blob,
    Bulletin,
    Conference,
    ConferenceResolution,
    DeadlineChange,
    Evidence,
    ImportFlag,
    Item,
    ItemDeadline,
    Person,
    ProcessInstance,
    ProgressRound,
    Responsibility,
    Submission,
    TaskList,
    UploadSession,
    WorkItem,
)
from domain.bulletins import BulletinKind
from domain.conferences import ConferenceKind
from domain.items import FINAL, DeadlineKind, ItemKind, ItemStatus, ResponsibilityRole, Strength
from domain.permissions import Role
from services.activity import unpack
from services.passwords import verify_password
from services.queries.evaluation_check import check_results
from services.queries.ledger import LedgerFilter, whole_ledger
from services.queries.reading import reading
from services.sign_in import actor_by_login
from tests.demo_play import TODAY, Play
from tests.executors import new_executor

MODELS = ("supervision", "progress_round")
RETURNING = ("return", "object", "disagree", "send_back")


@pytest.fixture(scope="module")
def play(database, engine, owner_engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    yield Play(new_executor(engine, folder), folder)
    engine.dispose()
    owner_engine.dispose()
    database.recreate()


def test_every_act_of_the_play_is_done(play):
    assert play.first.left_alone == frozenset()
    assert play.first.new_acts > 500


def test_a_second_run_adds_nothing(play):
    assert play.second.new_acts == 0
    assert play.rows_twice == play.rows_once
    assert play.second.list_id == play.first.list_id


def reached_by(play) -> dict[str, set[str]]:
    """What was gone through, by model."""
    reached: defaultdict[str, set[str]] = defaultdict(set)
    for key, entries in play.all(
        select(ProcessInstance.key, ActivityLog.entries).join(
            ActivityLog, col(ActivityLog.instance_id) == col(ProcessInstance.id)
        )
    ):
        reached[key] |= {activity.bpmn_id for activity in unpack(entries, key)}
    return reached


LATER = {("yearly_check", step) for step in ("report_year", "sign_year", "check_year")}
"""What comes after December."""


def test_every_user_task_of_every_model_is_done_and_every_end_reached(play):
    reached = reached_by(play)
    missing = {(key, step) for key in SHIPPED for step in Bundle.shipped(key).user_tasks if step not in reached[key]}
    assert missing == LATER
    ends = {
        "supervision": {"work_done", "closed", "closed_for_stage", "withdrawn", "terminated", "members_closed"},
        "progress_round": {"report_accepted", "accepted", "cancelled"},
    }
    for model in MODELS:
        assert ends[model] <= reached[model]


def test_a_year_of_bulletins_and_meetings_is_issued(play):
    """Twelve bulletins of three kinds, one of them corrected, one withdrawn; two conferences with their minutes."""
    issued = play.scalars(select(Bulletin).where(col(Bulletin.document_id).is_not(None)))
    assert len(issued) >= 12
    assert {each.kind for each in issued} == set(BulletinKind)
    assert any(each.corrects_id for each in issued) and any(each.withdrawn_at for each in issued)
    meetings = play.scalars(select(Conference).where(col(Conference.minutes_document_id).is_not(None)))
    assert Counter(each.kind for each in meetings) == {ConferenceKind.JOINT: 2, ConferenceKind.SPECIAL: 1}
    assert len(play.scalars(select(ConferenceResolution.item_id))) >= 2


def test_every_locked_fact_and_every_score_recomputes_to_the_same_number(play):
    with play.executor.sessions() as session:
        found = check_results(session)
    assert found.sheets > 10
    assert found.facts > found.sheets, "one unit's facts were corrected, and both versions are kept"
    assert found.differences == ()


def test_every_decision_of_every_step_is_taken(play):
    taken = Counter(
        play.all(
            select(ProcessInstance.key, WorkItem.bpmn_id, WorkItem.decision)
            .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
            .where(WorkItem.closed_as == "done")
        )
    )
    offered = {
        (model, bpmn_id, decision.strip())
        for model in MODELS
        for bpmn_id, task in Bundle.shipped(model).user_tasks.items()
        for decision in task.properties["decisions"].split(",")
    }
    missing = {(key, step, decision) for key, step, decision in offered if not taken[key, step, decision]}
    # Who settles a second sending back may decide the same three things as the first time; once is enough.
    assert {step for _, step, _ in missing} <= {"settle_send_back", "rule_on_send_back"}


def test_every_final_status_and_the_usual_others_occur(play):
    statuses = Counter(play.scalars(select(Item.status)))
    assert set(FINAL) <= set(statuses)
    assert {
        ItemStatus.REGISTERED,
        ItemStatus.ISSUED,
        ItemStatus.IN_PROGRESS,
        ItemStatus.CLAIMED,
        ItemStatus.UNDER_REVIEW,
    } <= set(statuses)


def test_work_is_open_only_where_an_instance_runs(play):
    ended = play.scalars(
        select(WorkItem.id)
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .where(col(WorkItem.closed_at).is_(None), col(ProcessInstance.ended_at).is_not(None))
    )
    final = play.scalars(
        select(WorkItem.id)
        .join(Item, col(Item.id) == col(WorkItem.item_id))
        .where(col(WorkItem.closed_at).is_(None), col(Item.status).in_([str(status) for status in FINAL]))
    )
    assert (ended, final) == ([], [])


def test_what_ended_has_ended_wholly(play):
    for item_id, status, ended_at in play.all(select(Item.id, Item.status, Item.ended_at)):
        running = play.scalars(
            select(ProcessInstance.id).where(
                ProcessInstance.item_id == item_id, col(ProcessInstance.ended_at).is_(None)
            )
        )
        assert (status in FINAL) == (ended_at is not None)
        assert (status in FINAL) == (not running)


def test_as_many_items_are_imported_as_the_document_declares(play):
    with play.executor.sessions() as session:
        task_list = session.get_one(TaskList, play.first.list_id)
        imported = session.exec(
            select(func.count()).where(Item.list_id == task_list.id, col(Item.parent_id).is_(None))
        ).one()
    assert task_list.declared_count == task_list.found_count == imported == len(tasks(Issue(TODAY)))


def test_nothing_is_issued_without_a_lead_or_members(play):
    issued = select(Item.id, Item.joint_lead, Item.number).where(col(Item.issued_at).is_not(None))
    for item_id, joint, number in play.all(issued.where(Item.kind == ItemKind.TASK)):
        parts = play.all(
            select(Responsibility.unit_id, Responsibility.collects).where(
                Responsibility.item_id == item_id,
                Responsibility.role == ResponsibilityRole.LEAD,
                col(Responsibility.valid_to).is_(None),
            )
        )
        members = play.scalars(select(Item.id).where(Item.parent_id == item_id))
        collected = any(collects for _, collects in parts)
        assert members or len(parts) == 1 or (joint and len(parts) == 2) or collected, number


def test_printed_text_and_original_deadline_stay(play):
    printed = {task.number: task.text for task in tasks(Issue(issue_day(play)))}
    rows = play.all(
        select(Item.number, Item.text_printed).where(Item.list_id == play.first.list_id, col(Item.parent_id).is_(None))
    )
    assert {int(number): text for number, text in rows} == printed
    recorded: dict[UUID, list[tuple[str, datetime | None]]] = defaultdict(list)
    changes_of_tasks = select(DeadlineChange.item_id, DeadlineChange.kind, DeadlineChange.due_at).join(Item)
    for item_id, kind, due_at in play.all(
        changes_of_tasks.where(Item.kind == ItemKind.TASK).order_by(col(DeadlineChange.id))
    ):
        recorded[item_id].append((kind, due_at))
    current = dict(play.all(select(Item.id, Item.due_at).where(Item.kind == "task", col(Item.due_at).is_not(None))))
    assert current and current == {item_id: changes[-1][1] for item_id, changes in recorded.items()}
    numbers = dict(play.all(select(Item.id, Item.number).where(Item.list_id == play.first.list_id)))
    kinds = {numbers.get(item_id): [kind for kind, _ in changes] for item_id, changes in recorded.items()}
    # What waits for the higher level has no date before its document.
    assert kinds.pop("6") == ["trigger"]
    told = {"12-1": ["new_target", "notice"], "20": ["extension"], "7": ["pause"], "19": []}
    told |= {"16": ["list_change", "pause"], "27": ["list_change"]}
    for number, [first, *later] in kinds.items():
        assert first == "original"
        # A claim that came back from the office gives the lead the time that it lay there.
        assert later == told[number] if number in told else set(later) <= {"pause"}


def issue_day(play) -> date:
    with play.executor.sessions() as session:
        return session.get_one(TaskList, play.first.list_id).created_at.date()


def test_nobody_approves_what_they_submitted(play):
    done = play.all(
        select(WorkItem.instance_id, WorkItem.bpmn_id, WorkItem.closed_by).where(WorkItem.closed_as == "done")
    )
    by_instance: dict[UUID, dict[str, set[UUID | None]]] = {}
    for instance_id, bpmn_id, person in done:
        by_instance.setdefault(instance_id, {}).setdefault(bpmn_id, set()).add(person)
    compared = 0
    for model in MODELS:
        for bpmn_id, task in Bundle.shipped(model).user_tasks.items():
            for submitted in filter(None, task.properties.get("not_by", "").split(",")):
                for steps in by_instance.values():
                    assert not steps.get(bpmn_id, set()) & steps.get(submitted, set())
                    compared += bpmn_id in steps and submitted in steps
    assert compared > 50


def test_every_return_has_a_reason_in_code_and_words(play):
    returns = play.all(
        select(WorkItem.bpmn_id, Submission.reason_code, Submission.opinion)
        .join(Submission, col(Submission.work_item_id) == col(WorkItem.id), isouter=True)
        .join(Item, col(Item.id) == col(WorkItem.item_id))
        .where(col(WorkItem.decision).in_(RETURNING), Item.kind == ItemKind.TASK)
    )
    assert len({bpmn_id for bpmn_id, _, _ in returns}) >= 9
    assert all(code and words for _, code, words in returns)


def test_deadlines_of_every_kind_and_strength_are_on_the_ledger(play):
    kinds = set(play.scalars(select(ItemDeadline.kind)))
    strengths = set(play.scalars(select(ItemDeadline.strength)))
    assert kinds == {DeadlineKind.BY_DATE, DeadlineKind.RELATIVE, DeadlineKind.RECURRING, DeadlineKind.ONGOING}
    assert set(Strength) <= strengths
    assert "text" in play.scalars(select(ItemDeadline.applies_to))


def test_flags_are_those_that_the_document_was_written_with(play):
    flags = play.all(
        select(Item.number, ImportFlag.code, ImportFlag.blocking, ImportFlag.resolved_at).join(
            Item, col(Item.id) == col(ImportFlag.item_id)
        )
    )
    assert Counter((number, code) for number, code, _, _ in flags) == Counter(
        {
            ("6", "deadline_conditional"): 1,
            ("7", "unit_unknown"): 1,
            ("8", "deadline_missing"): 1,
            ("9", "open_list"): 1,
            ("10", "group"): 1,
            ("10", "lead_not_stated"): 1,
            ("11", "group"): 1,
            ("12", "group"): 1,
            ("12", "lead_not_stated"): 1,
            ("16", "unit_renamed"): 1,
            ("28", "group"): 1,
            ("28", "lead_not_stated"): 1,
        }
    )
    assert [number for number, _, blocking, _ in flags if blocking] == ["8"]
    assert all(resolved_at for _, _, _, resolved_at in flags)


def test_evidence_is_real_and_kept_as_it_was_sent(play):
    files = play.executor.storage.files
    blobs = play.all(select(Blob.sha256, Blob.size, Blob.media_type, Blob.expunged_at))
    assert len({media_type for _, _, media_type, _ in blobs}) == 4
    [expunged] = [sha256 for sha256, _, _, expunged_at in blobs if expunged_at]
    assert not files.path(expunged).exists()
    assert all(files.path(sha256).stat().st_size == size for sha256, size, _, gone in blobs if not gone)
    assert play.scalars(select(func.count()).where(Evidence.kind == "paper")) == [1]
    assert play.scalars(select(func.count()).where(col(UploadSession.finished_at).is_(None))) == [0]


def test_rounds_are_accepted_cancelled_and_still_open(play):
    outcomes = Counter(play.scalars(select(ProgressRound.outcome)))
    assert outcomes["accepted"] > 30 and outcomes["cancelled"] == 1 and outcomes[None] >= 2


def test_a_returned_report_asked_one_co_unit_alone(play):
    asked = Counter(
        play.all(
            select(ProcessInstance.id, WorkItem.task_id)
            .join(WorkItem, col(WorkItem.instance_id) == col(ProcessInstance.id))
            .where(WorkItem.bpmn_id == "contribute", ProcessInstance.key == "progress_round")
        )
    )
    per_instance: dict[UUID, list[int]] = {}
    for (instance_id, _), count in asked.items():
        per_instance.setdefault(instance_id, []).append(count)
    assert [1, 2] in [sorted(counts) for counts in per_instance.values()]


def test_everything_went_through_commands_that_were_audited(play):
    entries = play.all(select(AuditEntry.command, AuditEntry.error_code, AuditEntry.source))
    assert {error for _, error, _ in entries} == {None}
    assert {source for _, _, source in entries} == {SOURCE}
    completed = play.scalars(select(func.count()).where(WorkItem.closed_as == "done"))[0]
    rows = sum(len(payload["decided"]) for payload in play.scalars(_PAYLOADS))
    assert sum(command == "CompleteWorkItem" for command, _, _ in entries) + rows == completed


_PAYLOADS = select(AuditEntry.payload).where(
    col(AuditEntry.command).in_(["SubmitSheet", "SignSheet", "ReviewSheet"]), col(AuditEntry.error_code).is_(None)
)


def test_a_unit_reports_by_sheet_and_a_returned_row_comes_again(play):
    acts = play.all(
        select(AuditEntry.command, AuditEntry.payload)
        .where(col(AuditEntry.command).in_(["SubmitSheet", "SignSheet", "ReviewSheet"]))
        .order_by(col(AuditEntry.id))
    )
    assert [(command, len(payload["decided"])) for command, payload in acts] == [
        ("SubmitSheet", 4),
        ("SignSheet", 4),
        ("ReviewSheet", 4),
        ("SubmitSheet", 1),
        ("SignSheet", 1),
        ("ReviewSheet", 1),
    ]
    on_sheets = select(ProgressRound.outcome).where(col(ProgressRound.report_period_id).is_not(None))
    assert play.scalars(on_sheets) == ["accepted"] * 4


def test_the_play_ends_before_today(play):
    assert max(play.scalars(select(AuditEntry.at))).date() < TODAY


def test_sample_accounts_have_the_printed_password(play):
    hashes = dict(play.all(select(Person.login, Person.password_hash)))
    assert all(hashes[login] and verify_password(hashes[login], PASSWORD) for login in SAMPLE_ACCOUNTS)
    assert sum(hash_ is not None for hash_ in hashes.values()) == len(SAMPLE_ACCOUNTS)


def test_the_head_of_the_office_sees_every_item_and_an_administrator_none(play):
    with play.executor.sessions() as session:
        head = someone(session, play.first.office_id, Role.UNIT_LEADER, now=play.executor.clock.now())
        administrator = actor_by_login(session, "fangzhicheng", now=play.executor.clock.now())
    with reading(play.executor, head) as as_head:
        rows = list(whole_ledger(as_head, LedgerFilter(list_id=play.first.list_id)))
    with reading(play.executor, administrator) as as_administrator:
        assert list(whole_ledger(as_administrator, LedgerFilter())) == []
    assert len(rows) == len(tasks(Issue(TODAY))) + 4 + 4 + 2
    play.screen.ledger(rows, title="台账")
    assert "建设口岸突发事件" in play.printed.getvalue()


def test_the_document_is_a_word_file_with_merged_sections_and_a_repeated_header(play):
    [path] = play.out.glob("*.docx")
    document = docx.Document(str(path))
    rows = document.tables[0].rows
    assert len(rows) == 1 + 4 + len(tasks(Issue(TODAY)))
    assert "w:tblHeader" in rows[0]._tr.xml
    assert len({id(cell._tc) for cell in rows[1].cells}) == 1
    assert path.read_bytes() == write_task_list(Issue(issue_day(play)))
