#!/usr/bin/env python3
"""Verify a Gongxin receipt, written from docs/spec/receipt.md alone.

    verify.py RECEIPT NETWORK     prints the steps of the page, each with ✓ or ✗; ends with 0, 1 or 2 as below
    verify.py --vectors FOLDER    runs the vectors FOLDER/*.json (section 14); 0 if each gets its verdict, else 1
    verify.py --stream            per line {"receipt": base64url, "network": base64url} on stdin, one exit code on stdout

Exit codes (section 1): 0 verified, 1 refused, 2 unreadable file or wrong command line.

A second opinion: whoever wrote it had the page, and saw neither the Rust code nor an earlier verifier nor the vectors. What
is wrong in it is to be mended from the page, and what the page leaves open in the page. Changes of the validators (11, `Line`)
were added later, by the author of that section of the page.

Python 3.11, standard library only. Ed25519 is computed with plain integers: nothing here is secret, so nothing has to be
constant in time. The order is that of the page: JSON (2), encoding and hashing (4), Ed25519 (12.3), nouns (5 to 10), steps
(3, 5 to 13), command line. Numbers in comments are sections of the page.

Two exceptions carry the verdict: `Unreadable` (exit code 2) and `Refused` (a step does not hold, exit code 1).
"""

import base64
import binascii
import datetime
import hashlib
import json
import math
import pathlib
import re
import struct as packing
import sys
from functools import cached_property
from types import SimpleNamespace

VERIFIED, REFUSED, UNREADABLE = 0, 1, 2

RECEIPT_FORMAT, RECEIPT_LIMIT = "gongxin-receipt-1", 3_145_728
NETWORK_FORMAT, NETWORK_LIMIT = "gongxin-network-1", 4_194_304
MAX_DEPTH = 127


class Unreadable(Exception):
    """A file is not of its format at all (2.1)."""


class Refused(Exception):
    """Something does not hold; the text says what."""


def demand(holds, why):
    if not holds:
        raise Refused(why)


# ---- 2.1 Unreadable or not: well-formed JSON of the right format ----------------------------------------------------

STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # the last quote is optional only to stay linear on bad text
SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(data, limit, format_name):
    """The object in `data`, by Python's parser made strict where it is lax."""
    if len(data) > limit:
        raise Unreadable(f"longer than {limit} bytes")
    try:
        text = data.decode("utf-8")  # strict: neither surrogates nor overlong forms
    except UnicodeDecodeError as error:
        raise Unreadable("not UTF-8") from error
    if depth(text) > MAX_DEPTH:
        raise Unreadable(f"nested more than {MAX_DEPTH} deep")
    try:
        # Python's parser refuses byte-order marks, control characters in texts, and text behind the value by itself.
        value = json.loads(text, object_pairs_hook=members, parse_int=integer, parse_float=number, parse_constant=number)
    except json.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error}") from error
    if not isinstance(value, dict) or value.get("format") != format_name:
        raise Unreadable(f"not of format {format_name}")
    return value


def depth(text):
    """How deep objects and lists are nested, if `text` is JSON. Counted before parsing, which is recursive."""
    deepest = level = 0
    for bracket in re.findall(r"[\[\]{}]", STRING.sub("", text)):
        level += 1 if bracket in "[{" else -1
        deepest = max(deepest, level)
    return deepest


def members(pairs):
    """An object; of members with the same name the last one counts, but all must be well-formed."""
    for name, value in pairs:
        no_surrogates(name)
        no_surrogates(value)
    return dict(pairs)


def no_surrogates(value):
    """After decoding UTF-8 strictly, a surrogate comes from an escape without its other half."""
    if isinstance(value, str) and SURROGATE.search(value):
        raise Unreadable("a lone surrogate")
    if isinstance(value, list):
        for item in value:
            no_surrogates(item)


def number(text):
    value = float(text)
    if not math.isfinite(value):
        raise Unreadable("NaN, Infinity, or a number that no double can hold")
    return value


def integer(text):
    number(text)
    return int(text)  # of at most 309 digits


# ---- 2.2 Kinds of values in JSON. A kind is a function from the JSON value to what it stands for; it may raise Refused.

SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})Z")
FIRST_TIME, LAST_TIME = "1970-01-01T00:00:00.000Z", "9999-12-30T22:00:00.999Z"
EPOCH = datetime.datetime(1970, 1, 1)
MILLISECOND = datetime.timedelta(milliseconds=1)


def as_text(value):
    demand(isinstance(value, str), "a text is missing")
    return value


def as_number(bits):
    def kind(value):
        demand(type(value) is int and 0 <= value < 2**bits, f"not a u{bits}")  # a bool is no int here
        return value
    return kind


def as_u64(value):
    if isinstance(value, str):
        demand(re.fullmatch("[1-9][0-9]{15,19}", value) and 2**53 <= int(value) < 2**64, "not a u64")
        return int(value)
    return as_number(53)(value)


