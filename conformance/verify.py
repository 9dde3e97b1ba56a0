#!/usr/bin/env python3
"""Verify a Gongxin receipt, written from docs/spec/receipt.md alone.

    verify.py RECEIPT NETWORK            prints the steps; exit code 0 verified, 1 refused, 2 unreadable
    verify.py --vectors FOLDER           runs all vectors of a folder; exit code 0 when each gets its verdict
    verify.py --stream                   reads lines {"receipt": base64url, "network": base64url}, prints exit codes

Python 3.11, standard library only. Section numbers are those of the page. Its purpose is to be a second opinion: it is
meant to be read beside the page, not to be fast.
"""
import base64
import datetime
import functools
import hashlib
import json
import math
import pathlib
import re
import sys

VERIFIED, REFUSED, UNREADABLE = 0, 1, 2


class Unreadable(Exception):
    """A file is not of its format at all."""


class Refused(Exception):
    """A step does not hold."""


def need(condition, reason):
    if not condition:
        raise Refused(reason)


# --- 2.1 Unreadable ---------------------------------------------------------------------------------------------

RECEIPT_BYTES_MAX, NETWORK_BYTES_MAX = 1_048_576, 262_144
DEPTH_MAX = 127


def read_json(data, limit, name):
    """The value of a readable file."""
    if len(data) > limit:
        raise Unreadable(f"{len(data)} bytes where at most {limit} are allowed")
    try:
        text = data.decode("utf-8", "strict")
        value = json.loads(text, parse_int=finite_int, parse_float=finite_float, parse_constant=no_constant)
        check_tokens(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not a JSON file: {error}") from None
    if not isinstance(value, dict) or value.get("format") != name:
        raise Unreadable(f"not a file of format {name}")
    return value


def finite_int(text):
    if math.isinf(float(text)):
        raise ValueError("a number that is too large")
    return int(text)


def finite_float(text):
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number that is too large")
    return number


def no_constant(text):
    raise ValueError(f"{text} is not JSON")


def check_tokens(text):
    """What the reader of the library lets pass, or forgets where a name occurs twice: depth and lone surrogates."""
    depth = 0
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if token[0] == '"':
            # A lone surrogate came from an escape; it cannot be written as UTF-8.
            json.loads(token).encode("utf-8", "strict")
        else:
            depth += 1 if token in "[{" else -1
            if depth > DEPTH_MAX:
                raise ValueError("nested too deeply")


# --- 2.2 Canonical: kinds of values. Each function checks the JSON and returns what it means ----------------------


def unsigned(bits):
    def read(value):
        need(type(value) is int and 0 <= value < 2**bits, f"{value!r} is no u{bits}")
        return value

    return read


def u64(value):
    if type(value) is int:
        need(0 <= value < 2**53, f"{value!r} is not the canonical form of a u64")
        return value
    need(isinstance(value, str) and re.fullmatch("[1-9][0-9]*", value, re.ASCII), f"{value!r} is no u64")
    need(2**53 <= int(value) < 2**64, f"{value!r} is not the canonical form of a u64")
    return int(value)


def text(value):
    need(isinstance(value, str), f"{value!r} is no text")
    return value


def digest(value):
    need(re.fullmatch("([0-9a-f]{2}){1,64}", text(value)), f"{value!r} is no digest")
    return bytes.fromhex(value)


def bytes32(value):
    need(re.fullmatch("[0-9a-f]{64}", text(value)), f"{value!r} is not 32 bytes")
    return bytes.fromhex(value)


def encoded(value):
    need(re.fullmatch("[A-Za-z0-9_-]*", text(value)) and len(value) % 4 != 1, f"{value!r} is not base64url")
    data = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    need(base64.urlsafe_b64encode(data).rstrip(b"=").decode() == value, "unused bits of base64url are not zero")
    return data


def vote_signature(value):
    data = encoded(value)
    need(len(data) == 64, "a signature that is not 64 bytes")
    return data


def slug(value):
    is_slug = re.fullmatch("[a-z0-9]+([-_][a-z0-9]+)*", text(value)) and len(value) <= 64
    need(is_slug, f"{value!r} is no slug")
    return value


EPOCH = datetime.datetime(1970, 1, 1)
LATEST = datetime.datetime(9999, 12, 30, 22, 0, 0, 999_000)


def time(value):
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z", text(value), re.ASCII)
    need(found, f"{value!r} is no time")
    year, month, day, hour, minute, second, milli = map(int, found.groups())
    try:
        instant = datetime.datetime(year, month, day, hour, minute, second, milli * 1000)
    except ValueError as error:
        raise Refused(f"{value!r}: {error}") from None
    need(EPOCH <= instant <= LATEST, f"{value!r} is outside the times there are")
    return (instant - EPOCH) // datetime.timedelta(milliseconds=1)


def listing(kind, most):
    def read(value):
        need(isinstance(value, list), "no list where one should be")
        need(len(value) <= most, f"{len(value)} items where at most {most} are allowed")
        return [kind(one) for one in value]

    return read


def nullable(kind):
    return lambda value: None if value is None else kind(value)


def record(fields):
    def read(value):
        need(isinstance(value, dict), "no object where one should be")
        need(set(value) == set(fields), f"fields {sorted(value)} where {sorted(fields)} should be")
        return {name: kind(value[name]) for name, kind in fields.items()}

    return read


# --- 2.3 and 2.4 Fields of the files --------------------------------------------------------------------------------


def suite(value):
    need(text(value) == "intl", f"suite {value!r} is not known")
    return value


VALIDATORS = listing(record({"key": bytes32, "name": slug, "organization": slug}), 64)

HEAD = record({
    "name": slug,
    "objects": digest,
    "protocol_version": unsigned(16),
    "suite": suite,
    "time": time,
    "time_scale": unsigned(32),
    "validators": VALIDATORS,
    "version": unsigned(8),
})

CHECKPOINT = record({"header": bytes32, "height": u64, "time": time, "validators": VALIDATORS})

NETWORK = record({"checkpoint": nullable(CHECKPOINT), "format": text, "head": HEAD, "network": digest})

PATH = record({"hashes": listing(digest, 40), "index": u64, "size": u64})

CERTIFICATE = record({
    "epoch": u64,
    "header": bytes32,
    "parent_view": u64,
    "view": u64,
    "votes": listing(record({"signature": vote_signature, "validator": unsigned(16)}), 64),
})

EPOCHS = listing(record({"certificate": CERTIFICATE, "header": encoded, "validators": VALIDATORS}), 64)

SUBJECTS = {
    "action": record({"action": encoded, "kind": text}),
    "operation": record({
        "batch": encoded,
        "kind": text,
        "operation": encoded,
        "operation_path": PATH,
        "write": nullable(encoded),
        "write_path": nullable(PATH),
    }),
}


def subject(value):
    need(isinstance(value, dict) and isinstance(value.get("kind"), str), "no subject with a kind")
    need(value["kind"] in SUBJECTS, f"a subject of kind {value['kind']!r}")
    return SUBJECTS[value["kind"]](value)


RECEIPT = record({
    "certificate": CERTIFICATE,
    "epochs": EPOCHS,
    "format": text,
    "headers": listing(encoded, 64),
    "leaf": encoded,
    "network": digest,
    "path": PATH,
    "subject": subject,
})


def canonical(value, data):
    """No text of these files needs an escape and no name is other than ASCII, so JCS is this."""
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    need(written == data, "not the canonical bytes of what it says")


# --- 4.1 Canonical bytes --------------------------------------------------------------------------------------------


class Reader:
    """Takes values off canonical bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        need(self.at + count <= len(self.data), "bytes are missing")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "little")

    def u8(self):
        return self.number(1)

    def u16(self):
        return self.number(2)

    def u32(self):
        return self.number(4)

    def u64(self):
        return self.number(8)

    def bytes32(self):
        return self.take(32)

    def id(self):
        return self.take(16).hex()

    def variant(self, count):
        number = self.u8()
        need(number < count, f"no variant has the number {number}")
        return number

    def slug(self):
        length = self.u32()
        need(length <= 64, f"a text of {length} bytes")
        try:
            return slug(self.take(length).decode("utf-8", "strict"))
        except UnicodeDecodeError:
            raise Refused("a text that is not UTF-8") from None

    def owned(self):
        organization = self.slug()
        return f"{organization}/{self.slug()}"

    def digest(self):
        length = self.u8()
        need(1 <= length <= 64, f"a digest of {length} bytes")
        return self.take(length)

    def keyed(self, length):
        need(self.u8() == 1, "an algorithm that is not known")
        need(self.u8() == length, "a length that is not the algorithm's")
        return self.take(length)

    def public_key(self):
        return self.keyed(32)

    def signature(self):
        return self.keyed(64)

    def option(self, kind):
        return kind() if self.variant(2) == 1 else None

    def list(self, most, kind):
        count = self.u32()
        need(count <= most, f"{count} items where at most {most} are allowed")
        return [kind() for _ in range(count)]

    def date(self):
        year, month, day = self.u16(), self.u8(), self.u8()
        try:
            return datetime.date(year, month, day).isoformat()
        except ValueError as error:
            raise Refused(f"{year}-{month}-{day}: {error}") from None

    def end(self):
        need(self.at == len(self.data), "bytes are left over")


def decode(kind, data):
    reader = Reader(data)
    value = kind(reader)
    reader.end()
    return value


def put_text(value):
    return len(value.encode()).to_bytes(4, "little") + value.encode()


def put_date(value):
    year, month, day = map(int, value.split("-"))
    return year.to_bytes(2, "little") + bytes([month, day])


def put_digest(value):
    return bytes([len(value)]) + value


# --- 4.2 and 4.3 Hashes ---------------------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def message(tag, data):
    return bytes([len(tag)]) + tag.encode() + data


def tagged(tag, data):
    return sha256(message(tag, data))


def leaf_hash(data):
    return sha256(b"\x00" + data)


def node(left, right):
    return sha256(b"\x01" + left + right)


def tree_root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node(tree_root(leaves[:split]), tree_root(leaves[split:]))


def check_path(leaf, path, root):
    fn, hashes = path["index"], path["hashes"]
    need(fn < path["size"], "the place is outside the tree")
    need(all(len(one) == 32 for one in [leaf, root, *hashes]), "a digest that is not of the suite's length")
    sn, r = path["size"] - 1, leaf
    for p in hashes:
        need(sn != 0, "the path has too many hashes")
        if fn % 2 == 1 or fn == sn:
            r = node(p, r)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            r = node(r, p)
        fn, sn = fn // 2, sn // 2
    need(sn == 0, "the path has too few hashes")
    need(r == root, "the path leads to another root")


# --- 12.3 Ed25519 by ZIP-215 ------------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

# Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z, so that adding needs no division.
NEUTRAL = (0, 1, 1, 0)


def add(a, b):
    # The complete formulas of Hisil, Wong, Carter and Dawson (2008), for a curve whose first coefficient is -1.
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    result = NEUTRAL
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def same_point(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


@functools.lru_cache(maxsize=None)
def decode_point(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, (number & (2**255 - 1)) % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if x * x % P != square:
        return None
    if x % 2 != sign:
        x = -x % P
    return x, y, 1, x * y % P


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


@functools.lru_cache(maxsize=None)
def ed25519(key, signed, signature):
    r_bytes, s = signature[:32], int.from_bytes(signature[32:], "little")
    a, r = decode_point(key), decode_point(r_bytes)
    if s >= L or a is None or r is None:
        return False
    k = int.from_bytes(hashlib.sha512(r_bytes + key + signed).digest(), "little") % L
    return same_point(times(8, times(s, BASE)), times(8, add(r, times(k, a))))


# --- 3 Step network ---------------------------------------------------------------------------------------------------


def put_validator(validator):
    return put_text(validator["name"]) + put_text(validator["organization"]) + validator["key"]


def network_id(head):
    return tagged("gongxin-network-1", b"".join([
        head["version"].to_bytes(1, "little"),
        put_text(head["name"]),
        bytes([1]),
        head["protocol_version"].to_bytes(2, "little"),
        head["time"].to_bytes(8, "little"),
        head["time_scale"].to_bytes(4, "little"),
        len(head["validators"]).to_bytes(4, "little"),
        *map(put_validator, head["validators"]),
        put_digest(head["objects"]),
    ]))


# --- 5 to 10 Nouns ----------------------------------------------------------------------------------------------------

DENY = 1
BATCH, READING = 13, 20

# The code in the leaf, by the first byte of the act (section 6).
CODES = [*range(14), *range(17, 24)]
NAMES = (
    "organization.register organization.amend officer.register officer.amend officer.dismiss officer.add-key "
    "officer.revoke-key duty.register duty.amend duty.withdraw resource.publish resource.amend resource.withdraw "
    "record.write evidence.notarise grant.issue grant.revoke gateway.register gateway.amend gateway.revoke access.read"
).split()

REFUSALS = (
    "policy unknown-sender invalid-key already-exists not-found unknown-resource unknown-record version-mismatch "
    "unknown-legal-basis unknown-purpose withheld personal-subjects malformed grant-mismatch grant-expired grant-revoked "
    "fields-outside-grant divergence not-the-owner unknown-reader refused-by-owner rolled-back other-organization "
    "officer-required own-appointment key-in-use term-too-long revision-mismatch"
).split()


def refusal(reader):
    return REFUSALS[reader.variant(len(REFUSALS))]


def list_key(reader):
    return reader.id() if reader.variant(2) == 0 else reader.digest()


def event(reader):
    if reader.variant(2) == 0:
        return [reader.u32(), reader.u32(), reader.u32()]
    return [list_key(reader), reader.u64(), reader.digest()]


def leaf(reader):
    if reader.variant(2) == 1:
        return {"kind": "block", "version": reader.u8(), "writes": reader.u32(), "writes_root": reader.digest()}
    return {
        "kind": "act",
        "version": reader.u8(),
        "transaction": reader.digest(),
        "index": reader.u16(),
        "organization": reader.slug(),
        "actor": (reader.variant(2), reader.id()),
        "key": reader.public_key(),
        "action": reader.variant(24),
        "action_digest": reader.digest(),
        "effect": reader.variant(2),
        "policies": reader.list(32, reader.slug),
        "refusal": reader.option(lambda: refusal(reader)),
        "policy_revision": reader.u32(),
        "requests_digest": reader.digest(),
        "writes": reader.u32(),
        "writes_root": reader.digest(),
        "events": reader.list(16, lambda: event(reader)),
    }


def batch_head(reader):
    return {
        "resource": reader.owned(),
        "legal_basis": reader.slug(),
        "effective": reader.date(),
        "count": reader.u32(),
        "operations_root": reader.digest(),
    }


def operation(reader):
    kind = reader.variant(3)
    found = {"kind": ["create", "update", "delete"][kind], "record": reader.id()}
    found["expected_version"] = reader.u32() if kind != 0 else 0
    found["commitment"] = reader.digest() if kind != 2 else None
    return found


def page(reader):
    length = reader.u8()
    need(length <= 128, "a page above its size")
    data = reader.take(length)
    need(not data.endswith(b"\x00"), "a page with a zero at its end")
    return data


def write(reader):
    return {"table": reader.variant(2), "key": reader.bytes32(), "page": reader.option(lambda: page(reader))}


def slot(reader):
    return {"version": reader.u32(), "commitment": reader.option(reader.digest), "history": reader.digest()}


def access(reader):
    """The fields, and where in the bytes each begins."""
    starts = {}

    def mark(name, kind):
        starts[name] = reader.at
        return kind()

    need(reader.u8() == READING, "not a reading")
    fields = {
        "request_id": mark("request_id", reader.id),
        "resource": mark("resource", reader.owned),
        "authority": mark("authority", lambda: reader.id() if reader.variant(2) == 0 else reader.owned()),
        "reader": mark("reader", reader.slug),
        "officer": mark("officer", reader.id),
        "officer_key": mark("officer_key", reader.public_key),
        "purpose": mark("purpose", reader.slug),
        "legal_basis": mark("legal_basis", reader.slug),
        "lists": mark("lists", lambda: reader.list(16, lambda: list_key(reader))),
        "request_digest": mark("request_digest", reader.digest),
        "outcome": mark("outcome", lambda: reader.digest() if reader.variant(2) == 0 else refusal(reader)),
        "sealed_digest": mark("sealed_digest", reader.digest),
        "gateway": mark("gateway", reader.id),
        "gateway_key": mark("gateway_key", reader.public_key),
        "officer_signature": mark("officer_signature", reader.signature),
        "gateway_signature": mark("gateway_signature", reader.signature),
    }
    return fields, starts


def header(reader):
    return {
        "version": reader.u8(),
        "network": reader.digest(),
        "protocol_version": reader.u16(),
        "height": reader.u64(),
        "parent": reader.bytes32(),
        "time": reader.u64(),
        "transactions_root": reader.digest(),
        "receipts_root": reader.digest(),
        "state": reader.list(4, lambda: (reader.bytes32(), reader.bytes32(), reader.u64(), reader.u64())),
        "epoch": reader.u64(),
        "validators_root": reader.digest(),
        "next_validators_root": reader.digest(),
        "engine": reader.list(256, reader.u8),
    }


# --- The steps --------------------------------------------------------------------------------------------------------


class Check:
    """The steps over two files that hold step `format`."""

    def __init__(self, receipt, network):
        self.receipt, self.file = receipt, network
        self.network = network_id(network["head"])
        self.validators = network["head"]["validators"]
        self.validators_root = tree_root([put_validator(one) for one in self.validators])
        self.steps = []

    def run(self):
        subject = self.receipt["subject"]
        self.step("network", self.check_network)
        self.step("leaf", self.read_leaf)
        if subject["kind"] == "action":
            self.step("action", self.check_action)
            if subject["action"][:1] == bytes([READING]):
                self.step("access", self.check_access)
        else:
            self.step("action", self.check_batch)
            self.step("operation", self.check_operation)
            self.step("write", self.check_write)
        self.step("path", self.check_leaf_path)
        self.step("headers", self.check_headers)
        self.step("epochs", self.check_epochs)
        self.step("certificate", self.check_certificate)
        self.step("decision", self.show_decision)
        return self.steps

    def step(self, name, check):
        try:
            self.steps.append((name, True, check()))
        except Refused as reason:
            self.steps.append((name, False, str(reason)))

    def check_network(self):
        head = self.file["head"]
        need(head["version"] == 1, "the head is of a version that is not known")
        need(head["time_scale"] >= 1, "a time scale of 0")
        keys = [one["key"] for one in self.validators]
        need(keys and all(one < other for one, other in zip(keys, keys[1:])), "validators out of order, or none")
        need(self.file["network"] == self.network, "the network file names another network than its head")
        need(self.file["checkpoint"] is None, "a checkpoint, which this version does not support")
        need(self.receipt["network"] == self.network, "the receipt is of another network")
        return f"network {self.network.hex()}, time scale {head['time_scale']}"

    def leaf(self):
        found = decode(leaf, self.receipt["leaf"])
        need(found["kind"] == "act", "the leaf is a block's own")
        need(found["version"] == 1, "the leaf is of a version that is not known")
        return found

    def read_leaf(self):
        found = self.leaf()
        return f"act {found['index'] + 1} of transaction {found['transaction'].hex()} for {found['organization']}"

    def check_action(self):
        action, found = self.receipt["subject"]["action"], self.leaf()
        need(action and action[0] < len(CODES), "an act of no kind")
        kind = action[0]
        need(kind != BATCH, "a receipt of a batch is about one operation")
        need(found["action"] == CODES[kind], "the leaf tells of another kind of act")
        need(found["action_digest"] == tagged("gongxin-action-1", action), "the leaf names another digest")
        return f"{NAMES[kind]}, digest {found['action_digest'].hex()}"

    def check_access(self):
        data = self.receipt["subject"]["action"]
        fields, starts = decode(access, data)

        def between(first, after):
            return data[starts[first] : starts[after]]

        claim = b"".join([
            put_digest(self.network),
            between("request_id", "officer_key"),
            between("purpose", "lists"),
            between("request_digest", "outcome"),
        ])
        whole = put_digest(self.network) + between("request_id", "gateway_signature")
        by_officer = ed25519(fields["officer_key"], message("gongxin-access-claim-1", claim), fields["officer_signature"])
        need(by_officer, "the officer's signature does not verify")
        by_gateway = ed25519(fields["gateway_key"], message("gongxin-access-leaf-1", whole), fields["gateway_signature"])
        need(by_gateway, "the gateway's signature does not verify")
        return f"officer {fields['officer']} of {fields['reader']} read {fields['resource']} for {fields['purpose']}"

    def batch(self):
        data, found = self.receipt["subject"]["batch"], self.leaf()
        need(found["action"] == BATCH, "the leaf is not that of a batch")
        head = decode(batch_head, data)
        need(found["action_digest"] == tagged("gongxin-batch-1", data), "the leaf names another digest")
        return head

    def check_batch(self):
        head = self.batch()
        return f"{head['count']} operations on {head['resource']}, effective {head['effective']}"

    def operation(self):
        head, subject = self.batch(), self.receipt["subject"]
        found = decode(operation, subject["operation"])
        path = subject["operation_path"]
        need(path["size"] == head["count"], "the path is of a tree of another size")
        check_path(leaf_hash(subject["operation"]), path, head["operations_root"])
        return found

    def check_operation(self):
        found, path = self.operation(), self.receipt["subject"]["operation_path"]
        return f"operation {path['index'] + 1} of {path['size']}: {found['kind']} record {found['record']}"

    def check_write(self):
        found, subject = self.leaf(), self.receipt["subject"]
        head, done = self.batch(), self.operation()
        data, path = subject["write"], subject["write_path"]
        if found["effect"] == DENY:
            need(data is None and path is None, "a denied batch has no write")
            return "denied: no write"
        need(data is not None and path is not None, "an allowed batch has a write and its path")
        written = decode(write, data)
        need(path["index"] == subject["operation_path"]["index"], "the write is of another operation")
        need(path["size"] == found["writes"], "the path is of a tree of another size")
        check_path(leaf_hash(data), path, found["writes_root"])

        organization, name = head["resource"].split("/")
        place = bytes([6]) + put_text(organization) + put_text(name) + bytes.fromhex(done["record"]) + bytes(4)
        need(written["table"] == 0 and written["key"] == tagged("gongxin-key-1", place), "a write to another place")
        need(written["page"] is not None, "a write that leaves nothing")
        whole = written["page"].ljust(128, b"\x00")
        length = int.from_bytes(whole[:2], "little")
        need(length <= 126 and not any(whole[2 + length :]), "a page that holds something else")
        held = decode(slot, whole[2 : 2 + length])
        need(held["version"] == done["expected_version"] + 1, "another version than the operation makes")
        need(held["commitment"] == done["commitment"], "another commitment than the operation's")
        if held["version"] == 1:
            first = tagged("gongxin-history-1", b"")
            entry = (1).to_bytes(4, "little") + subject["operation"] + put_text(head["legal_basis"])
            entry += put_date(head["effective"])
            need(held["history"] == tagged("gongxin-history-1", first + entry), "a new record with another history")
        return f"made version {held['version']} of the record"

    def headers(self):
        found = [decode(header, data) for data in self.receipt["headers"]]
        need(found, "there is no header")
        return found

    def header_digest(self, number):
        return tagged("gongxin-header-1", self.receipt["headers"][number])

    def check_leaf_path(self):
        root = self.headers()[0]["receipts_root"]
        check_path(leaf_hash(self.receipt["leaf"]), self.receipt["path"], root)
        return f"entry {self.receipt['path']['index'] + 1} of {self.receipt['path']['size']} under {root.hex()}"

    def check_headers(self):
        found = self.headers()
        for one in found:
            need(one["version"] == 1, "a header of a version that is not known")
            need(one["network"] == self.network, "a header of another network")
            need(one["epoch"] == 0, "a header of another epoch")
            need(one["validators_root"] == self.validators_root, "a header of other validators")
        for number, (before, one) in enumerate(zip(found, found[1:])):
            need(one["height"] == before["height"] + 1, "heights that do not follow each other")
            need(one["parent"] == self.header_digest(number), "a header with another parent")
            need(one["time"] > before["time"], "a header that is not later than the one before")
            need(one["validators_root"] == before["next_validators_root"], "a header of other validators")
        return f"{len(found)} from height {found[0]['height']}"

    def check_epochs(self):
        need(not self.receipt["epochs"], "changes of validators, which this version does not support")
        return "none"

    def check_certificate(self):
        self.headers()
        certificate, count = self.receipt["certificate"], len(self.validators)
        need(certificate["header"] == self.header_digest(-1), "the votes are for another header")
        need(certificate["epoch"] == 0, "votes of another epoch")
        votes = certificate["votes"]
        places = [vote["validator"] for vote in votes]
        need(all(one < other for one, other in zip(places, places[1:])), "votes out of order")
        need(all(place < count for place in places), "a vote of nobody")
        quorum = count - (count - 1) // 3
        need(len(votes) >= quorum and votes, f"{len(votes)} votes of {quorum} that are needed")
        namespace = b"gongxin-votes-1" + self.network + b"_FINALIZE"
        signed = varint(len(namespace)) + namespace
        signed += b"".join(varint(certificate[name]) for name in ("epoch", "view", "parent_view"))
        signed += certificate["header"]
        for vote in votes:
            key = self.validators[vote["validator"]]["key"]
            need(ed25519(key, signed, vote["signature"]), f"the vote of {vote['validator']} does not verify")
        return f"{len(votes)} of {count} validators; {quorum} are needed"

    def show_decision(self):
        found, first = self.leaf(), self.headers()[0]
        try:
            when = (EPOCH + datetime.timedelta(milliseconds=first["time"])).isoformat(timespec="milliseconds") + "Z"
        except OverflowError:
            when = f"{first['time']} ms"
        effect = ["allowed", "denied"][found["effect"]]
        return f"{effect} by {found['policies']} ({found['refusal']}) in block {first['height']} at {when}"


def varint(number):
    data = b""
    while number >= 128:
        data, number = data + bytes([number % 128 + 128]), number // 128
    return data + bytes([number])


def verify(receipt, network):
    """The exit code and the steps for two files given as bytes."""
    try:
        receipt_value = read_json(receipt, RECEIPT_BYTES_MAX, "gongxin-receipt-1")
        network_value = read_json(network, NETWORK_BYTES_MAX, "gongxin-network-1")
    except Unreadable as reason:
        return UNREADABLE, [("format", False, str(reason))]
    try:
        read_receipt, read_network = RECEIPT(receipt_value), NETWORK(network_value)
        canonical(receipt_value, receipt)
        canonical(network_value, network)
    except Refused as reason:
        return REFUSED, [("format", False, str(reason))]
    steps = [("format", True, "canonical"), *Check(read_receipt, read_network).run()]
    return VERIFIED if all(ok for _, ok, _ in steps) else REFUSED, steps


# --- The command ------------------------------------------------------------------------------------------------------


def vector_bytes(file):
    return file["text"].encode() if "text" in file else encoded(file["base64"])


def run_vectors(folder):
    passed = failed = 0
    expected = {"ok": VERIFIED, "refused": REFUSED, "unreadable": UNREADABLE}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            code, steps = verify(vector_bytes(case["receipt"]), vector_bytes(case["network"]))
            if code == expected[case["expect"]]:
                passed += 1
            else:
                failed += 1
                print(f"{path.stem}/{case['name']}: exit code {code}, {case['expect']} expected; {steps[-1]}")
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


def run_stream():
    for line in sys.stdin:
        case = json.loads(line)
        print(verify(encoded(case["receipt"]), encoded(case["network"]))[0], flush=True)
    return 0


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--vectors":
        return run_vectors(arguments[1])
    if arguments == ["--stream"]:
        return run_stream()
    if len(arguments) != 2 or any(one.startswith("--") for one in arguments):
        print(__doc__, file=sys.stderr)
        return UNREADABLE
    try:
        receipt, network = (pathlib.Path(one).read_bytes() for one in arguments)
    except OSError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    code, steps = verify(receipt, network)
    for name, ok, detail in steps:
        print(f"{'✓' if ok else '✗'} {name}: {detail}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
