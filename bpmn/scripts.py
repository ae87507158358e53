"""The engine's expressions run in `domain.expressions`; scripts and service calls do not run at all.

SpiffWorkflow's own script engine is `eval` and `exec`: a gateway condition could run a program as the service
user.
"""

import ast
from collections.abc import Mapping
from typing import Any, Final

from SpiffWorkflow.bpmn.script_engine import BasePythonScriptEngineEnvironment, PythonScriptEngine

from bpmn.steps import Json
from domain.expressions import MAX_LENGTH, evaluate
from domain.process_errors import ModelRefused


class _Environment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    def evaluate(self, expression: str, context: Mapping[str, Json], external_context: Any = None) -> Json:
        return evaluate(expression, {**external_context, **context} if external_context else context)

    def execute(self, script: str, *_: Any) -> bool:
        raise ModelRefused(f"script {script[:80]!r}", reason="scripts do not run")

    def call_service(self, *_: Any, **__: Any) -> None:
        raise ModelRefused("service task", reason="service tasks do not run")


class _Scripts(PythonScriptEngine):  # type: ignore[misc]
    """Evaluates without wrapping: a domain error stays the domain error it is."""

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Json:
        return self.environment.evaluate(expression, task.data, external_context)

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        return bool(self.environment.execute(script, task.data, external_context))

    def call_service(self, task: Any, **kwargs: Any) -> None:
        self.environment.call_service(task.data, **kwargs)

    def validate(self, expression: str) -> None:
        """Raise SyntaxError for text that is no expression: decision tables tell `>= 90` from `90` by it."""
        if len(expression) > MAX_LENGTH:
            raise SyntaxError("too long")
        ast.parse(expression, mode="eval")


SCRIPTS: Final = _Scripts(_Environment())
"""Stateless, so one for all instances and threads."""
