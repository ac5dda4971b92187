"""Step Functions: machines, their executions and their states."""

from __future__ import annotations

from collections.abc import Mapping

from serverless_tax.cloud.front import absent, intrinsics, machine_retries, machines
from serverless_tax.cloud.front.intrinsics import MACHINES
from serverless_tax.cloud.front.seams.seam import Seam, instead

OF_MACHINES: Mapping[str, Seam] = {
    "_create_state_machine": Seam(MACHINES, ("data",), machines.made),
    "_update_state_machine": Seam(MACHINES, ("data",), machines.made),
    "_validate_state_machine_definition": Seam(MACHINES, ("data",), machines.validated),
    "_start_execution": Seam(MACHINES, ("data",), machines.started),
    "_run_execution": Seam(MACHINES, ("exec_arn",), machines.run),
    "_list_executions": Seam(MACHINES, ("data",), absent.listed),
    "_start_sync_execution": Seam(MACHINES, ("data",), machines.waited_for),
    "_describe_execution": Seam(MACHINES, ("data",), machines.told),
    "_nested_start_execution_request": Seam(MACHINES, ("input_data",), machines.nested),
    "_nested_execution_failure": Seam(MACHINES, ("payload",), machines.nested_failure),
    "_apply_output_path": Seam(MACHINES, ("state_def", "data", "ctx"), machines.with_output),
    "_apply_jsonata_output": Seam(
        MACHINES,
        ("state_def", "raw_input", "ctx", "result", "error_output", "default"),
        machines.evaluated,
    ),
    "_execute_wait": Seam(MACHINES, ("state_def", "raw_input", "ctx"), machines.waited),
    "_invoke_resource": Seam(MACHINES, ("resource", "input_data"), machines.bounded),
    "_call_lambda": Seam(MACHINES, ("func_ref", "event"), machines.with_error_names),
    "_exec_intrinsic": Seam(MACHINES, ("node", "data", "ctx"), instead(intrinsics.executed)),
    "_resolve_path": Seam(MACHINES, ("path", "data"), machines.found),
    "_apply_parameters": Seam(MACHINES, ("state_def", "data", "ctx"), machines.with_parameters),
    "_evaluate_rule": Seam(MACHINES, ("rule", "data", "ctx"), machines.chosen),
    "_find_matching_retrier": Seam(
        MACHINES, ("retriers", "error", "retry_counts"), machine_retries.retried
    ),
    "_test_state": Seam(MACHINES, ("data",), machine_retries.tried),
    "_error_matches": Seam(MACHINES, ("error_equals", "error"), machines.matched),
}
