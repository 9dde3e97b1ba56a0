#!/usr/bin/env python3
"""Compute the vectors of rows, columns, transactions and tickets, written from docs/spec/{row,transaction,ticket}.md alone.

    nouns.py        checks the files beside it; exit code 0 when every value is the one computed
"""
import datetime
import hashlib
import hmac
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import verify  # noqa: E402


# --- row.md ----------------------------------------------------------------------------------------------------------


def put_text(text):
    """receipt.md, section 4.1."""
    data = text.encode("utf-8", "strict")
    return len(data).to_bytes(4, "little") + data


def put_value(kind, value):
    """Section 1."""
    if value is None:
        return b"\x00"
    if kind == "text":
        data = put_text(value)
        assert len(data) <= 4 + 65_536
        return b"\x01" + data
    if kind == "integer":
        return b"\x02" + int(value).to_bytes(8, "little", signed=True)
    if kind == "boolean":
        return b"\x03" + (b"\x01" if value else b"\x00")
    assert kind == "date"
    date = datetime.date.fromisoformat(value)
    return b"\x04" + date.year.to_bytes(2, "little") + bytes([date.month, date.day])


def row_of(case):
    """All that is computed from fields, salt and values."""
    salt = bytes.fromhex(case["salt"])
    names = [field["name"] for field in case["fields"]]
    values = [put_value(field["type"], value) for field, value in zip(case["fields"], case["values"], strict=True)]
    row = len(values).to_bytes(4, "little") + b"".join(values)
    row_digest = verify.tagged("gongxin-row-1", salt + row)
    salts = [hmac.new(salt, name.encode(), hashlib.sha256).digest() for name in names]
    leaves = [
        verify.encode_digest(field_salt) + put_text(name) + value
        for field_salt, name, value in zip(salts, names, values)
    ]
    fields_root = verify.tree_root(leaves)
    return {
        "row": row.hex(),
        "row_digest": row_digest.hex(),
        "field_salts": [one.hex() for one in salts],
        "field_leaves": [verify.leaf_hash(leaf).hex() for leaf in leaves],
        "fields_root": fields_root.hex(),
        "commitment": verify.tagged("gongxin-commitment-1", row_digest + fields_root).hex(),
    }


def decimal_text(text, scale):
    """Section 6."""
    found = re.fullmatch(r"(-?)([0-9]+)(?:\.([0-9]+))?", text, re.ASCII)
    if not found or len(text.encode()) > 64:
        return None
    sign, whole, fraction = found[1], found[2].lstrip("0") or "0", (found[3] or "").rstrip("0")
    if len(fraction) > scale:
        return None
    digits = whole + ("." + fraction.ljust(scale, "0") if scale else "")
    return digits if not digits.strip("0.") else sign + digits


def instant_text(text, utc):
    """Section 6."""
    zone = r"(Z|[+-][0-9]{2}(?::[0-9]{2})?)" if utc else "()"
    form = r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?" + zone
    found = re.fullmatch(form, text, re.ASCII)
    if not found:
        return None
    try:
        day = datetime.date.fromisoformat(found[1])
        time = datetime.time(int(found[2]), int(found[3]), int(found[4]), int((found[5] or "0").ljust(6, "0")))
        offset = datetime.timedelta()
        if found[6] not in ("", "Z"):
            hours, minutes = int(found[6][1:3]), int(found[6][4:6] or 0)
            if hours > 15 or minutes > 59:
                return None
            offset = datetime.timedelta(hours=hours, minutes=minutes) * (-1 if found[6][0] == "-" else 1)
        instant = datetime.datetime.combine(day, time) - offset
    except (ValueError, OverflowError):
        return None
    return instant.isoformat(timespec="microseconds") + ("Z" if utc else "")


def column_of(case):
    """The text of one column."""
    if case["as"] == "decimal":
        return {"text": decimal_text(case["from"], case["scale"])}
    return {"text": instant_text(case["from"], case["as"] == "timestamp-utc")}


# --- ticket.md -------------------------------------------------------------------------------------------------------


def ticket_of(case):
    """All that is computed from the bytes of a ticket and those of the row."""
    data = bytes.fromhex(case["bytes"])
    body, signature = data[:-66], data[-66:]
    assert body[0] == 1
    # Version, network, operation, author; then the key.
    place = 1 + 33 + 16
    place += 17 if body[place] == 0 else 1 + 4 + int.from_bytes(body[place + 1 : place + 5], "little")
    assert body[place : place + 2] == bytes([1, 32])
    key = body[place + 2 : place + 34]
    digest = verify.tagged("gongxin-ticket-1", body)
    message = verify.message("gongxin-ticket-signature-1", digest)
    row = None if case["row"] is None else verify.tagged("gongxin-ticket-row-1", bytes.fromhex(case["row"]))
    # The option of the row's digest is the last of the body.
    end = b"\x00" if row is None else b"\x01" + verify.encode_digest(row)
    return {
        "row_digest": None if row is None else row.hex(),
        "body_digest": digest.hex(),
        "message": message.hex(),
        "valid": signature[:2] == bytes([1, 64]) and verify.ed25519_verifies(key, signature[2:], message),
        "covers": body.endswith(end),
    }


# --- transaction.md --------------------------------------------------------------------------------------------------


beginning = verify.struct(version=verify.u8, network=verify.digest, sender=verify.sender)


def transaction_of(case):
    """All that is computed from the bytes."""
    data = verify.as_bytes(case["bytes"])
    begun = beginning(verify.Reader(data))
    assert begun.version == 1
    # In suite `intl` a signature has 66 bytes with algorithm and length; the body is what stands before it.
    body, signature = data[:-66], data[-66:]
    identity = verify.tagged("gongxin-transaction-1", body)
    message = verify.message("gongxin-transaction-signature-1", identity)
    return {
        "id": identity.hex(),
        "message": message.hex(),
        "leaf": (verify.encode_digest(identity) + signature).hex(),
        "valid": signature[:2] == bytes([1, 64]) and verify.ed25519_verifies(begun.sender.key, signature[2:], message),
    }


def check():
    """How many cases are as computed, and how many are not."""
    passed = failed = 0
    files = (
        ("rows.json", row_of),
        ("columns.json", column_of),
        ("transactions.json", transaction_of),
        ("tickets.json", ticket_of),
    )
    for file, compute in files:
        for case in json.loads((HERE / file).read_text(encoding="utf-8")):
            wrong = [name for name, value in compute(case).items() if case[name] != value]
            passed, failed = (passed, failed + 1) if wrong else (passed + 1, failed)
            if wrong:
                print(f"{file}: {case.get('name') or case['from']}: {', '.join(wrong)}")
    return passed, failed


if __name__ == "__main__":
    good, bad = check()
    print(f"{good} passed, {bad} failed")
    sys.exit(0 if bad == 0 and good > 0 else 1)
