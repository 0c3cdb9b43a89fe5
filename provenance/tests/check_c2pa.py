#!/usr/bin/env python3
"""Has other people's readers look at files that Continuo tagged, and prints one JSON line per file.

usage: check_c2pa.py FILE.wav [FILE.wav ...]

Readers: c2pa-python (needed), encypher-c2pa, wavinfo (each used when it is installed). Per file:

  {"file": ..., "c2pa_state": "Valid", "c2pa_failures": [...], "record_id": ..., "actions": [[action, source type], ...],
   "encypher": {"validation_state": ..., "hard_binding": ..., "failures": [...]} or null, "bext_reference": ..., "info_comment": ...}

Exit code 0 when every file was read and is valid, 1 otherwise.
"""
import json
import sys

import c2pa

RECORD = "org.continuo.use-record"


def with_c2pa(path):
    """Verdict and content by the library of the Content Authenticity Initiative."""
    with open(path, "rb") as file, c2pa.Reader("audio/wav", file) as reader:
        store = json.loads(reader.json())
    manifest = store["manifests"][store["active_manifest"]]
    found = {a["label"]: a["data"] for a in manifest["assertions"]}
    actions = next(v for k, v in found.items() if k.startswith("c2pa.actions"))["actions"]
    failures = store.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    return {
        "c2pa_state": store.get("validation_state"),
        "c2pa_failures": [f["code"] for f in failures],
        "record_id": found.get(RECORD, {}).get("record_id"),
        "actions": [[a["action"], a.get("digitalSourceType", "").rsplit("/", 1)[-1]] for a in actions],
    }


def with_encypher(path):
    """Verdict by a separate code base; None when it is not installed. Offline, and its telemetry stays off."""
    try:
        import encypher_c2pa
    except ImportError:
        return None
    with open(path, "rb") as file:
        content = file.read()
    try:
        report = encypher_c2pa.verify(content, "audio/wav", telemetry=False, online=False)
    except Exception as error:  # the reader's own failure is a finding, not the end
        return {"error": f"{type(error).__name__}: {error}"}
    failures = report.get("validation_results", {}).get("failure", [])
    return {
        **{k: report.get(k) for k in ("validation_state", "integrity", "signature", "hard_binding")},
        "failures": [f["code"] for f in failures],
    }


def with_wavinfo(path):
    """Plain tags by a reader of Broadcast Wave; None when it is not installed."""
    try:
        from wavinfo import WavInfoReader
    except ImportError:
        return {}
    info = WavInfoReader(path)
    return {
        "bext_reference": info.bext.originator_ref if info.bext else None,
        "bext_history": info.bext.coding_history if info.bext else None,
        "info_comment": info.info.comment if info.info else None,
    }


def main(paths):
    fine = bool(paths)
    for path in paths:
        line = {"file": path}
        try:
            line.update(with_c2pa(path))
        except Exception as error:
            line["c2pa_state"] = f"unreadable ({type(error).__name__}: {error})"
        line["encypher"] = with_encypher(path)
        try:
            line.update(with_wavinfo(path))
        except Exception as error:
            line["wavinfo_error"] = f"{type(error).__name__}: {error}"
        fine = fine and line["c2pa_state"] in ("Valid", "Trusted")
        print(json.dumps(line))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
