"""What the page of a process model says about parties and limits."""

import re
from typing import Any

from bpmn.bundle import SHIPPED, Bundle
from web.templating import make_templates
from web.translations import Language


def test_parties_and_limits_of_every_shipped_model_are_said_in_words():
    words: Any = make_templates({}).environments[Language.CHINESE].get_template("models/words.html").module
    for key in SHIPPED:
        for task in Bundle.shipped(key).user_tasks.values():
            parties, limit = task.properties.get("parties", ""), task.properties.get("limit", "none")
            days = re.fullmatch(r"(\d+)w?d", limit)
            said = [words.parties(parties), words.limit(limit, days and int(days[1]))]
            assert all(re.search("[一-鿿]", str(each)) for each in said), (key, task.bpmn_id, said)
