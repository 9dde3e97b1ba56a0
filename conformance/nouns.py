#!/usr/bin/env python3
"""Compute the vectors of rows and transactions, written from docs/spec/row.md and docs/spec/transaction.md alone.

    nouns.py        checks rows.json and transactions.json beside it; exit code 0 when every value is the one computed
"""
import datetime
import hashlib
import hmac
import json
import pathlib
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
    for file, compute in (("rows.json", row_of), ("transactions.json", transaction_of)):
        for case in json.loads((HERE / file).read_text(encoding="utf-8")):
            wrong = [name for name, value in compute(case).items() if case[name] != value]
            passed, failed = (passed, failed + 1) if wrong else (passed + 1, failed)
            if wrong:
                print(f"{file}: {case['name']}: {', '.join(wrong)}")
    return passed, failed


if __name__ == "__main__":
    good, bad = check()
    print(f"{good} passed, {bad} failed")
    sys.exit(0 if bad == 0 and good > 0 else 1)
