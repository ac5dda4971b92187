"""What a lab holds on to: its target, its recordings, its meter."""

#: The variable under which a run is recorded, or compared with its recording.
RECORD = "LAB_RECORD"