def as_hex(shortest, longest):
    def kind(value):
        demand(re.fullmatch("(?:[0-9a-f]{2})*", as_text(value)), "not lower-case hexadecimal")
        demand(shortest <= len(value) // 2 <= longest, "hexadecimal of a wrong length")
        return bytes.fromhex(value)
    return kind


as_digest = as_hex(1, 64)
as_32_bytes = as_hex(32, 32)


def as_bytes(value):
    try:
        data = base64.b64decode(as_text(value) + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("not base64url") from error
    demand(base64url(data) == value, "not the one base64url of these bytes")  # padding, unused bits, + and /
    return data


def as_64_bytes(value):
    data = as_bytes(value)
    demand(len(data) == 64, "not a signature of 64 bytes")
    return data


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def is_slug(text):
    return len(text) <= 64 and SLUG.fullmatch(text) is not None


def as_slug(value):
    demand(is_slug(as_text(value)), "not a slug")
    return value


def as_time(value):
    """Milliseconds since 1970."""
    match = TIME.fullmatch(as_text(value))
    demand(match and FIRST_TIME <= value <= LAST_TIME, "not a time")  # texts of this shape sort as their times do
    *parts, milliseconds = map(int, match.groups())
    try:
        return (datetime.datetime(*parts) - EPOCH) // MILLISECOND + milliseconds
    except ValueError as error:
        raise Refused("not a day or an hour") from error


def as_literal(expected):
    def kind(value):
        demand(value == expected, f"not the text {expected}")
        return value
    return kind


def as_list(longest, item):
    def kind(value):
        demand(isinstance(value, list) and len(value) <= longest, f"not a list of at most {longest}")
        return [item(each) for each in value]
    return kind


def or_null(kind):
    return lambda value: None if value is None else kind(value)


def as_object(**fields):
    def kind(value):
        demand(isinstance(value, dict), "an object is missing")
        demand(value.keys() == fields.keys(), "fields missing or unknown")
        return SimpleNamespace(**{name: field(value[name]) for name, field in fields.items()})
    return kind


# What both files have

as_vote = as_object(signature=as_64_bytes, validator=as_number(16))
as_certificate = as_object(
    epoch=as_u64, header=as_32_bytes, parent_view=as_u64, view=as_u64, votes=as_list(64, as_vote),
)
as_validator = as_object(key=as_32_bytes, name=as_slug, organization=as_slug)
as_validators = as_list(64, as_validator)

as_epoch = as_object(certificate=as_certificate, header=as_bytes, validators=as_validators)

# 2.3 network.json

as_head = as_object(
    name=as_slug, objects=as_digest, protocol_version=as_number(16), suite=as_literal("intl"), time=as_time,
    time_scale=as_number(32), validators=as_validators, version=as_number(8),
)
as_network = as_object(
    epochs=as_list(1024, as_epoch), format=as_literal(NETWORK_FORMAT), head=as_head, network=as_digest,
)

# 2.4 receipt.json

as_path = as_object(hashes=as_list(40, as_digest), index=as_u64, size=as_u64)

SUBJECTS = {
    "action": as_object(kind=as_text, action=as_bytes),
    "operation": as_object(
        kind=as_text, batch=as_bytes, operation=as_bytes, operation_path=as_path, write=or_null(as_bytes),
        write_path=or_null(as_path),
    ),
}


def as_subject(value):
    demand(isinstance(value, dict), "the subject is not an object")
    kind = as_text(value.get("kind"))
    demand(kind in SUBJECTS, "a subject of unknown kind")
    return SUBJECTS[kind](value)


as_receipt = as_object(
    certificate=as_certificate, epochs=as_list(64, as_epoch), format=as_literal(RECEIPT_FORMAT),
    headers=as_list(64, as_bytes), leaf=as_bytes, network=as_digest, path=as_path, subject=as_subject,
)


def check_format(data, value, kind):
    """What the file says, if its bytes are the canonical ones. Names that occur twice are lost in `value`, so they show."""
    result = kind(value)
    # JCS: a value that has passed its kind holds only plain ASCII texts and small integers.
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    demand(canonical.encode() == data, "not the canonical bytes")
    return result


# ---- 4.1 Canonical bytes (borsh). A type is a function from a Reader to the value; it may raise Refused. ------------

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, length):
        demand(length <= len(self.data) - self.at, "bytes are missing")
        self.at += length
        return self.data[self.at - length:self.at]


def decode(type_, data, what):
    """The value that all of `data` stands for."""
    reader = Reader(data)
    try:
        value = type_(reader)
        demand(reader.at == len(data), "bytes are left over")
    except Refused as error:
        raise Refused(f"the {what} does not decode: {error}") from error
    return value


def unsigned(length):
    return lambda reader: int.from_bytes(reader.take(length), "little")


u8, u16, u32, u64 = unsigned(1), unsigned(2), unsigned(4), unsigned(8)


def fixed(length):
    return lambda reader: reader.take(length)


def slug(reader):
    length = u32(reader)
    demand(length <= 64, "a slug is too long")
    text = reader.take(length).decode("ascii", "replace")
    demand(is_slug(text), "not a slug")
    return text


def list_of(longest, item):
    def type_(reader):
        count = u32(reader)
        demand(count <= longest, "a list is too long")
        return [item(reader) for _ in range(count)]
    return type_


def option(content):
    def type_(reader):
        present = u8(reader)
        demand(present in (0, 1), "not an option")
        return content(reader) if present else None
    return type_


def struct(**fields):
    """The fields as attributes; `raw` has the bytes of each, which are its encoding since there is only one."""
    def type_(reader):
        value = SimpleNamespace(raw={})
        for name, field in fields.items():
            start = reader.at
            setattr(value, name, field(reader))
            value.raw[name] = reader.data[start:reader.at]
        return value
    return type_


def enum(*variants):
    """A variant's struct, with its number as attribute `variant`."""
    def type_(reader):
        variant = u8(reader)
        demand(variant < len(variants), "no such variant")
        value = variants[variant](reader)
        value.variant = variant
        return value
    return type_


def code(last):
    """A u8 from 0 to `last`."""
    def type_(reader):
        value = u8(reader)
        demand(value <= last, "no such code")
        return value
    return type_


def digest(reader):
    length = u8(reader)
    demand(1 <= length <= 64, "a digest of a wrong length")
    return reader.take(length)


def ed25519(length):
    """A public key or signature: algorithm 1, and the length that is the algorithm's."""
    def type_(reader):
        demand(u8(reader) == 1, "an unknown algorithm")
        demand(u8(reader) == length, "a length that is not the algorithm's")
        return reader.take(length)
    return type_


public_key, signature = ed25519(32), ed25519(64)
identifier = fixed(16)
owned_id = struct(organization=slug, name=slug)


def date(reader):
    year, month, day = u16(reader), u8(reader), u8(reader)
    try:
        return datetime.date(year, month, day)
    except ValueError as error:
        raise Refused("not a day") from error


# ---- 4.2 and 4.3 Hashes and Merkle trees ----------------------------------------------------------------------------

DIGEST_LENGTH = 32  # of suite intl


def sha256(data):
    return hashlib.sha256(data).digest()


def message(tag, data):
    return bytes([len(tag)]) + tag.encode() + data


def tagged(tag, data):
    """H is SHA-256, in suite intl as well as where the page says "whatever the suite"."""
    return sha256(message(tag, data))


def same(one, other):
    """Equality of digests; by 2.2, one of another length than the suite's is unequal to every digest."""
    return len(one) == DIGEST_LENGTH and one == other


def leaf_hash(leaf):
    return sha256(b"\x00" + leaf)


def node(left, right):
    return sha256(b"\x01" + left + right)


def tree_root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1  # the largest power of two below their number
    return node(tree_root(leaves[:split]), tree_root(leaves[split:]))


def proves(path, leaf, root):
    """4.3: whether the path leads from the bytes `leaf` to `root`."""
    if path.index >= path.size or any(len(each) != DIGEST_LENGTH for each in [*path.hashes, root]):
        return False
    fn, sn, r = path.index, path.size - 1, leaf_hash(leaf)
    for p in path.hashes:
        if sn == 0:
            return False
        if fn % 2 == 1 or fn == sn:
            r = node(p, r)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            r = node(r, p)
        fn, sn = fn // 2, sn // 2
    return sn == 0 and same(r, root)


# ---- 12.3 Ed25519 by ZIP-215. Points are in extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, x·y = T/Z. ---------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def add(one, other):
    """Hisil et al. 2008, unified addition for a = −1; complete on this curve, so it may double and add the neutral."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = 2 * D * t1 * t2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(point):
    x, y, z, _ = point
    a, b, c = x * x % P, y * y % P, 2 * z * z % P
    h = a + b
    e, g = h - (x + y) * (x + y), a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(point):
    x, y, z, t = point
    return -x % P, y, z, -t % P


def decode_point(data):
    """12.3, item 2: the point, or None."""
    bits = int.from_bytes(data, "little")
    sign, y = bits >> 255, bits % 2**255 % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)  # a root of the square or of its negative, if the square has a root
    if x * x % P != square:
        x = x * SQRT_MINUS_1 % P
    if x * x % P != square:
        return None
    if x % 2 != sign:
        x = -x % P  # 0 stays 0
    return x, y, 1, x * y % P


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def double_multiply(s, one, k, other):
    """[s]one + [k]other, bit by bit from the highest."""
    table = (None, one, other, add(one, other))
    result = NEUTRAL
    for place in range(max(s.bit_length(), k.bit_length()) - 1, -1, -1):
        result = double(result)
        choice = (s >> place & 1) + 2 * (k >> place & 1)
        if choice:
            result = add(result, table[choice])
    return result


def ed25519_verifies(key, signature_, message_):
    s = int.from_bytes(signature_[32:], "little")
    if s >= L:
        return False
    a, r = decode_point(key), decode_point(signature_[:32])
    if a is None or r is None:
        return False
    k = int.from_bytes(hashlib.sha512(signature_[:32] + key + message_).digest(), "little") % L
    difference = add(double_multiply(s, BASE, k, negate(a)), negate(r))
    x, y, z, _ = double(double(double(difference)))  # the cofactor 8
    return x == 0 and y == z


# ---- 5 to 10 and 13: the nouns of the ledger ------------------------------------------------------------------------

# 13: codes of refusal
REFUSALS = (
    "policy", "unknown-sender", "invalid-key", "already-exists", "not-found", "unknown-resource", "unknown-record",
    "version-mismatch", "unknown-legal-basis", "unknown-purpose", "withheld", "personal-subjects", "malformed",
    "grant-mismatch", "grant-expired", "grant-revoked", "fields-outside-grant", "divergence", "not-the-owner",
    "unknown-reader", "refused-by-owner", "rolled-back", "other-organization", "officer-required", "own-appointment",
    "key-in-use", "term-too-long", "revision-mismatch", "expelled", "no-vote", "already-voted", "voting-closed",
    "other-matter", "vote-required", "unsound-policies", "broken-invariant", "serves-as-validator", "agenda-full",
    "past-day", "overseer-required", "term-out-of-bounds", "term-over", "not-running", "not-suspended",
    "already-extended", "obligation-ended",
    "four-eyes-required", "same-person", "not-independent", "authority-required", "proposer-gone", "pending-ended",
    "pending-expired", "other-act", "too-many-pending", "reserved", "too-many-heads",
    "quorum-at-risk", "too-many-proposals",
    "invalid-evidence", "unknown-epoch", "not-a-validator", "validators-required", "already-raised", "alert-ended",
    "too-many-alerts", "not-over",
)
refusal_code = code(len(REFUSALS) - 1)

# 6: kinds of acts, by number: name and code in the leaf
KINDS = (
    ("organization.register", 0), ("organization.amend", 1), ("officer.register", 2), ("officer.amend", 3),
    ("officer.dismiss", 4), ("officer.add-key", 5), ("officer.revoke-key", 6), ("duty.register", 7), ("duty.amend", 8),
    ("duty.withdraw", 9), ("resource.publish", 10), ("resource.amend", 11), ("resource.withdraw", 12),
    ("record.write", 13), ("evidence.notarise", 17), ("grant.issue", 18), ("grant.revoke", 19),
    ("gateway.register", 20), ("gateway.amend", 21), ("gateway.revoke", 22), ("access.read", 23),
    ("proposal.open", 24), ("proposal.vote", 25), ("proposal.withdraw", 26),
    ("obligation.open", 27), ("obligation.suspend", 28), ("obligation.resume", 29), ("obligation.extend", 30),
    ("obligation.fulfil", 31), ("obligation.withdraw", 32),
    ("officer.revoke-keys", 34), ("pending.open", 35), ("pending.approve", 36), ("pending.withdraw", 37),
    ("alert.raise", 38), ("alert.end", 39),
)
BATCH, READING = 13, 20  # kinds
LAST_CODE = 39  # in the leaf

# 5: the leaf
ACT, ALLOW, DENY = 0, 0, 1  # variants
actor = enum(struct(officer=identifier), struct(gateway=identifier))
list_key = enum(struct(record=identifier), struct(resource=digest))
sender = struct(organization=slug, actor=actor, key=public_key)
event = enum(struct(created=u32, updated=u32, deleted=u32), struct(list=list_key, count=u64, head=digest))
act_receipt = struct(
    version=u8, transaction=digest, index=u16, sender=sender, action=code(LAST_CODE), action_digest=digest,
    decision=struct(effect=code(DENY), policies=list_of(32, slug), refusal=option(refusal_code)),
    policy_revision=u32, requests_digest=digest, writes=u32, writes_root=digest, events=list_of(16, event),
)
receipt_leaf = enum(act_receipt, struct(version=u8, due=u32, due_root=digest, writes=u32, writes_root=digest))

# 6: the head of a batch
batch_head = struct(resource=owned_id, legal_basis=slug, effective=date, count=u32, operations_root=digest)

# 7: a reading
authority = enum(struct(grant=identifier), struct(duty=owned_id))
outcome = enum(struct(response_digest=digest), struct(refusal=refusal_code))
access_read = struct(
    request_id=identifier, resource=owned_id, authority=authority, reader=slug, officer=identifier,
    officer_key=public_key, purpose=slug, legal_basis=slug, lists=list_of(16, list_key), request_digest=digest,
    outcome=outcome, sealed_digest=digest, gateway=identifier, gateway_key=public_key,
    officer_signature=signature, gateway_signature=signature,
)
CLAIM = ("request_id", "resource", "authority", "reader", "officer", "purpose", "legal_basis", "request_digest")

# 8: one operation of a batch
CREATE, UPDATE, DELETE = 0, 1, 2
batch_operation = enum(
    struct(record=identifier, commitment=digest),
    struct(record=identifier, expected_version=u32, commitment=digest),
    struct(record=identifier, expected_version=u32),
)
PAGE_LENGTH, OBJECTS_TABLE = 128, 0


def page(reader):
    """The 128 bytes that a page stands for."""
    length = u8(reader)
    demand(length <= PAGE_LENGTH, "a page is too long")
    data = reader.take(length)
    demand(not data.endswith(b"\x00"), "a page ends with zero")
    return data.ljust(PAGE_LENGTH, b"\x00")


state_write = struct(table=code(1), key=fixed(32), page=option(page))
state_slot = struct(version=u32, commitment=option(digest), history=digest)

# 10: a header
state_root = struct(root=fixed(32), operations_root=fixed(32), start=u64, end=u64)
block_header = struct(
    version=u8, network=digest, protocol_version=u16, height=u64, parent=fixed(32), time=u64,
    transactions_root=digest, receipts_root=digest, state=list_of(4, state_root), epoch=u64,
    validators_root=digest, next_validators_root=digest, engine=list_of(256, u8),
)


def header_digest(data):
    return tagged("gongxin-header-1", data)


# ---- The steps. Each raises Refused where it does not hold, or returns what is to be shown. -------------------------

def encode_slug(text):
    return packing.pack("<I", len(text)) + text.encode()


def encode_digest(data):
    return bytes([len(data)]) + data


def encode_validator(validator):
    return encode_slug(validator.name) + encode_slug(validator.organization) + validator.key


def encode_head(head):
    """3: the head as it is hashed."""
    return b"".join((
        packing.pack("<B", head.version),
        encode_slug(head.name),
        packing.pack("<BHQI", 1, head.protocol_version, head.time, head.time_scale),  # 1: suite intl
        packing.pack("<I", len(head.validators)),
        *map(encode_validator, head.validators),
        encode_digest(head.objects),
    ))


class Epoch:
    """11: the validators of an epoch, and the header that announces them: none for those of the head."""

    def __init__(self, validators, announced=None, data=None):
        self.validators, self.announced, self.data = validators, announced, data
        self.root = tree_root([encode_validator(validator) for validator in validators])


class Line:
    """11: the epochs that are known, in order; each after the first was announced and signed by the one before."""

    def __init__(self, identity, first):
        self.identity, self.epochs = identity, [Epoch(first)]

    def of(self, number):
        demand(number < len(self.epochs), f"the validators of epoch {number} are not known")
        return self.epochs[number]

    def check_header(self, header, data):
        """10: what is asked of a header alone."""
        demand(header.version == 1, "a header's version is not 1")
        demand(same(header.network, self.identity), "a header is of another network")
        epoch = self.of(header.epoch)
        demand(same(header.validators_root, epoch.root), "a header has other validators than its epoch")
        if epoch.announced:
            demand(header.height > epoch.announced.height, "a header is of an epoch that had not begun")
            if header.height == epoch.announced.height + 1:
                demand(header.parent == header_digest(epoch.data), "the first header of an epoch has another parent")
        if header.epoch + 1 < len(self.epochs):
            end = self.epochs[header.epoch + 1]
            demand(header.height <= end.announced.height, "a header is of an epoch that was over")
            if header.height == end.announced.height:
                demand(data == end.data, "another header than the one that ended its epoch")

    def check_certificate(self, certificate, header, data):
        """12.1: what is shown."""
        demand(certificate.header == header_digest(data), "not about the last header")
        demand(certificate.epoch == header.epoch, "votes of another epoch than the header's")
        validators = self.of(certificate.epoch).validators
        places, n = [vote.validator for vote in certificate.votes], len(validators)
        demand(strictly_ascending(places), "the votes are not strictly ascending")
        demand(all(place < n for place in places), "a vote of no validator")
        quorum = max(1, n - (n - 1) // 3)
        demand(len(places) >= quorum, f"{len(places)} votes, not the quorum of {quorum}")
        voted = vote_message(certificate, self.identity)
        for vote in certificate.votes:
            validator = validators[vote.validator]
            verifies = ed25519_verifies(validator.key, vote.signature, voted)
            demand(verifies, f"the vote of {validator.name} does not verify")
        return f"{len(places)} of {n} validators of epoch {certificate.epoch}, quorum {quorum}"

    def follow(self, changes, next_=None):
        """11: takes in a list of changes, the first of which ends epoch `next_`, or whichever is known."""
        for change in changes:
            header = decode(block_header, change.header, "header of a change")
            demand(next_ is None or header.epoch == next_, "a change out of order")
            self.add(change, header)
            next_ = header.epoch + 1

    def add(self, change, header):
        self.check_header(header, change.header)
        self.check_certificate(change.certificate, header, change.header)
        keys = [validator.key for validator in change.validators]
        demand(not same(header.next_validators_root, header.validators_root), "a change that announces no others")
        demand(keys and strictly_ascending(keys), "no validators, or not strictly ascending by key")
        epoch = Epoch(change.validators, header, change.header)
        demand(same(epoch.root, header.next_validators_root), "other validators than were announced")
        if header.epoch + 1 < len(self.epochs):
            demand(self.epochs[header.epoch + 1].data == change.header, "the epoch is known to begin otherwise")
        else:
            self.epochs.append(epoch)


class Case:
    """A receipt and a network whose formats hold, and what is computed from them. Decoding may raise Refused."""

    def __init__(self, receipt, network):
        self.receipt, self.network = receipt, network
        self.subject, self.validators = receipt.subject, network.head.validators
        self.identity = tagged("gongxin-network-1", encode_head(network.head))
        self.line = Line(self.identity, self.validators)
        self.broken = {}  # why a list of changes does not hold, by the step that says so
        self.follow("network", network.epochs, 0)
        self.follow("epochs", receipt.epochs)
        self.is_batch = self.subject.kind == "operation"
        self.is_reading = not self.is_batch and self.subject.action[:1] == bytes([READING])

    def follow(self, step, changes, first=None):
        try:
            self.line.follow(changes, first)
        except Refused as error:
            self.broken[step] = error

    @cached_property
    def leaf(self):
        leaf = decode(receipt_leaf, self.receipt.leaf, "leaf")
        demand(leaf.variant == ACT, "the leaf is the block's own, not that of an act")
        return leaf

    @cached_property
    def batch(self):
        return decode(batch_head, self.subject.batch, "batch")

    @cached_property
    def operation(self):
        return decode(batch_operation, self.subject.operation, "operation")

    @cached_property
    def headers(self):
        demand(self.receipt.headers, "there is no header")
        return [decode(block_header, each, "header") for each in self.receipt.headers]


def step_network(case):
    """3"""
    head, keys = case.network.head, [validator.key for validator in case.validators]
    demand(head.version == 1, "the head's version is not 1")
    demand(head.time_scale >= 1, "the time scale is 0")
    demand(keys, "there is no validator")
    demand(strictly_ascending(keys), "the validators are not strictly ascending by key")
    demand(same(case.network.network, case.identity), "the identity is not the digest of the head")
    demand("network" not in case.broken, case.broken.get("network"))
    demand(same(case.receipt.network, case.identity), "the receipt is of another network")
    scale = "" if head.time_scale == 1 else f"; TEST NETWORK, time scale {head.time_scale}"
    return f"{head.name} {case.identity.hex()}{scale}"


def strictly_ascending(values):
    return all(one < next_ for one, next_ in zip(values, values[1:]))


def step_leaf(case):
    """5"""
    demand(case.leaf.version == 1, "the leaf's version is not 1")
    sender = case.leaf.sender
    who = f"gateway {sender.actor.gateway.hex()}" if sender.actor.variant else f"officer {sender.actor.officer.hex()}"
    return f"transaction {case.leaf.transaction.hex()}, act {case.leaf.index}, by {who} of {sender.organization}"


def step_action(case):
    """6"""
    if case.is_batch:
        kind, data, tag = BATCH, case.subject.batch, "gongxin-batch-1"
        _ = case.batch  # must decode
    else:
        kind, data, tag = action_kind(case.subject.action), case.subject.action, "gongxin-action-1"
    name, code_in_leaf = KINDS[kind]
    demand(case.leaf.action == code_in_leaf, f"the leaf is not of a {name}")
    demand(same(case.leaf.action_digest, tagged(tag, data)), "the leaf is of another act")
    return name


def action_kind(action):
    demand(action, "the act is empty")
    demand(action[0] < len(KINDS), "an act of unknown kind")
    demand(action[0] != BATCH, "a batch is not shown as an act")
    return action[0]


def step_access(case):
    """7"""
    access = decode(access_read, case.subject.action[1:], "reading")
    network = encode_digest(case.identity)
    fields = list(access.raw)
    sealed = fields[:fields.index("officer_signature") + 1]
    claim = message("gongxin-access-claim-1", network + b"".join(access.raw[name] for name in CLAIM))
    leaf = message("gongxin-access-leaf-1", network + b"".join(access.raw[name] for name in sealed))
    demand(ed25519_verifies(access.officer_key, access.officer_signature, claim), "not signed by the officer's key")
    demand(ed25519_verifies(access.gateway_key, access.gateway_signature, leaf), "not signed by the gateway's key")
    result = f"refused: {REFUSALS[access.outcome.refusal]}" if access.outcome.variant else "answered"
    return f"{access.reader} asked for {shown(access.resource)} for {access.purpose}, {result}"


def shown(owned):
    return f"{owned.organization}/{owned.name}"


def step_operation(case):
    """8"""
    step_action(case)  # must hold
    path = case.subject.operation_path
    verb = ("create", "update", "delete")[case.operation.variant]
    demand(path.size == case.batch.count, "the path is not of the batch's size")
    demand(proves(path, case.subject.operation, case.batch.operations_root), "the operation is not in the batch")
    return f"{verb} record {case.operation.record.hex()} of {shown(case.batch.resource)}"


def step_write(case):
    """8"""
    step_operation(case)  # must hold, and with it step `action`
    subject = case.subject
    if case.leaf.decision.effect == DENY:
        demand(subject.write is None and subject.write_path is None, "a denied batch writes nothing")
        return "none: the batch was denied"
    demand(subject.write is not None and subject.write_path is not None, "the write or its path is missing")
    write = decode(state_write, subject.write, "write")
    demand(subject.write_path.index == subject.operation_path.index, "the write is not in the operation's place")
    demand(subject.write_path.size == case.leaf.writes, "the path is not of the size of the leaf's writes")
    demand(proves(subject.write_path, subject.write, case.leaf.writes_root), "the write is not among the leaf's")
    slot = slot_of(write, case)
    check_slot(slot, case)
    return f"version {slot.version}"


def slot_of(write, case):
    """8: the slot in the page, where table and key are those of the operation's record."""
    place = b"\x06" + case.batch.raw["resource"] + case.operation.record + bytes(4)
    demand(write.table == OBJECTS_TABLE, "the write is not to the table of objects")
    demand(write.key == tagged("gongxin-key-1", place), "the write is to another key")
    demand(write.page is not None, "the write has no page")
    length = int.from_bytes(write.page[:2], "little")
    demand(length <= PAGE_LENGTH - 2, "the slot is too long")
    demand(not any(write.page[2 + length:]), "bytes behind the slot are not zero")
    return decode(state_slot, write.page[2:2 + length], "slot")


def check_slot(slot, case):
    """8: the slot is what the operation leaves."""
    operation = case.operation
    version = 1 if operation.variant == CREATE else operation.expected_version + 1
    demand(slot.version == version, "the slot has another version")  # decoded as u32, hence below 2³²
    if operation.variant == DELETE:
        demand(slot.commitment is None, "a deletion leaves a commitment")
    else:
        demand(slot.commitment is not None and same(slot.commitment, operation.commitment), "another commitment")
    if version == 1:
        batch = case.batch
        entry = packing.pack("<I", version) + case.subject.operation + batch.raw["legal_basis"] + batch.raw["effective"]
        history = tagged("gongxin-history-1", tagged("gongxin-history-1", b"") + entry)
        demand(same(slot.history, history), "another history")


def step_path(case):
    """9"""
    root, path = case.headers[0].receipts_root, case.receipt.path
    demand(proves(path, case.receipt.leaf, root), "the leaf is not in the block")
    return f"leaf {path.index} of {path.size}"


def step_headers(case):
    """10"""
    for data, header in zip(case.receipt.headers, case.headers):
        case.line.check_header(header, data)
    for before, data, header in zip(case.headers, case.receipt.headers, case.headers[1:]):
        demand(header.height == before.height + 1, "a height is not one more than the one before")
        demand(header.parent == header_digest(data), "a header's parent is not the one before")
        demand(header.time > before.time, "a time is not greater than the one before")
        demand(same(header.validators_root, before.next_validators_root), "validators that were not announced")
        ends = not same(before.next_validators_root, before.validators_root)
        demand(header.epoch == before.epoch + ends, "an epoch that is not the next")
    return f"{len(case.headers)} of this network"


def step_epochs(case):
    """11"""
    demand("epochs" not in case.broken, case.broken.get("epochs"))
    return f"{len(case.receipt.epochs)} changes; known up to epoch {len(case.line.epochs) - 1}"


def step_certificate(case):
    """12.1"""
    return case.line.check_certificate(case.receipt.certificate, case.headers[-1], case.receipt.headers[-1])


def vote_message(certificate, identity):
    """12.2"""
    namespace = b"gongxin-votes-1" + identity + b"_FINALIZE"
    numbers = (certificate.epoch, certificate.view, certificate.parent_view)
    return varint(len(namespace)) + namespace + b"".join(map(varint, numbers)) + certificate.header


def varint(value):
    """Unsigned LEB128."""
    result = bytearray()
    while value >= 128:
        result.append(value % 128 + 128)
        value //= 128
    return bytes(result) + bytes([value])


def step_decision(case):
    """13: shows, and does not hold only where there is nothing to show."""
    decision, header = case.leaf.decision, case.headers[0]
    effect = "deny" if decision.effect == DENY else "allow"
    refusal = "" if decision.refusal is None else f", refusal {REFUSALS[decision.refusal]}"
    policies = ", ".join(decision.policies) or "none"
    return f"{effect}{refusal}; policies: {policies}; height {header.height}, {shown_time(header.time)}"


def shown_time(milliseconds):
    if milliseconds > as_time(LAST_TIME):  # in canonical bytes it may be
        return f"{milliseconds} ms since 1970"
    return (EPOCH + milliseconds * MILLISECOND).isoformat(timespec="milliseconds") + "Z"


def steps_of(case):
    """1: the steps behind `format`, in the order of the page. Their names are those of the functions."""
    steps = [step_network, step_leaf, step_action]
    if case.is_reading:
        steps.append(step_access)
    if case.is_batch:
        steps += [step_operation, step_write]
    return steps + [step_path, step_headers, step_epochs, step_certificate, step_decision]


def verify(receipt_data, network_data, show=lambda line: None):
    """1: the exit code for the bytes of the two files; `show` gets a line for each step."""
    try:
        receipt = named("receipt", parse_json, receipt_data, RECEIPT_LIMIT, RECEIPT_FORMAT)
        network = named("network", parse_json, network_data, NETWORK_LIMIT, NETWORK_FORMAT)
    except Unreadable as error:
        show(f"unreadable: {error}")
        return UNREADABLE
    try:
        case = Case(named("receipt", check_format, receipt_data, receipt, as_receipt),
                    named("network", check_format, network_data, network, as_network))
    except Refused as error:
        show(f"✗ format       {error}")
        return REFUSED
    show("✓ format")
    result = VERIFIED
    for step in steps_of(case):
        name = step.__name__.removeprefix("step_")
        try:
            show(f"✓ {name:12} {step(case)}")
        except Refused as error:
            show(f"✗ {name:12} {error}")
            result = REFUSED
    return result


def named(file, function, *arguments):
    """What the function returns; if it raises, the text says of which file."""
    try:
        return function(*arguments)
    except (Refused, Unreadable) as error:
        raise type(error)(f"{file}: {error}") from error


# ---- Command line ---------------------------------------------------------------------------------------------------

def run_files(receipt_name, network_name):
    try:
        receipt, network = read(receipt_name, RECEIPT_LIMIT), read(network_name, NETWORK_LIMIT)
    except OSError as error:
        print(f"unreadable: {error}")
        return UNREADABLE
    result = verify(receipt, network, print)
    if result != UNREADABLE:
        print("verified" if result == VERIFIED else "refused")
    return result


def read(name, limit):
    with open(name, "rb") as file:
        return file.read(limit + 1)  # one byte more shows that it is too long


def run_vectors(folder):
    """14"""
    verdicts = {"ok": VERIFIED, "refused": REFUSED, "unreadable": UNREADABLE}
    total = wrong = 0
    for file in sorted(pathlib.Path(folder).glob("*.json")):
        for vector in json.loads(file.read_bytes()):
            total += 1
            result = verify(vector_bytes(vector["receipt"]), vector_bytes(vector["network"]))
            if result != verdicts[vector["expect"]]:
                wrong += 1
                print(f"✗ {file.name}: {vector['name']}: expected {vector['expect']}, got {result} ({vector['why']})")
    print(f"{total - wrong} of {total} vectors as expected")
    if not total:  # most likely the wrong folder
        return UNREADABLE
    return REFUSED if wrong else VERIFIED


def vector_bytes(file):
    if "text" in file:
        return file["text"].encode("utf-8", "surrogatepass")
    return as_bytes(file["base64"])


def run_stream():
    for line in sys.stdin.buffer:
        print(stream_code(line), flush=True)
    return VERIFIED


def stream_code(line):
    try:
        case = json.loads(line)
        receipt, network = as_bytes(case["receipt"]), as_bytes(case["network"])
    except (ValueError, KeyError, TypeError, RecursionError, Refused):
        return UNREADABLE
    return verify(receipt, network)


def main(arguments):
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    match arguments:
        case ["--stream"]:
            return run_stream()
        case ["--vectors", folder]:
            return run_vectors(folder)
        case [receipt, network] if not receipt.startswith("--"):
            return run_files(receipt, network)
    print(__doc__, file=sys.stderr)
    return UNREADABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
