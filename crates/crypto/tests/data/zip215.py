"""Write zip215.json: signatures on which Ed25519 verifiers disagree, with the verdict that ZIP-215 gives.

Plain integers, no library; independent of the Rust code. `python3 zip215.py > zip215.json`
"""
import hashlib, json

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)

def add(a, b):
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P)

def times(n, a):
    r = (0, 1)
    while n:
        if n & 1: r = add(r, a)
        a, n = add(a, a), n >> 1
    return r

def decompress(b):
    "Any encoding whose y, taken modulo P, is on the curve: the rule of ZIP-215."
    n = int.from_bytes(b, "little"); sign, y = n >> 255, (n & (2**255 - 1)) % P
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, P - 2, P) % P
    x = pow(x, (P + 3) // 8, P)
    if (v * x * x - u) % P: x = x * ROOT % P
    if (v * x * x - u) % P: return None
    return ((-x if x & 1 != sign else x) % P, y)

def compress(a): return (a[1] | (a[0] & 1) << 255).to_bytes(32, "little")
def challenge(r, a, m): return int.from_bytes(hashlib.sha512(r + a + m).digest(), "little") % L

def accepts(key, message, signature):
    a, r, s = decompress(key), decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L: return False
    k = challenge(signature[:32], key, message)
    return times(8, times(s, BASE)) == times(8, add(r, times(k, a)))

def strict(key, message, signature):
    "RFC 8032 as most libraries read it: canonical encodings, no cofactor."
    a, s = decompress(key), int.from_bytes(signature[32:], "little")
    if a is None or s >= L or compress(a) != key: return False
    minus_a = (-a[0] % P, a[1])
    return compress(add(times(s, BASE), times(challenge(signature[:32], key, message), minus_a))) == signature[:32]

BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def torsion():
    "The eight points of small order, from any point not in the prime-order group."
    y = 2
    while True:
        p = decompress(y.to_bytes(32, "little")); y += 1
        if p is None: continue
        t = times(L, p)
        if times(4, t) != (0, 1): return [times(i, t) for i in range(8)]

def encodings(points):
    "All encodings of the points: canonical, y + P where that fits, and the sign bit of an x that is zero."
    out = []
    for x, y in points:
        for y2 in (y, y + P):
            if y2 >= 2**255: continue
            for sign in ((x & 1,) if x else (0, 1)): out.append((y2 | sign << 255).to_bytes(32, "little"))
    return sorted(set(out))

def cases():
    small, message = torsion(), b"Gongxin"
    zero = bytes(32)
    scalar = lambda name: int.from_bytes(hashlib.sha512(name.encode()).digest(), "little") % L
    def sign(key, a, r_point, r):
        rb = compress(r_point)
        return rb + ((r + challenge(rb, key, message) * a) % L).to_bytes(32, "little")
    for a in encodings(small):
        for r in encodings(small): yield "small-order key and R, s = 0", a, message, r + zero
    for i in range(8):
        a, r = scalar(f"a{i}"), scalar(f"r{i}")
        for j in range(8):
            key = compress(add(times(a, BASE), small[i]))
            yield "key and R with a part of small order", key, message, sign(key, a, add(times(r, BASE), small[j]), r)
        key = encodings(small)[i]
        yield "key of small order, ordinary R", key, message, sign(key, 0, times(r, BASE), r)
        honest = compress(times(a, BASE)); signature = sign(honest, a, times(r, BASE), r)
        s = int.from_bytes(signature[32:], "little")
        yield "ordinary", honest, message, signature
        yield "s + L", honest, message, signature[:32] + (s + L).to_bytes(32, "little")
        yield "high bits of s", honest, message, signature[:63] + bytes([signature[63] | 0xe0])
        yield "another message", honest, message + b"!", signature
        yield "another key", compress(times(a + 1, BASE)), message, signature
        yield "R changed", honest, message, bytes([signature[0] ^ 1]) + signature[1:]
        yield "s changed", honest, message, signature[:32] + bytes([signature[32] ^ 1]) + signature[33:]
        yield "R of small order, s of another", honest, message, encodings(small)[i] + signature[32:]
    nowhere = next(y.to_bytes(32, "little") for y in range(2, 99) if decompress(y.to_bytes(32, "little")) is None)
    yield "key not on the curve", nowhere, message, compress(BASE) + zero
    yield "R not on the curve", compress(BASE), message, nowhere + zero
    yield "s = L", encodings(small)[0], message, encodings(small)[0] + L.to_bytes(32, "little")

if __name__ == "__main__":
    seen = [dict(what=w, key=k.hex(), message=m.hex(), signature=s.hex(), zip215=accepts(k, m, s), rfc8032=strict(k, m, s)) for w, k, m, s in cases()]
    print("[\n" + ",\n".join(json.dumps(c) for c in seen) + "\n]")
